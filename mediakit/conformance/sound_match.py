"""Where the sound of a Short lies in its source, found by the shape of its loudness, for each kept range.

And whether there is sound where the source has some: a lost one has no shape that could be found anywhere.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import nan
from typing import TYPE_CHECKING

from mediakit.conformance.source_clock import FFMPEG, SourceClock, clip_at, output_of
from mediakit.cutting.cut_time import CutTime, Piece
from mediakit.ffmpeg.source_args import format_seconds, input_args

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SAMPLE_RATE = 8_000
ENVELOPE_MS = 10
MAX_OFFSET_MS = 1_000
TOLERANCE_MS = 100
MIN_CORRELATION = 0.6
# A second peak of the correlation that is so high makes the first one worth nothing: the sound repeats itself.
AMBIGUOUS_SHARE = 0.9
MIN_STEPS = 25  # a quarter of a second; less is like too much else
# A sound that is steadier than this tells nothing: a tone varies by 1 % of its mean, noise by 4 %, speech by 30 %.
MIN_SPREAD = 0.02
# Nothing is told by the ends of a range: there the Short is faded, and its codec begins.
EDGE_STEPS = 3
# Sound is looked for in blocks of this many steps. The source is heard where a block and its neighbours are at least as
# loud as AUDIBLE (of 16-bit samples, -46 dB) and not far below the loud ones of the range.
BLOCK_STEPS = TOLERANCE_MS // ENVELOPE_MS
AUDIBLE, NEAR_LOUD = 164, 0.25
# It is lost where the Short has less than a tenth of what its gain elsewhere makes of it. Reduced noise has a quarter.
# A whole Short below SILENT (-60 dB) has lost everything.
LOST_SHARE, SILENT = 0.1, 33
MIN_LOST_BLOCKS = 5
_RAW_AUDIO = ("-ac", "1", "-ar", str(SAMPLE_RATE), "-f", "s16le", "-")
_REACH = MAX_OFFSET_MS // ENVELOPE_MS


@dataclass(frozen=True, slots=True)
class _Part:
    """The envelope of a kept range in the Short, and the source's around it: longer by _REACH at both ends.

    Before the source begins, `around` is NaN: a range cannot be there.
    """

    own: Sequence[float]
    around: Sequence[float]


def source_envelopes(clock: SourceClock) -> tuple[list[float], ...]:
    """The envelope of the source's sound around what each input of a Short reads; none without sound.

    One begins up to MAX_OFFSET_MS before the input's first piece, and ends as much after its last one.
    """
    if clock.original.audio_index is None:
        return ()
    return tuple(_around(clock, group) for group in clock.original.cut.groups)


def sound_offsets(
    pcm: bytes, cut: CutTime, envelopes: Sequence[Sequence[float]], *, lead_ms: int = 0
) -> list[int | None]:
    """How much later in the source the sound of each kept range is, in ms; None where it cannot be measured.

    `pcm` is the sound of the Short as 16-bit mono samples at SAMPLE_RATE, `envelopes` are the `source_envelopes` of the
    range, and `lead_ms` is what the Short has before it.
    """
    if not envelopes:
        return [None] * len(cut.pieces)
    return [_best_offset(part) for part in _all_parts(pcm, cut, envelopes, lead_ms)]


def lost_sound_ms(
    pcm: bytes, cut: CutTime, envelopes: Sequence[Sequence[float]], *, lead_ms: int = 0
) -> int:
    """How long the source is heard without a pause where the Short is not, in ms; 0 for less than half a second.

    The values are those of `sound_offsets`. A Short under music is never silent: nothing is told about it.
    """
    if not envelopes:
        return 0
    return max(map(_lost_ms, _all_parts(pcm, cut, envelopes, lead_ms)), default=0)


def _all_parts(
    pcm: bytes, cut: CutTime, envelopes: Sequence[Sequence[float]], lead_ms: int
) -> Iterator[_Part]:
    own = _envelope(pcm)[round(lead_ms / ENVELOPE_MS) :]
    for group, around in zip(cut.groups, envelopes, strict=True):
        yield from _parts(own, around, cut, group)


def _around(clock: SourceClock, group: Sequence[Piece]) -> list[float]:
    cut = clock.original.cut
    start_ms, end_ms = cut.source_span_ms(group[0])[0], cut.source_span_ms(group[-1])[1]
    before_ms = min(MAX_OFFSET_MS, start_ms)
    from_ms = start_ms - before_ms
    given = _source_envelope(clock, from_ms, end_ms + MAX_OFFSET_MS - from_ms)
    return [nan] * ((MAX_OFFSET_MS - before_ms) // ENVELOPE_MS) + given


def _parts(
    own: Sequence[float], around: Sequence[float], cut: CutTime, group: Sequence[Piece]
) -> Iterator[_Part]:
    """The envelopes of the pieces that one input reads."""
    spans = [cut.source_span_ms(piece) for piece in group]
    for piece, (start_ms, end_ms) in zip(group, spans, strict=True):
        steps = max(1, (end_ms - start_ms) // ENVELOPE_MS)
        at = round(cut.frames_ms(piece.cut_first) / ENVELOPE_MS)
        low = (start_ms - spans[0][0]) // ENVELOPE_MS
        heard = own[at : at + steps]
        yield _Part(heard, around[low : low + len(heard) + 2 * _REACH])


def _source_envelope(clock: SourceClock, from_ms: int, length_ms: int) -> list[float]:
    original = clock.original
    clip = clip_at(clock, from_ms)
    trim = f"atrim=start={clip.timestamp}:duration={format_seconds(length_ms)}"
    trim += f",asetpts=PTS-{clip.timestamp}/TB,aresample=async=1:first_pts=0"
    argv = [*FFMPEG, "-vn", "-sn", "-dn", *clip.args, *input_args(original.source)]
    argv += ["-map", f"0:{original.audio_index}", "-af", trim, *_RAW_AUDIO]
    return _envelope(output_of(original, argv, original.source))


def _envelope(data: bytes) -> list[float]:
    """Mean level of each 10 ms of 16-bit sound, compressed so that loud places do not decide alone."""
    import numpy as np  # noqa: PLC0415 -- pages import this package, and never need it

    step = SAMPLE_RATE * ENVELOPE_MS // 1000
    pieces = len(data) // (2 * step)
    samples = np.frombuffer(data, "<i2", count=pieces * step).astype(np.float64)
    levels: list[float] = np.sqrt(np.abs(samples).reshape(pieces, step).mean(axis=1)).tolist()
    return levels


def _best_offset(part: _Part) -> int | None:
    """The offset at which a range is most like the source, in ms; None without a clear best one."""
    import numpy as np  # noqa: PLC0415 -- pages import this package, and never need it

    inner = slice(EDGE_STEPS, -EDGE_STEPS)
    short, given = np.asarray(part.own[inner]), np.asarray(part.around[inner])
    places = len(given) - len(short) + 1
    if len(short) < MIN_STEPS or places < 2 or short.std() <= MIN_SPREAD * short.mean():
        return None
    short = (short - short.mean()) / short.std()
    scores = np.zeros(places)
    for place in range(places):
        piece = given[place : place + len(short)]
        spread = piece.std()
        scores[place] = (
            ((piece - piece.mean()) @ short) / (len(short) * spread) if spread > 0 else 0
        )
    best = int(scores.argmax())
    apart = np.abs(np.arange(places) - best) * ENVELOPE_MS > TOLERANCE_MS
    rival = float(scores[apart].max()) if apart.any() else 0.0
    if scores[best] < MIN_CORRELATION or rival > AMBIGUOUS_SHARE * scores[best]:
        return None
    return (best - _REACH) * ENVELOPE_MS


def _lost_ms(part: _Part) -> int:
    """The longest time for which a range is silent and the source is not, in ms."""
    import numpy as np  # noqa: PLC0415 -- pages import this package, and never need it

    at = _REACH + (_best_offset(part) or 0) // ENVELOPE_MS
    heard, given = _blocks(part.own), _blocks(part.around[at : at + len(part.own)])
    count = min(len(heard), len(given))
    heard, given = heard[:count], given[:count]
    if count < MIN_LOST_BLOCKS:
        return 0
    # The least of a block and its neighbours: a sound that stands a little beside its place is not lost.
    edged = np.pad(given, 1, mode="edge")
    least = np.minimum(np.minimum(edged[:-2], edged[2:]), given)
    is_heard = (least >= AUDIBLE) & (least >= NEAR_LOUD * np.nanpercentile(given, 90))
    sounds = is_heard & (heard >= SILENT)
    gain = float(np.percentile(heard[sounds] / given[sounds], 90)) if sounds.any() else 0.0
    is_lost = is_heard & (heard < LOST_SHARE * gain * least) if gain else is_heard
    longest = run = 0
    for lost in is_lost:
        run = run + 1 if lost else 0
        longest = max(longest, run)
    return longest * TOLERANCE_MS if longest >= MIN_LOST_BLOCKS else 0


def _blocks(envelope: Sequence[float]) -> "NDArray[np.float64]":
    """Mean level of each block of an envelope, of 16-bit samples."""
    import numpy as np  # noqa: PLC0415 -- pages import this package, and never need it

    count = len(envelope) // BLOCK_STEPS
    levels = np.asarray(envelope[: count * BLOCK_STEPS], dtype=np.float64) ** 2
    means: NDArray[np.float64] = levels.reshape(count, BLOCK_STEPS).mean(axis=1)
    return means
