"""Whether a finished Short is what was promised.

The file is measured by `mediakit.measure`, which knows nothing of how it was made; each rule is a
small function over that one measurement. A broken hard rule means that the file is not handed
out; a broken soft one is only written on the receipt.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from fractions import Fraction
from typing import Any

from mediakit.errors import VerificationError
from mediakit.geometry import CANVAS
from mediakit.info import MediaInfo, Source
from mediakit.measure import Measured, Picture, Sound, measure
from mediakit.rates import MAX_RATE, frame_count, output_rate
from mediakit.short import MAX_SHORT_MS, QUALITY, ShortSpec
from mediakit.sound import PEAK_CEILING_DB, PEAK_LIMIT_DB, SILENT_LUFS, TARGET_LUFS

DURATION_TOLERANCE_MS = 100
KEYFRAME_MS = 500
SYNC_TOLERANCE_MS = 25  # the tracks' starts; one AAC packet is 21 ms
LOUDNESS_TOLERANCE_LU = 1.0
# The meter works on blocks of 400 ms: a shorter clip's number says little about how it sounds.
LOUDNESS_COUNTS_FROM_MS = 3_000
BT709 = ("bt709", "bt709", "bt709", "tv")


@dataclass(frozen=True, slots=True)
class Rule:
    """One promise, and what was found."""

    name: str
    ok: bool
    expected: str
    measured: str
    hard: bool = True


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a finished Short measures, with every rule it was held to."""

    size_bytes: int
    duration_ms: int
    width: int
    height: int
    frame_rate: Fraction
    video_bit_rate: int
    loudness_lufs: float | None
    true_peak_db: float | None
    rules: tuple[Rule, ...]

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values; the frame rate as "30000/1001"."""
        return {**asdict(self), "frame_rate": str(self.frame_rate)}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a Short of this source and spec has to be."""

    duration_ms: int
    frame_rate: Fraction
    frames: int
    max_video_bit_rate: int


def wanted(info: MediaInfo, spec: ShortSpec) -> Wanted:
    """The numbers that the finished file is held against."""
    rate = output_rate(info.video)
    return Wanted(
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
    on_progress: Callable[[float], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
    timeout_s: float = 600,
) -> Receipt:
    """Measure the finished bytes and hold them to every rule.

    `source` is the finished file, `info` and `spec` what it was made of. `on_progress` gets a
    share from 0 to 1. Raises `VerificationError` for the first broken hard rule.
    """
    aim = wanted(info, spec)

    def tell(frames: int) -> None:
        if on_progress is not None:
            on_progress(min(1.0, frames / aim.frames))

    found = measure(source, timeout_s=timeout_s, on_progress=tell, should_stop=should_stop)
    receipt = judge(found, aim)
    for rule in receipt.rules:
        if rule.hard and not rule.ok:
            raise VerificationError(rule=rule.name, expected=rule.expected, measured=rule.measured)
    return receipt


def judge(found: Measured, aim: Wanted) -> Receipt:
    """The receipt of a measured file; broken rules are in it, nothing is raised."""
    rules = [*_file_rules(found, aim)]
    if found.picture is not None:
        rules += [*_picture_rules(found.picture, aim), _frames_decode(found, aim)]
    if found.sound is not None:
        rules += [*_sound_rules(found.sound), *_loudness_rules(found)]
    if found.picture is not None and found.sound is not None:
        rules.append(_sync(found.picture, found.sound))
    picture = found.picture
    return Receipt(
        size_bytes=found.size_bytes,
        duration_ms=found.duration_ms,
        width=picture.width if picture else 0,
        height=picture.height if picture else 0,
        frame_rate=picture.frame_rate if picture else Fraction(0),
        video_bit_rate=_bit_rate(picture) if picture else 0,
        loudness_lufs=found.loudness.lufs,
        true_peak_db=found.loudness.peak_db,
        rules=tuple(rules),
    )


def _rule(name: str, expected: str, measured: str, *, ok: bool, hard: bool = True) -> Rule:
    return Rule(name, ok, expected, measured, hard)


def _same(name: str, expected: object, measured: object) -> Rule:
    return _rule(name, str(expected), str(measured), ok=expected == measured)


def _file_rules(found: Measured, aim: Wanted) -> list[Rule]:
    moov, mdat = (_place(found.boxes, kind) for kind in ("moov", "mdat"))
    length = found.duration_ms
    near = abs(length - aim.duration_ms) <= DURATION_TOLERANCE_MS
    longest = MAX_SHORT_MS + DURATION_TOLERANCE_MS
    tags = ", ".join(found.foreign_tags) or "none"
    errors = "; ".join(found.decode_errors)[:300] or "none"
    return [
        _rule("container", "mp4", found.container, ok="mp4" in found.container.split(",")),
        _same("tracks", "audio, video", ", ".join(sorted(found.kinds))),
        _rule("duration", f"{aim.duration_ms} ms", f"{length} ms", ok=near),
        _rule("at_most_180_s", f"<= {MAX_SHORT_MS} ms", f"{length} ms", ok=length <= longest),
        _rule("index_first", "moov before mdat", " ".join(found.boxes), ok=moov < mdat),
        _same("no_edit_lists", "none", "present" if found.has_edit_list else "none"),
        _same("no_source_metadata", "none", tags),
        _same("decodes", "none", errors),
    ]


def _place(boxes: tuple[str, ...], kind: str) -> int:
    return boxes.index(kind) if kind in boxes else len(boxes)


def _picture_rules(picture: Picture, aim: Wanted) -> list[Rule]:
    one_frame_ms = -(-1000 // aim.frame_rate)
    gap, widest = picture.widest_keyframe_gap_ms, KEYFRAME_MS + int(one_frame_ms)
    rate, bits = picture.frame_rate, _bit_rate(picture)
    # x264 may spend one second's worth (its buffer) on top of the ceiling, whatever the length.
    seconds = Fraction(max(1, picture.end_ms - picture.start_ms), 1000)
    ceiling = int(aim.max_video_bit_rate * (1 + 1 / seconds) * Fraction(105, 100))
    exact = abs(rate - aim.frame_rate) * 200 <= aim.frame_rate
    return [
        _same("video_codec", "h264 High", f"{picture.codec} {picture.profile}"),
        _same("picture_size", "{}x{}".format(*CANVAS), f"{picture.width}x{picture.height}"),
        _same("square_pixels", "1", str(picture.sar)),
        _same("pixel_format", "yuv420p", picture.pix_fmt),
        _same("progressive", "progressive", picture.field_order),
        _rule("frame_rate", str(aim.frame_rate), str(rate), ok=exact and rate <= MAX_RATE),
        _rule("keyframes", f"<= {widest} ms apart", f"{gap} ms", ok=gap <= widest),
        _same("colour", " ".join(BT709), " ".join(picture.colour)),
        _rule("video_bit_rate", f"<= {ceiling} bit/s", f"{bits} bit/s", ok=bits <= ceiling),
    ]


def _bit_rate(picture: Picture) -> int:
    return picture.bytes * 8000 // max(1, picture.end_ms - picture.start_ms)


def _frames_decode(found: Measured, aim: Wanted) -> Rule:
    return _same("every_frame_decodes", aim.frames, found.decoded_frames)


def _sound_rules(sound: Sound) -> list[Rule]:
    return [
        _same("audio_codec", "aac LC", f"{sound.codec} {sound.profile}"),
        _same(
            "audio_format",
            "48000 Hz, 2 channels",
            f"{sound.sample_rate} Hz, {sound.channels} channels",
        ),
    ]


def _loudness_rules(found: Measured) -> list[Rule]:
    """Loudness is a promise about sound that can be measured: not about silence or a blink.

    Sound whose peaks already stand at the ceiling can be made no louder without harm, so being too
    quiet is then only noted. A true peak above the limit distorts however short the clip is.
    """
    lufs, peak = found.loudness.lufs, found.loudness.peak_db
    peak_rule = _rule(
        "true_peak",
        f"<= {PEAK_LIMIT_DB:g} dBTP",
        "silence" if peak is None else f"{peak:.1f} dBTP",
        ok=peak is None or peak <= PEAK_LIMIT_DB,
    )
    expected = f"{TARGET_LUFS:g} ± {LOUDNESS_TOLERANCE_LU:g} LUFS"
    if lufs is None or lufs <= SILENT_LUFS:
        return [_rule("loudness", expected, "silence", ok=True, hard=False), peak_rule]
    off = lufs - TARGET_LUFS
    at_ceiling = peak is not None and peak > PEAK_CEILING_DB - 1
    counts = found.duration_ms >= LOUDNESS_COUNTS_FROM_MS and (off > 0 or not at_ceiling)
    near = abs(off) <= LOUDNESS_TOLERANCE_LU
    return [_rule("loudness", expected, f"{lufs:.1f} LUFS", ok=near, hard=counts), peak_rule]


def _sync(picture: Picture, sound: Sound) -> Rule:
    offset = abs(picture.start_ms - sound.start_ms)
    drift = abs(picture.end_ms - sound.end_ms)
    ok = offset <= SYNC_TOLERANCE_MS and drift <= DURATION_TOLERANCE_MS
    measured = f"{offset} ms at the start, {drift} ms at the end"
    expected = f"<= {SYNC_TOLERANCE_MS} ms and <= {DURATION_TOLERANCE_MS} ms"
    return _rule("sync", expected, measured, ok=ok)
