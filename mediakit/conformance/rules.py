"""What a Short has to be: each rule a small function over one measurement.

A broken hard rule means that the file is not handed out; a broken soft one is only written down.
Names are stable: receipts are kept, and programs read them. Words for people are chosen elsewhere.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from mediakit.audio.loudness import PEAK_CEILING_DB, PEAK_LIMIT_DB, SILENT_LUFS, TARGET_LUFS
from mediakit.conformance.decode_scan import Span
from mediakit.conformance.measurement import Measured, Picture, Sound
from mediakit.conformance.source_comparison import Alike
from mediakit.framing.geometry import CANVAS
from mediakit.probing.frame_rate import MAX_CLAIMABLE_MS, MAX_RATE, MAX_SHORT_MS, MIN_RATE

DURATION_TOLERANCE_MS = 100
KEYFRAME_MS = 500
SYNC_TOLERANCE_MS = 25  # the tracks' starts; one AAC packet is 21 ms
LOUDNESS_TOLERANCE_LU = 1.0
# The meter works on blocks of 400 ms: a shorter clip's number says little about how it sounds.
LOUDNESS_COUNTS_FROM_MS = 3_000
MOST_BITS = 25_000_000  # a second, all tracks together
LEAST_SOUND_BITS = 128_000
B_FRAMES = 2
UNEVEN_MS = 3  # what rounding to 1 ms makes of even pictures
CAPTIONED_SHARE, UNCAPTIONED_SHARE = 0.9, 0.5
SUBJECT_SHARE = 0.9
BT709 = ("bt709", "bt709", "bt709", "tv")
NONE, SILENCE, AS_THE_VIDEO = "none", "silence", "as in the video"


@dataclass(frozen=True, slots=True)
class Rule:
    """One promise, and what was found."""

    name: str
    ok: bool
    expected: str
    measured: str
    hard: bool = True


@dataclass(frozen=True, slots=True)
class Wanted:
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


def rules(
    found: Measured, aim: Wanted | None, claims: Claims | None = None, alike: Alike | None = None
) -> tuple[Rule, ...]:
    """Every rule that this file can be held to.

    Without `aim` nothing is known of how it was made, and only what platforms ask for counts. `alike`
    tells how the video itself is where the Short shows nothing.
    """
    made = list(_file(found, aim))
    if found.picture is not None:
        made += [*_picture(found.picture, aim), *_frames(found, found.picture, aim)]
        made += _seen(found, alike or Alike())
    if found.sound is not None:
        made += [*_sound(found, found.sound), *_heard(found, alike or Alike())]
    if found.picture is not None and found.sound is not None:
        made.append(_sync(found.picture, found.sound))
    return (*made, *_claimed(claims or Claims()))


def _rule(name: str, expected: str, measured: str, *, ok: bool, hard: bool = True) -> Rule:
    return Rule(name, ok, expected, measured, hard)


def _same(name: str, expected: object, measured: object) -> Rule:
    return _rule(name, str(expected), str(measured), ok=expected == measured)


def _file(found: Measured, aim: Wanted | None) -> Iterator[Rule]:
    moov, mdat = (_place(found.boxes, kind) for kind in ("moov", "mdat"))
    length = found.duration_ms
    bits = found.size_bytes * 8000 // max(1, length)
    is_mp4 = "mp4" in found.container.split(",")
    yield _rule("container", "mp4", "mp4" if is_mp4 else found.container, ok=is_mp4)
    yield _same("tracks", "audio, video", ", ".join(sorted(found.kinds)))
    if aim is not None:
        near = abs(length - aim.duration_ms) <= DURATION_TOLERANCE_MS
        yield _rule("duration", _seconds(aim.duration_ms), _seconds(length), ok=near)
    # A frame or a packet over the limit counts for some players and not for others.
    over = length - MAX_SHORT_MS
    yield _rule(
        "at_most_180_s",
        f"≤ {_seconds(MAX_SHORT_MS)}",
        _seconds(length),
        ok=over <= 0,
        hard=aim is not None or over > DURATION_TOLERANCE_MS,
    )
    free = length <= MAX_CLAIMABLE_MS
    yield _rule(
        "content_id", f"≤ {_seconds(MAX_CLAIMABLE_MS)}", _seconds(length), ok=free, hard=False
    )
    shown = ", ".join(found.boxes) or NONE
    yield _rule("index_first", "moov, mdat", shown, ok=moov < mdat)
    yield _same("no_edit_lists", NONE, "present" if found.has_edit_list else NONE)
    yield _same("no_source_metadata", NONE, ", ".join(found.foreign_tags) or NONE)
    yield _same("decodes", NONE, "; ".join(found.decoded.errors)[:300] or NONE)
    yield _rule("bit_rate", f"≤ {_mbit(MOST_BITS)}", _mbit(bits), ok=bits <= MOST_BITS)


def _place(boxes: tuple[str, ...], kind: str) -> int:
    return boxes.index(kind) if kind in boxes else len(boxes)


def _picture(picture: Picture, aim: Wanted | None) -> Iterator[Rule]:
    rate, gap = picture.frame_rate, picture.widest_keyframe_gap_ms
    one_frame_ms = -(-1000 // rate) if rate else 0
    widest = KEYFRAME_MS + int(one_frame_ms)
    yield _same("video_codec", "h264 High", f"{picture.codec} {picture.profile}".strip())
    yield from _size(picture, aim)
    plain = picture.sar == 1 or (aim is None and not picture.sar)  # players take unsaid for square
    yield _rule("square_pixels", "1:1", _shape(picture.sar), ok=plain)
    yield _same("pixel_format", "yuv420p", picture.pix_fmt)
    yield _same("progressive", "progressive", picture.field_order)
    yield _rate(picture, aim)
    yield _rule("keyframes", f"≤ {_seconds(widest)}", _seconds(gap), ok=gap <= widest)
    yield _same("closed_groups", NONE, str(picture.open_groups or NONE))
    few = picture.b_frames <= B_FRAMES
    yield _rule("b_frames", f"≤ {B_FRAMES}", str(picture.b_frames), ok=few)
    yield _same("colour", " ".join(BT709), " ".join(picture.colour))
    if aim is not None:
        # x264 may spend one second's worth (its buffer) on top of the ceiling, whatever the length.
        seconds = Fraction(max(1, picture.end_ms - picture.start_ms), 1000)
        ceiling = int(aim.max_video_bit_rate * (1 + 1 / seconds) * Fraction(105, 100))
        bits = video_bit_rate(picture)
        yield _rule("video_bit_rate", f"≤ {_mbit(ceiling)}", _mbit(bits), ok=bits <= ceiling)


def _rate(picture: Picture, aim: Wanted | None) -> Rule:
    """Ours is steady; of any other file platforms ask only that it is neither too low nor too high."""
    rate, (shortest, longest) = picture.frame_rate, picture.steps_ms
    inside = MIN_RATE <= rate <= MAX_RATE
    exact = aim is None or abs(rate - aim.frame_rate) * 200 <= aim.frame_rate
    steady = longest - shortest <= UNEVEN_MS
    asked = f"{MIN_RATE}–{MAX_RATE} fps" if aim is None else _fps(aim.frame_rate)
    measured = _fps(rate) if steady else f"{_fps(rate)}, {shortest}–{longest} ms"
    hard = aim is not None or not inside
    return _rule("frame_rate", asked, measured, ok=inside and exact and steady, hard=hard)


def _size(picture: Picture, aim: Wanted | None) -> Iterator[Rule]:
    """Ours is 1080x1920; of any other file platforms ask only that it is not wider than high."""
    wanted, size = "{}x{}".format(*CANVAS), f"{picture.width}x{picture.height}"
    if aim is None:
        wide = picture.width * picture.sar if picture.sar else Fraction(picture.width)
        yield _rule("upright", "1:1–9:16", size, ok=wide <= picture.height)
    yield _rule("picture_size", wanted, size, ok=size == wanted, hard=aim is not None)


def video_bit_rate(picture: Picture) -> int:
    """Bits per second of the picture's packets alone."""
    return picture.bytes * 8000 // max(1, picture.end_ms - picture.start_ms)


def _frames(found: Measured, picture: Picture, aim: Wanted | None) -> Iterator[Rule]:
    """The pictures that came out, against what was ordered and against what the container says."""
    decoded = found.decoded.frames
    yield _same("every_frame_decodes", aim.frames if aim else picture.frames, decoded)
    if picture.frame_rate:
        said = picture.end_ms - picture.start_ms
        shown = round(decoded * 1000 / picture.frame_rate)
        near = abs(said - shown) <= DURATION_TOLERANCE_MS
        yield _rule("picture_length", _seconds(said), _seconds(shown), ok=near)


def _seen(found: Measured, alike: Alike) -> Iterator[Rule]:
    yield _stretches("no_black", found.decoded.black_ms, found, like_video=alike.black)
    yield _stretches("no_freeze", found.decoded.frozen_ms, found, like_video=alike.frozen)


def _stretches(
    name: str, spans: Sequence[Span], found: Measured, *, like_video: bool | None
) -> Rule:
    """Nothing to be seen or heard: only noted, unless the video itself is known to be different."""
    expected = AS_THE_VIDEO if spans and like_video is not None else NONE
    ok = not spans or like_video is True
    hard = bool(spans) and like_video is False
    return _rule(name, expected, _spans(spans, found.duration_ms), ok=ok, hard=hard)


def _sound(found: Measured, sound: Sound) -> Iterator[Rule]:
    yield _same("audio_codec", "aac LC", f"{sound.codec} {sound.profile}".strip())
    given = f"{sound.sample_rate / 1000:g} kHz, {sound.channels} ch"
    yield _same("audio_format", "48 kHz, 2 ch", given)
    said = sound.end_ms - sound.start_ms
    heard = round(found.decoded.samples * 1000 / max(1, sound.sample_rate))
    near = abs(said - heard) <= DURATION_TOLERANCE_MS
    yield _rule("sound_length", _seconds(said), _seconds(heard), ok=near)
    silent = sum(end - start for start, end in found.decoded.silent_ms)  # which takes no bits
    if not _is_silent(found) and said > silent:
        bits = sound.bytes * 8000 // (said - silent)
        enough = bits * 20 >= LEAST_SOUND_BITS * 19  # an encoder only aims at its rate
        yield _rule(
            "audio_bit_rate", f"≥ {_kbit(LEAST_SOUND_BITS)}", _kbit(bits), ok=enough, hard=False
        )


def _is_silent(found: Measured) -> bool:
    lufs = found.decoded.loudness.lufs
    return lufs is None or lufs <= SILENT_LUFS


def _heard(found: Measured, alike: Alike) -> Iterator[Rule]:
    """Loudness is a promise about sound that can be measured: not about silence or a blink.

    Sound whose peaks already stand at the ceiling can be made no louder without harm, so being too
    quiet is then only noted. A true peak above the limit distorts however short the clip is.
    """
    lufs, peak = found.decoded.loudness.lufs, found.decoded.loudness.peak_db
    expected = f"{TARGET_LUFS:g} ± {LOUDNESS_TOLERANCE_LU:g} LUFS"
    if lufs is None or _is_silent(found):
        yield _rule("loudness", expected, SILENCE, ok=True, hard=False)
    else:
        off = lufs - TARGET_LUFS
        at_ceiling = peak is not None and peak > PEAK_CEILING_DB - 1
        counts = found.duration_ms >= LOUDNESS_COUNTS_FROM_MS and (off > 0 or not at_ceiling)
        near = abs(off) <= LOUDNESS_TOLERANCE_LU
        yield _rule("loudness", expected, f"{lufs:.1f} LUFS", ok=near, hard=counts)
    yield _rule(
        "true_peak",
        f"≤ {PEAK_LIMIT_DB:g} dBTP",
        SILENCE if peak is None else f"{peak:.1f} dBTP",
        ok=peak is None or peak <= PEAK_LIMIT_DB,
    )
    clipped = _spans(found.decoded.clipped_ms, found.duration_ms)
    yield _same("no_clipping", NONE, clipped)
    yield _stretches("no_silence", found.decoded.silent_ms, found, like_video=alike.silent)


def _sync(picture: Picture, sound: Sound) -> Rule:
    offset, drift = sound.start_ms - picture.start_ms, sound.end_ms - picture.end_ms
    ok = abs(offset) <= SYNC_TOLERANCE_MS and abs(drift) <= DURATION_TOLERANCE_MS
    expected = f"≤ {SYNC_TOLERANCE_MS} ms / ≤ {DURATION_TOLERANCE_MS} ms"
    return _rule("sync", expected, f"{offset:+d} ms / {drift:+d} ms", ok=ok)


def _claimed(claims: Claims) -> Iterator[Rule]:
    if claims.speech_ms and claims.captions_ms is not None:
        spoken = sum(end - start for start, end in claims.speech_ms)
        share = covered(claims.speech_ms, claims.captions_ms) / max(1, spoken)
        yield _rule(
            "captions_shown",
            f"≥ {CAPTIONED_SHARE:.0%}",
            f"{share:.0%}",
            ok=share >= CAPTIONED_SHARE,
            hard=share < UNCAPTIONED_SHARE,
        )
    if claims.subject_share is not None:
        ok = claims.subject_share >= SUBJECT_SHARE
        asked, found = f"≥ {SUBJECT_SHARE:.0%}", f"{claims.subject_share:.0%}"
        yield _rule("subject_in_frame", asked, found, ok=ok, hard=False)


def covered(spans: Sequence[Span], by: Sequence[Span]) -> int:
    """For how many ms of these spans one of the others lasts too."""
    joined: list[Span] = []
    for start, end in sorted(by):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return sum(_overlap(span, other) for span in spans for other in joined)


def _overlap(a: Span, b: Span) -> int:
    return max(0, min(a[1], b[1]) - max(a[0], b[0]))


def _seconds(ms: int) -> str:
    return f"{ms / 1000:.3f}".rstrip("0").rstrip(".") + " s"


def _spans(spans: Sequence[Span], duration_ms: int) -> str:
    """The first five stretches: "0–2.4 s, 7–9.1 s"."""
    if not spans:
        return NONE
    shown = [(start, min(end, max(duration_ms, start))) for start, end in spans[:5]]
    words = [f"{start / 1000:.3g}–{end / 1000:.4g} s" for start, end in shown]
    return ", ".join([*words, *(["…"] if len(spans) > 5 else [])])


def _shape(sar: Fraction) -> str:
    return f"{sar.numerator}:{sar.denominator}" if sar else NONE


def _fps(rate: Fraction) -> str:
    return f"{float(rate):.5g} fps"


def _mbit(bits: int) -> str:
    return f"{bits / 1_000_000:.1f} Mbit/s"


def _kbit(bits: int) -> str:
    return f"{bits / 1000:.0f} kbit/s"
