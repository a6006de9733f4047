"""The actions on exports. Pages, API and admin call these; they write exports in no other way."""

import logging
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

from django.conf import settings
from django.db import IntegrityError, transaction

from accounts.models import User
from core.errors import CoreCode, HeimdexError
from core.idempotency import IdempotencyKey
from exports import lifecycle, policy, queries
from exports.captions import styles
from exports.captions.styles import ShortStyle
from exports.choices import AspectRatio, ExportStatus
from exports.errors import ExportCode
from exports.framing.options import NO_FRAMING, FramingOptions
from exports.models import Batch, Export
from exports.retention import files as retention
from exports.tasks import publish
from jobs.clock import database_now
from jobs.killpoints import reach
from mediakit.cutting.cut_time import Span, join_touching
from mediakit.text.titles import first_sentence
from storage.errors import StorageCode
from videos.errors import VideoCode
from videos.models import Scene, Video
from videos.policy import title_line

logger = logging.getLogger(__name__)

Asked = TypeVar("Asked", Export, Batch)


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """What a Short is asked to be.

    With `ranges`, in ms, only these are kept; they stand in for `start_ms` and `end_ms`. Without a `title` it is called
    by the first sentence that is said in it.
    """

    video: Video
    start_ms: int
    end_ms: int
    strategy: str
    quality: str
    aspect_ratio: str = AspectRatio.VERTICAL
    ranges: Sequence[Span] = ()
    scene: Scene | None = None
    audio_track: int | None = None
    reduce_noise: bool = False
    title: str = ""
    style: ShortStyle | None = None
    framing: FramingOptions | None = None


def request_export(
    user: User, request: ExportRequest, *, idempotency_key: IdempotencyKey | None = None
) -> Export:
    """Queue an export of a range of the user's video. A worker is notified after the transaction commits.

    The same idempotency key returns the same export, in whatever state it is; with another request it raises
    IDEMPOTENCY_KEY_REUSED. Raises INVALID_INPUT, the codes of `insert_export`, EXPORT_LIMIT_EXCEEDED or
    EXPORT_REQUESTS_EXCEEDED.
    """
    export = new_export(user, request)
    key = idempotency_key or IdempotencyKey()
    export.idempotency_key, export.request_fingerprint = key.value, key.fingerprint
    existing = find_repeated(export)
    if existing is not None:
        return existing
    try:
        # Checked again under the lock. Checked here too, so that requests over the limit do not wait for the lock.
        policy.check_quota(user, at=database_now())
        return _check_and_insert(export, video_id=request.video.pk)
    except (HeimdexError, IntegrityError) as error:
        # Another request committed meanwhile: this one sent twice, which may take the last slot, or a video's deletion.
        existing = find_repeated(export)
        if existing is not None:
            return existing
        if isinstance(error, IntegrityError):
            raise HeimdexError(VideoCode.VIDEO_NOT_FOUND) from None
        raise


def new_export(user: User, request: ExportRequest) -> Export:
    """The row of a request, not saved. INVALID_INPUT for an unknown aspect ratio, framing or quality."""
    policy.check_choices(request.aspect_ratio, request.strategy, request.quality)
    style = request.style or ShortStyle()
    framing = (request.framing or NO_FRAMING).with_defaults(style.framing)
    ranges = join_touching(request.ranges) or ((request.start_ms, request.end_ms),)
    return Export(
        owner=user,
        title=title_line(request.title),
        scene_id=request.scene.pk if request.scene else None,
        scene_number=request.scene.number if request.scene else None,
        start_ms=ranges[0][0],
        end_ms=ranges[-1][1],
        ranges=[list(part) for part in ranges] if len(ranges) > 1 else None,
        aspect_ratio=request.aspect_ratio,
        aspect_ratio_strategy=request.strategy,
        output_quality=request.quality,
        audio_track=request.audio_track,
        reduce_noise=request.reduce_noise,
        captions=style.name,
        look=style.to_json(),
        framing=None if framing == NO_FRAMING else framing.to_json(),
    )


@transaction.atomic
def _check_and_insert(export: Export, *, video_id: uuid.UUID) -> Export:
    """Check and insert in one transaction, one request per user at a time.

    1. Lock the user's row: a second request waits here until the first one is committed.
    2. Read the database's time once.
    3. Look for an export with the same key, then check video, range and quota. Each check is a statement of its own,
       so that it sees what was committed during the wait.
    4. Insert the row, and notify a worker after the commit.
    """
    user = lock_user(export.owner_id)
    now = database_now()
    existing = find_repeated(export)
    if existing is not None:
        return existing
    policy.check_quota(user, at=now)
    return insert_export(export, video_id=video_id, at=now)


def insert_export(export: Export, *, video_id: uuid.UUID, at: datetime) -> Export:
    """Check a new row of the user's video and insert it; a worker is notified after the commit.

    The caller holds the lock on the user's row and has checked the quota. Raises VIDEO_NOT_FOUND, VIDEO_NOT_READY,
    SPAN_REVERSED, SPAN_OUTSIDE_VIDEO, the codes of `policy.check_ranges`, SPAN_TOO_SHORT, SCENE_TOO_LONG,
    NO_SUCH_TRACK, CAPTIONS_NOT_DRAWABLE, TITLE_NOT_DRAWABLE or SHORT_TOO_LONG.
    """
    video = Video.objects.filter(owner=export.owner_id, pk=video_id).first()
    if video is None:
        raise HeimdexError(VideoCode.VIDEO_NOT_FOUND)
    policy.check_video(video)
    if export.ranges:
        policy.check_ranges(video, export.kept_ranges)
    else:
        policy.check_span(video, export.start_ms, export.end_ms)
    policy.check_track(video, export.audio_track)
    cues = styles.cues_for_ranges(video, export.kept_ranges)
    export.video, export.video_title = video, video.title
    export.title = export.title or title_line(first_sentence(cues)) or video.title
    style = ShortStyle.from_json(export.look)
    styles.check_letters(style, cues)
    policy.check_whole_length(export.span_ms, style.finish.length_ms)
    export.caption_cues = styles.cues_to_json(cues)
    export.caption_language = video.transcript_language
    export.created_at = export.queued_at = export.place_taken_at = at
    export.expires_at = at + timedelta(seconds=settings.EXPORT_KEEP_S)
    reach("insert_before")
    export.save(force_insert=True)
    reach("insert_after")
    transaction.on_commit(partial(publish, export.pk))
    return export


def find_repeated(asked: Asked) -> Asked | None:
    """The stored export (or batch) with the same owner and idempotency key as one that is not saved.

    IDEMPOTENCY_KEY_REUSED when that was another request.
    """
    if not asked.idempotency_key:
        return None
    rows = type(asked).objects.filter(owner=asked.owner_id)
    stored = rows.filter(idempotency_key=asked.idempotency_key).first()
    if stored is not None:
        key = IdempotencyKey(asked.idempotency_key, asked.request_fingerprint)
        key.check(stored.request_fingerprint)
    return stored


def rename_export(export: Export, title: str) -> Export:
    """Give an export another title. INVALID_INPUT when it is empty."""
    title = title_line(title)
    if not title:
        raise HeimdexError(CoreCode.INVALID_INPUT, {"field": "title", "reason": "REQUIRED"})
    Export.objects.filter(pk=export.pk).update(title=title)
    return _reload(export)


def cancel_export(export: Export) -> Export:
    """Cancel a pending or running export, which frees its quota slot. EXPORT_NOT_CANCELLABLE when it has ended."""
    if not lifecycle.cancel(export):
        raise HeimdexError(ExportCode.EXPORT_NOT_CANCELLABLE, {"status": _reload(export).status})
    return _reload(export)


@transaction.atomic
def retry_export(export: Export) -> Export:
    """Queue a failed or cancelled export again. It takes a quota slot again, under the same lock and limit.

    Raises EXPORT_NOT_RETRYABLE, EXPORT_LIMIT_EXCEEDED, EXPORT_REQUESTS_EXCEEDED, or SOURCE_MISSING when the video is
    gone.
    """
    user = lock_user(export.owner_id)
    now = database_now()
    export = _reload(export)
    if not export.is_retryable:
        raise HeimdexError(ExportCode.EXPORT_NOT_RETRYABLE, {"status": export.status})
    if export.video_id is None:
        raise HeimdexError(StorageCode.SOURCE_MISSING)
    policy.check_quota(user, at=now)
    if not lifecycle.retry(export, at=now):
        raise HeimdexError(ExportCode.EXPORT_NOT_RETRYABLE, {"status": export.status})
    transaction.on_commit(partial(publish, export.pk))
    return _reload(export)


def delete_export(export: Export) -> None:
    """Hide an export from its owner and remove its file. A running export is cancelled first.

    A completed export still counts against the quota. If storage does not respond, the schedule removes the file
    later.
    """
    lifecycle.cancel(export)
    lifecycle.mark_deleted([export.pk], at=database_now())
    _remove_file(_reload(export))


def delete_exports(user: User, ids: Collection[uuid.UUID]) -> list[uuid.UUID]:
    """Hide those of the user's exports; running ones are cancelled. Returns which there were.

    Their files are removed after UNDO_S; until then `restore_exports` brings them back.
    """
    found = list(Export.objects.visible_to(user).filter(pk__in=ids).only("pk", "status"))
    for export in found:
        if export.is_active:
            lifecycle.cancel(export)
    keys = [export.pk for export in found]
    lifecycle.mark_deleted(keys, at=database_now())
    return keys


def restore_exports(user: User, ids: Collection[uuid.UUID]) -> int:
    """Bring back those of the user's exports that were deleted less than UNDO_S ago; returns how many there were.

    One that ran when it was deleted comes back cancelled.
    """
    since = database_now() - timedelta(seconds=queries.UNDO_S)
    rows = Export.objects.filter(owner=user, pk__in=ids, deleted_at__gt=since)
    return rows.exclude(status=ExportStatus.COMPLETED, file_key="").update(deleted_at=None)


def expire_export(export: Export) -> Export:
    """End a completed export's retention now and remove its file. EXPORT_NOT_COMPLETED when it has no file."""
    if not export.file_key:
        raise HeimdexError(ExportCode.EXPORT_NOT_COMPLETED, {"status": export.status})
    lifecycle.expire_now(export, at=database_now())
    _remove_file(_reload(export))
    return _reload(export)


def _remove_file(export: Export) -> None:
    try:
        retention.remove_file(export)
    except HeimdexError:
        logger.warning("file of export %s could not be removed yet", export.pk, exc_info=True)


def lock_user(user_id: int) -> User:
    """The user's row, locked until the transaction ends. On SQLite, transactions are serial anyway."""
    return User.objects.select_for_update(no_key=True).get(pk=user_id)


def _reload(export: Export) -> Export:
    return Export.objects.get(pk=export.pk)
