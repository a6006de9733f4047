"""The two parts of a Short of slides, a screen or a game with an inset: the content above, the person below."""

from collections.abc import Sequence
from dataclasses import replace

from mediakit.framing.crop_plan import Shot
from mediakit.framing.crop_window import CropWindow, crop_window, has_shape_of
from mediakit.framing.geometry import Size, upright_size
from mediakit.framing.output_format import cells
from mediakit.framing.planning.parts.stack_parts import FACE_CENTRE
from mediakit.framing.range_analysis import RangeAnalysis
from mediakit.framing.rect import Rect
from mediakit.media_info import VideoTrack

# The height of the content's part, as a share of the Short's.
MIN_SPLIT, MAX_SPLIT = 0.25, 0.6
# The height of the person's part that may be chosen instead.
MIN_PERSON_SHARE, MAX_PERSON_SHARE = 0.2, 0.8


def has_room_for_inset(canvas: Size) -> bool:
    """Whether content and person have room above one another."""
    return canvas.width <= canvas.height


def content_split(area: Rect, video: VideoTrack, canvas: Size) -> float:
    """The share of the canvas's height at which the whole area is as wide as the canvas."""
    size, sar = upright_size(video)
    shape = float(sar) * area.width * size.width / (area.height * size.height)
    return min(MAX_SPLIT, max(MIN_SPLIT, canvas.width / shape / canvas.height))


def inset_shot(
    shot: Shot,
    inset: Rect,
    analysis: RangeAnalysis,
    *,
    video: VideoTrack,
    canvas: Size,
    start_ms: int,
    person_share: float | None = None,
) -> Shot:
    """The shot of a plan that begins at `start_ms`, around an inset; whole where two parts have no room.

    `person_share` is the share of the height that the person has; None gives the content what it needs.
    """
    bare = replace(shot, layout="fit", path=(), parts=(), split=0.0)
    if not has_room_for_inset(canvas):
        return bare
    low, high = start_ms + shot.start_ms, start_ms + shot.end_ms
    faces = [f.box for s in analysis.samples if low <= s.time_ms < high for f in s.faces]
    split = content_split(analysis.area, video, canvas)
    if person_share is not None:
        split = 1 - min(MAX_PERSON_SHARE, max(MIN_PERSON_SHARE, person_share))
    above, below = cells(canvas, 2, split)
    parts = (
        _content_part(analysis.area, video, above.size),
        _person_part(crop_window(video, inset, below.size), faces),
    )
    return replace(bare, layout="inset", parts=parts, split=split)


def _content_part(area: Rect, video: VideoTrack, size: Size) -> Rect:
    """All of the area, less the rounding to the shape of a cell of that size where it has that shape."""
    if not has_shape_of(video, area, size):
        return area
    window = crop_window(video, area, size)
    x, y = area.centre
    return Rect(x - window.width / 2, y - window.height / 2, window.width, window.height)


def _person_part(window: CropWindow, faces: Sequence[Rect]) -> Rect:
    """The largest part of the inset in the shape of the cell, around the middle of the faces inside it."""
    inset = window.area
    inside = [face for face in faces if _holds(inset, face)]
    x, y = _middle(inside) if inside else inset.centre
    left = min(max(inset.left, x - window.width / 2), inset.right - window.width)
    top = min(max(inset.top, y - window.height * FACE_CENTRE), inset.bottom - window.height)
    return Rect(left, top, window.width, window.height)


def _holds(inset: Rect, face: Rect) -> bool:
    x, y = face.centre
    return inset.left < x < inset.right and inset.top < y < inset.bottom


def _middle(faces: Sequence[Rect]) -> tuple[float, float]:
    """The median middle of the faces."""
    xs, ys = sorted(face.centre[0] for face in faces), sorted(face.centre[1] for face in faces)
    return xs[len(xs) // 2], ys[len(ys) // 2]
