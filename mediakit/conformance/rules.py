"""The rules of a Short: each is a small function of one measurement.

A file that breaks a hard rule is not delivered; a broken soft rule is only reported. Rule names are
stable, because receipts are stored and read by programs. Texts for people are in `core.rule_labels`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from mediakit.audio.loudness import LIMITER_CEILING_DB, MAX_TRUE_PEAK_DB, SILENT_LUFS, TARGET_LUFS
from mediakit.conformance.joins import MAX_CLICK_DB, Join
from mediakit.conformance.measurement import AudioMeasurement, Measurement, VideoMeasurement
from mediakit.conformance.moment_check import MomentMatch
from mediakit.conformance.platforms import platforms_for
from mediakit.conformance.source_comparison import SourceMatch
from mediakit.conformance.value_text import (
    NONE,
    format_fps,
    format_kbit,
    format_mbit,
    format_ratio,
    format_seconds,
    format_spans,
)
from mediakit.cutting.cut_time import Span
from mediakit.framing.geometry import Size
from mediakit.framing.output_format import SHORT
from mediakit.probing.frame_rate import MAX_CLAIMABLE_MS, MAX_RATE, MAX_SHORT_MS, MIN_RATE

DURATION_TOLERANCE_MS = 100
MAX_KEYFRAME_GAP_MS = 500
SYNC_TOLERANCE_MS = 25  # the tracks' starts; one AAC packet is 21 ms
LOUDNESS_TOLERANCE_LU = 1.0
# The meter works on blocks of 400 ms: in a shorter clip its value says little about the perceived loudness.
MIN_LOUDNESS_CHECK_MS = 3_000
MAX_BITS_PER_S = 25_000_000  # of all tracks together
MIN_AUDIO_BITS_PER_S = 128_000
MAX_B_FRAMES = 2
MAX_FRAME_JITTER_MS = 3  # rounding evenly spaced frames to 1 ms
MIN_CAPTIONED_SHARE, HARD_MIN_CAPTIONED_SHARE = 0.9, 0.5
MAX_LETTERS_NAMED = 12
MIN_SUBJECT_SHARE = 0.9
BT709 = ("bt709", "bt709", "bt709", "tv")
SILENCE, AS_SOURCE, AS_REQUESTED = "silence", "as in the video", "as requested"


@dataclass(frozen=True, slots=True)
class RuleResult:
    """One rule applied to a file; `expected` and `measured` are short texts."""

    name: str
    ok: bool
    expected: str
    measured: str
    hard: bool = True


@dataclass(frozen=True, slots=True)
class ExpectedShort:
    """The expected properties of a Short; `max_video_bit_rate` in bits per second, `size` in px."""

    duration_ms: int
    frame_rate: Fraction
    frames: int
    max_video_bit_rate: int
    size: Size = SHORT.size


@dataclass(frozen=True, slots=True)
class Claims:
    """The inputs of rules that cannot be measured in the file; a rule whose input is None is not on the receipt.

    Spans are ms from the Short's start: of speech, and of captions on screen. `subject_share` is the share
    of samples (0 to 1) in which the subject's centre is inside the frame. `letter_share` is the share of the
    captions' letters that a font has, `missing_letters` the others, each once; `title_share` and
    `title_missing` are the same for the letters of the title. `removed_texts` are the words left out at each join.
    """

    speech_ms: tuple[Span, ...] | None = None
    captions_ms: tuple[Span, ...] | None = None
    subject_share: float | None = None
    letter_share: float = 1.0
    missing_letters: str = ""
    title_share: float | None = None
    title_missing: str = ""
    removed_texts: tuple[str, ...] = ()


def check_rules(
    measurement: Measurement,
    expectation: ExpectedShort | None,
    claims: Claims | None = None,
    source_match: SourceMatch | None = None,
    moment: MomentMatch | None = None,
    *,
    joins: Sequence[Join] = (),
    wanted: Size = SHORT.size,
) -> tuple[RuleResult, ...]:
    """Apply every rule that applies to the file.

    Without `expectation` nothing is known about how the file was made, and only the platforms' requirements for a
    picture of the size `wanted` count. `source_match` tells whether the source is also black, frozen or silent,
    `moment` which of its moments the file shows.
    """
    made = list(_file_rules(measurement, expectation))
    if measurement.video is not None:
        made += [
            *_video_rules(measurement.video, expectation, wanted),
            *_platform_rules(measurement, measurement.video),
            *_frame_count_rules(measurement, measurement.video, expectation),
        ]
        made += _visible_rules(measurement, source_match or SourceMatch())
    if measurement.audio is not None:
        made += [
            *_audio_rules(measurement, measurement.audio),
            *_loudness_rules(measurement, source_match or SourceMatch()),
        ]
    if measurement.video is not None and measurement.audio is not None:
        made.append(_sync_rule(measurement.video, measurement.audio))
    if moment is not None and moment.is_known:
        shown = str(moment)
        made.append(_result("right_moment", AS_REQUESTED, shown, ok=not moment.is_wrong))
    if moment is not None and moment.cards:
        right, cards = sum(moment.cards), len(moment.cards)
        made.append(_equal("cards_shown", f"{cards} / {cards}", f"{right} / {cards}"))
    return (*made, *_join_rules(joins), *_claim_rules(claims or Claims()))


def _result(name: str, expected: str, measured: str, *, ok: bool, hard: bool = True) -> RuleResult:
    return RuleResult(name, ok, expected, measured, hard)


def _equal(name: str, expected: object, measured: object) -> RuleResult:
    return _result(name, str(expected), str(measured), ok=expected == measured)


def _file_rules(
    measurement: Measurement, expectation: ExpectedShort | None
) -> Iterator[RuleResult]:
    moov, mdat = (_box_index(measurement.boxes, kind) for kind in ("moov", "mdat"))
    length = measurement.duration_ms
    bits = measurement.size_bytes * 8000 // max(1, length)
    is_mp4 = "mp4" in measurement.container.split(",")
    yield _result("container", "mp4", "mp4" if is_mp4 else measurement.container, ok=is_mp4)
    yield _equal("tracks", "audio, video", ", ".join(sorted(measurement.kinds)))
    if expectation is not None:
        near = abs(length - expectation.duration_ms) <= DURATION_TOLERANCE_MS
        yield _result(
            "duration", format_seconds(expectation.duration_ms), format_seconds(length), ok=near
        )
    # Players differ on whether a frame or a packet over the limit counts.
    over = length - MAX_SHORT_MS
    yield _result(
        "at_most_180_s",
        f"≤ {format_seconds(MAX_SHORT_MS)}",
        format_seconds(length),
        ok=over <= 0,
        hard=expectation is not None or over > DURATION_TOLERANCE_MS,
    )
    free = length <= MAX_CLAIMABLE_MS
    yield _result(
        "content_id",
        f"≤ {format_seconds(MAX_CLAIMABLE_MS)}",
        format_seconds(length),
        ok=free,
        hard=False,
    )
    shown = ", ".join(measurement.boxes) or NONE
    yield _result("index_first", "moov, mdat", shown, ok=moov < mdat)
    yield _equal("no_edit_lists", NONE, "present" if measurement.has_edit_list else NONE)
    yield _equal("no_source_metadata", NONE, ", ".join(measurement.foreign_tags) or NONE)
    yield _equal("decodes", NONE, "; ".join(measurement.scan.errors)[:300] or NONE)
    yield _result(
        "bit_rate",
        f"≤ {format_mbit(MAX_BITS_PER_S)}",
        format_mbit(bits),
        ok=bits <= MAX_BITS_PER_S,
    )


def _box_index(boxes: tuple[str, ...], kind: str) -> int:
    return boxes.index(kind) if kind in boxes else len(boxes)


def _video_rules(
    video: VideoMeasurement, expectation: ExpectedShort | None, wanted: Size
) -> Iterator[RuleResult]:
    rate, gap = video.frame_rate, video.widest_keyframe_gap_ms
    one_frame_ms = -(-1000 // rate) if rate else 0
    widest = MAX_KEYFRAME_GAP_MS + int(one_frame_ms)
    yield _equal("video_codec", "h264 High", f"{video.codec} {video.profile}".strip())
    yield from _size_rules(video, expectation, wanted)
    # Players take an unstated ratio for square.
    square = video.sar == 1 or (expectation is None and not video.sar)
    yield _result("square_pixels", "1:1", format_ratio(video.sar), ok=square)
    yield _equal("pixel_format", "yuv420p", video.pix_fmt)
    yield _equal("progressive", "progressive", video.field_order)
    yield _frame_rate_rule(video, expectation)
    yield _result("keyframes", f"≤ {format_seconds(widest)}", format_seconds(gap), ok=gap <= widest)
    yield _equal("closed_groups", NONE, str(video.open_groups or NONE))
    few = video.b_frames <= MAX_B_FRAMES
    yield _result("b_frames", f"≤ {MAX_B_FRAMES}", str(video.b_frames), ok=few)
    yield _equal("colour", " ".join(BT709), " ".join(video.colour))
    if expectation is not None:
        # x264 may spend one second's bits (its buffer) above the maximum rate, whatever the length.
        seconds = Fraction(max(1, video.end_ms - video.start_ms), 1000)
        max_bits = int(expectation.max_video_bit_rate * (1 + 1 / seconds) * Fraction(105, 100))
        bits = video_bit_rate(video)
        yield _result(
            "video_bit_rate", f"≤ {format_mbit(max_bits)}", format_mbit(bits), ok=bits <= max_bits
        )


def _frame_rate_rule(video: VideoMeasurement, expectation: ExpectedShort | None) -> RuleResult:
    """Check our Shorts for an exact, constant frame rate, and other files only for the platforms' range."""
    rate, (shortest, longest) = video.frame_rate, video.steps_ms
    inside = MIN_RATE <= rate <= MAX_RATE
    exact = (
        expectation is None or abs(rate - expectation.frame_rate) * 200 <= expectation.frame_rate
    )
    steady = longest - shortest <= MAX_FRAME_JITTER_MS
    expected = (
        f"{MIN_RATE}–{MAX_RATE} fps" if expectation is None else format_fps(expectation.frame_rate)
    )
    measured = format_fps(rate) if steady else f"{format_fps(rate)}, {shortest}–{longest} ms"
    hard = expectation is not None or not inside
    return _result("frame_rate", expected, measured, ok=inside and exact and steady, hard=hard)


def _size_rules(
    video: VideoMeasurement, expectation: ExpectedShort | None, wanted: Size
) -> Iterator[RuleResult]:
    """Check our Shorts for their own size. Of other files that should be Shorts, platforms require only that they are
    not wider than high.
    """
    wanted = expectation.size if expectation else wanted
    expected, size = f"{wanted.width}x{wanted.height}", f"{video.width}x{video.height}"
    if expectation is None and wanted == SHORT.size:
        wide = video.width * video.sar if video.sar else Fraction(video.width)
        yield _result("upright", "1:1–9:16", size, ok=wide <= video.height)
    yield _result("picture_size", expected, size, ok=size == expected, hard=expectation is not None)


def _platform_rules(measurement: Measurement, video: VideoMeasurement) -> Iterator[RuleResult]:
    """The limits of each platform that the picture's shape suits."""
    size = Size(max(1, round(video.width * (video.sar or 1))), max(1, video.height))
    found = (size, measurement.duration_ms, measurement.size_bytes)
    for platform in platforms_for(size):
        measured, ok = platform.measured(*found), platform.takes(*found)
        yield _result(f"fits_{platform.name}", platform.limits, measured, ok=ok, hard=False)


def video_bit_rate(video: VideoMeasurement) -> int:
    """Bits per second of the video packets alone."""
    return video.bytes * 8000 // max(1, video.end_ms - video.start_ms)


def _frame_count_rules(
    measurement: Measurement, video: VideoMeasurement, expectation: ExpectedShort | None
) -> Iterator[RuleResult]:
    """The number of decoded frames, compared with the expected one and with the container's length."""
    decoded = measurement.scan.frames
    yield _equal(
        "every_frame_decodes", expectation.frames if expectation else video.frames, decoded
    )
    if video.frame_rate:
        stated = video.end_ms - video.start_ms
        shown = round(decoded * 1000 / video.frame_rate)
        near = abs(stated - shown) <= DURATION_TOLERANCE_MS
        yield _result("picture_length", format_seconds(stated), format_seconds(shown), ok=near)


def _visible_rules(measurement: Measurement, source_match: SourceMatch) -> Iterator[RuleResult]:
    yield _span_rule(
        "no_black", measurement.scan.black_ms, measurement, like_source=source_match.black
    )
    yield _span_rule(
        "no_freeze", measurement.scan.frozen_ms, measurement, like_source=source_match.frozen
    )


def _span_rule(
    name: str, spans: Sequence[Span], measurement: Measurement, *, like_source: bool | None
) -> RuleResult:
    """A black, frozen or silent span is a soft failure, unless the source is known to differ."""
    expected = AS_SOURCE if spans and like_source is not None else NONE
    ok = not spans or like_source is True
    hard = bool(spans) and like_source is False
    return _result(name, expected, format_spans(spans, measurement.duration_ms), ok=ok, hard=hard)


def _audio_rules(measurement: Measurement, audio: AudioMeasurement) -> Iterator[RuleResult]:
    yield _equal("audio_codec", "aac LC", f"{audio.codec} {audio.profile}".strip())
    given = f"{audio.sample_rate / 1000:g} kHz, {audio.channels} ch"
    yield _equal("audio_format", "48 kHz, 2 ch", given)
    stated = audio.end_ms - audio.start_ms
    decoded = round(measurement.scan.samples * 1000 / max(1, audio.sample_rate))
    near = abs(stated - decoded) <= DURATION_TOLERANCE_MS
    yield _result("sound_length", format_seconds(stated), format_seconds(decoded), ok=near)
    silent = sum(end - start for start, end in measurement.scan.silent_ms)  # silence takes no bits
    if not _is_silent(measurement) and stated > silent:
        bits = audio.bytes * 8000 // (stated - silent)
        enough = bits * 20 >= MIN_AUDIO_BITS_PER_S * 19  # an encoder only aims at its rate
        yield _result(
            "audio_bit_rate",
            f"≥ {format_kbit(MIN_AUDIO_BITS_PER_S)}",
            format_kbit(bits),
            ok=enough,
            hard=False,
        )


def _is_silent(measurement: Measurement) -> bool:
    lufs = measurement.scan.loudness.lufs
    return lufs is None or lufs <= SILENT_LUFS


def _loudness_rules(measurement: Measurement, source_match: SourceMatch) -> Iterator[RuleResult]:
    """Loudness, true peak, clipping and silence. Loudness is a hard rule only where it is meaningful.

    Too quiet is a soft failure if the peaks are already at the ceiling, because more gain would do harm.
    A true peak above the limit is hard, because it distorts a clip of any length.
    """
    lufs, peak = measurement.scan.loudness.lufs, measurement.scan.loudness.peak_db
    expected = f"{TARGET_LUFS:g} ± {LOUDNESS_TOLERANCE_LU:g} LUFS"
    if lufs is None or _is_silent(measurement):
        yield _result("loudness", expected, SILENCE, ok=True, hard=False)
    else:
        off = lufs - TARGET_LUFS
        at_ceiling = peak is not None and peak > LIMITER_CEILING_DB - 1
        counts = measurement.duration_ms >= MIN_LOUDNESS_CHECK_MS and (off > 0 or not at_ceiling)
        near = abs(off) <= LOUDNESS_TOLERANCE_LU
        yield _result("loudness", expected, f"{lufs:.1f} LUFS", ok=near, hard=counts)
    yield _result(
        "true_peak",
        f"≤ {MAX_TRUE_PEAK_DB:g} dBTP",
        SILENCE if peak is None else f"{peak:.1f} dBTP",
        ok=peak is None or peak <= MAX_TRUE_PEAK_DB,
    )
    clipped = format_spans(measurement.scan.clipped_ms, measurement.duration_ms)
    yield _equal("no_clipping", NONE, clipped)
    yield _span_rule(
        "no_silence", measurement.scan.silent_ms, measurement, like_source=source_match.silent
    )


def _sync_rule(video: VideoMeasurement, audio: AudioMeasurement) -> RuleResult:
    offset, drift = audio.start_ms - video.start_ms, audio.end_ms - video.end_ms
    ok = abs(offset) <= SYNC_TOLERANCE_MS and abs(drift) <= DURATION_TOLERANCE_MS
    expected = f"≤ {SYNC_TOLERANCE_MS} ms / ≤ {DURATION_TOLERANCE_MS} ms"
    return _result("sync", expected, f"{offset:+d} ms / {drift:+d} ms", ok=ok)


def _join_rules(joins: Sequence[Join]) -> Iterator[RuleResult]:
    clicks = [join.click_db for join in joins if join.click_db is not None]
    if clicks:
        expected, worst = f"≤ {MAX_CLICK_DB:g} dB", max(clicks)
        measured = f"{worst:+.1f} dB / {len(clicks)}"
        yield _result("no_clicks", expected, measured, ok=worst <= MAX_CLICK_DB, hard=False)


def _claim_rules(claims: Claims) -> Iterator[RuleResult]:
    if claims.speech_ms and claims.captions_ms is not None:
        spoken = sum(end - start for start, end in claims.speech_ms)
        timed = overlap_ms(claims.speech_ms, claims.captions_ms) / max(1, spoken)
        share = min(timed, claims.letter_share)
        missing = claims.missing_letters[:MAX_LETTERS_NAMED]
        yield _result(
            "captions_shown",
            f"≥ {MIN_CAPTIONED_SHARE:.0%}",
            f"{share:.0%}, ∅ {missing}" if missing else f"{share:.0%}",
            ok=share >= MIN_CAPTIONED_SHARE and not missing,
            hard=share < HARD_MIN_CAPTIONED_SHARE,
        )
    if claims.title_share is not None:
        missing = claims.title_missing[:MAX_LETTERS_NAMED]
        yield _result(
            "title_shown",
            f"{1:.0%}",
            f"{claims.title_share:.0%}, ∅ {missing}" if missing else f"{claims.title_share:.0%}",
            ok=not missing,
            hard=claims.title_share < HARD_MIN_CAPTIONED_SHARE,
        )
    if claims.subject_share is not None:
        ok = claims.subject_share >= MIN_SUBJECT_SHARE
        expected, measured = f"≥ {MIN_SUBJECT_SHARE:.0%}", f"{claims.subject_share:.0%}"
        yield _result("subject_in_frame", expected, measured, ok=ok, hard=False)


def overlap_ms(spans: Sequence[Span], by: Sequence[Span]) -> int:
    """For how many ms of these spans one of the spans `by` overlaps them."""
    joined: list[Span] = []
    for start, end in sorted(by):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    both = ((span, other) for span in spans for other in joined)
    return sum(max(0, min(a[1], b[1]) - max(a[0], b[0])) for a, b in both)
