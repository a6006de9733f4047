"""Punch-ins: a window that is a little closer for a while, at a join of what was left out or for emphasis.

A jump cut is covered by one, as if by a second camera. They are cuts, never zooms, and keep the faces where they are.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from mediakit.cutting.cut_time import CutTime, Piece
from mediakit.framing.crop_plan import CropPlan, PathPoint, PunchIn, Shot
from mediakit.framing.crop_window import CropWindow, window_of
from mediakit.framing.cut_plan import moved_path
from mediakit.framing.geometry import Size
from mediakit.framing.planning.camera.composition import EYES, HAIR
from mediakit.framing.range_analysis import RangeAnalysis
from mediakit.framing.rect import Rect, union_of
from mediakit.framing.window_path import path_position
from mediakit.media_info import MediaInfo, VideoTrack
from mediakit.probing.frame_rate import output_rate

PUNCH_ZOOM = 1.12
# Two changes of the distance, and a part of a shot that is still worth one, are no shorter.
APART_MS, MIN_PART_MS = 2_000, 500
FOUND_SAMPLES = 0.5  # of a part's samples show a face
OUTER_FACES = 0.1  # at each end, left out of account
MARGIN = 0.02  # of the window, between a face and its edge
NECK = 0.15  # below a face's box, in its heights


@dataclass(frozen=True, slots=True)
class PunchSpan:
    """When a window is closer, in ms of a crop plan, and why."""

    start_ms: float
    end_ms: float
    why: PunchIn


def join_spans(cut: CutTime, analyses: Sequence[RangeAnalysis]) -> list[list[PunchSpan]]:
    """For each group of kept pieces, the spans that cover its joins, in ms from the group's start.

    The distance changes at every join that is no cut of the video itself, and that is not too soon after the last one.
    """
    found: list[list[PunchSpan]] = []
    closer, changed_ms = False, Fraction(0)
    for group, analysis in zip(cut.groups, analyses, strict=True):
        spans: list[PunchSpan] = []
        before: Piece | None = None
        for number, piece in enumerate(group):
            at_ms = cut.frames_ms(piece.cut_first)
            if before is not None and _first_cut(analysis, before.end, piece.first, piece, cut):
                closer, changed_ms = False, at_ms
            elif piece is not cut.pieces[0] and at_ms - changed_ms >= APART_MS:
                closer, changed_ms = not closer, at_ms
            after = group[number + 1] if number + 1 < len(group) else None
            low = piece.first if before is None else Fraction(before.end + piece.first, 2)
            high = piece.end if after is None else Fraction(piece.end + after.first, 2)
            ends = _first_cut(analysis, piece.first, piece.end, piece, cut)
            if closer:
                end_ms = float(high * 1000 / cut.rate) if ends is None else ends
                spans.append(PunchSpan(float(low * 1000 / cut.rate), end_ms, "joins"))
            closer = closer and ends is None
            before = piece
        found.append(spans)
    return found


def _first_cut(
    analysis: RangeAnalysis, first: int, end: int, piece: Piece, cut: CutTime
) -> float | None:
    """The first cut of the video between two frames of a piece's group, in ms from its start."""
    times = (at_us / 1000 - piece.base_ms for at_us in analysis.cuts_us)
    low, high = (float(frame * 1000 / cut.rate) for frame in (first, end))
    return next((ms for ms in times if low < ms < high), None)


def emphasis_spans(
    emphasis_ms: Sequence[tuple[int, int]],
    pieces_ms: Sequence[tuple[int, int]],
    joins: Sequence[PunchSpan],
    *,
    start_ms: int,
) -> list[PunchSpan]:
    """The spans of emphasis that lie in one of the pieces, in ms from `start_ms`; the other times are the video's.

    None begins with a piece, and none is near to one of the joins that are covered.
    """
    found = []
    for low, high in emphasis_ms:
        inside = next(((a, b) for a, b in pieces_ms if a < low < b), None)
        if inside is None:
            continue
        span = PunchSpan(low - start_ms, min(high, inside[1]) - start_ms, "emphasis")
        is_near = any(
            span.start_ms - join.end_ms < APART_MS and join.start_ms - span.end_ms < APART_MS
            for join in joins
        )
        if not is_near and span.end_ms - span.start_ms >= MIN_PART_MS:
            found.append(span)
    return found


def punched(
    plan: CropPlan,
    spans: Sequence[PunchSpan],
    analysis: RangeAnalysis,
    info: MediaInfo,
    *,
    start_ms: int,
    canvas: Size,
) -> CropPlan:
    """The plan, which begins at `start_ms` of the video, with its windows closer during the spans.

    Only where the window shows faces and all of them, and every line of text, stay wholly in sight.
    """
    rate = output_rate(info.video)
    marks = [
        replace(span, start_ms=_edge_ms(span.start_ms, rate), end_ms=_edge_ms(span.end_ms, rate))
        for span in spans
    ]
    closer = _Closer(plan.area, analysis, info.video, canvas, start_ms)
    shots = (part for shot in plan.shots for part in _parts(shot, marks, closer))
    return CropPlan(plan.area, tuple(shots))


def _edge_ms(time_ms: float, rate: Fraction) -> int:
    """The boundary before the frame at a time: half a frame earlier, as in every crop plan."""
    frame = math.ceil(Fraction(time_ms) * rate / 1000)
    return max(0, round((frame - Fraction(1, 2)) * 1000 / rate))


def _parts(shot: Shot, marks: Sequence[PunchSpan], closer: "_Closer") -> Iterator[Shot]:
    """The parts of a shot, of which those in a mark are closer; the shot as it is if none can be."""
    at = shot.start_ms
    for mark in marks if shot.layout == "crop" and shot.path else ():
        low, high = max(at, int(mark.start_ms)), min(shot.end_ms, int(mark.end_ms))
        if high - low < MIN_PART_MS:
            continue
        low = at if low - at < MIN_PART_MS else low
        high = shot.end_ms if shot.end_ms - high < MIN_PART_MS else high
        part = closer.part(_part(shot, low, high), mark.why)
        if part is not None:
            if low > at:
                yield _part(shot, at, low)
            yield part
            at = high
    if at == shot.start_ms:
        yield shot
    elif at < shot.end_ms:
        yield _part(shot, at, shot.end_ms)


def _part(shot: Shot, start_ms: int, end_ms: int) -> Shot:
    path = moved_path(shot.path, start_ms, end_ms, Fraction(0))
    return replace(shot, start_ms=start_ms, end_ms=end_ms, path=path)


@dataclass(frozen=True, slots=True)
class _Closer:
    """Makes parts of the shots of a plan closer that begins at `start_ms` of the video."""

    area: Rect
    analysis: RangeAnalysis
    video: VideoTrack
    canvas: Size
    start_ms: int

    def part(self, shot: Shot, why: PunchIn) -> Shot | None:
        """The part closer, with its faces where they were; None where they or a line of text would be cut."""
        window = window_of(shot, self.area, self.video, self.canvas)
        faces = self._faces(shot, window)
        if faces is None:
            return None
        anchor = faces.centre[0], faces.top + EYES * faces.height
        anchor = min(1.0, max(0.0, anchor[0])), min(1.0, max(0.0, anchor[1]))
        heads = Rect(
            faces.left - MARGIN,
            faces.top - HAIR * faces.height,
            faces.width + 2 * MARGIN,
            faces.height * (HAIR + 1 + NECK),
        )
        head = Rect(
            heads.left, max(0.0, heads.top), heads.width, heads.bottom - max(0.0, heads.top)
        )
        if not all(_stays(box, anchor) for box in (head, *self._texts(shot, window))):
            return None
        share = 1 - 1 / PUNCH_ZOOM
        off = (anchor[0] - 0.5) * share * window.width, (anchor[1] - 0.5) * share * window.height
        path = tuple(PathPoint(p.time_ms, p.x + off[0], p.y + off[1]) for p in shot.path)
        return replace(shot, path=path, zoom=round(shot.zoom * PUNCH_ZOOM, 4), punch_in=why)

    def _faces(self, shot: Shot, window: CropWindow) -> Rect | None:
        """The rectangle around the faces in the window all the time, in shares of it; None without enough of them."""
        low, high = self.start_ms + shot.start_ms, self.start_ms + shot.end_ms
        samples = [s for s in self.analysis.samples if low <= s.time_ms < high]
        seen = []
        for sample in samples:
            x, y = path_position(shot.path, sample.time_ms - self.start_ms)
            boxes = (_in_window(face.box, window, (x, y)) for face in sample.faces)
            inside = [box for box in boxes if 0 < box.centre[0] < 1 and 0 < box.centre[1] < 1]
            if inside:
                seen.append(union_of(inside))
        if not seen or len(seen) < FOUND_SAMPLES * len(samples):
            return None
        return _around(seen)

    def _texts(self, shot: Shot, window: CropWindow) -> list[Rect]:
        """The lines of text that are wholly in the window, in shares of it."""
        middle_ms = (shot.start_ms + shot.end_ms) // 2
        content = self.analysis.content_at(self.start_ms + middle_ms)
        place = path_position(shot.path, middle_ms)
        texts = content.texts if content is not None else ()
        boxes = (_in_window(text, window, place) for text in texts)
        return [b for b in boxes if b.left >= 0 and b.right <= 1 and b.top >= 0 and b.bottom <= 1]


def _in_window(box: Rect, window: CropWindow, centre: tuple[float, float]) -> Rect:
    """A box of the picture in shares of the window around a point."""
    left, top = centre[0] - window.width / 2, centre[1] - window.height / 2
    return Rect(
        (box.left - left) / window.width,
        (box.top - top) / window.height,
        box.width / window.width,
        box.height / window.height,
    )


def _around(boxes: Sequence[Rect]) -> Rect:
    """The rectangle around the boxes but for the outermost of them."""
    last = len(boxes) - 1
    skipped = int(OUTER_FACES * last)
    left, top = (sorted(v)[skipped] for v in ([b.left for b in boxes], [b.top for b in boxes]))
    ends = [b.right for b in boxes], [b.bottom for b in boxes]
    right, bottom = (sorted(v)[last - skipped] for v in ends)
    return Rect(left, top, right - left, bottom - top)


def _stays(box: Rect, anchor: tuple[float, float]) -> bool:
    """Whether a box is still inside when the window gets closer around a point; all in shares of the window."""
    edges = (
        (box.left, box.right, anchor[0]),
        (box.top, box.bottom, anchor[1]),
    )
    return all(
        point + (low - point) * PUNCH_ZOOM >= 0 and point + (high - point) * PUNCH_ZOOM <= 1
        for low, high, point in edges
    )
