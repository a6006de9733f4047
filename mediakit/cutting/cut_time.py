"""Cut time: the time of a Short of which only the kept ranges of the source are played, from 0.

All times of a Short (captions, crop plan, faces, the receipt's spans) are cut time. It is made once from the kept
ranges and exact in frames: picture, sound and words are moved by the same whole frames, so nothing can drift apart.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import accumulate, pairwise

from mediakit.media_info import MediaInfo
from mediakit.probing.frame_rate import frame_count, max_frame_count, output_rate

Span = tuple[int, int]

MAX_RANGES = 200
# A shorter range is less than a syllable, and at 24 frames a second hardly two pictures.
MIN_RANGE_MS = 100
# Ranges further apart than this are read by inputs of their own: seeking costs about as much as decoding so much.
MAX_GAP_MS = 10_000
# Each input holds the pictures of a decoder, 20 of them or so: together 1 GB at 12 bits a pixel.
MAX_INPUTS, MAX_INPUT_PIXELS = 16, 16 * 1920 * 1080
# What is decoded at most, with the gaps in it, to keep ranges that lie scattered.
MAX_DECODED_MS = 30 * 60_000


@dataclass(frozen=True, slots=True)
class Piece:
    """A kept range in whole frames of the Short's rate.

    `base_ms` is the source time of its group's frame 0, `first` its first frame from there. `cut_first` is its first
    frame in cut time.
    """

    base_ms: int
    first: int
    frames: int
    cut_first: int

    @property
    def end(self) -> int:
        """The frame after its last one, from the group's frame 0."""
        return self.first + self.frames

    @property
    def cut_end(self) -> int:
        """The frame after its last one, in cut time."""
        return self.cut_first + self.frames


@dataclass(frozen=True, slots=True)
class CutTime:
    """The kept ranges of a source as consecutive pieces, at the Short's frame rate."""

    rate: Fraction
    pieces: tuple[Piece, ...]

    @property
    def frames(self) -> int:
        """The number of frames of the Short."""
        return self.pieces[-1].cut_end

    @property
    def duration_ms(self) -> int:
        """The length of the Short: its whole frames."""
        return round(self.frames * 1000 / self.rate)

    @property
    def groups(self) -> tuple[tuple[Piece, ...], ...]:
        """The pieces by the input that reads them: those of one `base_ms` together."""
        found: list[list[Piece]] = []
        for piece in self.pieces:
            if found and found[-1][0].base_ms == piece.base_ms:
                found[-1].append(piece)
            else:
                found.append([piece])
        return tuple(tuple(group) for group in found)

    @property
    def joins(self) -> tuple[tuple[Piece, Piece], ...]:
        """The pieces before and after each join."""
        return tuple(pairwise(self.pieces))

    @property
    def joins_ms(self) -> tuple[Span, ...]:
        """The range of the source that is left out at each join."""
        return tuple(
            (self.source_span_ms(before)[1], self.source_span_ms(after)[0])
            for before, after in self.joins
        )

    def frames_ms(self, frames: int) -> Fraction:
        """How long so many frames last, in ms."""
        return frames * 1000 / self.rate

    def cut_span_ms(self, piece: Piece) -> Span:
        """Start and end of a piece in cut time."""
        return round(self.frames_ms(piece.cut_first)), round(self.frames_ms(piece.cut_end))

    def source_span_ms(self, piece: Piece) -> Span:
        """Start and end of a piece in the source."""
        return (
            piece.base_ms + round(self.frames_ms(piece.first)),
            piece.base_ms + round(self.frames_ms(piece.end)),
        )

    def piece_at_source(self, source_ms: int) -> Piece | None:
        """The piece that holds a time of the source; None when the time is not kept."""
        for piece in self.pieces:
            start_ms, end_ms = self.source_span_ms(piece)
            if start_ms <= source_ms < end_ms:
                return piece
        return None

    def piece_at(self, cut_ms: int) -> Piece:
        """The piece that plays at a time of the Short; the first and the last one beyond its ends."""
        starts = [self.cut_span_ms(piece)[0] for piece in self.pieces]
        return self.pieces[max(0, bisect_right(starts, cut_ms) - 1)]

    def to_cut_ms(self, source_ms: int) -> int | None:
        """A time of the source in cut time; None when it is not kept."""
        piece = self.piece_at_source(source_ms)
        return None if piece is None else self.place_in(piece, source_ms)

    def place_in(self, piece: Piece, source_ms: int) -> int:
        """A time of the source in cut time, moved to the nearer end of the piece where it lies outside."""
        start_ms, end_ms = self.cut_span_ms(piece)
        moved = source_ms - piece.base_ms + self.frames_ms(piece.cut_first - piece.first)
        return min(max(round(moved), start_ms), end_ms)

    def to_source_ms(self, cut_ms: int) -> int:
        """The time of the source that plays at a time of the Short."""
        piece = self.piece_at(cut_ms)
        return piece.base_ms + round(cut_ms - self.frames_ms(piece.cut_first - piece.first))

    def source_spans_ms(self, start_ms: int, end_ms: int) -> tuple[Span, ...]:
        """The ranges of the source that play between two times of the Short."""
        found = []
        for piece in self.pieces:
            low, high = self.cut_span_ms(piece)
            low, high = max(low, start_ms), min(high, end_ms)
            if low < high:
                at = self.to_source_ms(low)
                found.append((at, at + high - low))
        return tuple(found)

    def samples(self, piece: Piece, sample_rate: int) -> tuple[int, int]:
        """The first sample of a piece, from its group's frame 0, and the number of its samples.

        The samples of all pieces before a piece end where its picture begins, to half a sample.
        """
        per_frame = sample_rate / self.rate
        length = round(piece.cut_end * per_frame) - round(piece.cut_first * per_frame)
        return round(piece.first * per_frame), length


def join_touching(ranges: Sequence[Span]) -> tuple[Span, ...]:
    """The ranges, with those that follow without a gap made one."""
    found: list[Span] = []
    for start_ms, end_ms in ranges:
        if found and found[-1][1] == start_ms:
            found[-1] = (found[-1][0], end_ms)
        else:
            found.append((start_ms, end_ms))
    return tuple(found)


def joined_spans(spans: Sequence[Span]) -> tuple[Span, ...]:
    """The spans that are not empty in the order of time, with those that touch or overlap as one."""
    found: list[Span] = []
    for low, high in sorted(spans):
        if found and low <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], high))
        elif low < high:
            found.append((low, high))
    return tuple(found)


def trim_ranges(ranges: Sequence[Span], start_ms: int, end_ms: int) -> tuple[Span, ...]:
    """The ranges with other outer ends: shortened, or their first and last one lengthened."""
    inside = [(max(low, start_ms), min(high, end_ms)) for low, high in ranges]
    inside = [(low, high) for low, high in inside if low < high]
    if not inside:
        return ((start_ms, end_ms),)
    if start_ms < ranges[0][0]:
        inside[0] = (start_ms, inside[0][1])
    if end_ms > ranges[-1][1]:
        inside[-1] = (inside[-1][0], end_ms)
    return tuple(inside)


def kept_ms(ranges: Sequence[Span]) -> int:
    """The length of all ranges together."""
    return sum(end_ms - start_ms for start_ms, end_ms in ranges)


def cut_time(info: MediaInfo, ranges: Sequence[Span]) -> CutTime:
    """The cut time of ranges in ms of the source: in order, without overlap, none empty.

    Each edge moves to the nearest frame of the Short's rate, so one range begins on the source's nearest frame and has
    the nearest number of frames.
    """
    rate, ranges = output_rate(info.video), join_touching(ranges)
    if len(ranges) == 1:
        start_ms, end_ms = ranges[0]
        frames = frame_count(end_ms - start_ms, rate)
        return CutTime(rate, (Piece(nearest_frame_ms(info, start_ms), 0, frames, 0),))
    pieces: list[Piece] = []
    for group in _groups(ranges, max_inputs(info)):
        pieces += _pieces(group, nearest_frame_ms(info, group[0][0]), rate)
    return CutTime(rate, _placed(_shortened(pieces, ranges, rate)))


def nearest_frame_ms(info: MediaInfo, start_ms: int) -> int:
    """The time of the source's frame nearest to the start, where the Short really begins.

    From a start between two frames the first frame would be shown up to half a frame early or late,
    and audio from the exact start would be out of sync by as much. Of a source with few frames a second the Short
    shows each one several times: there the nearest of its own frames counts, not one that may be half a second away.
    """
    video = info.video
    if video.is_vfr or not video.frame_rate:
        return start_ms
    rate = max(video.frame_rate, output_rate(video))
    number = round(Fraction(start_ms - video.start_ms, 1000) * rate)
    nearest = video.start_ms + round(number * 1000 / rate)
    return nearest if 0 <= nearest < info.duration_ms else start_ms


def max_inputs(info: MediaInfo) -> int:
    """How many inputs may read the source at once: fewer, the larger its pictures are."""
    pixels = max(1, info.video.width * info.video.height)
    return max(2, min(MAX_INPUTS, MAX_INPUT_PIXELS // pixels))


def decoded_ms(info: MediaInfo, ranges: Sequence[Span]) -> int:
    """How much of the source is decoded to keep the ranges: also the gaps inside each input."""
    groups = _groups(join_touching(ranges), max_inputs(info))
    return sum(group[-1][1] - group[0][0] for group in groups)


def _groups(ranges: Sequence[Span], most: int) -> list[list[Span]]:
    """The ranges by input: a new one begins at each of the `most` - 1 widest gaps above MAX_GAP_MS."""
    gaps = [later[0] - sooner[1] for sooner, later in pairwise(ranges)]
    wide = sorted((gap for gap in gaps if gap > MAX_GAP_MS), reverse=True)[: most - 1]
    groups = [[ranges[0]]]
    for gap, later in zip(gaps, ranges[1:], strict=True):
        if gap in wide:
            wide.remove(gap)
            groups.append([later])
        else:
            groups[-1].append(later)
    return groups


def _pieces(group: Sequence[Span], base_ms: int, rate: Fraction) -> list[Piece]:
    """The ranges of one group in frames; where no whole frame lies between two ranges they are one piece."""
    pieces: list[Piece] = []
    for start_ms, end_ms in group:
        first = max(0, round((start_ms - base_ms) * rate / 1000))
        end = max(first + 1, round((end_ms - base_ms) * rate / 1000))
        if pieces and first <= pieces[-1].end:
            pieces[-1] = replace(pieces[-1], frames=max(end, pieces[-1].end) - pieces[-1].first)
        else:
            pieces.append(Piece(base_ms, first, end - first, 0))
    return pieces


def _shortened(pieces: Sequence[Piece], ranges: Sequence[Span], rate: Fraction) -> list[Piece]:
    """The pieces without frames beyond a limit that the ranges themselves keep.

    Those that gained most by rounding lose their last frame.
    """
    most = max_frame_count(kept_ms(ranges), rate)
    excess = 0 if most is None else sum(piece.frames for piece in pieces) - most
    if excess <= 0:
        return list(pieces)
    ends = [end_ms for _, end_ms in ranges]

    def gained_ms(at: int) -> Fraction:
        end_ms = pieces[at].base_ms + pieces[at].end * 1000 / rate
        return end_ms - min(ends, key=lambda end: abs(end - end_ms))

    spare = [at for at, piece in enumerate(pieces) if piece.frames > 1]
    losing = set(sorted(spare, key=gained_ms, reverse=True)[:excess])
    return [replace(piece, frames=piece.frames - (at in losing)) for at, piece in enumerate(pieces)]


def _placed(pieces: Sequence[Piece]) -> tuple[Piece, ...]:
    """The pieces one after another in cut time."""
    firsts = accumulate((piece.frames for piece in pieces), initial=0)
    return tuple(
        replace(piece, cut_first=first) for piece, first in zip(pieces, firsts, strict=False)
    )
