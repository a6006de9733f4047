"""Verify a finished Short and write its receipt.

`mediakit.conformance.measurement` measures the file without knowing how it was made, and
`mediakit.conformance.rules` judges it. Black, frozen and silent spans are compared with the source by
`mediakit.conformance.source_comparison`.
"""

import contextlib
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from mediakit.conformance import joins as join_check
from mediakit.conformance import sound_match
from mediakit.conformance.decode_extracts import Extracts, Stills
from mediakit.conformance.joins import Join
from mediakit.conformance.measurement import Measurement, measure
from mediakit.conformance.moment_check import (
    MomentMatch,
    MomentReference,
    check_moment,
    read_reference,
    small_size,
    wanted_frames,
)
from mediakit.conformance.rules import (
    Claims,
    ExpectedShort,
    RuleResult,
    check_rules,
    video_bit_rate,
)
from mediakit.conformance.source_comparison import SourceMatch, SourceRange, compare_with_source
from mediakit.cutting.cut_time import Span
from mediakit.errors import ToolError, VerificationError
from mediakit.framing.geometry import Size
from mediakit.framing.output_format import AS_SOURCE, SHORT, SIZES
from mediakit.media_info import MediaInfo, Source
from mediakit.probing.frame_rate import output_rate
from mediakit.probing.probe import probe
from mediakit.render.encoders import QUALITY
from mediakit.render.short import CutPlace, ShortSpec, cut_place, spec_cut_time

__all__ = [
    "Claims",
    "ExpectedShort",
    "Receipt",
    "RuleResult",
    "Stills",
    "check_file",
    "expected_short",
    "make_receipt",
    "read_source_moment",
    "verify_short",
]


@dataclass(frozen=True, slots=True)
class Receipt:
    """The measured properties of a finished Short, and the result of every rule.

    `duration_ms` is stated by the container; `picture_ms` and `sound_ms` are the lengths of the decoded
    video and audio; `offset_ms` is the audio's start minus the video's start. `cut_ms` is where the cut lies in a file
    with cards: what is black, frozen or silent in these is not listed.
    """

    size_bytes: int
    duration_ms: int
    width: int
    height: int
    frame_rate: Fraction
    video_bit_rate: int
    loudness_lufs: float | None
    true_peak_db: float | None
    rules: tuple[RuleResult, ...]
    frames: int = 0
    picture_ms: int = 0
    sound_ms: int = 0
    offset_ms: int = 0
    black_ms: tuple[Span, ...] = ()
    frozen_ms: tuple[Span, ...] = ()
    silent_ms: tuple[Span, ...] = ()
    clipped_ms: tuple[Span, ...] = ()
    joins: tuple[Join, ...] = ()
    cut_ms: Span | None = None

    @property
    def broken(self) -> tuple[RuleResult, ...]:
        """The broken hard rules."""
        return tuple(rule for rule in self.rules if rule.hard and not rule.ok)

    @property
    def warnings(self) -> tuple[RuleResult, ...]:
        """The broken soft rules."""
        return tuple(rule for rule in self.rules if not rule.hard and not rule.ok)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values; the frame rate as "30000/1001"."""
        return {**asdict(self), "frame_rate": str(self.frame_rate)}


def expected_short(info: MediaInfo, spec: ShortSpec) -> ExpectedShort:
    """The expected properties of the Short of this source and spec."""
    rate, cut, place = output_rate(info.video), spec_cut_time(info, spec), cut_place(info, spec)
    added_ms = round((place.whole - place.cut) * 1000 / rate)
    return ExpectedShort(
        duration_ms=added_ms + (cut.duration_ms if spec.ranges else spec.duration_ms),
        frame_rate=rate,
        frames=place.whole,
        max_video_bit_rate=QUALITY[spec.quality].max_rate(rate),
        size=spec.format_of(info).size,
    )


def read_source_moment(
    original: Source,
    info: MediaInfo,
    spec: ShortSpec,
    *,
    timeout_s: float = 600,
    should_stop: Callable[[], bool] | None = None,
) -> MomentReference:
    """What the source holds where the Short is cut from, for `verify_short`: it may be read while the Short is made."""
    return read_reference(_source_range(original, info, spec, timeout_s, should_stop), spec)


def verify_short(
    source: Source,
    info: MediaInfo,
    spec: ShortSpec,
    *,
    original: Source | None = None,
    reference: MomentReference | None = None,
    claims: Claims | None = None,
    stills: Stills | None = None,
    on_progress: Callable[[float], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
    timeout_s: float = 600,
) -> Receipt:
    """Measure the finished file and apply every rule.

    `source` is the finished file, made from `info` and `spec`. `original` is the source video: with it,
    a Short that is black, frozen or silent where the video is not, or that shows another moment of it, breaks a
    hard rule. `reference` is what `read_source_moment` found in it; without one it is read now. `claims` are what
    cannot be measured. `stills` are written meanwhile. `on_progress` gets a share from 0 to 1. Raises
    `VerificationError` with the whole receipt for the first broken hard rule.
    """
    expected, place = expected_short(info, spec), cut_place(info, spec)

    def report(frames: int) -> None:
        if on_progress is not None:
            on_progress(min(1.0, frames / expected.frames))

    source_match, moment = SourceMatch(), MomentMatch()
    span = _source_range(original, info, spec, timeout_s, should_stop) if original else None
    if span and reference is None:
        reference = read_reference(span, spec)
    with contextlib.ExitStack() as stack:
        folder = stills.folder if stills else _temporary_folder(stack)
        extracts = _extracts(folder, stills, info, spec, span)
        measured = measure(
            source,
            timeout_s=timeout_s,
            extracts=extracts,
            on_progress=report,
            should_stop=should_stop,
        )
        measured = _without_cards(measured, place)
        joins = join_check.measure_joins(
            extracts.sound(join_check.SAMPLE_RATE),
            spec_cut_time(info, spec),
            removed_texts=claims.removed_texts if claims else (),
            lead_ms=place.lead_ms,
        )
        if span and reference:
            source_match = compare_with_source(span, measured.scan, lead_ms=place.lead_ms)
            moment = check_moment(source, extracts, reference, span, spec)
    receipt = make_receipt(
        measured, expected, claims=claims, source_match=source_match, moment=moment, joins=joins
    )
    receipt = replace(receipt, cut_ms=place.span_ms if place.has_cards else None)
    if receipt.broken:
        rule = receipt.broken[0]
        raise VerificationError(
            rule=rule.name,
            expected=rule.expected,
            measured=rule.measured,
            receipt=receipt.to_json(),
        )
    return receipt


def _without_cards(measured: Measurement, place: CutPlace) -> Measurement:
    """The measurement without what is black, frozen or silent in cards: a picture stands still."""
    if not place.has_cards:
        return measured
    return replace(measured, scan=measured.scan.within(*place.span_ms))


def _temporary_folder(stack: contextlib.ExitStack) -> Path:
    return Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="check-"))).resolve()


def _extracts(
    folder: Path, stills: Stills | None, info: MediaInfo, spec: ShortSpec, span: SourceRange | None
) -> Extracts:
    """What the checks after the decode need of it."""
    rates = {join_check.SAMPLE_RATE} if spec_cut_time(info, spec).joins else set()
    if span and span.audio_index is not None:
        rates.add(sound_match.SAMPLE_RATE)
    return Extracts(
        folder,
        cover_ms=stills.span if stills else None,
        frames=wanted_frames(span, spec) if span else (),
        frame_size=small_size(info, spec),
        sound_rates=sorted(rates),
    )


def _source_range(
    original: Source,
    info: MediaInfo,
    spec: ShortSpec,
    timeout_s: float,
    should_stop: Callable[[], bool] | None,
) -> SourceRange:
    track = info.audio_track(spec.audio_index)
    audio_index = track.index if track else None
    return SourceRange(
        *(original, info, spec_cut_time(info, spec), audio_index, timeout_s, should_stop),
        size=spec.format_of(info).size,
    )


def check_file(
    source: Source,
    *,
    on_progress: Callable[[int], None] = lambda _: None,
    timeout_s: float = 600,
    aspect_ratio: str = SHORT.ratio,
) -> Receipt:
    """The receipt of any file, judged by the platforms' requirements for that aspect ratio alone.

    A broken rule raises nothing. Raises `InputError` with the codes of `probe` for a file that cannot be
    measured, and `ToolError`. `on_progress` gets the number of frames scan so far.
    """
    try:
        measured = measure(source, timeout_s=timeout_s, on_progress=on_progress)
    except ToolError as error:
        if error.returncode is not None and error.returncode > 0:
            probe(source)  # raises the specific error for this file
        raise
    return make_receipt(measured, None, wanted=_wanted_size(measured, aspect_ratio))


def _wanted_size(measured: Measurement, aspect_ratio: str) -> Size:
    """The size in px that a file of that aspect ratio should have; its own where any shape will do."""
    video = measured.video
    if aspect_ratio == AS_SOURCE:
        return Size(video.width, video.height) if video else SHORT.size
    return SIZES[aspect_ratio]


def make_receipt(
    measured: Measurement,
    expected: ExpectedShort | None,
    *,
    claims: Claims | None = None,
    source_match: SourceMatch | None = None,
    moment: MomentMatch | None = None,
    joins: tuple[Join, ...] = (),
    wanted: Size = SHORT.size,
) -> Receipt:
    """The receipt of a measured file; a broken rule raises nothing.

    A file of which nothing is expected should have the size `wanted`.
    """
    video, audio, scan = measured.video, measured.audio, measured.scan
    rate = video.frame_rate if video else Fraction(0)
    peak_db = scan.loudness.peak_db
    return Receipt(
        size_bytes=measured.size_bytes,
        duration_ms=measured.duration_ms,
        width=video.width if video else 0,
        height=video.height if video else 0,
        frame_rate=rate,
        video_bit_rate=video_bit_rate(video) if video else 0,
        loudness_lufs=scan.loudness.lufs,
        true_peak_db=None if peak_db is None else round(peak_db, 3),
        rules=check_rules(
            measured, expected, claims, source_match, moment, joins=joins, wanted=wanted
        ),
        frames=scan.frames,
        picture_ms=round(scan.frames * 1000 / rate) if rate else 0,
        sound_ms=round(scan.samples * 1000 / audio.sample_rate) if audio else 0,
        offset_ms=audio.start_ms - video.start_ms if audio and video else 0,
        black_ms=scan.black_ms,
        frozen_ms=scan.frozen_ms,
        silent_ms=scan.silent_ms,
        clipped_ms=scan.clipped_ms,
        joins=joins,
    )
