"""Making one Short: source in storage -> temporary folder -> mediakit -> storage -> proof of the stored bytes."""

import contextlib
import logging
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from django.conf import settings
from django.db import DatabaseError

from core.errors import HeimdexError
from exports.captions.styles import drawing_for, faces_of
from exports.choices import ExportStage
from exports.lifecycle import StoredShort
from exports.models import Export
from exports.rendering import crop_planning
from exports.storage_keys import storage_key
from jobs.killpoints import reach
from jobs.lease import Claim
from jobs.work_folders import work_folder
from mediakit import encoder_selection
from mediakit.audio.loudness_index import Heard
from mediakit.captions.caption_style import BurnIn, TimedRegion
from mediakit.captions.overlay import caption_coverage
from mediakit.conformance.verification import Claims, Receipt, verify_short
from mediakit.errors import EncoderError, StoppedError, ToolTimeoutError, VerificationError
from mediakit.framing.crop_plan import Plan
from mediakit.media_info import MediaInfo, Source
from mediakit.probing.probe import probe
from mediakit.render.encoders import X264, Encoder
from mediakit.render.short import ShortSpec, render_short
from storage import files
from storage.errors import StorageCode
from storage.files import Fingerprint
from storage.source_reader import open_source
from videos.models import SoundLevels, Video

logger = logging.getLogger(__name__)
T = TypeVar("T")

CONTENT_TYPE = "video/mp4"

# What each stage's share of the whole is, in percent: from, to.
SHARES: dict[str, tuple[int, int]] = {
    ExportStage.PREPARE: (0, 1),
    ExportStage.LOOK: (1, 10),
    ExportStage.SOUND: (10, 14),
    ExportStage.ENCODE: (14, 85),
    ExportStage.STORE: (85, 88),
    ExportStage.VERIFY: (88, 99),
}
_KILLED_IN: dict[str, str] = {ExportStage.ENCODE: "in_ffmpeg", ExportStage.VERIFY: "in_verify"}


class Attempt:
    """One attempt's clock and its wires to the outside: progress out, the order to stop in.

    `report(stage, percent of the whole)` and `should_stop()` come from whoever holds the job. The attempt stops
    itself when its time is up: ten times the clip's length, within the two bounds of the settings. `stage` is the
    one it is in.
    """

    def __init__(
        self,
        span_ms: int,
        *,
        report: Callable[[str, float], None],
        should_stop: Callable[[], bool],
    ) -> None:
        self._report = report
        self._told_to_stop = should_stop
        self._limit_s = timeout_s(span_ms)
        self._deadline = time.monotonic() + self._limit_s
        self.stage: str = ExportStage.PREPARE

    @property
    def left_s(self) -> float:
        """Seconds until the time is up, never less than a moment."""
        return max(0.1, self._deadline - time.monotonic())

    def progress(self, stage: str, fraction: float) -> None:
        """Say how far a stage is (0 to 1)."""
        self.stage = stage
        if fraction and stage in _KILLED_IN:
            reach(_KILLED_IN[stage])
        begin, end = SHARES[stage]
        self._report(stage, begin + (end - begin) * min(1.0, max(0.0, fraction)))

    def should_stop(self) -> bool:
        """Whether the work must end now, for whatever reason."""
        return self._told_to_stop() or time.monotonic() > self._deadline

    def check(self) -> None:
        """Between two steps: raise `StoppedError` when told to stop, `ToolTimeoutError` when the time is up."""
        if self._told_to_stop():
            raise StoppedError("The export was stopped.")
        if time.monotonic() > self._deadline:
            raise ToolTimeoutError(
                f"The export took longer than {self._limit_s:g} s.", tool="ffmpeg", returncode=None
            )


def timeout_s(span_ms: int) -> float:
    """How long one attempt at a clip of that length may take."""
    wanted = settings.EXPORT_TIMEOUT_FACTOR * span_ms / 1000
    return min(max(wanted, settings.EXPORT_TIMEOUT_LEAST_S), settings.EXPORT_TIMEOUT_MOST_S)


def make(claim: Claim[Export], *, attempt: Attempt, hold: Callable[[], None]) -> StoredShort:
    """Render, store and prove one export with the best encoder there is; the answer holds only measured values."""
    attempt.progress(ExportStage.PREPARE, 1)  # the claim is the first thing to be seen
    work = partial(_make, claim, attempt=attempt, hold=hold)
    return with_best_encoder(work, attempt=attempt)


def with_best_encoder(work: Callable[[Encoder], T], *, attempt: Attempt) -> T:
    """What `work` gives with this process' encoder, or with x264 where that one fails or breaks a rule.

    One in hardware is then given up, if x264 did better. After one that took too long there is no time left: it is
    given up, and the next attempt does without.
    """
    choice, scratch = encoder_selection.current(), partial(work_folder, "trial")
    try:
        encoder = choice.best(scratch=scratch, should_stop=attempt.should_stop)
    except StoppedError:
        attempt.check()
        raise
    if encoder is X264:
        return work(X264)
    try:
        return work(encoder)
    except ToolTimeoutError:
        choice.give_up(encoder, "a Short took too long")
        raise
    except (EncoderError, VerificationError) as error:
        logger.warning("%s failed, once more with x264: %s", encoder, error)
        made = work(X264)
        choice.give_up(encoder, str(error))
        return made


def _make(
    claim: Claim[Export], encoder: Encoder, *, attempt: Attempt, hold: Callable[[], None]
) -> StoredShort:
    """Render, store and prove with one encoder.

    1. Cut the source where it lies into a file in a temporary folder.
    2. `hold()` must confirm that the job is still ours (it raises when not); then the file goes to storage.
    3. Read the stored bytes back: they must be the ones that were sent, and everything a Short must be.

    Raises whatever storage and mediakit raise. The caller removes what was stored when this fails.
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
    key = storage_key(export, claim.token)
    with work_folder("export") as folder:
        out = folder / "short.mp4"
        with open_source(export.video.source_key) as source:
            info = source_info(export.video.probe, source)
            reach("probe_after")
            plan = crop_planning.plan_for(claim, source, info, folder=folder, attempt=attempt)
            drawing = drawing_for(export, folder=folder, faces=_faces(export, plan))
            spec = replace(spec, plan=plan, drawing=drawing)
            heard = heard_of(export.video)
            render(source, info, spec, out, attempt=attempt, encoder=encoder, heard=heard)
            claims = claims_of(drawing, crop_planning.subject_share(export, info, plan))
        attempt.progress(ExportStage.STORE, 0)
        sent = files.fingerprint_of(out)
        hold()
        reach("upload_before")
        files.save_file(
            key, out, content_type=CONTENT_TYPE, on_bytes=lambda _count: reach("in_upload")
        )
        reach("upload_after")
    attempt.check()
    receipt = _prove_stored(
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


def _faces(export: Export, plan: Plan | None) -> tuple[TimedRegion, ...]:
    """Where captions would rather not stand; asked only for captions that find their own place."""
    if not export.captions or export.video is None:
        return ()
    return faces_of(
        export.video,
        export.aspect_ratio_strategy,
        start_ms=export.start_ms,
        end_ms=export.end_ms,
        plan=plan,
    )


def source_info(known: dict[str, Any], source: Source) -> MediaInfo:
    """What processing found out about the source; probed again when that is not usable."""
    try:
        return MediaInfo.from_json(known)
    except (KeyError, TypeError, ValueError):
        return probe(source)


def heard_of(video: Video) -> Heard | None:
    """How loud each part of a video is, as it was heard when it was taken in; None when it was not."""
    levels = SoundLevels.objects.filter(video=video).first()
    return Heard(bytes(levels.blocks), levels.track) if levels else None


def render(
    source: Source,
    info: MediaInfo,
    spec: ShortSpec,
    out: Path,
    *,
    attempt: Attempt,
    encoder: Encoder = X264,
    heard: Heard | None = None,
) -> None:
    """The one encode, under an attempt's clock."""
    try:
        render_short(
            source,
            info,
            spec,
            out,
            heard=heard,
            on_progress=attempt.progress,
            should_stop=attempt.should_stop,
            timeout_s=attempt.left_s,
            encoder=encoder,
        )
    except StoppedError:
        attempt.check()
        raise


def prove(
    source: Source,
    info: MediaInfo,
    spec: ShortSpec,
    *,
    attempt: Attempt,
    original: Source | None = None,
    claims: Claims | None = None,
) -> Receipt:
    """The independent check of a finished file, under an attempt's clock.

    `info` and `spec` are what it was made from, `original` is the video itself, to look at where the Short shows
    nothing. Raises `VerificationError` for a broken hard rule.
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
    """Remove what an attempt that came to nothing may have stored.

    Not when its file turns out to be the one that counts: then the commit came through and only its answer was lost.
    A storage that does not answer is left to the removal of orphaned files.
    """
    key = storage_key(claim.row, claim.token)
    try:
        if not Export.objects.filter(file_key=key).exists():
            files.delete(key)
    except (HeimdexError, DatabaseError):
        logger.warning("a file of an unfinished export could not be removed yet", exc_info=True)


def _prove_stored(
    key: str,
    info: MediaInfo,
    spec: ShortSpec,
    *,
    sent: Fingerprint,
    attempt: Attempt,
    original: str,
    claims: Claims,
) -> Receipt:
    """STORAGE_CORRUPT when storage gives back other bytes than it was given: another attempt may help.

    `original` is the video's storage key. A video that was deleted meanwhile is not compared.
    """
    if files.fingerprint(key) != sent:
        raise HeimdexError(StorageCode.STORAGE_CORRUPT)
    with open_source(key) as stored, contextlib.ExitStack() as stack:
        try:
            video = stack.enter_context(open_source(original))
        except HeimdexError:
            video = None
        return prove(stored, info, spec, attempt=attempt, original=video, claims=claims)


def claims_of(drawing: BurnIn | None, subject_share: float | None = None) -> Claims:
    """What the receipt cannot see in the file: how often the subject is shown, and where captions are."""
    if drawing is None or not drawing.style:
        return Claims(subject_share=subject_share)
    covered = caption_coverage(drawing)
    return Claims(covered.speech, covered.captions, subject_share)
