"""What a Short has to be: each rule a small function over one measurement.

A broken hard rule means that the file is not handed out; a broken soft one is only written down.
Names are stable: receipts are kept, and programs read them. Words for people are chosen elsewhere.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from mediakit.audio.loudness import LIMITER_CEILING_DB, MAX_TRUE_PEAK_DB, SILENT_LUFS, TARGET_LUFS
from mediakit.conformance.decode_scan import Span
from mediakit.conformance.measurement import AudioMeasurement, Measurement, VideoMeasurement
from mediakit.conformance.source_comparison import SourceMatch
from mediakit.framing.geometry import CANVAS
from mediakit.probing.frame_rate import MAX_CLAIMABLE_MS, MAX_RATE, MAX_SHORT_MS, MIN_RATE

DURATION_TOLERANCE_MS = 100
MAX_KEYFRAME_GAP_MS = 500
SYNC_TOLERANCE_MS = 25  # the tracks' starts; one AAC packet is 21 ms
LOUDNESS_TOLERANCE_LU = 1.0
# The meter works on blocks of 400 ms: a shorter clip's number says little about how it sounds.
MIN_LOUDNESS_CHECK_MS = 3_000
MAX_BITS_PER_S = 25_000_000  # a second, all tracks together
MIN_AUDIO_BITS_PER_S = 128_000
MAX_B_FRAMES = 2
MAX_FRAME_JITTER_MS = 3  # what rounding to 1 ms makes of even pictures
MIN_CAPTIONED_SHARE, HARD_MIN_CAPTIONED_SHARE = 0.9, 0.5
MIN_SUBJECT_SHARE = 0.9
BT709 = ("bt709", "bt709", "bt709", "tv")
NONE, SILENCE, AS_SOURCE = "none", "silence", "as in the video"


@dataclass(frozen=True, slots=True)
class RuleResult:
    """One promise, and what was found."""

    name: str
    ok: bool
    expected: str
    measured: str
    hard: bool = True


@dataclass(frozen=True, slots=True)
class ExpectedShort:
    """What a Short of this source and spec has to be; `max_video_bit_rate` in bits per second."""

    duration_ms: int
    frame_rate: Fraction
    frames: int
    max_video_bit_rate: int


@dataclass(frozen=True, slots=True)
class Claims:
    """What the file itself cannot tell; a rule whose input is None is not on the receipt.

    Spans in ms of the Short: when somebody speaks, and when captions are on screen.
    `subject_share` says in what share of the looks (0 to 1) the subject's centre was in the frame.
    """

    speech_ms: tuple[Span, ...] | None = None
    captions_ms: tuple[Span, ...] | None = None
    subject_share: float | None = None


def check_rules(
    found: Measurement,
    aim: ExpectedShort | None,
    claims: Claims | None = None,
    alike: SourceMatch | None = None,
) -> tuple[RuleResult, ...]:
    """Every rule that this file can be held to.

    Without `aim` nothing is known of how it was made, and only what platforms ask for counts. `alike`
    tells how the video itself is where the Short shows nothing.
    """
    made = list(_file_rules(found, aim))
    if found.picture is not None:
        made += [*_video_rules(found.picture, aim), *_frame_count_rules(found, found.picture, aim)]
        made += _visible_rules(found, alike or SourceMatch())
    if found.sound is not None:
        made += [*_audio_rules(found, found.sound), *_loudness_rules(found, alike or SourceMatch())]
    if found.picture is not None and found.sound is not None:
        made.append(_sync_rule(found.picture, found.sound))
    return (*made, *_claim_rules(claims or Claims()))


def _result(name: str, expected: str, measured: str, *, ok: bool, hard: bool = True) -> RuleResult:
    return RuleResult(name, ok, expected, measured, hard)


def _equal(name: str, expected: object, measured: object) -> RuleResult:
    return _result(name, str(expected), str(measured), ok=expected == measured)


def _file_rules(found: Measurement, aim: ExpectedShort | None) -> Iterator[RuleResult]:
    moov, mdat = (_box_index(found.boxes, kind) for kind in ("moov", "mdat"))
    length = found.duration_ms
    bits = found.size_bytes * 8000 // max(1, length)
    is_mp4 = "mp4" in found.container.split(",")
    yield _result("container", "mp4", "mp4" if is_mp4 else found.container, ok=is_mp4)
    yield _equal("tracks", "audio, video", ", ".join(sorted(found.kinds)))
    if aim is not None:
        near = abs(length - aim.duration_ms) <= DURATION_TOLERANCE_MS
        yield _result(
            "duration", _format_seconds(aim.duration_ms), _format_seconds(length), ok=near
        )
    # A frame or a packet over the limit counts for some players and not for others.
    over = length - MAX_SHORT_MS
    yield _result(
        "at_most_180_s",
        f"≤ {_format_seconds(MAX_SHORT_MS)}",
        _format_seconds(length),
        ok=over <= 0,
        hard=aim is not None or over > DURATION_TOLERANCE_MS,
    )
    free = length <= MAX_CLAIMABLE_MS
    yield _result(
        "content_id",
        f"≤ {_format_seconds(MAX_CLAIMABLE_MS)}",
        _format_seconds(length),
        ok=free,
        hard=False,
    )
    shown = ", ".join(found.boxes) or NONE
    yield _result("index_first", "moov, mdat", shown, ok=moov < mdat)
    yield _equal("no_edit_lists", NONE, "present" if found.has_edit_list else NONE)
    yield _equal("no_source_metadata", NONE, ", ".join(found.foreign_tags) or NONE)
    yield _equal("decodes", NONE, "; ".join(found.decoded.errors)[:300] or NONE)
    yield _result(
        "bit_rate",
        f"≤ {_format_mbit(MAX_BITS_PER_S)}",
        _format_mbit(bits),
        ok=bits <= MAX_BITS_PER_S,
    )


def _box_index(boxes: tuple[str, ...], kind: str) -> int:
    return boxes.index(kind) if kind in boxes else len(boxes)


def _video_rules(picture: VideoMeasurement, aim: ExpectedShort | None) -> Iterator[RuleResult]:
    rate, gap = picture.frame_rate, picture.widest_keyframe_gap_ms
    one_frame_ms = -(-1000 // rate) if rate else 0
    widest = MAX_KEYFRAME_GAP_MS + int(one_frame_ms)
    yield _equal("video_codec", "h264 High", f"{picture.codec} {picture.profile}".strip())
    yield from _size_rules(picture, aim)
    plain = picture.sar == 1 or (aim is None and not picture.sar)  # players take unsaid for square
    yield _result("square_pixels", "1:1", _format_ratio(picture.sar), ok=plain)
    yield _equal("pixel_format", "yuv420p", picture.pix_fmt)
    yield _equal("progressive", "progressive", picture.field_order)
    yield _frame_rate_rule(picture, aim)
    yield _result(
        "keyframes", f"≤ {_format_seconds(widest)}", _format_seconds(gap), ok=gap <= widest
    )
    yield _equal("closed_groups", NONE, str(picture.open_groups or NONE))
    few = picture.b_frames <= MAX_B_FRAMES
    yield _result("b_frames", f"≤ {MAX_B_FRAMES}", str(picture.b_frames), ok=few)
    yield _equal("colour", " ".join(BT709), " ".join(picture.colour))
    if aim is not None:
        # x264 may spend one second's worth (its buffer) on top of the ceiling, whatever the length.
        seconds = Fraction(max(1, picture.end_ms - picture.start_ms), 1000)
        ceiling = int(aim.max_video_bit_rate * (1 + 1 / seconds) * Fraction(105, 100))
        bits = video_bit_rate(picture)
        yield _result(
            "video_bit_rate", f"≤ {_format_mbit(ceiling)}", _format_mbit(bits), ok=bits <= ceiling
        )


def _frame_rate_rule(picture: VideoMeasurement, aim: ExpectedShort | None) -> RuleResult:
    """Ours is steady; of any other file platforms ask only that it is neither too low nor too high."""
    rate, (shortest, longest) = picture.frame_rate, picture.steps_ms
    inside = MIN_RATE <= rate <= MAX_RATE
    exact = aim is None or abs(rate - aim.frame_rate) * 200 <= aim.frame_rate
    steady = longest - shortest <= MAX_FRAME_JITTER_MS
    asked = f"{MIN_RATE}–{MAX_RATE} fps" if aim is None else _format_fps(aim.frame_rate)
    measured = _format_fps(rate) if steady else f"{_format_fps(rate)}, {shortest}–{longest} ms"
    hard = aim is not None or not inside
    return _result("frame_rate", asked, measured, ok=inside and exact and steady, hard=hard)


def _size_rules(picture: VideoMeasurement, aim: ExpectedShort | None) -> Iterator[RuleResult]:
    """Ours is 1080x1920; of any other file platforms ask only that it is not wider than high."""
    wanted, size = "{}x{}".format(*CANVAS), f"{picture.width}x{picture.height}"
    if aim is None:
        wide = picture.width * picture.sar if picture.sar else Fraction(picture.width)
        yield _result("upright", "1:1–9:16", size, ok=wide <= picture.height)
    yield _result("picture_size", wanted, size, ok=size == wanted, hard=aim is not None)


def video_bit_rate(picture: VideoMeasurement) -> int:
    """Bits per second of the picture's packets alone."""
    return picture.bytes * 8000 // max(1, picture.end_ms - picture.start_ms)


def _frame_count_rules(
    found: Measurement, picture: VideoMeasurement, aim: ExpectedShort | None
) -> Iterator[RuleResult]:
    """The pictures that came out, against what was ordered and against what the container says."""
    decoded = found.decoded.frames
    yield _equal("every_frame_decodes", aim.frames if aim else picture.frames, decoded)
    if picture.frame_rate:
        said = picture.end_ms - picture.start_ms
        shown = round(decoded * 1000 / picture.frame_rate)
        near = abs(said - shown) <= DURATION_TOLERANCE_MS
        yield _result("picture_length", _format_seconds(said), _format_seconds(shown), ok=near)


def _visible_rules(found: Measurement, alike: SourceMatch) -> Iterator[RuleResult]:
    yield _span_rule("no_black", found.decoded.black_ms, found, like_video=alike.black)
    yield _span_rule("no_freeze", found.decoded.frozen_ms, found, like_video=alike.frozen)


def _span_rule(
    name: str, spans: Sequence[Span], found: Measurement, *, like_video: bool | None
) -> RuleResult:
    """Nothing to be seen or heard: only noted, unless the video itself is known to be different."""
    expected = AS_SOURCE if spans and like_video is not None else NONE
    ok = not spans or like_video is True
    hard = bool(spans) and like_video is False
    return _result(name, expected, _format_spans(spans, found.duration_ms), ok=ok, hard=hard)


def _audio_rules(found: Measurement, sound: AudioMeasurement) -> Iterator[RuleResult]:
    yield _equal("audio_codec", "aac LC", f"{sound.codec} {sound.profile}".strip())
    given = f"{sound.sample_rate / 1000:g} kHz, {sound.channels} ch"
    yield _equal("audio_format", "48 kHz, 2 ch", given)
    said = sound.end_ms - sound.start_ms
    heard = round(found.decoded.samples * 1000 / max(1, sound.sample_rate))
    near = abs(said - heard) <= DURATION_TOLERANCE_MS
    yield _result("sound_length", _format_seconds(said), _format_seconds(heard), ok=near)
    silent = sum(end - start for start, end in found.decoded.silent_ms)  # which takes no bits
    if not _is_silent(found) and said > silent:
        bits = sound.bytes * 8000 // (said - silent)
        enough = bits * 20 >= MIN_AUDIO_BITS_PER_S * 19  # an encoder only aims at its rate
        yield _result(
            "audio_bit_rate",
            f"≥ {_format_kbit(MIN_AUDIO_BITS_PER_S)}",
            _format_kbit(bits),
            ok=enough,
            hard=False,
        )


def _is_silent(found: Measurement) -> bool:
    lufs = found.decoded.loudness.lufs
    return lufs is None or lufs <= SILENT_LUFS


def _loudness_rules(found: Measurement, alike: SourceMatch) -> Iterator[RuleResult]:
    """Loudness is a promise about sound that can be measured: not about silence or a blink.

    Sound whose peaks already stand at the ceiling can be made no louder without harm, so being too
    quiet is then only noted. A true peak above the limit distorts however short the clip is.
    """
    lufs, peak = found.decoded.loudness.lufs, found.decoded.loudness.peak_db
    expected = f"{TARGET_LUFS:g} ± {LOUDNESS_TOLERANCE_LU:g} LUFS"
    if lufs is None or _is_silent(found):
        yield _result("loudness", expected, SILENCE, ok=True, hard=False)
    else:
        off = lufs - TARGET_LUFS
        at_ceiling = peak is not None and peak > LIMITER_CEILING_DB - 1
        counts = found.duration_ms >= MIN_LOUDNESS_CHECK_MS and (off > 0 or not at_ceiling)
        near = abs(off) <= LOUDNESS_TOLERANCE_LU
        yield _result("loudness", expected, f"{lufs:.1f} LUFS", ok=near, hard=counts)
    yield _result(
        "true_peak",
        f"≤ {MAX_TRUE_PEAK_DB:g} dBTP",
        SILENCE if peak is None else f"{peak:.1f} dBTP",
        ok=peak is None or peak <= MAX_TRUE_PEAK_DB,
    )
    clipped = _format_spans(found.decoded.clipped_ms, found.duration_ms)
    yield _equal("no_clipping", NONE, clipped)
    yield _span_rule("no_silence", found.decoded.silent_ms, found, like_video=alike.silent)


def _sync_rule(picture: VideoMeasurement, sound: AudioMeasurement) -> RuleResult:
    offset, drift = sound.start_ms - picture.start_ms, sound.end_ms - picture.end_ms
    ok = abs(offset) <= SYNC_TOLERANCE_MS and abs(drift) <= DURATION_TOLERANCE_MS
    expected = f"≤ {SYNC_TOLERANCE_MS} ms / ≤ {DURATION_TOLERANCE_MS} ms"
    return _result("sync", expected, f"{offset:+d} ms / {drift:+d} ms", ok=ok)


def _claim_rules(claims: Claims) -> Iterator[RuleResult]:
    if claims.speech_ms and claims.captions_ms is not None:
        spoken = sum(end - start for start, end in claims.speech_ms)
        share = overlap_ms(claims.speech_ms, claims.captions_ms) / max(1, spoken)
        yield _result(
            "captions_shown",
            f"≥ {MIN_CAPTIONED_SHARE:.0%}",
            f"{share:.0%}",
            ok=share >= MIN_CAPTIONED_SHARE,
            hard=share < HARD_MIN_CAPTIONED_SHARE,
        )
    if claims.subject_share is not None:
        ok = claims.subject_share >= MIN_SUBJECT_SHARE
        asked, found = f"≥ {MIN_SUBJECT_SHARE:.0%}", f"{claims.subject_share:.0%}"
        yield _result("subject_in_frame", asked, found, ok=ok, hard=False)


def overlap_ms(spans: Sequence[Span], by: Sequence[Span]) -> int:
    """For how many ms of these spans one of the others lasts too."""
    joined: list[Span] = []
    for start, end in sorted(by):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return sum(_intersection_ms(span, other) for span in spans for other in joined)


def _intersection_ms(a: Span, b: Span) -> int:
    return max(0, min(a[1], b[1]) - max(a[0], b[0]))


def _format_seconds(ms: int) -> str:
    return f"{ms / 1000:.3f}".rstrip("0").rstrip(".") + " s"


def _format_spans(spans: Sequence[Span], duration_ms: int) -> str:
    """The first five stretches: "0–2.4 s, 7–9.1 s"."""
    if not spans:
        return NONE
    shown = [(start, min(end, max(duration_ms, start))) for start, end in spans[:5]]
    words = [f"{start / 1000:.3g}–{end / 1000:.4g} s" for start, end in shown]
    return ", ".join([*words, *(["…"] if len(spans) > 5 else [])])


def _format_ratio(sar: Fraction) -> str:
    return f"{sar.numerator}:{sar.denominator}" if sar else NONE


def _format_fps(rate: Fraction) -> str:
    return f"{float(rate):.5g} fps"


def _format_mbit(bits: int) -> str:
    return f"{bits / 1_000_000:.1f} Mbit/s"


def _format_kbit(bits: int) -> str:
    return f"{bits / 1000:.0f} kbit/s"
