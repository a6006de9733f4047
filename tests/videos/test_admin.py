"""The admin of videos: everything is shown, nothing is edited, what can be done goes through services."""

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.urls import reverse

from tests.factories import CueFactory, SceneFactory, UploadFactory, VideoFactory
from videos.choices import VideoStatus
from videos.models import Video

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("templates_as_deployed")]

LIST = "admin:videos_video_changelist"


def page_of(staff_client, video):
    return staff_client.get(reverse("admin:videos_video_change", args=[video.pk])).content.decode()


def test_a_failed_video_says_why(staff_client):
    video = VideoFactory(failed=True, title="<b>bold</b>", tool_output="moov <atom> not found")

    page = page_of(staff_client, video)

    assert "The file is damaged or incomplete" in page
    assert "moov &lt;atom&gt; not found" in page
    assert "&lt;b&gt;bold&lt;/b&gt;" in page
    assert "<b>bold</b>" not in page


def test_a_running_video_shows_its_progress(staff_client):
    VideoFactory(processing=True)

    assert "Writing the transcript 40%" in staff_client.get(reverse(LIST)).content.decode()


def test_scenes_and_cues_are_paginated(staff_client):
    video = VideoFactory()
    SceneFactory.create_batch(3, video=video)
    CueFactory.create_batch(25, video=video)

    page = page_of(staff_client, video)

    assert "These are the words of scene 3." in page
    assert page.count("Three small words.") == 20
    assert "3 scenes, 25 cues" in page


def test_nothing_can_be_edited_or_added(staff_client):
    video = VideoFactory()

    response = staff_client.post(
        reverse("admin:videos_video_change", args=[video.pk]), {"title": "changed"}
    )

    assert response.status_code == 403
    assert staff_client.get(reverse("admin:videos_video_add")).status_code == 403
    assert 'name="_save"' not in page_of(staff_client, video)


def test_reprocess_reports_each_row(staff_client, monkeypatch):
    ready, busy = VideoFactory(), VideoFactory(processing=True, title="Busy one")

    answer = staff_client.post(
        reverse(LIST),
        {"action": "reprocess", "_selected_action": [ready.pk, busy.pk], "index": "0"},
        follow=True,
    ).content.decode()

    ready.refresh_from_db()
    assert ready.status == VideoStatus.PENDING
    assert "1 row: queued again." in answer
    assert "Busy one: This video is being processed already." in answer


def test_the_page_offers_the_same_action_as_a_button(staff_client):
    page = page_of(staff_client, VideoFactory())

    assert 'name="action" value="reprocess"' in page


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("from_the_list", [True, False])
def test_deleting_removes_the_files(staff_client, from_the_list):
    video = VideoFactory(thumbnail_key="thumbnails/1/x/1.jpg")
    default_storage.save(video.source_key, ContentFile(b"bytes"))
    if from_the_list:
        url, data = reverse(LIST), {"action": "delete_selected", "_selected_action": [video.pk]}
    else:
        url, data = reverse("admin:videos_video_delete", args=[video.pk]), {}

    staff_client.post(url, {**data, "post": "yes"})

    assert not Video.objects.exists()
    assert not default_storage.exists(video.source_key)


def test_the_thumbnail_is_for_staff(staff_client, client):
    video = VideoFactory(thumbnail_key="thumbnails/1/x/1.jpg")
    default_storage.save(video.thumbnail_key, ContentFile(b"jpeg"))
    url = reverse("admin:videos_video_thumbnail", args=[video.pk])

    response = staff_client.get(url)
    assert (response["Content-Type"], b"".join(response)) == ("image/jpeg", b"jpeg")
    assert url in page_of(staff_client, video)
    without = reverse("admin:videos_video_thumbnail", args=[VideoFactory().pk])
    assert staff_client.get(without).status_code == 404
    default_storage.delete(video.thumbnail_key)
    assert staff_client.get(url).json()["error_code"] == "SOURCE_MISSING"

    client.force_login(video.owner)
    assert client.get(url).status_code == 302


def test_search_and_filters_work(staff_client):
    video = VideoFactory(title="Needle")
    VideoFactory.create_batch(2)

    for query in ({"q": "Needle"}, {"q": str(video.pk)}, {"q": video.owner.username}):
        assert staff_client.get(reverse(LIST), query).context["cl"].result_count == 1
    assert (
        staff_client.get(reverse(LIST), {"status__exact": "failed"}).context["cl"].result_count == 0
    )


def test_a_list_takes_no_more_queries_for_more_rows(staff_client, count_queries):
    VideoFactory()
    one = count_queries(lambda: staff_client.get(reverse(LIST)))
    VideoFactory.create_batch(5)

    assert count_queries(lambda: staff_client.get(reverse(LIST))) == one


def test_uploads_show_how_much_has_arrived(staff_client):
    UploadFactory(offset_bytes=250)

    page = staff_client.get(reverse("admin:videos_upload_changelist")).content.decode()

    assert "25%" in page
