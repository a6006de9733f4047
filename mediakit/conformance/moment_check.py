"""Which moment of its source a Short shows: an independent check of the one thing that its own file cannot tell.

The encode reaches its range by `mediakit.ffmpeg.source_args.input_args_at`, which seeks and shifts timestamps. This
check leaves the timestamps as they stand in the file and picks frames and samples by them; in a container without an
index it reaches them by byte position, found by bisection, and not by a seek.

- Picture: at three moments, or at one where the container has an index, frames of the source from 0.4 s before to 0.4 s
  after go through the Short's own framing. Where they move, the Short's frame must be nearer to those of its own moment
  than to the others, and nearer than these are to each other.
- Sound: the envelope of the Short's sound is correlated with that of the source over offsets up to one second.
  A Short that is silent for half a second where the source is heard has lost its sound.

A still picture and a steady tone look the same at every moment; then nothing is said.

What the source holds there (`MomentReference`) is read without the Short, so it can be read while the Short is made.
Of the Short the decode that verifies it leaves frames and sound (`wanted_of_short`).
"""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import chain
from math import ceil

from mediakit.conformance.card_check import card_frames, card_middles, cards_shown
from mediakit.conformance.decode_extracts import Extracts, small_grey_filters, split_frames
from mediakit.conformance.sound_match import (
    SAMPLE_RATE,
    TOLERANCE_MS,
    lost_sound_ms,
    sound_offsets,
    source_envelopes,
)
from mediakit.conformance.source_clock import (
    FFMPEG,
    SourceClock,
    clip_at,
    output_of,
)
from mediakit.conformance.source_comparison import SourceRange
from mediakit.cutting.cut_time import CutTime, Piece
from mediakit.errors import ToolError
from mediakit.ffmpeg.source_args import WITHOUT_INDEX, format_seconds, input_args, thread_args
from mediakit.framing.crop_filters import crop_plan_graph, still_plan
from mediakit.framing.geometry import SMART_CROP, Size, framing_graph
from mediakit.media_info import MediaInfo, Source
from mediakit.render.short import CutPlace, ShortSpec, cut_place

# The framing is drawn at a size at which rounding to whole pixels does not move it, and compared smaller.
DRAWN_SHORT_SIDE_PX, SMALL_SHORT_SIDE_PX = 216, 54
# Source frames are taken at this distance; the middle one is the moment to check.
STEP_MS = 33  # no frame of the usual rates is left out: one of a burnt-in clock is like none of its neighbours
FRAMES = 25
# Those at most OWN_STEPS from the middle are the moment itself, since a Short's frames lie on a grid of their own.
# Those at least OTHER_STEPS away are other moments.
OWN_STEPS, OTHER_STEPS = 3, 9
# Mean difference of luma (0 to 255), over the points that move most, from which two frames count as different moments.
MIN_MOTION = 6.0
MOVING_SHARE = 0.1
# The Short's frame must be this much nearer to its own moment than to its neighbours.
NEARER = 0.8
# Alone, the sound of a shorter range can prove its place but not disprove it: it may be like another by chance.
MIN_DISPROVING_MS = 2_000


@dataclass(frozen=True, slots=True)
class MomentMatch:
    """How well a Short's pictures and sound match the requested range of its source.

    `right` and `wrong` count the checked moments at which the Short's frame is nearest to its own moment, or nearer to
    another one. `sound_ms` is how much later the Short's sound stands in the source; None when it cannot be measured.
    Of a Short of several kept ranges it is the largest of theirs, `ranges` is their number, and `proven` and
    `misplaced` count those that were found at their own moment, or at another one. `cards` says for each card whether
    the file shows it. `lost_ms` is how long the Short is silent where the source is heard.
    """

    right: int = 0
    wrong: int = 0
    sound_ms: int | None = None
    ranges: int = 0
    proven: int = 0
    misplaced: int = 0
    cards: tuple[bool, ...] = ()
    lost_ms: int = 0

    @property
    def is_wrong(self) -> bool:
        """Whether the Short shows another moment: picture and sound may not contradict each other in that.

        Or whether its sound is lost, whatever the picture shows.
        """
        if self.lost_ms:
            return True
        if self.ranges:
            return self.misplaced > 0
        if self.sound_ms is None:
            return self.wrong > self.right
        return abs(self.sound_ms) > TOLERANCE_MS and self.wrong >= self.right

    @property
    def is_known(self) -> bool:
        """Whether picture or sound could tell."""
        return self.right + self.wrong + self.lost_ms > 0 or self.sound_ms is not None

    def __str__(self) -> str:
        """In words for the receipt: "2 of 3 frames, sound +0.01 s, 20 of 20 ranges", without what cannot tell."""
        told = self.right + self.wrong
        parts = [f"{self.right} of {told} frames"] if told else []
        parts += [] if self.sound_ms is None else [f"sound {self.sound_ms / 1000:+.2f} s"]
        parts += [f"{self.proven} of {self.ranges} ranges"] if self.ranges else []
        parts += [f"{self.lost_ms / 1000:.1f} s of sound lost"] if self.lost_ms else []
        return ", ".join(parts)


@dataclass(frozen=True, slots=True)
class MomentReference:
    """What the source holds where its Short is cut from; `failed` when it could not be read.

    `envelopes` are those of its sound, one for each input of the Short. `frames` are small grey frames around times of
    the Short in ms, framed as the Short is there: the times that are looked at in any case. `cards` are frames of the
    cards around frames of the file, by their numbers.
    """

    envelopes: tuple[Sequence[float], ...] = ()
    frames: Mapping[int, Sequence[bytes]] = field(default_factory=dict)
    failed: bool = False
    cards: Mapping[int, Sequence[bytes]] = field(default_factory=dict)


def read_reference(original: SourceRange, spec: ShortSpec) -> MomentReference:
    """Read what the source holds where a Short of this spec is cut from; the Short need not exist yet.

    Raises `StoppedError` when the range's `should_stop` says so. A tool that fails leaves a reference of which nothing
    can be told.
    """
    clock = SourceClock(original)
    try:
        with ThreadPoolExecutor(1, "sound") as pool:
            envelopes = pool.submit(copy_context().run, source_envelopes, clock)
            times = _first_moments(original, spec)
            frames = {at_ms: _source_frames(clock, spec, at_ms) for at_ms in times}
            cards = card_frames(original, spec, small_size(original.info, spec))
            return MomentReference(envelopes.result(), frames, cards=cards)
    except ToolError:
        return MomentReference(failed=True)


def wanted_frames(original: SourceRange, spec: ShortSpec) -> list[int]:
    """The numbers of the frames of a finished file that `check_moment` looks at, in order; seldom it needs others."""
    cut, place = original.cut, cut_place(original.info, spec)
    times = _first_moments(original, spec) if len(cut.pieces) > 1 else _moments(spec.duration_ms)
    frames = {place.lead + _frame_at(at_ms, place.rate) for at_ms in times}
    return sorted(frames | set(card_middles(original, spec)))


def check_moment(
    short: Source,
    extracts: Extracts,
    reference: MomentReference,
    original: SourceRange,
    spec: ShortSpec,
) -> MomentMatch:
    """Compare a finished Short with its source at the moments it should show.

    The decode that verified the Short has left `extracts`: its `wanted_frames` at the size `small_size`, and its sound
    at SAMPLE_RATE.

    Each of several kept ranges is proven by its sound, or by a picture where its sound does not tell; the first and
    the last one of each input by both. Raises `StoppedError` when the range's `should_stop` says so. When a tool
    fails, the result is empty.
    """
    if reference.failed:
        return MomentMatch()
    check = _Check(short, extracts, reference, SourceClock(original), spec)
    try:
        found = _check_cut(check, original.cut)
        cards = cards_shown(check.file_frame, reference.cards)
        return replace(found, cards=cards, lost_ms=check.lost_sound_ms())
    except ToolError:
        return MomentMatch()


def _check_cut(check: "_Check", cut: CutTime) -> MomentMatch:
    if len(cut.pieces) > 1:
        return _check_ranges(check, cut)
    (sound_ms,) = check.sound_offsets()
    found = list(_pictures(check))
    right, wrong = found.count(True), found.count(False)
    is_near = sound_ms is not None and abs(sound_ms) <= TOLERANCE_MS
    if not is_near and not right + wrong and not _may_disprove(cut.pieces[0], cut):
        return MomentMatch()
    return MomentMatch(right, wrong, sound_ms)


@dataclass(frozen=True, slots=True)
class _Check:
    """A Short, and what the source holds where it should come from; more of the source is read where that is wanted."""

    short: Source
    extracts: Extracts
    reference: MomentReference
    clock: SourceClock
    spec: ShortSpec

    def source_frames(self, at_ms: int) -> Sequence[bytes]:
        known = self.reference.frames.get(at_ms)
        return _source_frames(self.clock, self.spec, at_ms) if known is None else known

    @property
    def place(self) -> CutPlace:
        return cut_place(self.clock.original.info, self.spec)

    def short_frame(self, at_ms: int) -> bytes:
        return self.file_frame(self.place.lead + _frame_at(at_ms, self.place.rate))

    def file_frame(self, number: int) -> bytes:
        known = self.extracts.frame(number)
        if known is not None:
            return known
        size = small_size(self.clock.original.info, self.spec)
        at_ms = int(number * 1000 / self.place.rate)
        return _short_frame(self.short, self.clock.original, at_ms, size)

    def sound_offsets(self) -> list[int | None]:
        """Where the sound of each range lies. Under music a sound may prove its place, but not disprove it."""
        original, envelopes = self.clock.original, self.reference.envelopes
        heard = self.extracts.sound(SAMPLE_RATE)
        found = sound_offsets(heard, original.cut, envelopes, lead_ms=self.place.lead_ms)
        if self.spec.finish.music is None:
            return found
        return [ms if ms is not None and abs(ms) <= TOLERANCE_MS else None for ms in found]

    def lost_sound_ms(self) -> int:
        """How long the Short is silent where its source is heard; 0 under music, which is always heard."""
        if self.spec.finish.music is not None:
            return 0
        heard, envelopes = self.extracts.sound(SAMPLE_RATE), self.reference.envelopes
        cut, lead_ms = self.clock.original.cut, self.place.lead_ms
        return lost_sound_ms(heard, cut, envelopes, lead_ms=lead_ms)


def _check_ranges(check: _Check, cut: CutTime) -> MomentMatch:
    offsets = check.sound_offsets()
    at_seeks = _pieces_at_seeks(cut)
    pictures: list[bool | None] = []
    proven = misplaced = 0
    for piece, offset in zip(cut.pieces, offsets, strict=True):
        is_near = offset is not None and abs(offset) <= TOLERANCE_MS
        if is_near and piece not in at_seeks:
            proven += 1
            continue
        pictures.append(_picture(check, _middle_ms(piece, cut)))
        if pictures[-1] or is_near:
            proven += 1
        elif pictures[-1] is False or (offset is not None and _may_disprove(piece, cut)):
            misplaced += 1
    known = [offset for offset in offsets if offset is not None]
    return MomentMatch(
        *(pictures.count(True), pictures.count(False), max(known, key=abs, default=None)),
        *(len(cut.pieces), proven, misplaced),
    )


def _pieces_at_seeks(cut: CutTime) -> list[Piece]:
    """The first and the last piece that each input of the Short reads."""
    return list(dict.fromkeys(chain.from_iterable((g[0], g[-1]) for g in cut.groups)))


def _frame_at(at_ms: int, rate: Fraction) -> int:
    """The number of the first frame at a time or later."""
    return ceil(at_ms * rate / 1000)


def _middle_ms(piece: Piece, cut: CutTime) -> int:
    return int(cut.frames_ms(piece.cut_first + piece.frames // 2))


def _may_disprove(piece: Piece, cut: CutTime) -> bool:
    return cut.frames_ms(piece.frames) >= MIN_DISPROVING_MS


def _first_moments(original: SourceRange, spec: ShortSpec) -> list[int]:
    """Times of the Short at which pictures are compared in any case."""
    cut = original.cut
    if len(cut.pieces) > 1:
        return [_middle_ms(piece, cut) for piece in _pieces_at_seeks(cut)]
    moments = _moments(spec.duration_ms)
    return moments if original.info.container in WITHOUT_INDEX else moments[:1]


def _pictures(check: _Check) -> Iterator[bool | None]:
    """The result of each checked moment.

    Where the container has an index, the times of its packets hold everywhere: one moment is enough if it is right.
    """
    for at_ms in _moments(check.spec.duration_ms):
        is_right = _picture(check, at_ms)
        yield is_right
        if is_right and check.clock.original.info.container not in WITHOUT_INDEX:
            return


def _moments(duration_ms: int) -> list[int]:
    """Times of the Short to check: the middle, then near both ends, each with its neighbours inside the range."""
    margin = STEP_MS * (FRAMES // 2)
    if duration_ms < 2 * margin:
        return [duration_ms // 2]
    return list(dict.fromkeys((duration_ms // 2, margin, duration_ms - margin)))


def _picture(check: _Check, at_ms: int) -> bool | None:
    """Return whether the Short's frame at a time is the source's own; None when it cannot be measured."""
    reference = list(check.source_frames(at_ms))
    if len(reference) < FRAMES:
        return None
    middle = FRAMES // 2
    near = reference[middle - OWN_STEPS : middle + OWN_STEPS + 1]
    far = reference[: middle - OTHER_STEPS + 1] + reference[middle + OTHER_STEPS :]
    points = _moving_points(reference)
    motion = min(_difference(reference[middle], frame, points) for frame in far)
    if motion < MIN_MOTION:
        return None
    frame = check.short_frame(at_ms)
    if not frame:
        return None
    own = min(_difference(frame, one, points) for one in near)
    other = min(_difference(frame, one, points) for one in far)
    if own <= NEARER * other and own < motion:
        return True
    return False if other <= NEARER * own or own >= motion else None


def _source_frames(clock: SourceClock, spec: ShortSpec, at_ms: int) -> list[bytes]:
    """Small grey frames of the source around a time of the Short, framed as the Short is there."""
    original, info = clock.original, clock.original.info
    from_ms = original.cut.to_source_ms(at_ms) - STEP_MS * (FRAMES // 2)
    clip = clip_at(clock, from_ms, from_keyframe=True)
    trim = f"trim=start={clip.timestamp}:duration={format_seconds(STEP_MS * FRAMES)}"
    pick = f"setpts=PTS-{clip.timestamp}/TB,fps=1000/{STEP_MS}:start_time=0:round=up,trim=end_frame={FRAMES}"
    deinterlace = "bwdif=mode=send_frame:deint=interlaced," if info.video.is_interlaced else ""
    canvas = spec.format_of(info).scaled(short_side=DRAWN_SHORT_SIDE_PX)
    plan = spec.plan if spec.strategy == SMART_CROP else None
    if plan is not None:
        framed = crop_plan_graph(
            info.video, still_plan(plan, at_ms), canvas, rate=info.video.frame_rate
        )
    else:
        framed = framing_graph(info.video, spec.strategy, canvas)
    small = small_size(info, spec)
    graph = f"[0:{info.video.index}]{deinterlace}{trim},{pick}[in];{framed};[out]{small_grey_filters(small)}[grey]"
    argv = [*FFMPEG, "-an", "-sn", "-dn", *clip.args, *input_args(original.source)]
    data = output_of(
        original, [*argv, "-filter_complex", graph, "-map", "[grey]", *_RAW_VIDEO], original.source
    )
    return split_frames(data, small)


_RAW_VIDEO = ("-fps_mode", "passthrough", "-f", "rawvideo", "-")


def small_size(info: MediaInfo, spec: ShortSpec) -> Size:
    """The size in px at which frames are compared."""
    return spec.format_of(info).scaled(short_side=SMALL_SHORT_SIDE_PX)


def _short_frame(short: Source, original: SourceRange, at_ms: int, size: Size) -> bytes:
    """The Short's frame at a time, as small as the source's."""
    argv = [
        *FFMPEG,
        *thread_args(),
        "-ss",
        format_seconds(at_ms),
        *input_args(short),
        "-map",
        "0:v:0",
    ]
    argv += ["-vf", small_grey_filters(size), "-frames:v", "1", "-f", "rawvideo", "-"]
    frames = split_frames(output_of(original, argv, short), size)
    return frames[0] if frames else b""


def _moving_points(frames: Sequence[bytes]) -> list[int]:
    """The points of a frame that change most over the frames."""
    spread = [max(values) - min(values) for values in zip(*frames, strict=True)]
    ordered = sorted(range(len(spread)), key=spread.__getitem__, reverse=True)
    return ordered[: int(len(ordered) * MOVING_SHARE)]


def _difference(a: bytes, b: bytes, points: Sequence[int]) -> float:
    return sum(abs(a[point] - b[point]) for point in points) / len(points)
