"""Whether a finished Short is what was promised.

The file is measured by `mediakit.conformance.measurement`, which knows nothing of how it was made, and held to
`mediakit.conformance.rules`. Where it shows nothing, `mediakit.conformance.source_comparison` checks
whether the source video shows something.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from fractions import Fraction
from typing import Any

from mediakit.conformance.decode_scan import Span
from mediakit.conformance.measurement import Measurement, measure
from mediakit.conformance.rules import (
    Claims,
    ExpectedShort,
    RuleResult,
    check_rules,
    video_bit_rate,
)
from mediakit.conformance.source_comparison import SourceMatch, SourceRange, compare_with_source
from mediakit.errors import ToolError, VerificationError
from mediakit.media_info import MediaInfo, Source
from mediakit.probing.frame_rate import frame_count, output_rate
from mediakit.probing.probe import probe
from mediakit.render.encoders import QUALITY
from mediakit.render.short import ShortSpec

__all__ = [
    "Claims",
    "ExpectedShort",
    "Receipt",
    "RuleResult",
    "check_file",
    "expected_short",
    "make_receipt",
    "verify_short",
]


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a finished Short measures, with every rule it was held to.

    Times in ms. `duration_ms` is the container's word, `picture_ms` and `sound_ms` are what the
    decoders gave, `offset_ms` is how much later than the picture the sound begins.
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

    @property
    def broken(self) -> tuple[RuleResult, ...]:
        """The hard rules that it breaks."""
        return tuple(rule for rule in self.rules if rule.hard and not rule.ok)

    @property
    def warnings(self) -> tuple[RuleResult, ...]:
        """The soft rules that it breaks."""
        return tuple(rule for rule in self.rules if not rule.hard and not rule.ok)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values; the frame rate as "30000/1001"."""
        return {**asdict(self), "frame_rate": str(self.frame_rate)}


def expected_short(info: MediaInfo, spec: ShortSpec) -> ExpectedShort:
    """The numbers that the finished file is held against."""
    rate = output_rate(info.video)
    return ExpectedShort(
        duration_ms=spec.duration_ms,
        frame_rate=rate,
        frames=frame_count(spec.duration_ms, rate),
        max_video_bit_rate=QUALITY[spec.quality].max_rate(rate),
    )


def verify_short(
    source: Source,
    info: MediaInfo,
    spec: ShortSpec,
    *,
    original: Source | None = None,
    claims: Claims | None = None,
    on_progress: Callable[[float], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
    timeout_s: float = 600,
) -> Receipt:
    """Measure the finished bytes and hold them to every rule.

    `source` is the finished file, `info` and `spec` what it was made of. `original` is the video
    itself: with it a Short that is black, still or silent where the video is not breaks a hard rule.
    `claims` are what only its makers know. `on_progress` gets a share from 0 to 1. Raises
    `VerificationError` for the first broken hard rule, with the whole receipt.
    """
    aim = expected_short(info, spec)

    def tell(frames: int) -> None:
        if on_progress is not None:
            on_progress(min(1.0, frames / aim.frames))

    found = measure(source, timeout_s=timeout_s, on_progress=tell, should_stop=should_stop)
    alike = SourceMatch()
    if original is not None:
        track = info.audio_track(spec.audio_index)
        sound = track.index if track else None
        of = SourceRange(original, info, spec.start_ms, sound, timeout_s, should_stop)
        alike = compare_with_source(of, found.decoded)
    receipt = make_receipt(found, aim, claims=claims, alike=alike)
    if receipt.broken:
        rule = receipt.broken[0]
        raise VerificationError(
            rule=rule.name,
            expected=rule.expected,
            measured=rule.measured,
            receipt=receipt.to_json(),
        )
    return receipt


def check_file(
    source: Source,
    *,
    on_progress: Callable[[int], None] = lambda _: None,
    timeout_s: float = 600,
) -> Receipt:
    """The receipt of any file, of which nothing is known: held to what platforms ask for.

    Raises nothing for what it breaks, and `InputError` with the codes of `probe` for what cannot be measured at all.
    """
    try:
        found = measure(source, timeout_s=timeout_s, on_progress=on_progress)
    except ToolError as error:
        if error.returncode is not None and error.returncode > 0:
            probe(source)  # it knows what is wrong with a file
        raise
    return make_receipt(found, None)


def make_receipt(
    found: Measurement,
    aim: ExpectedShort | None,
    *,
    claims: Claims | None = None,
    alike: SourceMatch | None = None,
) -> Receipt:
    """The receipt of a measured file; broken rules are in it, nothing is raised."""
    picture, sound, decoded = found.picture, found.sound, found.decoded
    rate = picture.frame_rate if picture else Fraction(0)
    peak_db = decoded.loudness.peak_db
    return Receipt(
        size_bytes=found.size_bytes,
        duration_ms=found.duration_ms,
        width=picture.width if picture else 0,
        height=picture.height if picture else 0,
        frame_rate=rate,
        video_bit_rate=video_bit_rate(picture) if picture else 0,
        loudness_lufs=decoded.loudness.lufs,
        true_peak_db=None if peak_db is None else round(peak_db, 3),
        rules=check_rules(found, aim, claims, alike),
        frames=decoded.frames,
        picture_ms=round(decoded.frames * 1000 / rate) if rate else 0,
        sound_ms=round(decoded.samples * 1000 / sound.sample_rate) if sound else 0,
        offset_ms=sound.start_ms - picture.start_ms if sound and picture else 0,
        black_ms=decoded.black_ms,
        frozen_ms=decoded.frozen_ms,
        silent_ms=decoded.silent_ms,
        clipped_ms=decoded.clipped_ms,
    )
