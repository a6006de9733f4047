"""Background work on exports. A message only says "look at this row": twice, late or never, it harms nothing."""

import errno
import logging
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from celery import shared_task
from django.conf import settings
from structlog.contextvars import bound_contextvars

from exports import expiry, lifecycle, pipeline
from exports.models import Export
from heimdex.errors import HeimdexError
from jobs import lease
from jobs.clock import database_now
from jobs.lease import Claim, Keeper, LeaseLostError
from mediakit.errors import InputError, MediaError, StoppedError, ToolError, VerificationError

logger = logging.getLogger(__name__)

RETRY_AFTER_S = 5
# Trying again cannot help with these.
FINAL = (InputError, VerificationError)
FINAL_CODES = {"SOURCE_MISSING"}


def publish(export_id: uuid.UUID, *, after_s: float = 0) -> None:
    """Wake a worker for an export. A broker that does not answer is only logged: the sweep wakes it later."""
    try:
        render_export.apply_async((str(export_id),), countdown=after_s)
    except Exception:
        logger.warning("export %s waits for the sweep: no broker", export_id, exc_info=True)


@shared_task(ignore_result=True, acks_late=True, reject_on_worker_lost=True)
def render_export(export_id: str) -> None:
    """Make one export. Safe to deliver twice: only the holder of the claim writes."""
    with bound_contextvars(export_id=export_id):
        if lease.stopping.is_set():
            return  # the row keeps waiting; another worker or the sweep takes it
        claim = lease.claim(Export, uuid.UUID(export_id))
        if claim is None:
            logger.info("export has nothing to do")
            return
        logger.info("export attempt %d begins", claim.row.attempts)
        try:
            _work(claim)
        except LeaseLostError:
            logger.info("export was cancelled or taken over; the work was dropped")
        else:
            return
        pipeline.discard(claim.row)


def _work(claim: Claim[Export]) -> None:
    """Make it and finish, or write down why not; raises `LeaseLostError` when the row is not ours any more."""
    keeper = Keeper(claim)
    attempt = pipeline.Attempt(
        claim.row.span_ms, report=keeper.report, should_stop=keeper.should_stop
    )
    try:
        with keeper:
            hold = partial(lifecycle.still_held, claim)
            short = pipeline.make(claim.row, attempt=attempt, hold=hold)
        lifecycle.finish(claim, short=short, at=database_now())
        logger.info("export completed: %d bytes", short.size_bytes)
    except LeaseLostError:
        raise
    except StoppedError:
        _hand_back(claim)
    except Exception as error:  # noqa: BLE001 - whatever happened, the row must say how it ended
        _settle(claim, error, stage=attempt.stage)


def _hand_back(claim: Claim[Export]) -> None:
    """The process is stopping: put the row back in the queue as if this attempt had not been."""
    lease.release(claim, give_attempt_back=True)
    logger.info("export handed back")
    pipeline.discard(claim.row)
    publish(claim.row.pk)


def _settle(claim: Claim[Export], error: Exception, *, stage: str) -> None:
    """Another attempt when that may help and one is left, otherwise the end with a reason."""
    reason = _reason(error)
    final = isinstance(error, FINAL) or reason.code in FINAL_CODES
    if final or claim.row.attempts >= settings.JOB_MAX_ATTEMPTS:
        lifecycle.fail(claim, stage=stage, code=reason.code, params=reason.params, tail=reason.tail)
        logger.warning("export failed: %s", reason.code, exc_info=None if final else error)
        pipeline.discard(claim.row)
        return
    lease.release(claim)
    logger.warning("export attempt %d failed", claim.row.attempts, exc_info=error)
    pipeline.discard(claim.row)
    publish(claim.row.pk, after_s=RETRY_AFTER_S)


@dataclass(frozen=True, slots=True)
class _Reason:
    code: str
    params: Mapping[str, Any]
    tail: str = ""


def _reason(error: Exception) -> _Reason:
    """What goes on the row: a code people get words for, and for the admin what the tool said last."""
    if isinstance(error, ToolError):
        return _Reason(error.code, error.params, error.tail)
    if isinstance(error, MediaError):
        return _Reason(error.code, error.params)
    if isinstance(error, HeimdexError):
        return _Reason(error.code, error.details)
    if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return _Reason("STORAGE_FULL", {})
    return _Reason("INTERNAL_ERROR", {}, f"{type(error).__name__}: {error}")


@shared_task(ignore_result=True)
def sweep_exports() -> None:
    """Wake exports that nobody works on; give up those whose attempts are spent."""
    swept = lease.sweep(Export, at=database_now())
    for export in swept.given_up:
        with bound_contextvars(export_id=str(export.pk)):
            logger.warning("export given up after %d attempts", export.attempts)
            pipeline.discard(export)
    for export in swept.waking:
        publish(export.pk)


@shared_task(ignore_result=True)
def expire_exports() -> None:
    """Remove the files of exports whose time is over."""
    for export in expiry.expire(at=database_now()):
        logger.info("export %s expired, its file is removed", export.pk)


@shared_task(ignore_result=True)
def remove_orphaned_files() -> None:
    """Remove stored files that no row names, and what killed processes left on this machine."""
    at = database_now()
    for file in expiry.remove_orphans(at=at):
        logger.info("orphaned file %s removed", file.key)
    for folder in expiry.remove_abandoned_work(at=at):
        logger.info("abandoned folder %s removed", folder.name)
