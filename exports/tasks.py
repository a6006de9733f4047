"""Celery tasks of exports. A message only means "there is work"; it may arrive twice, late or never."""

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
from exports import lifecycle
from exports.choices import ExportStatus
from exports.errors import ExportCode
from exports.models import Export
from exports.previews import covers
from exports.rendering import crop_planning, pipeline
from exports.rendering.attempt import Attempt
from exports.retention import files as retention
from exports.retention import users as user_deletion
from jobs import lease, notify
from jobs.attempts import Reason
from jobs.clock import database_now
from jobs.db_retry import retry_on_db_loss
from jobs.killpoints import reach
from jobs.lease import Claim, LeaseLostError, LeaseRenewer
from jobs.sweep import sweep_and_notify
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
QUEUE_POLL_S = 0.25
# A retry cannot help with these.
FINAL_ERRORS = (InputError, VerificationError)


def publish(export_id: uuid.UUID) -> None:
    """Send the message that starts a worker on an export; returns at once."""
    reach("commit_after")
    notify.send_later(render_export, export_id)


@shared_task(ignore_result=True)
def render_export(_export_id: str = "") -> None:
    """Render all pending exports. The message names one, but the rows decide the order."""
    lease.drain(Export, _render)


def _render(claim: Claim[Export]) -> None:
    with bound_contextvars(export_id=str(claim.row.pk)), s3.background_calls():
        logger.info("export attempt %d begins", claim.row.attempts)
        try:
            _run_attempt(claim)
        except LeaseLostError:
            logger.info("export was cancelled or claimed by another worker; the work was dropped")
        else:
            return
        pipeline.discard(claim)


def _run_attempt(claim: Claim[Export]) -> None:
    """Render the export and record the result or the error. Raises `LeaseLostError` when the claim is lost."""
    renewer = LeaseRenewer(claim)
    attempt = Attempt(report=renewer.report, should_stop=renewer.should_stop)
    try:
        with renewer:
            confirm = partial(lifecycle.renew_lease, claim)
            short = pipeline.make_short(claim, attempt=attempt, confirm_lease=confirm)
        reach("final_commit_before")
        retry_on_db_loss(lambda: lifecycle.finish(claim, short=short, at=database_now()))
        reach("final_commit_after")
        logger.info("export completed: %d bytes", short.size_bytes)
        covers.keep_cover(Export.objects.get(pk=claim.row.pk))
    except LeaseLostError:
        raise
    except Exception as error:  # noqa: BLE001 - every error must be recorded on the row
        if isinstance(error, StoppedError) and lease.stopping.is_set():
            _requeue_on_shutdown(claim)
        else:
            _retry_or_fail(claim, error, stage=attempt.stage)


def _requeue_on_shutdown(claim: Claim[Export]) -> None:
    """The process is stopping: return the row to the queue without counting this attempt."""
    lease.release(claim, refund_attempt=True)
    logger.info("export queued again, this process stops")
    notify.send(render_export, claim.row.pk)
    pipeline.discard(claim)


def _retry_or_fail(claim: Claim[Export], error: Exception, *, stage: str) -> None:
    """Queue another attempt if a retry may help and one is left; otherwise mark the export as failed."""
    failure = _failure_of(error)
    final = isinstance(error, FINAL_ERRORS) or failure.code in {
        *FINAL_CODES,
        ExportCode.FINISH_FILE_GONE,
    }
    if final or claim.row.attempts >= settings.JOB_MAX_ATTEMPTS:
        fail = partial(lifecycle.fail, code=failure.code, params=failure.params, tail=failure.tail)
        retry_on_db_loss(lambda: fail(claim, stage=stage, receipt=failure.receipt))
        logger.warning("export failed: %s", failure.code, exc_info=_unexpected(error))
    else:
        reason = Reason(failure.code.name, failure.params, failure.tail, stage)
        retry_on_db_loss(lambda: lease.release(claim, after_s=RETRY_AFTER_S, reason=reason))
        logger.warning(
            "export attempt %d failed: %s",
            claim.row.attempts,
            failure.code,
            exc_info=_unexpected(error),
        )
    pipeline.discard(claim)


def _unexpected(error: Exception) -> Exception | None:
    """The error if it is of no expected type: only then the log needs its traceback."""
    return None if isinstance(error, MediaError | HeimdexError) else error


@dataclass(frozen=True, slots=True)
class _Failure:
    code: ErrorCode
    params: Mapping[str, Any]
    tail: str = ""
    receipt: Mapping[str, Any] | None = None


def _failure_of(error: Exception) -> _Failure:
    """The row's error code and parameters for the owner, and the tool's last output for the admin."""
    if isinstance(error, ToolError):
        return _Failure(media_code(error.code), error.params, error.tail)
    if isinstance(error, VerificationError):
        return _Failure(media_code(error.code), error.params, receipt=error.receipt)
    if isinstance(error, MediaError):
        return _Failure(media_code(error.code), error.params)
    if isinstance(error, HeimdexError):
        return _Failure(error.code, error.details)
    if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return _Failure(CoreCode.STORAGE_FULL, {})
    return _Failure(CoreCode.INTERNAL_ERROR, {}, f"{type(error).__name__}: {error}")


@shared_task(ignore_result=True)
def look_ahead(span: str = "") -> None:
    """Analyse the shots of `VIDEO_ID/START_MS/END_MS` before its export is requested. A lost message does no harm.

    Exports have priority: the analysis stops while an export waits for a worker.
    """
    video_id, start_ms, end_ms = span.split("/")
    video = Video.objects.filter(pk=video_id).first()
    should_stop = _stop_for_waiting_exports()
    if video is not None and video.is_ready and not should_stop():
        with bound_contextvars(video_id=video_id), s3.background_calls():
            crop_planning.prefetch_analysis(
                video, int(start_ms), int(end_ms), should_stop=should_stop
            )


def _stop_for_waiting_exports() -> Callable[[], bool]:
    """A `should_stop` that is true when the process stops or an export has been pending for `QUEUE_POLL_S`.

    It queries the database at most every `QUEUE_POLL_S`.
    """
    polled_at, is_waiting = -QUEUE_POLL_S, False

    def should_stop() -> bool:
        nonlocal polled_at, is_waiting
        if time.monotonic() - polled_at >= QUEUE_POLL_S:
            before = database_now() - timedelta(seconds=QUEUE_POLL_S)
            pending = Export.objects.filter(status=ExportStatus.PENDING)
            is_waiting = pending.filter(queued_at__lte=before).exists()
            polled_at = time.monotonic()
        return is_waiting or lease.stopping.is_set()

    return should_stop


def sweep() -> bool:
    """Sweep exports, as `jobs.sweep` says; False when another process is sweeping."""
    return sweep_and_notify(Export, render_export)


@shared_task(ignore_result=True)
def expire_exports() -> None:
    """Remove the files of expired and deleted exports."""
    with s3.background_calls():
        for export in retention.remove_expired_files(at=database_now()):
            logger.info("export %s expired, its file is removed", export.pk)


@shared_task(ignore_result=True)
def remove_orphaned_files() -> None:
    """Remove stored files that no row refers to."""
    with s3.background_calls():
        for key in retention.remove_orphaned_files(at=database_now()):
            logger.info("orphaned file %s removed", key)


@shared_task(ignore_result=True)
def delete_users() -> None:
    """Go on deleting the users whose deletion was requested."""
    with s3.background_calls():
        user_deletion.delete_requested_users()
