"""The tags of videos: added and removed on many at once, bounded, undone, and found by search."""

import uuid

import pytest

from core.errors import CoreCode, HeimdexError
from tests.factories import UserFactory, VideoFactory
from tests.videos.search.libraries import find, make_video
from videos.library import tags
from videos.models import VideoTag
from videos.search.entries import index_stale_videos

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner():
    return UserFactory.create()


def names(video) -> list[str]:
    return [tag.name for tag in video.tags.all()]


def test_many_videos_get_and_lose_tags_at_once_and_it_is_undone(owner):
    one, two, others = VideoFactory(owner=owner), VideoFactory(owner=owner), VideoFactory()
    tags.change_tags(owner, [one.pk], add=["Interview", "Draft"])

    change = tags.change_tags(
        owner,
        [one.pk, two.pk, others.pk, uuid.uuid4()],
        add=["interview ", "Été"],
        remove=["DRAFT"],
    )

    assert names(one) == names(two) == ["Été", "Interview"]
    assert names(others) == []
    assert change.video_count == 2
    tags.undo_change(owner, change)
    assert names(one) == ["Draft", "Interview"]
    assert names(two) == []


def test_the_same_change_twice_changes_nothing(owner):
    video = VideoFactory(owner=owner)
    tags.change_tags(owner, [video.pk], add=["A"])

    assert tags.change_tags(owner, [video.pk], add=["a"], remove=["b"]) == tags.TagChange()


def test_what_a_person_has_is_counted(owner):
    one, two = VideoFactory(owner=owner), VideoFactory(owner=owner)
    tags.change_tags(owner, [one.pk, two.pk], add=["Talk"])
    tags.change_tags(owner, [two.pk], add=["Cut"])
    tags.change_tags(VideoFactory().owner, [], add=["Other"])

    assert tags.tags_of_person(owner.pk) == [("Cut", 1), ("Talk", 2)]
    assert tags.tags_of_videos(owner.pk, [one.pk]) == [("Talk", 1)]


@pytest.mark.parametrize("most_at_once", [1, 1_000])
def test_a_renamed_tag_is_found_by_its_new_name(owner, monkeypatch, most_at_once):
    monkeypatch.setattr(tags, "MAX_CHOSEN", most_at_once)
    one, two = make_video(owner, "Words."), make_video(owner, "Others.")
    other = make_video(UserFactory.create(), "Words.")
    tags.change_tags(owner, [one.pk, two.pk], add=["Harbour"])
    tags.change_tags(other.owner, [other.pk], add=["Harbour"])

    change = tags.rename_tag(owner, "harbour", "Lighthouse")
    index_stale_videos(limit=10)  # a minute later, those of a large library

    assert change.video_count == 2
    assert len(find(owner, "lighthouse").ranked) == 2
    assert not find(owner, "harbour").ranked
    assert names(other) == ["Harbour"]
    assert tags.rename_tag(owner, "harbour", "Nothing") == tags.TagChange()


@pytest.mark.parametrize("name", ["", "  ", "x" * 51, "\u0301"])
def test_names_that_are_none_are_refused(owner, name):
    video = VideoFactory(owner=owner)

    with pytest.raises(HeimdexError) as refusal:
        tags.change_tags(owner, [video.pk], add=[name])

    assert refusal.value.code == CoreCode.INVALID_INPUT


def test_there_is_an_end_to_tags(owner, monkeypatch):
    video, other = VideoFactory(owner=owner), VideoFactory(owner=owner)
    many = [f"tag {number}" for number in range(tags.MAX_TAGS_OF_VIDEO)]
    tags.change_tags(owner, [video.pk], add=many)
    with pytest.raises(HeimdexError):
        tags.change_tags(owner, [video.pk], add=["one more"])
    tags.change_tags(owner, [video.pk], add=["one more"], remove=many[:1])
    monkeypatch.setattr(tags, "MAX_TAGS", tags.MAX_TAGS_OF_VIDEO)

    with pytest.raises(HeimdexError):
        tags.change_tags(owner, [other.pk], add=["yet another"])

    assert names(other) == []
    assert VideoTag.objects.filter(owner=owner).count() == tags.MAX_TAGS_OF_VIDEO
