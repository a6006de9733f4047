"""The tags of a person's videos: adding and removing them, on one video or on many at once."""

import uuid
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.db import transaction
from django.db.models import Count, Max, QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from core.errors import CoreCode, HeimdexError
from mediakit.search_text.folding import fold
from videos.models import MAX_TAG_CHARS, Video, VideoTag
from videos.policy import clean_text
from videos.queries import MAX_CHOSEN, own_videos
from videos.search.entries import index_tags, mark_stale

MAX_TAGS_OF_VIDEO = 30
MAX_TAGS = 500  # different ones of one person
_BATCH = 500


class TagCount(NamedTuple):
    """A tag of a person, and how many of the videos have it."""

    name: str
    videos: int


@dataclass(frozen=True, slots=True)
class TagChange:
    """What a change did: the videos that got a tag or lost one, with its name."""

    added: tuple[tuple[uuid.UUID, str], ...] = ()
    removed: tuple[tuple[uuid.UUID, str], ...] = ()

    @property
    def video_count(self) -> int:
        """How many videos have other tags now."""
        return len({video_id for video_id, _name in (*self.added, *self.removed)})


def tags_of_person(owner_id: int) -> list[TagCount]:
    """Return a person's tags in the order of the alphabet, with the number of videos that have each."""
    rows = VideoTag.objects.filter(owner=owner_id, video__deleted_at=None)
    return _counted(rows.order_by("key"))


def tags_of_videos(owner_id: int, ids: Collection[uuid.UUID]) -> list[TagCount]:
    """Return the tags that some of these videos of a person have, with the number of these that have each."""
    return _counted(VideoTag.objects.filter(owner=owner_id, video__in=ids).order_by("key"))


def tag_key(name: str) -> str:
    """Return what two spellings of one tag have in common."""
    return fold(clean_text(name))


def change_tags(
    user: User, ids: Collection[uuid.UUID], *, add: Iterable[str] = (), remove: Iterable[str] = ()
) -> TagChange:
    """Add and remove tags on those of the user's videos, in one transaction.

    A name that is given to other videos already is spelt as there. What a video has already, or has not, stays as it
    is. Raises INVALID_INPUT for a name that is empty or too long, and past MAX_TAGS_OF_VIDEO or MAX_TAGS.
    """
    wanted = {tag_key(name): clean_text(name) for name in add}
    _check_names(wanted.values())
    gone = {tag_key(name) for name in remove} - set(wanted)
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=user.pk)
        return _change(own_videos(user, ids), user.pk, wanted, gone)


def set_tags(user: User, video: Video, names: Sequence[str]) -> None:
    """Have a video of the user's have exactly these tags. Raises what `change_tags` raises."""
    kept = {tag_key(name) for name in names}
    had = [tag.name for tag in VideoTag.objects.filter(video=video) if tag.key not in kept]
    change_tags(user, [video.pk], add=names, remove=had)


def rename_tag(user: User, name: str, new_name: str) -> TagChange:
    """Give one of the user's tags another name on all videos; one that other videos have joins the two.

    Empty when no video has the tag. Raises INVALID_INPUT for a new name that is empty or too long.
    """
    new_name = clean_text(new_name)
    _check_names([new_name])
    old, new = tag_key(name), tag_key(new_name)
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=user.pk)
        having = VideoTag.objects.filter(owner=user.pk, key=old)
        had = dict(having.values_list("video_id", "name"))
        if old == new:
            having.update(name=new_name)
            return TagChange(tuple((video_id, new_name) for video_id in had), tuple(had.items()))
        return _join(had, user.pk, old, new_name) if had else TagChange()


def remove_tag(user: User, name: str) -> TagChange:
    """Take one of the user's tags from all videos."""
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=user.pk)
        having = VideoTag.objects.filter(owner=user.pk, key=tag_key(name))
        change = TagChange(removed=tuple(having.values_list("video_id", "name")))
        names_before = _names_before(having)
        having.delete()
        index_tags(names_before)
    return change


def undo_change(user: User, change: TagChange) -> None:
    """Take a change back, as far as its videos are still there."""
    for pairs, verb in ((change.added, "remove"), (change.removed, "add")):
        videos: dict[str, list[uuid.UUID]] = defaultdict(list)
        for video_id, name in pairs:
            videos[name].append(video_id)
        for name, ids in videos.items():
            change_tags(user, ids, **{verb: [name]})


def _change(
    ids: Sequence[uuid.UUID], owner_id: int, wanted: Mapping[str, str], gone: Collection[str]
) -> TagChange:
    had: dict[uuid.UUID, dict[str, str]] = {video_id: {} for video_id in ids}
    for tag in VideoTag.objects.filter(video__in=ids):
        had[tag.video_id][tag.key] = tag.name
    names = {**wanted, **_spelt_as_before(owner_id, wanted)}
    added = [
        VideoTag(video_id=video_id, owner_id=owner_id, name=names[key], key=key)
        for video_id in ids
        for key in wanted
        if key not in had[video_id]
    ]
    removed = [
        (video_id, name) for video_id in ids for key, name in had[video_id].items() if key in gone
    ]
    VideoTag.objects.filter(video__in=ids, key__in=gone).delete()
    VideoTag.objects.bulk_create(added, batch_size=_BATCH)
    change = TagChange(tuple((tag.video_id, tag.name) for tag in added), tuple(removed))
    if added:
        _check_limits(owner_id, had, change)
    index_tags(
        {video_id: had[video_id].values() for video_id, _name in change.added + change.removed}
    )
    return change


def _join(had: Mapping[uuid.UUID, str], owner_id: int, old: str, new_name: str) -> TagChange:
    """Rename a tag on the videos that had it; those that have the new one already lose the old one."""
    new = tag_key(new_name)
    new_name = _spelt_as_before(owner_id, [new]).get(new, new_name)
    having = VideoTag.objects.filter(owner=owner_id, key=old)
    names_before = _names_before(having)
    both = VideoTag.objects.filter(owner=owner_id, key=new).values("video")
    having.filter(video__in=both).delete()
    moved = list(having.values_list("video_id", flat=True))
    having.update(name=new_name, key=new)
    index_tags(names_before)
    return TagChange(tuple((video_id, new_name) for video_id in moved), tuple(had.items()))


def _names_before(tags: QuerySet[VideoTag]) -> dict[uuid.UUID, list[str]]:
    """The tags of the videos that have these, for `index_tags`. More than MAX_CHOSEN are left to the schedule."""
    if tags.count() > MAX_CHOSEN:
        mark_stale(tags.values("video"))
        return {}
    found: dict[uuid.UUID, list[str]] = defaultdict(list)
    for tag in VideoTag.objects.filter(video__in=tags.values("video")):
        found[tag.video_id].append(tag.name)
    return found


def _spelt_as_before(owner_id: int, keys: Iterable[str]) -> dict[str, str]:
    rows = VideoTag.objects.filter(owner=owner_id, key__in=list(keys)).order_by()
    return dict(rows.values_list("key").annotate(Max("name")))


def _counted(rows: QuerySet[VideoTag]) -> list[TagCount]:
    counts = rows.values("key").annotate(spelling=Max("name"), videos=Count("pk"))
    return [TagCount(row["spelling"], row["videos"]) for row in counts[:MAX_TAGS]]


def _check_names(names: Iterable[str]) -> None:
    for name in names:
        if not tag_key(name) or len(name) > MAX_TAG_CHARS:
            raise _invalid(_("A tag has 1 to %(limit)s characters.") % {"limit": MAX_TAG_CHARS})


def _check_limits(
    owner_id: int, had: Mapping[uuid.UUID, Mapping[str, str]], change: TagChange
) -> None:
    """Raise INVALID_INPUT when there are too many now; the transaction is rolled back then."""
    counts = Counter({video_id: len(tags) for video_id, tags in had.items()})
    counts.update(video_id for video_id, _name in change.added)
    counts.subtract(video_id for video_id, _name in change.removed)
    if max(counts.values()) > MAX_TAGS_OF_VIDEO:
        raise _invalid(_("A video has at most %(limit)s tags.") % {"limit": MAX_TAGS_OF_VIDEO})
    if VideoTag.objects.filter(owner=owner_id).values("key").distinct().count() > MAX_TAGS:
        raise _invalid(_("There are at most %(limit)s different tags.") % {"limit": MAX_TAGS})


def _invalid(sentence: str) -> HeimdexError:
    return HeimdexError(CoreCode.INVALID_INPUT, {"fields": {"tags": [sentence]}}, message=sentence)
