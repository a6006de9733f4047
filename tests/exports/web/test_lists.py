"""Pages that list exports: one's own, and those of a video."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from exports.models import Export
from exports.web import views
from tests.exports.web.test_views import HTMX, polled, url, words
from tests.factories import ExportFactory, SceneFactory, VideoFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("name", "trait"), [("cancel", "processing"), ("retry", "failed"), ("delete", "failed")]
)
def test_the_list_refreshes_itself_after_an_action_in_a_row(client, video, name, trait):
    export = ExportFactory.create(video=video, **{trait: True})

    answer = client.post(url(name, export), {"part": "row"}, headers=HTMX)

    assert (answer.status_code, answer.headers["HX-Trigger"]) == (204, "exports-changed")


# The list


def test_the_list_shows_ones_own_newest_first_by_state(client, me, video):
    ExportFactory.create(title="Theirs", completed=True)
    ExportFactory.create(video=video, title="Deleted", deleted_at=timezone.now())
    for age, (title, trait) in enumerate(
        [
            ("Made", "completed"),
            ("Going", "processing"),
            ("Broken", "failed"),
            ("Stopped", "cancelled"),
            ("Old", "expired"),
        ]
    ):
        ExportFactory.create(
            video=video,
            title=title,
            created_at=timezone.now() - timedelta(hours=age),
            **{trait: True},
        )

    def titles(**query: str) -> list[str]:
        page = client.get(reverse("exports:list"), query)
        return [card.export.title for card in page.context["cards"]]

    assert titles() == titles(state="nonsense") == ["Made", "Going", "Broken", "Stopped", "Old"]
    assert titles(state="ready") == ["Made"]
    assert titles(state="active") == ["Going"]
    assert titles(state="failed") == ["Broken"]
    assert titles(state="cancelled") == ["Stopped"]
    assert titles(state="expired") == ["Old"]


def test_the_list_is_narrowed_by_words_and_by_video(client, me, video):
    other = VideoFactory.create(owner=me, title="Lecture")
    for row, title, of in ((video, "One", "Talk"), (other, "Two", "Lecture"), (other, "3 %", "")):
        ExportFactory.create(video=row, owner=me, title=title, video_title=of, cancelled=True)

    def page(**query: str):
        return client.get(reverse("exports:list"), query)

    def titles(**query: str) -> list[str]:
        return sorted(card.export.title for card in page(**query).context["cards"])

    assert titles(q="lect") == ["Two"]
    assert titles(q="lecture TWO") == ["Two"]
    assert titles(q="%") == ["3 %"]
    assert titles(q="\0") == titles(video="nonsense") == ["3 %", "One", "Two"]
    assert titles(video=str(other.pk)) == ["3 %", "Two"]
    assert titles(video=str(VideoFactory.create().pk)) == []
    assert "No exports match." in words(page(q="nowhere"))
    narrowed = page(video=str(other.pk), q="two").content.decode()
    assert f'href="/exports?q=two&amp;video={other.pk}&amp;state=cancelled"' in narrowed
    assert f'value="{other.pk}"' in narrowed  # searching goes on in the video


def test_the_chosen_are_deleted_together_and_come_back(client, me, video):
    mine = ExportFactory.create_batch(3, video=video, completed=True)
    theirs = ExportFactory.create(completed=True)
    form = {"export": [str(mine[0].pk), str(mine[1].pk), str(theirs.pk), "no id"]}

    after = client.post(f"{reverse('exports:delete_many')}?state=ready", form, headers=HTMX)

    assert [card.export for card in after.context["cards"]] == [mine[2]]
    assert "2 exports are deleted." in words(after)
    assert Export.objects.get(pk=theirs.pk).deleted_at is None
    back = client.post(reverse("exports:undo_delete"), headers=HTMX)
    assert len(back.context["cards"]) == 3
    assert "deleted." not in words(back)
    plain = client.post(f"{reverse('exports:delete_many')}?state=ready", form)
    assert plain.headers["Location"] == "/exports?state=ready"


def test_all_that_match_are_chosen_on_all_pages(client, me, video):
    ready = ExportFactory.create_batch(3, video=video, completed=True)
    ExportFactory.create(video=video, owner=me, cancelled=True)
    ExportFactory.create(completed=True)

    found = client.get(reverse("exports:matching"), {"state": "ready"}).json()["ids"]
    form = {"export": found[0], "exports": " ".join(found[1:])}
    after = client.post(reverse("exports:delete_many"), form, headers=HTMX)

    assert sorted(found) == sorted(str(export.pk) for export in ready)
    assert "3 exports are deleted." in words(after)


def test_an_export_is_renamed(client, video):
    export = ExportFactory.create(video=video, completed=True)

    panel = client.post(url("rename", export), {"title": "Better"}, headers=HTMX)
    refused = client.post(url("rename", export), {"title": " "}, headers=HTMX)

    assert "Better" in words(panel)
    assert refused.status_code == 422
    export.refresh_from_db()
    assert export.title == "Better"


def test_an_empty_list_says_what_to_do(client, me):
    page = client.get(reverse("exports:list"))

    assert "No Shorts yet" in words(page)
    assert "10 of 10 exports left today" in words(page)


def test_long_lists_have_pages(client, video):
    ExportFactory.create_batch(21, video=video, cancelled=True)

    first = client.get(reverse("exports:list"), {"state": "cancelled"})
    last = client.get(reverse("exports:list"), {"state": "cancelled", "page": "99"})

    assert [len(first.context["cards"]), len(last.context["cards"])] == [20, 1]
    assert "Page 2 of 2" in words(last)
    assert 'href="?state=cancelled&amp;page=2"' in first.content.decode()


def test_htmx_gets_the_list_alone_and_boosted_links_the_page(client, me):
    address = reverse("exports:list")

    assert b"<!DOCTYPE" not in client.get(address, headers=HTMX).content
    assert b"<!DOCTYPE" in client.get(address, headers={**HTMX, "HX-Boosted": "true"}).content


def test_more_exports_do_not_cost_more_queries(client, video, django_assert_max_num_queries):
    scene = SceneFactory.create(video=video)
    ExportFactory.create_batch(15, video=video, completed=True, scene_id=scene.pk)

    for address in (reverse("exports:list"), url("for_video", video)):
        with django_assert_max_num_queries(7):
            client.get(address)


# What a video's page shows


def test_a_videos_exports_come_as_a_list_and_as_chips_of_their_scenes(client, video):
    scene = SceneFactory.create(video=video)
    ExportFactory.create(video=video, completed=True, scene_id=scene.pk, scene_number=1)
    ExportFactory.create(video=video, failed=True, start_ms=5_000, end_ms=65_000)
    ExportFactory.create(title="Another video")

    part = client.get(url("for_video", video), headers=HTMX)

    assert "Scene 1 · Ready" in words(part)
    assert "0:05–1:05 · Failed" in words(part)
    assert f'hx-swap-oob="innerHTML:#exports-of-{scene.pk}"' in part.content.decode()
    assert "every 1s" not in part.content.decode()
    assert "Scene 1 · Ready" in words(client.get(url("for_video", video)))


def test_it_is_polled_only_while_something_is_active_and_only_changes_are_sent(client, video):
    export = ExportFactory.create(video=video, processing=True)
    first = client.get(url("for_video", video), headers=HTMX)
    again = polled(first)

    assert "every 1s" in first.content.decode()
    assert client.get(again, headers=HTMX).status_code == 204
    Export.objects.filter(pk=export.pk).update(progress=77)
    assert "77%" in words(client.get(again, headers=HTMX))


def test_a_poll_sees_what_expires_and_what_is_deleted(client, video):
    ExportFactory.create(video=video, processing=True)
    done = ExportFactory.create(video=video, completed=True)
    again = polled(client.get(url("for_video", video), headers=HTMX))

    Export.objects.filter(pk=done.pk).update(expires_at=timezone.now())
    expired = client.get(again, headers=HTMX)
    Export.objects.filter(pk=done.pk).update(deleted_at=timezone.now())
    deleted = client.get(polled(expired), headers=HTMX)

    assert "Expired" in words(expired)
    assert deleted.status_code == 200
    assert "Expired" not in words(deleted)


def test_a_deleted_exports_chip_goes_away(client, video):
    scene = SceneFactory.create(video=video)
    ExportFactory.create(video=video, scene_id=scene.pk, cancelled=True, deleted_at=timezone.now())

    part = client.get(url("for_video", video), headers=HTMX).content.decode()

    assert f'<span hx-swap-oob="innerHTML:#exports-of-{scene.pk}"></span>' in part


def test_a_scene_that_is_no_more_has_no_chips_and_the_video_keeps_them(client, video):
    """After processing again a video has other scenes; htmx complains about a place that is not on the page."""
    scene = SceneFactory.create(video=video)
    ExportFactory.create(video=video, completed=True, scene_id=scene.pk, scene_number=1)
    scene.delete()

    part = client.get(url("for_video", video), headers=HTMX)

    assert "Scene 1 · Ready" in words(part)
    assert "hx-swap-oob" not in part.content.decode()


def test_many_exports_are_counted_rather_than_listed(client, video):
    scene = SceneFactory.create(video=video)
    ExportFactory.create_batch(15, video=video, cancelled=True, scene_id=scene.pk)

    shown = words(client.get(url("for_video", video), headers=HTMX))

    assert "3 more" in shown
    assert "+13" in shown


def test_only_the_newest_exports_of_a_video_are_read(client, video, monkeypatch):
    monkeypatch.setattr(views, "MAX_EXPORTS_OF_VIDEO", 14)
    ExportFactory.create_batch(20, video=video, cancelled=True)

    assert "2+ more" in words(client.get(url("for_video", video), headers=HTMX))


def test_another_users_video_has_no_exports_page(client, me):
    assert client.get(url("for_video", VideoFactory.create())).status_code == 404
