"""Celery tasks of videos. A message only means "there is work"; it may arrive twice, late or never."""

import contextlib
import errno
import logging
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any
from uuid import UUID

from celery import shared_task
from django.conf import settings
from structlog.contextvars import bound_contextvars

from core.errors import CoreCode, ErrorCode, HeimdexError, media_code
from jobs import lease, notify
from jobs.attempts import Reason
from jobs.clock import database_now
from jobs.db_retry import retry_on_db_loss
from jobs.lease import Claim, LeaseLostError
from jobs.sweep import sweep_and_notify
from mediakit.errors import InputError, MediaError, StoppedError, ToolError
from mediakit.remote.embeddings import EmbeddingServiceError
from mediakit.sandbox.process import TAIL_CHARS
from storage import files, s3
from videos import lifecycle
from videos.analyses import speech_levels
from videos.choices import VideoStage
from videos.corrections import word_times
from videos.corrections.lines import apply_times
from videos.corrections.placed import LinesReader
from videos.errors import FINAL_CODES
from videos.library import deletion
from videos.models import Proxy, ScreenReading, SuggestionRanking, Video, WordTimes
from videos.processing import scene_pictures
from videos.proxies import lifecycle as proxy_lifecycle
from videos.proxies import pipeline as proxy_pipeline
from videos.screen_text import rows as screen_rows
from videos.search.entries import index_stale_videos
from videos.search.meaning import embed_missing
from videos.suggestions import ranking
from videos.suggestions import rows as suggestion_rows
from videos.transcripts import rows as transcript_rows
from videos.transcripts.piece_store import PieceStore
from videos.uploads import cleanup, link_import

logger = logging.getLogger(__name__)
RETRY_AFTER_S = 5
ASKED_AT_ONCE = 20
RUN_S = 20  # how long one run of `index_for_search` and the like may hold its worker


def publish_ranking(ranking_id: UUID) -> None:
    """Send the message that has suggestions ranked; returns at once."""
    notify.send_later(rank_suggestions, ranking_id)


def publish(video_id: UUID) -> None:
    """Send the message that starts a worker on a video; returns at once."""
    notify.send_later(process_video, video_id)


@shared_task(ignore_result=True)
def process_video(_video_id: str = "") -> None:
    """Process all pending videos. The message names one, but the rows decide the order."""
    lease.drain(Video, _run_attempt)


def _run_attempt(claim: Claim[Video]) -> None:
    with bound_contextvars(video_id=str(claim.row.pk)), s3.background_calls():
        logger.info("processing, attempt %d", claim.row.attempts)
        with lease.LeaseRenewer(claim) as renewer, contextlib.suppress(LeaseLostError):
            _process(claim, renewer)


def _process(claim: Claim[Video], renewer: lease.LeaseRenewer[Video]) -> None:
    from videos.processing import pipeline  # noqa: PLC0415 - brings numpy and more, which the web never needs

    fetches = not claim.row.source_key
    progress = pipeline.Progress(renewer.report, fetches=fetches)
    try:
        if fetches:
            on_progress = partial(progress.report, VideoStage.FETCH)
            link_import.fetch(claim, on_progress=on_progress, should_stop=renewer.should_stop)
        pieces = PieceStore(claim)
        result = pipeline.process(
            claim.row,
            progress=progress,
            should_stop=renewer.should_stop,
            heard=pieces.load(),
            on_piece=pieces.add,
        )
        renewer.check()
        retry_on_db_loss(lambda: lifecycle.finish(claim, result))
        logger.info("ready: %d scenes", len(result.scenes))
    except LeaseLostError:
        logger.warning("lease lost, work dropped")
    except (InputError, link_import.LinkRefusedError) as error:
        logger.warning("refused: %s", error)
        code, params = _failure_of(error)
        fail = partial(lifecycle.fail, code=code, params=params)
        retry_on_db_loss(lambda: fail(claim, stage=progress.stage))
    except Exception as error:  # every error must be recorded on the row
        if isinstance(error, StoppedError) and lease.stopping.is_set():
            _requeue_on_shutdown(claim)
            return
        known = isinstance(error, MediaError | HeimdexError)
        words = f": {error}" if known else ""
        logger.warning(
            "attempt %d failed%s", claim.row.attempts, words, exc_info=None if known else error
        )
        _retry_or_fail(claim, progress.stage, error)


def _requeue_on_shutdown(claim: Claim[Video]) -> None:
    """The process is stopping: return the row to the queue without counting this attempt."""
    lease.release(claim, refund_attempt=True)
    logger.info("video queued again, this process stops")
    notify.send(process_video, claim.row.pk)


def _retry_or_fail(claim: Claim[Video], stage: str, error: Exception) -> None:
    """Queue another attempt if a retry may help and one is left; otherwise mark the video as FAILED."""
    code, params = _failure_of(error)
    if claim.row.attempts < settings.JOB_MAX_ATTEMPTS and code not in FINAL_CODES:
        reason = Reason(code.name, params, _tail_of(error), stage)
        retry_on_db_loss(lambda: lease.release(claim, after_s=RETRY_AFTER_S, reason=reason))
        return
    fail = partial(lifecycle.fail, code=code, params=params, tool_output=_tail_of(error))
    retry_on_db_loss(lambda: fail(claim, stage=stage))


def _tail_of(error: Exception) -> str:
    """The last lines of the tool, or the error's own words, for the operator."""
    tail = error.tail if isinstance(error, ToolError) else f"{type(error).__name__}: {error}"
    return tail[-TAIL_CHARS:]


def _failure_of(error: Exception) -> tuple[ErrorCode, Mapping[str, Any]]:
    if isinstance(error, HeimdexError):
        return error.code, error.details
    if isinstance(error, MediaError):
        return media_code(error.code), error.params
    if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return CoreCode.STORAGE_FULL, {}
    return CoreCode.INTERNAL_ERROR, {}


@shared_task(ignore_result=True)
def make_proxies(_proxy_id: str = "") -> None:
    """Make all pending playback proxies. The message names one, but the rows decide the order."""
    lease.drain(Proxy, _make_proxy)


def _make_proxy(claim: Claim[Proxy]) -> None:
    with bound_contextvars(video_id=str(claim.row.video_id)), s3.background_calls():
        logger.info("proxy, attempt %d", claim.row.attempts)
        with lease.LeaseRenewer(claim) as renewer, contextlib.suppress(LeaseLostError):
            _run_proxy_attempt(claim, renewer)


def _run_proxy_attempt(claim: Claim[Proxy], renewer: lease.LeaseRenewer[Proxy]) -> None:
    try:
        made = proxy_pipeline.make(
            claim,
            on_progress=lambda share: renewer.report("", 100 * share),
            should_stop=renewer.should_stop,
        )
        try:
            finish = partial(proxy_lifecycle.finish, claim, file_key=made.file_key)
            retry_on_db_loss(lambda: finish(size_bytes=made.size_bytes, height=made.height))
        except LeaseLostError:
            if not Proxy.objects.filter(file_key=made.file_key).exists():
                files.delete(made.file_key)
            raise
        logger.info("proxy ready: %d bytes", made.size_bytes)
    except LeaseLostError:
        logger.warning("lease lost, work dropped")
    except Exception as error:  # noqa: BLE001 - every error must be recorded on the row
        _end_attempt(claim, error, make_proxies)


@shared_task(ignore_result=True)
def read_screens(_id: str = "") -> None:
    """Read the text on screen of all pending videos. The message names one, but the rows decide the order."""
    if settings.READ_SCREEN:
        lease.drain(ScreenReading, _read_screen)


def _read_screen(claim: Claim[ScreenReading]) -> None:
    with (
        bound_contextvars(video_id=str(claim.row.video_id)),
        s3.background_calls(),
        lease.LeaseRenewer(claim) as renewer,
        contextlib.suppress(LeaseLostError),
    ):
        _run_screen_attempt(claim, renewer)


def _run_screen_attempt(
    claim: Claim[ScreenReading], renewer: lease.LeaseRenewer[ScreenReading]
) -> None:
    from videos.screen_text import pipeline  # noqa: PLC0415 - brings numpy and more, which the web never needs

    try:
        reading = pipeline.read(
            claim,
            on_progress=lambda share: renewer.report("", 100 * share),
            should_stop=renewer.should_stop,
        )
        retry_on_db_loss(lambda: screen_rows.finish(claim, reading))
        logger.info("text on screen: %d rows", len(reading.texts))
    except LeaseLostError:
        logger.warning("lease lost, work dropped")
    except Exception as error:  # noqa: BLE001 - every error must be recorded on the row
        _end_attempt(claim, error, read_screens)


@shared_task(ignore_result=True)
def rank_suggestions(_id: str = "") -> None:
    """Have the suggestions ranked where that was asked for; what is left after RUN_S waits for the sweep."""
    lease.drain(SuggestionRanking, _rank_suggestions, for_s=RUN_S)


def _rank_suggestions(claim: Claim[SuggestionRanking]) -> None:
    with (
        bound_contextvars(video_id=str(claim.row.video_id)),
        lease.LeaseRenewer(claim) as renewer,
        contextlib.suppress(LeaseLostError),
    ):
        try:
            ranked = ranking.ask_service(claim, should_stop=renewer.should_stop)
            retry_on_db_loss(lambda: ranking.finish(claim, ranked))
            logger.info("suggestions ranked: %d", len(ranked))
        except LeaseLostError:
            logger.warning("lease lost, work dropped")
        except Exception as error:  # noqa: BLE001 - every error must be recorded on the row
            _end_attempt(claim, error, rank_suggestions)


@shared_task(ignore_result=True)
def hear_word_times(_id: str = "") -> None:
    """Find the times of corrected words; what is left after RUN_S waits for the sweep, so that videos go on."""
    reader = LinesReader()
    lease.drain(WordTimes, lambda claim: _hear_words(claim, reader), for_s=RUN_S)


def _hear_words(claim: Claim[WordTimes], reader: LinesReader) -> None:
    video_id = str(claim.row.correction.video_id)
    with (
        bound_contextvars(video_id=video_id),
        s3.background_calls(),
        lease.LeaseRenewer(claim) as renewer,
        contextlib.suppress(LeaseLostError),
    ):
        _run_word_attempt(claim, renewer, reader)


def _run_word_attempt(
    claim: Claim[WordTimes], renewer: lease.LeaseRenewer[WordTimes], reader: LinesReader
) -> None:
    from videos.corrections import word_hearing  # noqa: PLC0415 - brings numpy, which the web never needs

    try:
        correction = claim.row.correction
        times = word_hearing.hear_words(correction, reader, should_stop=renewer.should_stop)
        if times is None:
            word_times.drop(claim)
        else:
            retry_on_db_loss(lambda: apply_times(claim, times, reader))
    except LeaseLostError:
        logger.warning("lease lost, work dropped")
    except Exception as error:  # noqa: BLE001 - every error must be recorded on the row
        _end_attempt(claim, error, hear_word_times)


def _end_attempt(claim: Claim[lease.J], error: Exception, task: notify.Task) -> None:
    """Queue a row of small work again after an error, or mark it as failed when its attempts are used up."""
    if isinstance(error, StoppedError) and lease.stopping.is_set():
        lease.release(claim, refund_attempt=True)
        notify.send(task, claim.row.pk)
        return
    code, params = _failure_of(error)
    tail = _tail_of(error)
    kind = type(claim.row).__name__
    logger.warning("%s, attempt %d failed: %s", kind, claim.row.attempts, error)
    if claim.row.attempts < settings.JOB_MAX_ATTEMPTS and code not in FINAL_CODES:
        reason = Reason(code.name, params, tail)
        retry_on_db_loss(lambda: lease.release(claim, after_s=RETRY_AFTER_S, reason=reason))
        return
    retry_on_db_loss(lambda: lease.fail(claim, code=code, params=params, tool_output=tail))


def sweep_word_times() -> bool:
    """Sweep the times of corrected words, as `jobs.sweep` says; False when another process is sweeping."""
    return sweep_and_notify(WordTimes, hear_word_times)


def sweep_screen_readings() -> bool:
    """Sweep readings of text on screen, as `jobs.sweep` says; False when another process is sweeping."""
    return not settings.READ_SCREEN or sweep_and_notify(ScreenReading, read_screens)


def sweep_rankings() -> bool:
    """Sweep rankings of suggestions, as `jobs.sweep` says; False when another process is sweeping."""
    return sweep_and_notify(SuggestionRanking, rank_suggestions)


def sweep_proxies() -> bool:
    """Sweep playback proxies, as `jobs.sweep` says; False when another process is sweeping."""
    return sweep_and_notify(Proxy, make_proxies)


def sweep() -> bool:
    """Sweep videos, as `jobs.sweep` says; False when another process is sweeping."""
    return sweep_and_notify(Video, process_video)


@shared_task(ignore_result=True)
def remove_abandoned_uploads() -> None:
    """Remove abandoned uploads."""
    with s3.background_calls():
        cleanup.remove_abandoned_uploads(at=database_now())


@shared_task(ignore_result=True)
def delete_videos() -> None:
    """Delete the videos whose owners deleted them, once that can no longer be undone."""
    with s3.background_calls():
        _repeat(partial(deletion.delete_hidden, at=database_now()))


@shared_task(ignore_result=True)
def index_for_search() -> None:
    """Index videos that are not yet, such as those of an earlier release; what is left waits for the next run."""
    _repeat(index_stale_videos)


@shared_task(ignore_result=True)
def ask_for_screen_text() -> None:
    """Queue the reading of videos of an earlier release; what is left waits for the next run."""
    screen_rows.ask_for_missing(limit=ASKED_AT_ONCE)


@shared_task(ignore_result=True)
def embed_scenes() -> None:
    """Make the vectors of scenes for search by meaning; what is left, and what failed, waits for the next run."""
    try:
        _repeat(embed_missing)
    except EmbeddingServiceError as error:
        logger.warning("scenes have no vectors yet: %s", error)


@shared_task(ignore_result=True)
def adopt_transcripts() -> None:
    """Save the transcripts of videos of an earlier release; what is left waits for the next run."""
    _repeat(transcript_rows.adopt_earlier)


@shared_task(ignore_result=True)
def suggest_clips() -> None:
    """Make the suggestions of videos of an earlier release; what is left waits for the next run."""
    _repeat(suggestion_rows.suggest_for_earlier)


@shared_task(ignore_result=True)
def measure_speech() -> None:
    """Measure the sound of videos of an earlier release; what is left waits for the next run."""
    with s3.background_calls():
        _repeat(speech_levels.measure_earlier)


@shared_task(ignore_result=True)
def draw_scene_pictures() -> None:
    """Draw the pictures of scenes that people made; what is left waits for the next run."""
    with s3.background_calls():
        _repeat(scene_pictures.draw_missing)


def _repeat(work: Callable[..., int]) -> None:
    """Call `work(limit=1)` until it finds nothing, or for RUN_S."""
    deadline = time.monotonic() + RUN_S
    while time.monotonic() < deadline and not lease.stopping.is_set():
        if not work(limit=1):
            break
