"""Several videos of the library at once, and what the library is narrowed to."""

import uuid
from datetime import UTC, datetime

import pytest
from django.http import QueryDict
from django.urls import reverse

from tests.factories import SceneFactory, UserFactory, VideoFactory
from tests.videos.web.test_views import HTMX, page
from videos.library import tags
from videos.models import Video
from videos.web.library.form import LibraryForm

pytestmark = pytest.mark.django_db


def address(name: str) -> str:
    return reverse(f"videos:{name}")


def names(video) -> list[str]:
    return [tag.name for tag in video.tags.all()]


def test_tags_are_changed_and_it_is_undone(browser, person):
    one, two, others = VideoFactory(owner=person), VideoFactory(owner=person), VideoFactory()
    tags.change_tags(person, [one.pk], add=["Old"])
    ids = [str(video.pk) for video in (one, two, others)]

    dialog = page(browser.get(address("many_tags"), {"video": ids}, headers=HTMX))
    answer = browser.post(
        f"{address('many_tags')}?sort=title",
        {"video": ids, "add": "New, 강의，third", "remove": ["Old"]},
        headers=HTMX,
    )

    assert "1/2" in dialog  # of the two videos that are the person's
    assert "The tags of 2 videos are changed." in page(answer)
    assert names(one) == names(two) == ["New", "third", "강의"]
    assert names(others) == []
    assert "are changed" not in page(browser.post(address("library_undo"), headers=HTMX))
    assert (names(one), names(two)) == (["Old"], [])


def test_a_tag_that_is_too_long_is_said_in_the_dialog(browser, person):
    video = VideoFactory(owner=person)

    answer = browser.post(
        address("many_tags"), {"video": [video.pk], "add": "x" * 51}, headers=HTMX
    )

    assert answer.headers["HX-Retarget"] == "#dialog"
    assert "1 to 50 characters" in page(answer)


def test_from_a_videos_page_the_way_leads_back_there(browser, person):
    video = VideoFactory(owner=person)
    SceneFactory(video=video)

    answer = browser.post(address("many_tags"), {"video": [video.pk], "add": "A", "page": "1"})

    assert answer["Location"] == reverse("videos:page", args=[video.pk])
    assert 'href="/?tag=A"' in page(browser.get(answer["Location"]))


def test_many_are_deleted_and_it_is_undone(browser, person):
    videos, others = VideoFactory.create_batch(3, owner=person), VideoFactory()
    ids = [str(video.pk) for video in (*videos, others)] + ["nonsense", str(uuid.uuid4())]

    answer = browser.post(address("many_delete"), {"video": ids}, headers=HTMX)

    assert "3 videos are deleted." in page(answer)
    assert not Video.objects.visible_to(person).exists()
    browser.post(address("library_undo"))
    assert Video.objects.visible_to(person).count() == 3


def test_all_that_match_are_chosen_on_all_pages(browser, person):
    newest, oldest = (VideoFactory(owner=person, title=f"River {at}") for at in (2, 1))
    VideoFactory(owner=person, title="Sea")
    VideoFactory(title="River")

    found = browser.get(address("matching"), {"q": "river", "sort": "title"}).json()["ids"]
    form = {"video": found[0], "videos": f"{found[1]} nonsense {uuid.uuid4()}"}
    dialog = page(browser.post(address("many_tags"), {**form, "ask": "1"}, headers=HTMX))
    answer = page(browser.post(address("many_tags"), {**form, "add": "Water"}, headers=HTMX))

    assert found == [str(oldest.pk), str(newest.pk)]
    assert "2 videos" in dialog
    assert names(newest) == names(oldest) == ["Water"]
    assert "The tags of 2 videos are changed." in answer


def test_a_tag_is_renamed_joined_removed_and_each_is_undone(browser, person):
    one, two = VideoFactory(owner=person), VideoFactory(owner=person)
    tags.change_tags(person, [one.pk, two.pk], add=["Old"])
    tags.change_tags(person, [two.pk], add=["New"])

    dialog = page(browser.get(address("tag_names"), headers=HTMX))
    form = {"tag": "old", "name": "new"}
    joined = page(browser.post(address("tag_names"), form, headers=HTMX))
    assert "Old (2)" in dialog
    assert "2 videos have the tag New now." in joined
    assert (names(one), names(two)) == (["New"], ["New"])
    browser.post(address("library_undo"))
    assert (names(one), names(two)) == (["Old"], ["New", "Old"])

    form = {"tag": "Old", "remove": "1"}
    removed = page(browser.post(address("tag_names"), form, headers=HTMX))
    assert "The tag Old is taken from 2 videos." in removed
    assert (names(one), names(two)) == ([], ["New"])
    browser.post(address("library_undo"))
    browser.post(address("tag_names"), {"tag": "Old", "name": "OLD"}, headers=HTMX)
    assert names(one) == ["OLD"]
    browser.post(address("library_undo"))
    assert (names(one), names(two)) == (["Old"], ["New", "Old"])
    refused = browser.post(address("tag_names"), {"tag": "Old", "name": " "}, headers=HTMX)
    assert refused.headers["HX-Retarget"] == "#dialog"


def test_many_are_processed_again_in_another_language(browser, person):
    ready, busy = VideoFactory(owner=person), VideoFactory(owner=person, processing=True)
    ids = [str(ready.pk), str(busy.pk)]

    answer = page(
        browser.post(address("many_again"), {"video": ids, "language": "ko"}, headers=HTMX)
    )

    ready.refresh_from_db()
    assert (ready.language_wanted, ready.status) == ("ko", "pending")
    assert "1 video is processed again. 1 not: This video is being processed already." in answer
    assert "processed again." not in page(browser.get("/"))  # said once


def test_what_was_chosen_of_others_changes_nothing(browser):
    others = VideoFactory()

    for name in ("many_delete", "many_again"):
        browser.post(address(name), {"video": [others.pk], "language": "keep"})

    others.refresh_from_db()
    assert (others.deleted_at, others.status) == (None, "ready")


def test_the_page_counts_what_is_there_by_state_and_tag(browser, person):
    ready = VideoFactory(owner=person, duration_ms=60_000)
    VideoFactory(owner=person, failed=True)
    VideoFactory()
    tags.change_tags(person, [ready.pk], add=["Talk"])

    found = browser.get("/", {"tag": "talk"}).context

    assert [(key, count) for key, _label, count in found["statuses"]] == [
        ("", 1), ("ready", 1), ("active", 0), ("failed", 0)
    ]  # fmt: skip
    assert [(tag.name, tag.videos, tag.is_chosen) for tag in found["tags"]] == [("Talk", 1, True)]
    assert found["counts"].length_ms == 60_000
    assert len(browser.get("/", {"status": "failed"}).context["videos"].object_list) == 1


def test_the_view_is_remembered(browser, person):
    VideoFactory(owner=person)

    assert "library__grid" in page(browser.get("/"))
    browser.get("/", {"view": "list"})

    assert "library__list" in page(browser.get("/", {"view": "nonsense"}))


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=RIVER", "long"),
        ("length=long", "long"),
        ("length=short", "silent"),
        ("words=no", "silent"),
        ("words=yes", "long"),
        ("language=en", "long"),
        ("shorts=no", "long silent"),
        ("shorts=yes", ""),
        ("after=2026-05-02", "long silent"),
        ("before=2026-05-02", ""),
        ("after=2026-05-04&before=2026-05-04", "long silent"),
        ("after=2026-05-05", ""),
        ("after=0001-01-01&before=9999-12-31", "long silent"),
        ("after=nonsense&length=eternal", "long silent"),
    ],
)
def test_the_library_is_narrowed(query, found):
    owner = UserFactory()
    long = VideoFactory(
        owner=owner, title="A river", duration_ms=2 * 3_600_000, transcript_source="captions",
        transcript_language="en-GB",
    )  # fmt: skip
    silent = VideoFactory(
        owner=owner, title="B", duration_ms=1_000, transcript_source="none", transcript_language=""
    )
    Video.objects.update(created_at=datetime(2026, 5, 4, 12, tzinfo=UTC))

    rows = LibraryForm(QueryDict(query)).filters().apply(Video.objects.visible_to(owner))

    names_of = {long.pk: "long", silent.pk: "silent"}
    assert " ".join(sorted(names_of[row.pk] for row in rows)) == found


def test_the_library_holds_ones_own_videos_with_their_scenes(browser, person):
    own = VideoFactory(owner=person)
    SceneFactory.create_batch(2, video=own)
    VideoFactory()

    (found,) = browser.get("/").context["videos"].object_list

    assert (found, found.scene_count) == (own, 2)


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ({}, ["Cats", "bees", "Ants"]),
        ({"sort": "title"}, ["Ants", "bees", "Cats"]),
        ({"sort": "oldest"}, ["Ants", "bees", "Cats"]),
        ({"sort": "longest"}, ["Ants", "Cats", "bees"]),
        ({"q": "BE"}, ["bees"]),
        ({"q": "  "}, ["Cats", "bees", "Ants"]),
        ({"status": "active"}, ["bees"]),
        ({"status": "ready"}, ["Cats", "Ants"]),
        ({"status": "failed"}, []),
        ({"sort": "sideways", "status": "lost"}, ["Cats", "bees", "Ants"]),
    ],
)
def test_the_library_is_filtered_and_sorted(browser, person, query, titles):
    VideoFactory(owner=person, title="Ants", duration_ms=9_000)
    VideoFactory(owner=person, title="bees", duration_ms=1_000, processing=True)
    VideoFactory(owner=person, title="Cats", duration_ms=5_000)

    found = browser.get("/", query).context["videos"].object_list
    assert [video.title for video in found] == titles
