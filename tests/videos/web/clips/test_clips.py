"""The clips on a video's page, with and without scripts."""

import pytest
from django.urls import reverse

from tests.factories import CueFactory, SceneFactory, VideoFactory
from videos.clips import services
from videos.clips.services import ClipState, create_clip
from videos.models import Clip

HTMX = {"HX-Request": "true"}

pytestmark = pytest.mark.django_db


@pytest.fixture
def video(person):
    made = VideoFactory(owner=person)
    SceneFactory(video=made)
    CueFactory(video=made, text="Three small words.")
    CueFactory(video=made, text="Other words follow.")
    return made


def titled(person, video, *titles: str) -> list[Clip]:
    """Clips of a video with these titles, in their order."""
    return [
        create_clip(
            person,
            video,
            ClipState(title, [(1000, 5000)]) if title else ClipState(ranges=[(1000, 5000)]),
        )
        for title in titles
    ]


def act(browser, name, clip, **data):
    return browser.post(reverse(f"videos:{name}_clip", args=[clip.pk]), data, headers=HTMX)


def titles_in(response) -> list[str]:
    return [entry.clip.title for entry in response.context["clips"]]


def test_the_page_lists_the_clips_with_length_and_first_words(browser, person, video):
    titled(person, video, "Mine", "")

    page = browser.get(reverse("videos:page", args=[video.pk]))

    assert [(entry.clip.title, entry.words) for entry in page.context["clips"]] == [
        ("Mine", "small words. Other words"),
        ("small words. Other words", ""),
    ]
    assert 'data-ranges="[[1000,5000]]"' in page.content.decode()


def test_clips_are_moved_copied_and_renamed_in_place(browser, person, video):
    first, second = titled(person, video, "A", "B")

    assert titles_in(act(browser, "move", second, by="-1")) == ["B", "A"]
    assert titles_in(act(browser, "move", second, by="-1")) == ["B", "A"]
    assert titles_in(act(browser, "move", second, by="1")) == ["A", "B"]
    assert titles_in(act(browser, "duplicate", first)) == ["A", "A", "B"]
    renamed = act(browser, "rename", first, title=" New  name ", version="1")
    assert titles_in(renamed) == ["New name", "A", "B"]


def test_a_title_from_an_old_page_changes_nothing_and_says_so(browser, person, video):
    (clip,) = titled(person, video, "A")
    services.change_clip(person, clip.pk, ClipState(title="Newer"), based_on=1)

    answer = act(browser, "rename", clip, title="Older", version="1")

    assert titles_in(answer) == ["Newer"]
    assert "changed elsewhere" in answer.content.decode()


@pytest.mark.parametrize("headers", [HTMX, {}])
def test_a_deleted_clip_comes_back_to_its_place_with_its_history(browser, person, video, headers):
    first, second = titled(person, video, "A", "B")
    services.change_clip(person, first.pk, ClipState(title="A2"), based_on=1)

    address = reverse("videos:delete_clip", args=[first.pk])
    answer = browser.post(address, headers=headers, follow=True)

    assert titles_in(answer) == ["B"]
    undo = reverse("videos:undelete_clip", args=[first.pk])
    assert undo in answer.content.decode()
    assert act(browser, "rename", first, title="Gone", version="2").status_code == 404
    assert titles_in(browser.post(undo, headers=headers, follow=True)) == ["A2", "B"]
    assert first.changes.count() == 2
    assert second.changes.count() == 1


def test_only_the_last_deletions_can_be_undone(browser, person, video, monkeypatch):
    monkeypatch.setattr(services, "MAX_DELETED", 1)
    first, second = titled(person, video, "A", "B")
    for clip in (first, second):
        act(browser, "delete", clip)

    assert act(browser, "undelete", first).status_code == 404
    assert titles_in(act(browser, "undelete", second)) == ["B"]


def test_a_full_list_takes_no_deleted_clip_back(browser, person, video, monkeypatch):
    (clip,) = titled(person, video, "A")
    act(browser, "delete", clip)
    titled(person, video, "B")
    monkeypatch.setattr(services, "MAX_CLIPS", 1)

    answer = act(browser, "undelete", clip)

    assert titles_in(answer) == ["B"]
    assert "A video can have 1 clips" in answer.content.decode()
