"""The tags of videos: added and removed on many at once, bounded, undone, and found by search."""

import uuid

import pytest

from core.errors import CoreCode, HeimdexError
from tests.factories import UserFactory, VideoFactory
from videos.library import tags
from videos.models import VideoTag

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
