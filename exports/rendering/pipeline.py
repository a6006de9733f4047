"""Makes one Short: source in storage -> work folder -> mediakit -> storage -> verification of the stored file."""

import contextlib
import logging
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from django.conf import settings
from django.db import DatabaseError

from core.errors import HeimdexError
from exports.captions.styles import burn_in_for_export, face_regions_for
from exports.choices import ExportStage
from exports.lifecycle import StoredShort
from exports.models import Export
from exports.rendering import crop_planning
from exports.storage_keys import attempt_key
from jobs.killpoints import reach
from jobs.lease import Claim
from jobs.watchdog import Watchdog
from jobs.work_folders import work_folder
from mediakit import encoder_selection
from mediakit.audio.loudness_index import LoudnessIndex
from mediakit.captions.caption_style import BurnIn, TimedRegion
from mediakit.captions.overlay import caption_coverage, caption_letters, title_letters
from mediakit.conformance.verification import Claims, Receipt, verify_short
from mediakit.errors import EncoderError, StoppedError, ToolTimeoutError, VerificationError
from mediakit.framing.crop_plan import CropPlan
from mediakit.media_info import MediaInfo, Source
from mediakit.probing.probe import probe
from mediakit.render.encoders import X264, Encoder
from mediakit.render.short import ShortSpec, render_short
from mediakit.sandbox import config as sandbox_config
from storage import files
from storage.errors import StorageCode
from storage.files import Fingerprint
from storage.source_reader import open_source
from videos.models import SoundLevels, Video

logger = logging.getLogger(__name__)
T = TypeVar("T")

CONTENT_TYPE = "video/mp4"

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


def make_short(
    claim: Claim[Export], *, attempt: Attempt, confirm_lease: Callable[[], None]
) -> StoredShort:
    """Render, store and verify one export with the best available encoder. All returned values were measured."""
    attempt.progress(ExportStage.PREPARE, 1)
    work = partial(_render_and_store, claim, attempt=attempt, confirm_lease=confirm_lease)
    with sandbox_config.cpu_limit(cpu_limit_s(claim.row.span_ms)):
        return with_best_encoder(work, attempt=attempt)


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


def _render_and_store(
    claim: Claim[Export], encoder: Encoder, *, attempt: Attempt, confirm_lease: Callable[[], None]
) -> StoredShort:
    """Render, store and verify with one encoder.

    1. Render from the source in storage into a file in a work folder.
    2. Call `confirm_lease()`, which raises when the lease is lost; then send the file to storage.
    3. Read the stored file back: it must equal the sent file and pass verification.

    Raises the errors of storage and mediakit. When it fails, the caller removes the stored file (`discard`).
    """
    export = claim.row
    if export.video is None:
        raise HeimdexError(StorageCode.SOURCE_MISSING)
    spec = ShortSpec(
        start_ms=export.start_ms,
        end_ms=export.end_ms,
        strategy=export.aspect_ratio_strategy,
        quality=export.output_quality,
        audio_index=export.audio_track,
        reduce_noise=export.reduce_noise,
    )
    key = attempt_key(export, claim.token)
    with work_folder("export") as folder:
        out = folder / "short.mp4"
        with open_source(export.video.source_key) as source:
            info = source_info(export.video.probe, source)
            reach("probe_after")
            plan = crop_planning.crop_plan_for(claim, source, info, folder=folder, attempt=attempt)
            burn_in = burn_in_for_export(export, folder=folder, faces=_face_regions(export, plan))
            spec = replace(spec, plan=plan, burn_in=burn_in)
            index = loudness_index_of(export.video)
            render(source, info, spec, out, attempt=attempt, encoder=encoder, loudness_index=index)
            claims = verification_claims(
                burn_in, crop_planning.visible_face_share(export, info, plan)
            )
        attempt.progress(ExportStage.STORE, 0)
        sent = files.fingerprint_of(out)
        confirm_lease()
        reach("upload_before")
        files.save_file(
            key, out, content_type=CONTENT_TYPE, on_bytes=lambda _count: reach("in_upload")
        )
        reach("upload_after")
    attempt.check()
    receipt = _verify_stored(
        key,
        info,
        spec,
        sent=sent,
        attempt=attempt,
        original=export.video.source_key,
        claims=claims,
    )
    return StoredShort(
        key=key,
        sha256=sent.sha256,
        size_bytes=sent.size_bytes,
        duration_ms=receipt.duration_ms,
        width=receipt.width,
        height=receipt.height,
        receipt={**receipt.to_json(), "encoder": encoder.name},
    )


def _face_regions(export: Export, plan: CropPlan | None) -> tuple[TimedRegion, ...]:
    """Regions of the canvas that captions avoid because of faces; none for an export without captions."""
    if not export.captions or export.video is None:
        return ()
    return face_regions_for(
        export.video,
        export.aspect_ratio_strategy,
        start_ms=export.start_ms,
        end_ms=export.end_ms,
        plan=plan,
    )


def source_info(known: dict[str, Any], source: Source) -> MediaInfo:
    """The stored probe result of the source; the source is probed again when that cannot be read."""
    try:
        return MediaInfo.from_json(known)
    except (KeyError, TypeError, ValueError):
        return probe(source)


def loudness_index_of(video: Video) -> LoudnessIndex | None:
    """The loudness index that processing stored for a video; None when there is none."""
    levels = SoundLevels.objects.filter(video=video).first()
    return LoudnessIndex(bytes(levels.blocks), levels.track) if levels else None


def render(
    source: Source,
    info: MediaInfo,
    spec: ShortSpec,
    out: Path,
    *,
    attempt: Attempt,
    encoder: Encoder = X264,
    loudness_index: LoudnessIndex | None = None,
) -> None:
    """Render the Short in one encode, watched by the attempt."""
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
    except StoppedError:
        attempt.check()
        raise


def verify(
    source: Source,
    info: MediaInfo,
    spec: ShortSpec,
    *,
    attempt: Attempt,
    original: Source | None = None,
    claims: Claims | None = None,
) -> Receipt:
    """Verify a finished file, watched by the attempt.

    `info` and `spec` are the ones that it was rendered from. `original` is the source video, to compare with where
    the Short is black or frozen. Raises `VerificationError` for a broken hard rule.
    """
    try:
        return verify_short(
            source,
            info,
            spec,
            original=original,
            claims=claims,
            on_progress=partial(attempt.progress, ExportStage.VERIFY),
            should_stop=attempt.should_stop,
            timeout_s=attempt.left_s,
        )
    except StoppedError:
        attempt.check()
        raise


def discard(claim: Claim[Export]) -> None:
    """Remove the stored file of a failed attempt.

    The file stays if the row names it: then the commit succeeded and only the database's response was lost. If
    storage does not respond, the removal of orphaned files removes it later.
    """
    key = attempt_key(claim.row, claim.token)
    try:
        if not Export.objects.filter(file_key=key).exists():
            files.delete(key)
    except (HeimdexError, DatabaseError):
        logger.warning("a file of an unfinished export could not be removed yet", exc_info=True)


def _verify_stored(
    key: str,
    info: MediaInfo,
    spec: ShortSpec,
    *,
    sent: Fingerprint,
    attempt: Attempt,
    original: str,
    claims: Claims,
) -> Receipt:
    """Verify the stored file; STORAGE_CORRUPT when it differs from the sent one, in which case a retry may help.

    `original` is the source video's storage key. A video that was deleted meanwhile is not compared.
    """
    if files.fingerprint(key) != sent:
        raise HeimdexError(StorageCode.STORAGE_CORRUPT)
    with open_source(key) as stored, contextlib.ExitStack() as stack:
        try:
            video = stack.enter_context(open_source(original))
        except HeimdexError:
            video = None
        return verify(stored, info, spec, attempt=attempt, original=video, claims=claims)


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
