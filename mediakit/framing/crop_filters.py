"""The filter graph of a planned framing: one crop that moves, layouts that change shot by shot.

No picture passes through Python: where the window is at a time is an expression that ffmpeg works
out for itself.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from mediakit.framing.crop_plan import Box, Key, Plan, Shot, position
from mediakit.framing.geometry import (
    TAIL,
    Size,
    crop_to,
    even,
    on_blur,
    scaled,
    source_chain,
    upright,
)
from mediakit.media_info import VideoTrack

# A command line's argument can hold 128 KiB.
LONGEST_ARGUMENT = 100_000


@dataclass(frozen=True, slots=True)
class _Piece:
    """A stretch of the window's way: pixels at the time `since`, and pixels per second from there."""

    since: float
    start: float
    speed: float

    def __str__(self) -> str:
        if not self.speed:
            return f"{self.start:.0f}"
        return f"{self.start - self.speed * self.since:.3f}{self.speed:+.4f}*t"


def planned(video: VideoTrack, plan: Plan, canvas: Size, *, rate: Fraction) -> str:
    """The graph that frames a Short as planned, from `[in]` to `[out]`.

    The pictures that come in are the Short's own, evenly spaced, from time 0.
    """
    head = f"[in]{source_chain(video)}"
    runs = _runs(plan.shots)
    if len(runs) == 1:
        return f"{head}[run0];{_framed(video, plan.area, runs[0], canvas, '0')};[made0]{TAIL}[out]"
    names = [str(number) for number in range(len(runs))]
    graph = [f"{head},split={len(runs)}" + "".join(f"[all{name}]" for name in names)]
    for name, run in zip(names, runs, strict=True):
        # Frames are numbered from the Short's beginning; edges lie half way between two of them.
        first, end = (
            math.ceil(Fraction(ms, 1000) * rate) for ms in (run[0].start_ms, run[-1].end_ms)
        )
        last = "" if run is runs[-1] else f":end_frame={end}"
        graph.append(f"[all{name}]trim=start_frame={first}{last}[run{name}]")
        graph.append(_framed(video, plan.area, run, canvas, name))
        graph.append(f"[made{name}]setsar=1,setpts=PTS-STARTPTS[part{name}]")
    joined = "".join(f"[part{name}]" for name in names)
    # Joining rounds times to microseconds: they are counted anew.
    steady = f"settb={1 / rate},setpts=N"
    return ";".join([*graph, f"{joined}concat=n={len(runs)}:v=1,{steady},{TAIL}[out]"])


def still_plan(plan: Plan, time_ms: int) -> Plan:
    """The plan of a single picture: what is seen at that time of the Short."""
    shot = plan.shot_at(time_ms)
    keys = (Key(0, *position(shot.keys, time_ms)),) if shot.keys else ()
    return Plan(plan.area, (Shot(0, 1000, shot.layout, keys=keys, parts=shot.parts),))


def _runs(shots: Sequence[Shot]) -> list[list[Shot]]:
    """Neighbouring shots that one chain of filters can show."""
    runs: list[list[Shot]] = []
    for shot in shots:
        if runs and runs[-1][0].layout == shot.layout and runs[-1][0].parts == shot.parts:
            runs[-1].append(shot)
        else:
            runs.append([shot])
    return runs


def _framed(video: VideoTrack, area: Box, run: Sequence[Shot], canvas: Size, name: str) -> str:
    """`[run]` laid out in the canvas as `[made]`, both with this name."""
    given, made = f"run{name}", f"made{name}"
    size, sar = upright(video)
    inner, left, top = _pixels(area, size)
    if run[0].layout == "fit":
        if inner == size:
            return on_blur(video, canvas, given=given, made=made)
        cut = f"[{given}]crop={inner}:{left}:{top}[cut{name}]"
        return f"{cut};{on_blur(video, canvas, given=f'cut{name}', made=made, size=inner)}"
    if run[0].layout == "stack":
        return _stacked(video, run[0].parts, canvas, name)
    window = crop_to(inner, sar, canvas)
    across = _way(run, 0, size.width, window.width, (left, left + inner.width - window.width))
    down = _way(run, 1, size.height, window.height, (top, top + inner.height - window.height))
    crop = f"crop={window}:x='{across}':y='{down}':exact=1,"
    return f"[{given}]{'' if window == size else crop}{scaled(video, window, canvas)}[{made}]"


def _stacked(video: VideoTrack, parts: Sequence[Box], canvas: Size, name: str) -> str:
    """Two parts of the picture, one above the other."""
    half = Size(canvas.width, canvas.height // 2)
    size, _ = upright(video)
    graph = [
        f"[run{name}]split={len(parts)}" + "".join(f"[p{name}x{i}]" for i in range(len(parts)))
    ]
    for i, part in enumerate(parts):
        inner, left, top = _pixels(part, size)
        cut = f"crop={inner}:{left}:{top},{scaled(video, inner, half)},setsar=1"
        graph.append(f"[p{name}x{i}]{cut}[q{name}x{i}]")
    joined = "".join(f"[q{name}x{i}]" for i in range(len(parts)))
    return ";".join([*graph, f"{joined}vstack=inputs={len(parts)}[made{name}]"])


def _pixels(box: Box, size: Size) -> tuple[Size, int, int]:
    """(size, left, top) of a part of a picture, on even pixels and inside it; the whole as it is."""
    if box.width >= 1 and box.height >= 1:
        return size, 0, 0
    width = (
        size.width if box.width >= 1 else even(Fraction(box.width * size.width), at_most=size.width)
    )
    height = (
        size.height
        if box.height >= 1
        else even(Fraction(box.height * size.height), at_most=size.height)
    )
    left = min(size.width - width, round(box.left * size.width / 2) * 2)
    top = min(size.height - height, round(box.top * size.height / 2) * 2)
    return Size(width, height), left, top


def _way(run: Sequence[Shot], axis: int, side: int, length: int, bounds: tuple[int, int]) -> str:
    """Where the window begins, in pixels along an axis (0: across, 1: down), as an expression in `t`."""
    pieces: list[tuple[float, _Piece]] = []
    for shot in run:
        points = [(k.time_ms / 1000, (k.x, k.y)[axis] * side - length / 2) for k in shot.keys]
        points = [(time, min(bounds[1], max(bounds[0], place))) for time, place in points]
        pieces += _pieces(points, shot.end_ms / 1000, bounds)
    return _tree(pieces)


def _pieces(
    points: Sequence[tuple[float, float]], end: float, bounds: tuple[int, int]
) -> list[tuple[float, _Piece]]:
    """(until, piece) of one shot; where the window holds still it does so on even pixels."""

    def resting(place: float) -> float:
        return min(bounds[1], max(bounds[0], round(place / 2) * 2))

    still = {a for (_, a), (_, b) in pairwise(points) if abs(a - b) < 0.5}
    still |= {b for (_, a), (_, b) in pairwise(points) if abs(a - b) < 0.5}
    placed = [(time, resting(p) if p in still else p) for time, p in points]
    found = []
    for (t0, p0), (t1, p1) in pairwise(placed):
        speed = (p1 - p0) / (t1 - t0)
        found.append((t1, _Piece(t0, p0, speed if abs(p1 - p0) >= 0.5 else 0.0)))
    last = placed[-1][1] if found else resting(placed[-1][1])
    return [*found, (end, _Piece(end, last, 0.0))]


def _tree(pieces: Sequence[tuple[float, _Piece]]) -> str:
    """A balanced tree of `if`s over the pieces: ffmpeg allows a hundred of them inside one another."""
    if len(pieces) == 1:
        piece = str(pieces[0][1])
        return f"floor({piece}+0.5)" if "t" in piece else piece
    middle = len(pieces) // 2
    until = pieces[middle - 1][0]
    return f"if(lt(t,{until:.4f}),{_tree(pieces[:middle])},{_tree(pieces[middle:])})"
