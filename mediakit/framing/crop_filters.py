"""The ffmpeg filter graph of a crop plan: a moving crop, and layouts that change from shot to shot.

No picture passes through Python: the window's position is an expression in time that ffmpeg evaluates.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise

from mediakit.framing.crop_plan import CropPlan, PathPoint, Shot
from mediakit.framing.crop_window import part_cells
from mediakit.framing.geometry import (
    OUTPUT_FILTERS,
    Size,
    crop_size,
    edge_background_graph,
    round_to_even,
    scale_filters,
    source_filters,
    upright_size,
)
from mediakit.framing.output_format import Cell, cells
from mediakit.framing.rect import Rect
from mediakit.framing.speaking_span import SpeakingSpan
from mediakit.framing.window_path import path_position
from mediakit.media_info import VideoTrack

# Linux allows 128 KiB for one argument.
MAX_ARGUMENT_BYTES = 100_000
# The frame around the part of a stack that shows who speaks; its width for each pixel of the picture's short side.
MARK_COLOUR, MARK_SHARE = "white@0.9", 10 / 1080


@dataclass(frozen=True, slots=True)
class _Segment:
    """A linear part of the window's path: `start_px` at the time `since_s`, then `speed_px_s`."""

    since_s: float
    start_px: float
    speed_px_s: float

    def __str__(self) -> str:
        if not self.speed_px_s:
            return f"{self.start_px:.0f}"
        return f"{self.start_px - self.speed_px_s * self.since_s:.3f}{self.speed_px_s:+.4f}*t"


def crop_plan_graph(video: VideoTrack, plan: CropPlan, canvas: Size, *, rate: Fraction) -> str:
    """The graph that frames a Short by its crop plan, from `[in]` to `[out]`.

    The input are the Short's frames at `rate`, from time 0.
    """
    head = f"[in]{source_filters(video)}"
    runs = _layout_runs(plan.shots)
    if len(runs) == 1:
        return f"{head}[run0];{_run_graph(video, plan.area, runs[0], canvas, '0')};[made0]{OUTPUT_FILTERS}[out]"
    names = [str(number) for number in range(len(runs))]
    graph = [f"{head},split={len(runs)}" + "".join(f"[all{name}]" for name in names)]
    for name, run in zip(names, runs, strict=True):
        # Frames are numbered from the Short's start; edges lie half way between two frames.
        first, end = (
            math.ceil(Fraction(ms, 1000) * rate) for ms in (run[0].start_ms, run[-1].end_ms)
        )
        last = "" if run is runs[-1] else f":end_frame={end}"
        graph.append(f"[all{name}]trim=start_frame={first}{last}[run{name}]")
        graph.append(_run_graph(video, plan.area, run, canvas, name))
        graph.append(f"[made{name}]setsar=1,setpts=PTS-STARTPTS[part{name}]")
    joined = "".join(f"[part{name}]" for name in names)
    # `concat` rounds timestamps to microseconds, so they are set anew.
    steady = f"settb={1 / rate},setpts=N"
    return ";".join([*graph, f"{joined}concat=n={len(runs)}:v=1,{steady},{OUTPUT_FILTERS}[out]"])


def still_plan(plan: CropPlan, time_ms: int) -> CropPlan:
    """The crop plan of a single picture: the framing at that time of the Short."""
    shot = plan.shot_at(time_ms)
    path = (PathPoint(0, *path_position(shot.path, time_ms)),) if shot.path else ()
    now = tuple(
        SpeakingSpan(0, 1000, span.part)
        for span in shot.speaking
        if span.start_ms <= time_ms < span.end_ms
    )
    still = replace(shot, start_ms=0, end_ms=1000, path=path, speaking=now)
    return CropPlan(plan.area, (still,))


def _layout_runs(shots: Sequence[Shot]) -> list[list[Shot]]:
    """Groups of consecutive shots that one filter chain can show."""
    runs: list[list[Shot]] = []
    for shot in shots:
        if runs and _looks_as(runs[-1][0], shot):
            runs[-1].append(shot)
        else:
            runs.append([shot])
    return runs


def _looks_as(one: Shot, other: Shot) -> bool:
    """Whether the shots differ only in where their windows are, or the parts that move."""
    if one.layout == other.layout == "fit" and one.path and other.path:
        return _size_of(one.parts[0]) == _size_of(other.parts[0])
    is_moving = one.layout == "fit" and bool(one.path or other.path)
    alike = (one.layout, one.parts, one.zoom) == (other.layout, other.parts, other.zoom)
    return alike and not is_moving


def _size_of(part: Rect) -> tuple[float, float]:
    return part.width, part.height


def _run_graph(video: VideoTrack, area: Rect, run: Sequence[Shot], canvas: Size, name: str) -> str:
    """The graph that lays out `[run{name}]` in the canvas as `[made{name}]`."""
    run_label, made_label = f"run{name}", f"made{name}"
    size, sar = upright_size(video)
    inner, left, top = _pixel_rect(run[0].fitted(area), size)
    if run[0].layout == "fit":
        if inner == size:
            return edge_background_graph(
                video,
                canvas,
                input_label=run_label,
                output_label=made_label,
                has_caption_band=True,
            )
        at = f"{left}:{top}"
        if run[0].path:  # the part follows its subject
            whole, first, _ = _pixel_rect(area, size)
            bounds = (first, first + whole.width - inner.width)
            across = _position_expression(run, 0, size.width, inner.width, bounds)
            at = f"x='{across}':y={top}:exact=1"
        cut = f"[{run_label}]crop={inner}:{at}[cut{name}]"
        graph = edge_background_graph(
            video,
            canvas,
            input_label=f"cut{name}",
            output_label=made_label,
            size=inner,
            has_caption_band=True,
        )
        return f"{cut};{graph}"
    if run[0].layout in {"stack", "inset"}:
        marks = [span for shot in run for span in shot.speaking]
        return _stack_graph(video, run[0], canvas, name, marks)
    window = _zoomed(crop_size(inner, sar, canvas), run[0].zoom)
    across = _position_expression(
        run, 0, size.width, window.width, (left, left + inner.width - window.width)
    )
    down = _position_expression(
        run, 1, size.height, window.height, (top, top + inner.height - window.height)
    )
    crop = f"crop={window}:x='{across}':y='{down}':exact=1,"
    return f"[{run_label}]{'' if window == size else crop}{scale_filters(video, window, canvas)}[{made_label}]"


def _zoomed(window: Size, zoom: float) -> Size:
    """A window that many times smaller, in whole pixels."""
    if zoom == 1:
        return window
    return Size(max(2, round(window.width / zoom)), max(2, round(window.height / zoom)))


def _stack_graph(
    video: VideoTrack, shot: Shot, canvas: Size, name: str, marks: Sequence[SpeakingSpan]
) -> str:
    """The graph that puts the parts of the picture into the cells of the canvas, those with a mark in a frame."""
    parts = shot.parts
    graph = [
        f"[run{name}]split={len(parts)}" + "".join(f"[p{name}x{i}]" for i in range(len(parts)))
    ]
    places = cells(canvas, len(parts), shot.split)
    filled = part_cells(shot, video, canvas)
    for i, (part, cell) in enumerate(zip(parts, places, strict=True)):
        graph.append(_cell_graph(video, part, cell, f"{name}x{i}", is_filled=cell == filled[i]))
    joined = "".join(f"[q{name}x{i}]" for i in range(len(parts)))
    layout = "|".join(f"{cell.left}_{cell.top}" for cell in places)
    thick = max(1, round(min(canvas.width, canvas.height) * MARK_SHARE))
    frames = "".join(_mark_filters(places, marks, thick))
    stacked = f"{joined}xstack=inputs={len(parts)}:layout={layout}{frames}[made{name}]"
    return ";".join([*graph, stacked])


def _mark_filters(
    places: Sequence[Cell], marks: Sequence[SpeakingSpan], thick: int
) -> Iterator[str]:
    """For each cell a frame so many pixels wide inside its edges, at the times at which who it shows speaks."""
    for number, cell in enumerate(places):
        spans = [(span.start_ms, span.end_ms) for span in marks if span.part == number]
        if spans:
            times = "+".join(f"gte(t,{low / 1000})*lt(t,{high / 1000})" for low, high in spans)
            box = f"x={cell.left}:y={cell.top}:w={cell.size.width}:h={cell.size.height}"
            yield f",drawbox={box}:color={MARK_COLOUR}:t={thick}:enable='{times}'"


def _cell_graph(video: VideoTrack, part: Rect, cell: Cell, name: str, *, is_filled: bool) -> str:
    """The graph from `[p{name}]` to `[q{name}]`: a part fills its cell, or lies whole on its edges' colours in it."""
    inner, left, top = _pixel_rect(part, upright_size(video)[0])
    cut = f"[p{name}]crop={inner}:{left}:{top}"
    if is_filled:
        return f"{cut},{scale_filters(video, inner, cell.size)},setsar=1[q{name}]"
    blurred = edge_background_graph(
        video, cell.size, input_label=f"c{name}", output_label=f"b{name}", size=inner
    )
    return f"{cut}[c{name}];{blurred};[b{name}]setsar=1[q{name}]"


def _pixel_rect(box: Rect, size: Size) -> tuple[Size, int, int]:
    """(size, left, top) in pixels of a rectangle, on even pixels and inside the picture."""
    if box.width >= 1 and box.height >= 1:
        return size, 0, 0
    width = (
        size.width
        if box.width >= 1
        else round_to_even(Fraction(box.width * size.width), maximum=size.width)
    )
    height = (
        size.height
        if box.height >= 1
        else round_to_even(Fraction(box.height * size.height), maximum=size.height)
    )
    left = min(size.width - width, round(box.left * size.width / 2) * 2)
    top = min(size.height - height, round(box.top * size.height / 2) * 2)
    return Size(width, height), left, top


def _position_expression(
    run: Sequence[Shot], axis: int, side: int, length: int, bounds: tuple[int, int]
) -> str:
    """The window's left (axis 0) or top (axis 1) in pixels, as an expression in `t` (seconds)."""
    segments: list[tuple[float, _Segment]] = []
    for shot in run:
        points = [(k.time_ms / 1000, (k.x, k.y)[axis] * side - length / 2) for k in shot.path]
        points = [(time, min(bounds[1], max(bounds[0], position))) for time, position in points]
        segments += _shot_segments(points, shot.end_ms / 1000, bounds)
    return _segment_tree(segments)


def _shot_segments(
    points: Sequence[tuple[float, float]], end: float, bounds: tuple[int, int]
) -> list[tuple[float, _Segment]]:
    """(end in s, segment) of one shot from (s, px) points; a resting window lies on even pixels."""

    def resting(position: float) -> float:
        return min(bounds[1], max(bounds[0], round(position / 2) * 2))

    still = {a for (_, a), (_, b) in pairwise(points) if abs(a - b) < 0.5}
    still |= {b for (_, a), (_, b) in pairwise(points) if abs(a - b) < 0.5}
    placed = [(time, resting(p) if p in still else p) for time, p in points]
    found = []
    for (t0, p0), (t1, p1) in pairwise(placed):
        speed = (p1 - p0) / (t1 - t0)
        found.append((t1, _Segment(t0, p0, speed if abs(p1 - p0) >= 0.5 else 0.0)))
    last = placed[-1][1] if found else resting(placed[-1][1])
    return [*found, (end, _Segment(end, last, 0.0))]


def _segment_tree(segments: Sequence[tuple[float, _Segment]]) -> str:
    """A balanced tree of `if`s over the segments: ffmpeg allows a hundred nested levels."""
    if len(segments) == 1:
        segment = str(segments[0][1])
        return f"floor({segment}+0.5)" if "t" in segment else segment
    middle = len(segments) // 2
    until = segments[middle - 1][0]
    return f"if(lt(t,{until:.4f}),{_segment_tree(segments[:middle])},{_segment_tree(segments[middle:])})"
