"""Crop plans and shot analyses in cut time.

A shot is planned as it is in the source, so what is struck out of it does not move the camera; then it is cut. So the
window follows a person through the pieces of a shot, and jumps at a join as the person does.
"""

import math
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from mediakit.cutting.cut_time import CutTime, Piece, Span
from mediakit.framing.crop_plan import CropPlan, PathPoint, Shot
from mediakit.framing.range_analysis import RangeAnalysis
from mediakit.framing.rect import Rect
from mediakit.framing.speaking_span import spans_within
from mediakit.framing.window_path import path_position


def group_spans_ms(cut: CutTime, duration_ms: int | None = None) -> tuple[Span, ...]:
    """The range of the source that each group of pieces lies in: what is analysed and planned as one.

    None ends after `duration_ms`, the length of the source.
    """
    ends = (group[0].base_ms + math.ceil(cut.frames_ms(group[-1].end)) for group in cut.groups)
    return tuple(
        (group[0].base_ms, end_ms if duration_ms is None else min(end_ms, duration_ms))
        for group, end_ms in zip(cut.groups, ends, strict=True)
    )


def common_area(parts: Sequence[RangeAnalysis] | Sequence[CropPlan]) -> Rect:
    """The smallest rectangle that holds the picture without black bars of every part."""
    left = min(part.area.left for part in parts)
    top = min(part.area.top for part in parts)
    right = max(part.area.right for part in parts)
    bottom = max(part.area.top + part.area.height for part in parts)
    return Rect(left, top, right - left, bottom - top)


def crop_plan_in_cut(plans: Sequence[CropPlan], cut: CutTime) -> CropPlan:
    """The crop plan of a Short from those of its groups, each with times from its group's start.

    Every piece of a shot is a shot of its own.
    """
    shots = [
        shot
        for plan, group in zip(plans, cut.groups, strict=True)
        for piece in group
        for shot in _shots_of(plan, piece, cut)
    ]
    last = replace(shots[-1], end_ms=max(shots[-1].start_ms + 1, cut.duration_ms))
    return CropPlan(common_area(plans), (*shots[:-1], last))


def _shots_of(plan: CropPlan, piece: Piece, cut: CutTime) -> list[Shot]:
    """The parts of a plan's shots that a piece shows."""
    found = []
    for shot in plan.shots:
        low = max(piece.first, math.ceil(shot.start_ms * cut.rate / 1000))
        high = min(piece.end, math.ceil(shot.end_ms * cut.rate / 1000))
        if shot is plan.shots[-1]:
            high = piece.end
        if low < high:
            found.append(_moved(shot, low, high, piece.cut_first - piece.first, cut))
    return found


def _moved(shot: Shot, low: int, high: int, frames_later: int, cut: CutTime) -> Shot:
    """The frames of a shot from `low` to `high`, moved by so many frames."""
    later_ms = cut.frames_ms(frames_later)
    start_ms, end_ms = (_edge_ms(frame + frames_later, cut) for frame in (low, high))
    path = moved_path(shot.path, start_ms, end_ms, later_ms) if shot.path else ()
    speaking = spans_within(shot.speaking, start_ms, end_ms, later_ms=float(later_ms))
    return replace(shot, start_ms=start_ms, end_ms=end_ms, path=path, speaking=speaking)


def _edge_ms(frame: int, cut: CutTime) -> int:
    """The boundary before a frame: half a frame earlier, as in every crop plan."""
    return 0 if frame == 0 else round(cut.frames_ms(frame) - cut.frames_ms(1) / 2)


def moved_path(
    path: Sequence[PathPoint], start_ms: int, end_ms: int, later_ms: Fraction
) -> tuple[PathPoint, ...]:
    """The part of a path between two times of the cut; `later_ms` is what it is moved by."""

    def at(time_ms: int) -> PathPoint:
        return PathPoint(time_ms, *path_position(path, float(time_ms - later_ms)))

    inside = [replace(point, time_ms=round(point.time_ms + later_ms)) for point in path]
    points = [at(start_ms), *(p for p in inside if start_ms < p.time_ms < end_ms), at(end_ms)]
    if all((point.x, point.y) == (points[0].x, points[0].y) for point in points):
        return (points[0],)
    return tuple(points)


def analysis_in_cut(analyses: Sequence[RangeAnalysis], cut: CutTime) -> RangeAnalysis:
    """The kept part of the analyses, one for each group, with times in cut time; joins count as cuts."""
    samples, cuts = [], [round(1000 * cut.frames_ms(piece.cut_first)) for piece in cut.pieces[1:]]
    for analysis, group in zip(analyses, cut.groups, strict=True):
        for piece in group:
            start_ms, end_ms = cut.source_span_ms(piece)
            later_ms = cut.frames_ms(piece.cut_first - piece.first) - piece.base_ms
            samples += [
                replace(sample, time_ms=cut.place_in(piece, sample.time_ms))
                for sample in analysis.samples
                if start_ms <= sample.time_ms < end_ms
            ]
            cuts += [
                round(at_us + 1000 * later_ms)
                for at_us in analysis.cuts_us
                if 1000 * start_ms < at_us < 1000 * end_ms
            ]
    return RangeAnalysis(
        *(0, cut.duration_ms, analyses[0].detector, common_area(analyses)),
        *(tuple(sorted(cuts)), tuple(samples)),
    )
