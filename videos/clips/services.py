"""The actions on clips: make, change, move, copy, restore, delete. Pages and API write clips in no other way."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Max

from accounts.models import User
from core.errors import HeimdexError
from jobs.clock import database_now
from mediakit.cutting.cut_time import Span, kept_ms
from mediakit.probing.frame_rate import MAX_SHORT_MS, MIN_SHORT_MS
from videos.choices import ClipAction
from videos.clips.first_words import first_words
from videos.clips.queries import get_clip
from videos.errors import VideoCode
from videos.kept_ranges import check_ranges
from videos.models import Clip, ClipChange, Scene, Video
from videos.policy import title_line
from videos.queries import as_uuid

MAX_CLIPS = 200  # of one video
MAX_CHANGES = 200  # kept of one clip
MAX_DELETED = 20  # of one video, whose deletion can be undone
DEFAULT_TITLE_CHARS = 60


@dataclass(frozen=True, slots=True)
class ClipState:
    """What a version of a clip holds; None for what a change leaves as it is."""

    title: str | None = None
    ranges: Sequence[Span] | None = None
    options: Mapping[str, Any] | None = None


@transaction.atomic
def create_clip(user: User, video: Video, state: ClipState, *, scene: Scene | None = None) -> Clip:
    """Make a clip of the user's video, after its last one.

    Without a title it gets the first sentence that is said in it. Raises VIDEO_NOT_FOUND, VIDEO_NOT_READY, CLIP_LIMIT
    and the codes of `checked_ranges`.
    """
    video = _lock_video(user, video.pk)
    if not video.is_ready:
        raise HeimdexError(VideoCode.VIDEO_NOT_READY, {"status": video.status})
    _check_room(video)
    ranges = checked_ranges(video, state.ranges or ())
    last = video.clips.aggregate(last=Max("position"))["last"]
    clip = Clip(
        video=video,
        scene_id=scene.pk if scene else None,
        title=title_line(state.title or "") or _default_title(video, ranges),
        ranges=[list(part) for part in ranges],
        options=dict(state.options or {}),
        position=0 if last is None else last + 1,
    )
    clip.created_at = clip.updated_at = database_now()
    clip.save(force_insert=True)
    _keep(clip, user, ClipAction.CREATED)
    return clip


@transaction.atomic
def change_clip(
    user: User,
    clip_id: uuid.UUID | str,
    state: ClipState,
    *,
    based_on: int,
    action: ClipAction = ClipAction.CHANGED,
) -> Clip:
    """Change a clip that still has the version `based_on`; the change is its next version.

    Raises CLIP_NOT_FOUND, CLIP_CHANGED with the newer state, and the codes of `checked_ranges`. A change to what is
    there already makes no version.
    """
    clip = _lock_clip(user, clip_id)
    if clip.version != based_on:
        raise HeimdexError(VideoCode.CLIP_CHANGED, {"clip": state_json(clip)})
    before = (clip.title, clip.ranges, clip.options)
    if state.title is not None:
        clip.title = title_line(state.title) or clip.title
    if state.ranges is not None:
        clip.ranges = [list(part) for part in checked_ranges(clip.video, state.ranges)]
    if state.options is not None:
        clip.options = dict(state.options)
    if before == (clip.title, clip.ranges, clip.options):
        return clip
    clip.version += 1
    clip.updated_at = database_now()
    clip.save(update_fields=["title", "ranges", "options", "version", "updated_at"])
    _keep(clip, user, action)
    return clip


def restore_clip(user: User, clip_id: uuid.UUID | str, version: int, *, based_on: int) -> Clip:
    """Bring a clip back to an earlier (or, after that, a later) version; that is a new version.

    Raises CLIP_VERSION_NOT_FOUND, and what `change_clip` raises.
    """
    then = get_clip(user, clip_id).changes.filter(version=version).first()
    if then is None:
        raise HeimdexError(VideoCode.CLIP_VERSION_NOT_FOUND)
    state = ClipState(then.title, [(low, high) for low, high in then.ranges], then.options)
    return change_clip(user, clip_id, state, based_on=based_on, action=ClipAction.RESTORED)


@transaction.atomic
def move_clip(user: User, clip_id: uuid.UUID | str, position: int) -> Clip:
    """Put a clip at a place among its video's, counted from 0; past the end means last. Its version stays."""
    clip = get_clip(user, clip_id)
    _lock_video(user, clip.video_id)
    siblings = Clip.objects.not_deleted().filter(video=clip.video_id)
    others = list(siblings.exclude(pk=clip.pk).only("position"))
    others.insert(max(0, min(position, len(others))), clip)
    for place, other in enumerate(others):
        if other.position != place:
            Clip.objects.filter(pk=other.pk).update(position=place)
    clip.refresh_from_db()
    return clip


def shift_clip(user: User, clip_id: uuid.UUID | str, by: int) -> Clip:
    """Move a clip by some places among its video's, up (negative) or down; at an end it stays there."""
    clip = get_clip(user, clip_id)
    return move_clip(user, clip.pk, max(0, _place(clip) + by))


def duplicate_clip(user: User, clip_id: uuid.UUID | str) -> Clip:
    """A copy of a clip, right after it. Raises what `create_clip` raises."""
    clip = get_clip(user, clip_id)
    with transaction.atomic():
        state = ClipState(clip.title, clip.kept_ranges, clip.options)
        scene = Scene.objects.filter(pk=clip.scene_id).first() if clip.scene_id else None
        copy = create_clip(user, clip.video, state, scene=scene)
        return move_clip(user, copy.pk, _place(clip) + 1)


@transaction.atomic
def delete_clip(user: User, clip_id: uuid.UUID | str) -> Clip:
    """Delete a clip with its history; exports made of it are not touched.

    Its row stays, seen by nobody, as long as it is one of the video's last MAX_DELETED, for `undelete_clip`.
    """
    clip = get_clip(user, clip_id)
    _lock_video(user, clip.video_id)
    clip.deleted_at = database_now()
    clip.save(update_fields=["deleted_at"])
    gone = Clip.objects.filter(video=clip.video_id, deleted_at__isnull=False)
    latest = list(gone.order_by("-deleted_at").values_list("pk", flat=True)[:MAX_DELETED])
    gone.exclude(pk__in=latest).delete()
    return clip


@transaction.atomic
def undelete_clip(user: User, clip_id: uuid.UUID | str) -> Clip:
    """Bring a deleted clip back with its history, about where it was.

    A clip that is there stays as it is. Raises CLIP_NOT_FOUND when it is gone for good, and CLIP_LIMIT.
    """
    key = as_uuid(clip_id)
    rows = Clip.objects.filter(pk=key, video__owner_id=user.pk) if key else Clip.objects.none()
    clip = rows.first()
    if clip is None:
        raise HeimdexError(VideoCode.CLIP_NOT_FOUND)
    _check_room(_lock_video(user, clip.video_id), adding=clip)
    rows.update(deleted_at=None)
    return move_clip(user, clip.pk, clip.position)


def checked_ranges(video: Video, ranges: Sequence[Span]) -> tuple[Span, ...]:
    """The ranges, checked: the codes of `check_ranges`, CLIP_TOO_LONG, CLIP_TOO_SHORT."""
    checked = check_ranges(video, ranges)
    length_ms = kept_ms(checked)
    if length_ms > MAX_SHORT_MS:
        details = {"duration_s": length_ms / 1000, "max_duration_s": MAX_SHORT_MS // 1000}
        raise HeimdexError(VideoCode.CLIP_TOO_LONG, details)
    if length_ms < MIN_SHORT_MS:
        raise HeimdexError(VideoCode.CLIP_TOO_SHORT, {"least_s": MIN_SHORT_MS / 1000})
    return checked


def state_json(clip: Clip) -> dict[str, Any]:
    """What a client needs to go on from a clip's present version."""
    return {
        "id": str(clip.pk),
        "version": clip.version,
        "title": clip.title,
        "ranges": [{"start_s": low / 1000, "end_s": high / 1000} for low, high in clip.kept_ranges],
        **clip.options,
    }


def _check_room(video: Video, *, adding: Clip | None = None) -> None:
    """CLIP_LIMIT when the video has as many other clips as it may."""
    others = video.clips.not_deleted()
    if adding is not None:
        others = others.exclude(pk=adding.pk)
    if others.count() >= MAX_CLIPS:
        raise HeimdexError(VideoCode.CLIP_LIMIT, {"limit": MAX_CLIPS})


def _place(clip: Clip) -> int:
    """The clip's place among its video's, from 0."""
    siblings = Clip.objects.not_deleted().filter(video=clip.video_id)
    return list(siblings.values_list("pk", flat=True)).index(clip.pk)


def _keep(clip: Clip, user: User, action: ClipAction) -> None:
    """Write a clip's version into its history, which keeps the newest MAX_CHANGES."""
    ClipChange.objects.create(
        clip=clip,
        version=clip.version,
        action=action,
        changed_by=user,
        changed_at=clip.updated_at,
        title=clip.title,
        ranges=clip.ranges,
        options=clip.options,
    )
    clip.changes.filter(version__lte=clip.version - MAX_CHANGES).delete()


def _lock_video(user: User, video_id: uuid.UUID) -> Video:
    """The user's video, locked until the transaction ends, so that its clips are counted and ordered one by one."""
    rows = Video.objects.visible_to(user).select_for_update(no_key=True)
    video = rows.filter(pk=video_id).first()
    if video is None:
        raise HeimdexError(VideoCode.VIDEO_NOT_FOUND)
    return video


def _lock_clip(user: User, clip_id: uuid.UUID | str) -> Clip:
    clip = get_clip(user, clip_id)
    Clip.objects.select_for_update(no_key=True).get(pk=clip.pk)
    return get_clip(user, clip_id)


def _default_title(video: Video, ranges: Sequence[Span]) -> str:
    text = title_line(first_words(video, ranges))
    if len(text) > DEFAULT_TITLE_CHARS:
        text = f"{text[:DEFAULT_TITLE_CHARS].rsplit(' ', 1)[0]}…"
    return text or video.title
