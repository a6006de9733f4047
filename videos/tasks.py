"""Celery's side of videos: claim, run, end. A message only says "look at row N"."""

import contextlib
import errno
import logging
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from celery import shared_task
from django.conf import settings
from structlog.contextvars import bound_contextvars

from heimdex.errors import HeimdexError
from jobs import lease
from jobs.clock import database_now
from jobs.lease import Claim, LeaseLostError
from mediakit.errors import InputError, MediaError, StoppedError, ToolError
from videos import cleanup, lifecycle
from videos.models import Video

logger = logging.getLogger(__name__)


RETRY_AFTER_S = 5


def wake(video_id: UUID, *, after_s: float = 0) -> None:
    """Send the message for a video. A broker that does not answer is only logged: the sweep sends it later."""
    try:
        process_video.apply_async((str(video_id),), countdown=after_s)
    except Exception:  # brokers raise what they like; whoever asked must not meet it
        logger.warning("video %s waits for the sweep: no broker", video_id, exc_info=True)


@shared_task(ignore_result=True)
def process_video(video_id: str) -> None:
    """Process one video. Safe to deliver twice or late: only the holder of the claim writes."""
    with bound_contextvars(video_id=video_id):
        if lease.stopping.is_set():
            return  # the row keeps waiting; another worker or the sweep takes it
        claim = lease.claim(Video, UUID(video_id))
        if claim is None:
            logger.info("nothing to do")
            return
        logger.info("processing, attempt %d", claim.row.attempts)
        with lease.Keeper(claim) as keeper, contextlib.suppress(LeaseLostError):
            _process(claim, keeper)


def _process(claim: Claim[Video], keeper: lease.Keeper[Video]) -> None:
    from videos import pipeline  # noqa: PLC0415 - brings numpy and more, which the web never needs

    progress = pipeline.Progress(keeper.report)
    try:
        outcome = pipeline.process(claim.row, progress=progress, should_stop=keeper.should_stop)
        keeper.check()
        lifecycle.finish(claim, outcome)
        logger.info("ready: %d scenes", len(outcome.scenes))
    except LeaseLostError:
        logger.warning("lease lost, work dropped")
    except StoppedError:
        logger.info("stopped, handed back")
        lease.release(claim, give_attempt_back=True)
        wake(claim.row.pk)
    except InputError as error:
        logger.warning("refused: %s", error)
        lifecycle.fail(claim, stage=progress.stage, code=error.code, params=error.params)
    except Exception as error:  # whatever it is, the row must end or go back
        logger.exception("attempt %d failed", claim.row.attempts)
        _again_or_fail(claim, progress.stage, error)


def _again_or_fail(claim: Claim[Video], stage: str, error: Exception) -> None:
    """Back to the queue for another attempt, or FAILED."""
    code, params = _reason(error)
    if claim.row.attempts < settings.JOB_MAX_ATTEMPTS and code != "SOURCE_MISSING":
        lease.release(claim)
        wake(claim.row.pk, after_s=RETRY_AFTER_S)
        return
    tail = error.tail if isinstance(error, ToolError) else f"{type(error).__name__}: {error}"
    lifecycle.fail(claim, stage=stage, code=code, params=params, tool_output=tail[-4000:])


def _reason(error: Exception) -> tuple[str, Mapping[str, Any]]:
    if isinstance(error, HeimdexError):
        return error.code, error.details
    if isinstance(error, MediaError):
        return error.code, error.params
    if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return "STORAGE_FULL", {}
    return "INTERNAL_ERROR", {}


@shared_task(ignore_result=True)
def sweep_videos() -> None:
    """Wake videos whose message or worker was lost."""
    swept = lease.sweep(Video, at=database_now())
    for video in swept.given_up:
        logger.error("video %s: given up after %d attempts", video.pk, video.attempts)
    for video in swept.waking:
        logger.info("video %s waits, waking a worker", video.pk)
        wake(video.pk)


@shared_task(ignore_result=True)
def remove_abandoned_uploads() -> None:
    """Remove uploads that nobody went on with."""
    cleanup.remove_abandoned_uploads(at=database_now())
