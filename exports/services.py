"""What people can do with exports. Pages, API and admin all call these verbs, and nothing else writes for them."""

import logging
import uuid
from datetime import timedelta
from functools import partial

from django.conf import settings
from django.db import IntegrityError, transaction

from accounts.models import User
from core.errors import HeimdexError
from exports import lifecycle, policy, retention
from exports.captions import styles
from exports.captions.styles import Look
from exports.errors import ExportCode
from exports.framing_options import Framing
from exports.models import Export
from exports.tasks import publish
from jobs.clock import database_now
from jobs.killpoints import reach
from storage.errors import StorageCode
from videos.errors import VideoCode
from videos.models import Scene, Video

logger = logging.getLogger(__name__)


def request_export(
    *,
    user: User,
    video: Video,
    start_ms: int,
    end_ms: int,
    scene: Scene | None = None,
    strategy: str,
    quality: str,
    audio_track: int | None = None,
    reduce_noise: bool = False,
    look: Look | None = None,
    framing: Framing | None = None,
    idempotency_key: str = "",
) -> Export:
    """Accept an export of a range of a person's video; the work starts when the transaction is through.

    The same idempotency key gives the same export, whatever became of it since. Refused with INVALID_INPUT,
    VIDEO_NOT_FOUND, VIDEO_NOT_READY, SPAN_REVERSED, SPAN_OUTSIDE_VIDEO, SPAN_TOO_SHORT, SCENE_TOO_LONG, NO_SUCH_TRACK,
    EXPORT_LIMIT_EXCEEDED or EXPORT_REQUESTS_EXCEEDED.
    """
    policy.check_choices(strategy, quality)
    look = look or Look()
    wanted = Export(
        owner=user,
        scene_id=scene.pk if scene else None,
        scene_number=scene.number if scene else None,
        start_ms=start_ms,
        end_ms=end_ms,
        aspect_ratio_strategy=strategy,
        output_quality=quality,
        audio_track=audio_track,
        reduce_noise=reduce_noise,
        captions=look.name,
        look=look.to_json(),
        framing=framing.to_json() if framing else None,
        idempotency_key=idempotency_key,
    )
    known = _known(wanted)
    if known is not None:
        return known
    try:
        # Asked again under the lock. Here it keeps a crowd that will be refused from standing in line for it.
        policy.check_place(user, at=database_now())
        return _accept(wanted, video_id=video.pk)
    except (HeimdexError, IntegrityError) as error:
        # Somebody wrote since we read: the same click, which may have taken the last place, or the video's deletion.
        known = _known(wanted)
        if known is not None:
            return known
        if isinstance(error, IntegrityError):
            raise HeimdexError(VideoCode.VIDEO_NOT_FOUND) from None
        raise


@transaction.atomic
def _accept(wanted: Export, *, video_id: uuid.UUID) -> Export:
    """Check and insert in one transaction, one request of a person at a time.

    1. Lock the person's row: a second request waits here until the first is committed.
    2. Take the database's time once.
    3. Look for an export with the same key, then check video, range and limit, each by its own statement, so that
       it sees what was committed while we waited.
    4. Insert, and wake a worker after the commit.
    """
    user = _locked(wanted.owner_id)
    now = database_now()
    known = _known(wanted)
    if known is not None:
        return known
    video = Video.objects.visible_to(user).filter(pk=video_id).first()
    if video is None:
        raise HeimdexError(VideoCode.VIDEO_NOT_FOUND)
    policy.check_video(video)
    policy.check_span(video, wanted.start_ms, wanted.end_ms)
    policy.check_track(video, wanted.audio_track)
    policy.check_place(user, at=now)
    wanted.video, wanted.title = video, video.title
    wanted.caption_cues = styles.to_rows(styles.cues_of(video, wanted.start_ms, wanted.end_ms))
    wanted.caption_language = video.transcript_language
    wanted.created_at = wanted.queued_at = wanted.place_taken_at = now
    wanted.expires_at = now + timedelta(seconds=settings.EXPORT_KEEP_S)
    reach("insert_before")
    wanted.save(force_insert=True)
    reach("insert_after")
    transaction.on_commit(partial(publish, wanted.pk))
    return wanted


def _known(wanted: Export) -> Export | None:
    """The export that the same key stands for already."""
    if not wanted.idempotency_key:
        return None
    mine = Export.objects.filter(owner=wanted.owner_id)
    return mine.filter(idempotency_key=wanted.idempotency_key).first()


def cancel_export(export: Export) -> Export:
    """Stop a waiting or running export at once; its place is free again. EXPORT_NOT_CANCELLABLE when it has ended."""
    if not lifecycle.cancel(export):
        raise HeimdexError(ExportCode.EXPORT_NOT_CANCELLABLE, {"status": _fresh(export).status})
    return _fresh(export)


@transaction.atomic
def retry_export(export: Export) -> Export:
    """Queue a failed or cancelled export again. It takes a place again, under the same lock and limit.

    Refused with EXPORT_NOT_RETRYABLE, EXPORT_LIMIT_EXCEEDED, EXPORT_REQUESTS_EXCEEDED, or SOURCE_MISSING when the
    video is gone.
    """
    user = _locked(export.owner_id)
    now = database_now()
    export = _fresh(export)
    if not export.is_retryable:
        raise HeimdexError(ExportCode.EXPORT_NOT_RETRYABLE, {"status": export.status})
    if export.video_id is None:
        raise HeimdexError(StorageCode.SOURCE_MISSING)
    policy.check_place(user, at=now)
    if not lifecycle.retry(export, at=now):
        raise HeimdexError(ExportCode.EXPORT_NOT_RETRYABLE, {"status": export.status})
    transaction.on_commit(partial(publish, export.pk))
    return _fresh(export)


def delete_export(export: Export) -> None:
    """Take an export out of its owner's sight and remove its file. A running one is cancelled first.

    A finished one keeps counting against the limit. When the storage does not answer, the schedule removes the
    file later.
    """
    lifecycle.cancel(export)
    lifecycle.hide(export, at=database_now())
    _remove_file(_fresh(export))


def expire_export(export: Export) -> Export:
    """End a completed export's time now and remove its file; EXPORT_NOT_COMPLETED for any other."""
    if not export.file_key:
        raise HeimdexError(ExportCode.EXPORT_NOT_COMPLETED, {"status": export.status})
    lifecycle.end_now(export, at=database_now())
    _remove_file(_fresh(export))
    return _fresh(export)


def _remove_file(export: Export) -> None:
    try:
        retention.remove_file(export)
    except HeimdexError:
        logger.warning("file of export %s could not be removed yet", export.pk, exc_info=True)


def _locked(user_id: int) -> User:
    """The person's row, locked until the transaction ends. SQLite's transactions are serial as they are."""
    return User.objects.select_for_update(no_key=True).get(pk=user_id)


def _fresh(export: Export) -> Export:
    return Export.objects.get(pk=export.pk)
