"""One attempt at a Short: its progress and watchdog, its encoder, and the render and the check that they watch.

Knows no row and no storage, so that a command without a database makes Shorts in the same way.
"""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TypeVar

from django.conf import settings

from exports.choices import ExportStage
from jobs.killpoints import reach
from jobs.watchdog import Watchdog
from jobs.work_folders import work_folder
from mediakit import encoder_selection
from mediakit.audio.loudness_index import LoudnessIndex
from mediakit.captions.caption_style import BurnIn
from mediakit.captions.overlay import caption_coverage, caption_letters, title_letters
from mediakit.conformance.moment_check import MomentReference
from mediakit.conformance.verification import (
    Claims,
    Receipt,
    Stills,
    read_source_moment,
    verify_short,
)
from mediakit.errors import EncoderError, StoppedError, ToolTimeoutError, VerificationError
from mediakit.media_info import MediaInfo, Source
from mediakit.render.encoders import X264, Encoder
from mediakit.render.short import ShortSpec, render_short

logger = logging.getLogger(__name__)
T = TypeVar("T")

# The progress in percent at which each stage begins and ends.
STAGE_PERCENT: dict[str, tuple[int, int]] = {
    ExportStage.PREPARE: (0, 1),
    ExportStage.SHOT_ANALYSIS: (1, 10),
    ExportStage.SOUND: (10, 14),
    ExportStage.ENCODE: (14, 85),
    ExportStage.STORE: (85, 88),
    ExportStage.VERIFY: (88, 99),
}
_KILL_POINTS: dict[str, str] = {ExportStage.ENCODE: "in_ffmpeg", ExportStage.VERIFY: "in_verify"}


class Attempt:
    """The watchdog, progress and stop signal of one attempt.

    `report(stage, percent of the whole)` and `should_stop()` come from the holder of the job. The attempt also stops
    when it made no progress for `EXPORT_STALL_S` seconds, or after `EXPORT_TIMEOUT_S` in all: a slow machine alone
    ends no attempt. `stage` is the current stage.
    """

    def __init__(
        self,
        *,
        report: Callable[[str, float], None],
        should_stop: Callable[[], bool],
    ) -> None:
        self._report = report
        self._watchdog = Watchdog(
            "The export",
            stall_s=settings.EXPORT_STALL_S,
            limit_s=settings.EXPORT_TIMEOUT_S,
            should_stop=should_stop,
        )
        self.stage: str = ExportStage.PREPARE

    @property
    def left_s(self) -> float:
        """Seconds until the last deadline, at least 0.1."""
        return self._watchdog.left_s

    def progress(self, stage: str, fraction: float) -> None:
        """Report the fraction (0 to 1) of a stage that is done."""
        self.stage = stage
        self._watchdog.note((stage, fraction))
        if fraction and stage in _KILL_POINTS:
            reach(_KILL_POINTS[stage])
        begin, end = STAGE_PERCENT[stage]
        self._report(stage, begin + (end - begin) * min(1.0, max(0.0, fraction)))

    def should_stop(self) -> bool:
        """Whether the attempt must stop: it was requested, or `check` would find that it took too long."""
        return self._watchdog.should_stop()

    def check(self) -> None:
        """Raise `StoppedError` when a stop was requested, `ToolTimeoutError` after a stall or the last deadline."""
        self._watchdog.check()


def cpu_limit_s(span_ms: int) -> int:
    """The CPU time in seconds that one tool may use for a clip: a file made to be slow must end, on any machine."""
    return max(settings.EXPORT_CPU_MIN_S, settings.EXPORT_CPU_FACTOR * span_ms // 1000)


def with_best_encoder(work: Callable[[Encoder], T], *, attempt: Attempt) -> T:
    """The result of `work` with this process' encoder, or with x264 when that one fails or its file breaks a rule.

    This process then stops using the hardware encoder, provided that x264 succeeded. After a timeout no time is left
    for x264: the hardware encoder is dropped and the next attempt uses another.
    """
    selection, make_temp_dir = encoder_selection.current(), partial(work_folder, "trial")
    try:
        encoder = selection.select(make_temp_dir=make_temp_dir, should_stop=attempt.should_stop)
    except StoppedError:
        attempt.check()
        raise
    if encoder is X264:
        return work(X264)
    try:
        return work(encoder)
    except ToolTimeoutError:
        selection.reject(encoder, "a Short took too long")
        raise
    except (EncoderError, VerificationError) as error:
        logger.warning("%s failed, once more with x264: %s", encoder, error)
        result = work(X264)
        selection.reject(encoder, str(error))
        return result


def render(
    source: Source,
    info: MediaInfo,
    spec: ShortSpec,
    out: Path,
    *,
    attempt: Attempt,
    encoder: Encoder = X264,
    loudness_index: LoudnessIndex | None = None,
) -> MomentReference:
    """Render the Short in one encode, watched by the attempt.

    Returns what the source holds where the Short is cut from, for `verify`. It is read meanwhile: a decoder's start and
    an encoder's end leave processors idle.
    """
    failed = threading.Event()

    def stops() -> bool:
        return failed.is_set() or attempt.should_stop()

    with ThreadPoolExecutor(1, "moment") as pool:
        read = partial(read_source_moment, timeout_s=attempt.left_s, should_stop=stops)
        reference = pool.submit(copy_context().run, read, source, info, spec)
        try:
            render_short(
                source,
                info,
                spec,
                out,
                loudness_index=loudness_index,
                on_progress=attempt.progress,
                should_stop=attempt.should_stop,
                timeout_s=attempt.left_s,
                encoder=encoder,
            )
            return reference.result()
        except StoppedError:
            attempt.check()
            raise
        finally:
            failed.set()


def verify(
    source: Source,
    info: MediaInfo,
    spec: ShortSpec,
    *,
    attempt: Attempt,
    original: Source | None = None,
    reference: MomentReference | None = None,
    claims: Claims | None = None,
    stills: Stills | None = None,
) -> Receipt:
    """Verify a finished file, watched by the attempt.

    `info` and `spec` are the ones that it was rendered from. `original` is the source video, to compare with where
    the Short is black or frozen, and `reference` what `render` returned. `stills` are written meanwhile. Raises
    `VerificationError` for a broken hard rule.
    """
    try:
        return verify_short(
            source,
            info,
            spec,
            original=original,
            reference=reference,
            claims=claims,
            stills=stills,
            on_progress=partial(attempt.progress, ExportStage.VERIFY),
            should_stop=attempt.should_stop,
            timeout_s=attempt.left_s,
        )
    except StoppedError:
        attempt.check()
        raise


def verification_claims(burn_in: BurnIn | None, subject_share: float | None = None) -> Claims:
    """Facts that verification cannot measure in the file: the subject's visibility, and what is drawn."""
    claims = Claims(subject_share=subject_share)
    if burn_in is None:
        return claims
    if burn_in.overlays.hook:
        title = title_letters(burn_in)
        claims = replace(claims, title_share=title.share, title_missing=title.missing_letters)
    if burn_in.style:
        covered, letters = caption_coverage(burn_in), caption_letters(burn_in)
        claims = replace(
            claims,
            speech_ms=covered.speech,
            captions_ms=covered.captions,
            letter_share=letters.share,
            missing_letters=letters.missing_letters,
        )
    return claims
