"""Background work on exports. A message only says "there is work": twice, late or never, it harms nothing."""

import errno
import logging
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from celery import shared_task
from django.conf import settings
from structlog.contextvars import bound_contextvars

from core.errors import CoreCode, ErrorCode, HeimdexError, media_code
from exports import lifecycle, retention
from exports.choices import ExportStatus
from exports.models import Export
from exports.rendering import crop_planning, pipeline
from jobs import lease, notify
from jobs.clock import database_now
from jobs.db_retry import retry_on_db_loss
from jobs.killpoints import reach
from jobs.lease import Claim, LeaseLostError, LeaseRenewer
from mediakit.errors import (
    InputError,
    MediaError,
    StoppedError,
    ToolError,
    VerificationError,
)
from storage import s3
from videos.errors import FINAL_CODES
from videos.models import Video

logger = logging.getLogger(__name__)

RETRY_AFTER_S = 5
LOOK_EVERY_S = 0.25
# Trying again cannot help with these.
FINAL = (InputError, VerificationError)


def publish(export_id: uuid.UUID) -> None:
    """Wake a worker for an export; returns at once."""
    reach("commit_after")
    notify.send_later(render_export, export_id)


@shared_task(ignore_result=True)
def render_export(_export_id: str = "") -> None:
    """Make every export that waits. The message names one, but whose turn it is the rows say."""
    lease.drain(Export, _render)


def _render(claim: Claim[Export]) -> None:
    with bound_contextvars(export_id=str(claim.row.pk)), s3.unhurried():
        logger.info("export attempt %d begins", claim.row.attempts)
        try:
            _work(claim)
        except LeaseLostError:
            logger.info("export was cancelled or taken over; the work was dropped")
        else:
            return
        pipeline.discard(claim)


def _work(claim: Claim[Export]) -> None:
    """Make it and finish, or write down why not; raises `LeaseLostError` when the row is not ours any more."""
    renewer = LeaseRenewer(claim)
    attempt = pipeline.Attempt(
        claim.row.span_ms, report=renewer.report, should_stop=renewer.should_stop
    )
    try:
        with renewer:
            hold = partial(lifecycle.still_held, claim)
            short = pipeline.make(claim, attempt=attempt, hold=hold)
        reach("final_commit_before")
        retry_on_db_loss(lambda: lifecycle.finish(claim, short=short, at=database_now()))
        reach("final_commit_after")
        logger.info("export completed: %d bytes", short.size_bytes)
    except LeaseLostError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever happened, the row must say how it ended
        if isinstance(error, StoppedError) and lease.stopping.is_set():
            _hand_back(claim)
        else:
            _settle(claim, error, stage=attempt.stage)


def _hand_back(claim: Claim[Export]) -> None:
    """The process is stopping: put the row back in the queue as if this attempt had not been."""
    lease.release(claim, refund_attempt=True)
    logger.info("export handed back")
    notify.send(render_export, claim.row.pk)
    pipeline.discard(claim)


def _settle(claim: Claim[Export], error: Exception, *, stage: str) -> None:
    """Another attempt when that may help and one is left, otherwise the end with a reason."""
    reason = _reason(error)
    final = isinstance(error, FINAL) or reason.code in FINAL_CODES
    if final or claim.row.attempts >= settings.JOB_MAX_ATTEMPTS:
        fail = partial(lifecycle.fail, code=reason.code, params=reason.params, tail=reason.tail)
        retry_on_db_loss(lambda: fail(claim, stage=stage, receipt=reason.receipt))
        logger.warning("export failed: %s", reason.code, exc_info=_unexpected(error))
    else:
        retry_on_db_loss(lambda: lease.release(claim, after_s=RETRY_AFTER_S))
        logger.warning(
            "export attempt %d failed: %s",
            claim.row.attempts,
            reason.code,
            exc_info=_unexpected(error),
        )
    pipeline.discard(claim)


def _unexpected(error: Exception) -> Exception | None:
    """The error where nobody foresaw it: only then does the log need to say where it came from."""
    return None if isinstance(error, MediaError | HeimdexError) else error


@dataclass(frozen=True, slots=True)
class _Reason:
    code: ErrorCode
    params: Mapping[str, Any]
    tail: str = ""
    receipt: Mapping[str, Any] | None = None


def _reason(error: Exception) -> _Reason:
    """What goes on the row: a code people get words for, and for the admin what the tool said last."""
    if isinstance(error, ToolError):
        return _Reason(media_code(error.code), error.params, error.tail)
    if isinstance(error, VerificationError):
        return _Reason(media_code(error.code), error.params, receipt=error.receipt)
    if isinstance(error, MediaError):
        return _Reason(media_code(error.code), error.params)
    if isinstance(error, HeimdexError):
        return _Reason(error.code, error.details)
    if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return _Reason(CoreCode.STORAGE_FULL, {})
    return _Reason(CoreCode.INTERNAL_ERROR, {}, f"{type(error).__name__}: {error}")


@shared_task(ignore_result=True)
def look_ahead(what: str = "") -> None:
    """Look at `video id/start ms/end ms` before an export of it is asked for; a lost message costs nothing.

    Exports come first: the look ends when one waits that nobody else takes.
    """
    video_id, start_ms, end_ms = what.split("/")
    video = Video.objects.filter(pk=video_id).first()
    should_stop = _export_waits()
    if video is not None and video.is_ready and not should_stop():
        with bound_contextvars(video_id=video_id), s3.unhurried():
            crop_planning.look_ahead(video, int(start_ms), int(end_ms), should_stop=should_stop)


def _export_waits() -> Callable[[], bool]:
    """Says whether the process stops or an export has waited for a moment; looks at the rows a few times a second."""
    asked, waits = -LOOK_EVERY_S, False

    def ask() -> bool:
        nonlocal asked, waits
        if time.monotonic() - asked >= LOOK_EVERY_S:
            a_moment_ago = database_now() - timedelta(seconds=LOOK_EVERY_S)
            waiting = Export.objects.filter(status=ExportStatus.PENDING)
            waits = waiting.filter(queued_at__lte=a_moment_ago).exists()
            asked = time.monotonic()
        return waits or lease.stopping.is_set()

    return ask


def sweep() -> bool:
    """Take up exports whose worker is gone, and wake workers when exports wait and no message says so.

    False when another process was at it, so that nothing was looked at.
    """
    swept = lease.sweep(Export)
    for export in swept.given_up:
        logger.warning("export %s given up after %d attempts", export.pk, export.attempts)
    for export in swept.requeued:
        logger.warning("export %s was left alone by its worker, queued again", export.pk)
    if swept.due and not notify.queued_messages(render_export):
        for export in swept.due:
            notify.send_later(render_export, export.pk)
    return not swept.is_busy


@shared_task(ignore_result=True)
def expire_exports() -> None:
    """Remove the files of exports whose time is over."""
    with s3.unhurried():
        for export in retention.expire(at=database_now()):
            logger.info("export %s expired, its file is removed", export.pk)


@shared_task(ignore_result=True)
def remove_orphaned_files() -> None:
    """Remove stored files that no row names."""
    with s3.unhurried():
        for key in retention.remove_orphans(at=database_now()):
            logger.info("orphaned file %s removed", key)
