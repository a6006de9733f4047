"""Several Shorts from a video's page: chosen in a dialog, followed, tried again, downloaded."""

from urllib.parse import urlencode

import pytest
from django.urls import reverse

from exports.choices import ExportStatus
from exports.models import Batch, Export
from storage import files
from tests.factories import CueFactory, SceneFactory, SuggestionFactory, VideoFactory
from videos.clips.services import ClipState, create_clip
from videos.models import Video

HTMX = {"HX-Request": "true"}

pytestmark = pytest.mark.django_db


@pytest.fixture
def video(person) -> Video:
    """A ready video with a clip, a suggestion, a scene that is a Short and one that is too long."""
    made = VideoFactory(owner=person, title="Baking")
    CueFactory(video=made, text="Bread rises slowly.")
    create_clip(person, made, ClipState("Kept", [(1_000, 4_000)]))
    SuggestionFactory(video=made)
    SceneFactory(video=made, text="Now the oven.")
    SceneFactory(video=made, start_ms=30_000, end_ms=211_000, text="Too long.")
    return made


@pytest.fixture
def browser(client, person):
    client.force_login(person)
    return client


def dialog(video: Video) -> str:
    return reverse("exports:batch_dialog", args=[video.pk])


def form(video: Video, **changes):
    return {
        "strategy": "center_crop",
        "quality": "medium",
        "captions": "off",
        "file_names": "{nn} {title}",
        "clip": [str(video.clips.get().pk)],
        "suggestion": [str(video.suggestions.get().pk)],
        **changes,
    }


def test_the_dialog_offers_what_can_be_a_short(browser, video):
    html = browser.get(dialog(video), headers=HTMX).content.decode()

    for words in ("Kept", "Why does bread rise?", "1. Now the oven.", 'value="outline" selected'):
        assert words in html
    assert "Too long." not in html
    assert html.count("checked") == 2  # the clip, and 9:16
    assert "<html" in browser.get(dialog(video)).content.decode()


def test_what_is_ticked_becomes_a_batch(browser, video):
    answer = browser.post(dialog(video), form(video))

    batch = Batch.objects.get()
    assert answer["Location"] == reverse("exports:batch", args=[batch.pk])
    titles = list(batch.exports.order_by("batch_number").values_list("title", flat=True))
    assert titles == ["Kept", "Why does bread rise?"]
    html = browser.get(answer["Location"]).content.decode()
    assert "0 of 2 ready" in html
    assert 'hx-trigger="every 2s"' in html
    again = browser.post(dialog(video), form(video), headers=HTMX).content.decode()
    assert "Your Shorts" in again


def test_what_is_wrong_is_said_and_keeps_what_was_ticked(browser, video, person):
    person.export_limit = 1
    person.save()

    answer = browser.post(dialog(video), form(video), headers=HTMX)

    html = answer.content.decode()
    assert answer.status_code == 429
    assert "These are 2 Shorts" in html
    assert html.count("checked") == 3  # both, and 9:16
    assert not Export.objects.exists()
    nothing = browser.post(dialog(video), form(video, clip=[], suggestion=[]), headers=HTMX)
    assert nothing.status_code == 422
    wrong = browser.post(dialog(video), form(video, file_names="{x}"), headers=HTMX)
    assert "{title}" in wrong.content.decode()


def test_a_batch_is_followed_tried_again_and_downloaded(browser, video):
    browser.post(dialog(video), form(video))
    batch = Batch.objects.get()
    page = reverse("exports:batch", args=[batch.pk])
    seen = browser.get(page).context["seen"]
    assert browser.get(f"{page}?seen={seen}", headers=HTMX).status_code == 204
    first, second = batch.exports.order_by("batch_number")
    files.save_bytes("exports/1/a.mp4", b"short", content_type="video/mp4")
    Export.objects.filter(pk=first.pk).update(
        status=ExportStatus.COMPLETED,
        file_key="exports/1/a.mp4",
        file_size_bytes=5,
        duration_ms=3_000,
        completed_at=first.created_at,
    )
    Export.objects.filter(pk=second.pk).update(status=ExportStatus.FAILED, error_code="TOOL_FAILED")

    html = browser.get(f"{page}?seen={seen}", headers=HTMX).content.decode()
    for words in ("1 of 2 ready", "1 failed", "Retry what failed", "as ZIP"):
        assert words in html
    assert "Cancel all" not in html
    archive = browser.get(reverse("exports:batch_zip", args=[batch.pk]))
    assert archive["Content-Type"] == "application/octet-stream"
    browser.post(reverse("exports:retry_batch", args=[batch.pk]))
    second.refresh_from_db()
    assert second.status == ExportStatus.PENDING
    browser.post(reverse("exports:cancel_batch", args=[batch.pk]))
    second.refresh_from_db()
    assert second.status == ExportStatus.CANCELLED
    refused = browser.post(reverse("exports:cancel_batch", args=[batch.pk]), headers=HTMX)
    assert "ended already" in refused.content.decode()


def test_clips_of_several_videos_are_offered_and_requested_together(browser, person, video):
    other, bare, silent = (
        VideoFactory(owner=person, title=title) for title in ("Rivers", "Bare", "Silent")
    )
    create_clip(person, other, ClipState("Source", [(0, 5_000)]))
    SuggestionFactory.create(video=bare)
    for index, (start_ms, length_ms) in enumerate(((0, 200), (1_000, 9_000), (11_000, 9_000))):
        end_ms = start_ms + length_ms  # the first one is too short
        SceneFactory.create(video=silent, index=index, start_ms=start_ms, end_ms=end_ms)
    keys = [video.pk, other.pk, bare.pk, silent.pk, VideoFactory().pk]
    address = f"{reverse('exports:batch_of_videos')}?{urlencode([('video', key) for key in keys])}"
    clips = [str(video.clips.get().pk), str(other.clips.get().pk)]

    offer = browser.get(address).context["offer"]
    scene = str(silent.scenes.last().pk)
    answer = browser.post(address, form(video, clip=clips, scene=scene))

    ticked = {name: [choice.is_checked for choice in choices] for name, choices in offer.groups}
    assert ticked == {
        "Baking": [True],
        "Rivers": [True],
        "Bare": [False],
        "Silent": [False, False],
    }
    batch = Batch.objects.get()
    assert answer["Location"] == reverse("exports:batch", args=[batch.pk])
    assert (batch.title, batch.exports.count()) == ("4 videos", 4)
