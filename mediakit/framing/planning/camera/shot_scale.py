"""How close the window of a shot is: a small, far person is enlarged as long as the picture stays sharp.

The scale is one for the whole shot, so nothing ever zooms while it is watched.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from statistics import median

from mediakit.framing.crop_window import CropWindow, clamped
from mediakit.framing.geometry import Size, upright_size
from mediakit.framing.people.tracking import Target
from mediakit.framing.planning.camera.composition import EYE_LINE, HAIR, eye_y
from mediakit.framing.rect import Rect, union_of
from mediakit.media_info import VideoTrack

# A picture is sharp down to so many pixels of the source for one of the Short, along a side.
MIN_SHARPNESS = 0.5
# A face is enlarged to this share of the Short's height: then it is read on a phone, and hands have room beside it.
FACE_HEIGHT = 0.13
# A smaller gain is not worth it; more would make a passer-by the subject.
MIN_ZOOM, MAX_ZOOM = 1.05, 2.5
LARGEST_FACES, LEFT_OUT = 0.9, 0.05  # of a shot's samples, by size and by place
MAX_FILL = (
    0.6  # of the window by a face, or by people who are framed together, along its axis of movement
)
NECK = 0.5  # what belongs to a head below the face's box, in its heights


def closer_window(
    targets: Sequence[Target],
    moving: Mapping[int, Rect],
    texts: Sequence[Rect],
    window: CropWindow,
    *,
    video: VideoTrack,
    canvas: Size,
) -> CropWindow:
    """The window for the faces of one shot, `window` being the largest one; the same one where none is to be closer.

    It shows every line of text that the largest one shows, and all heads from hair to neck with what moves in one
    piece with them: `moving` is that by time in ms.
    """
    if not targets or window.shows_all:
        return window
    bodies = [_body(target, moving.get(target.time_ms)) for target in targets]
    heads = _around(bodies)
    zoom = min(
        FACE_HEIGHT * window.height / max(1e-6, _high([t.box.height for t in targets])),
        _sharpness(window, video, canvas) / MIN_SHARPNESS,
        _room(window, heads),
        window.length / max(1e-6, _high([window.extent(body) for body in bodies])),
        MAX_FILL * window.length / max(1e-6, _high([window.extent(t.box) for t in targets])),
        MAX_ZOOM,
    )
    if zoom < MIN_ZOOM or _shows_text(texts, targets, window):
        return window
    return _placed(window.zoomed(round(zoom, 3)), targets, heads)


def _high(sizes: Sequence[float]) -> float:
    """What all sizes but the greatest few reach at most."""
    return sorted(sizes)[int(LARGEST_FACES * (len(sizes) - 1))]


def _sharpness(window: CropWindow, video: VideoTrack, canvas: Size) -> float:
    """How many pixels of the source the largest window has for one of the Short, along the side that has fewer."""
    size, _ = upright_size(video)
    return min(
        size.width * window.width / canvas.width, size.height * window.height / canvas.height
    )


def _head(face: Rect) -> Rect:
    height = face.height * (HAIR + 1 + NECK)
    return Rect(face.left, face.top - face.height * HAIR, face.width, height)


def _body(target: Target, moving: Rect | None) -> Rect:
    """A head, and what moves with it."""
    head = _head(target.box)
    return head if moving is None else union_of([head, moving])


def _around(boxes: Sequence[Rect]) -> Rect:
    """The rectangle around the boxes but for the outermost of them."""
    last = len(boxes) - 1
    skipped = int(LEFT_OUT * last)
    left, top = (sorted(values)[skipped] for values in _edges(boxes)[:2])
    right, bottom = (sorted(values)[last - skipped] for values in _edges(boxes)[2:])
    return Rect(left, top, right - left, bottom - top)


def _edges(boxes: Sequence[Rect]) -> tuple[list[float], ...]:
    return (
        [box.left for box in boxes],
        [box.top for box in boxes],
        [box.right for box in boxes],
        [box.bottom for box in boxes],
    )


def _room(window: CropWindow, heads: Rect) -> float:
    """The zoom at which the heads of the whole shot just fit the window along the axis in which it never moves."""
    if window.moves_vertically:
        return window.width / max(1e-6, heads.width)
    return window.height / max(1e-6, heads.height)


def _shows_text(texts: Sequence[Rect], targets: Sequence[Target], window: CropWindow) -> bool:
    """Whether a line of text is wholly in the largest window, wherever that follows the targets."""
    places = [window.point_around(0, target.box.centre) for target in targets]
    low, high = min(place.x for place in places), max(place.x for place in places)
    left, right = low - window.width / 2, high + window.width / 2
    return any(text.left >= left and text.right <= right for text in texts)


def _placed(window: CropWindow, targets: Sequence[Target], heads: Rect) -> CropWindow:
    """The window with the eyes on the upper third, and the heads of all samples inside."""
    if window.moves_vertically:
        return replace(window, across=clamped(heads.centre[0], window.bounds_across))
    half = window.height / 2
    wanted = median(map(eye_y, targets)) + half - EYE_LINE * window.height
    inside = (heads.bottom - half, heads.top + half)
    held = clamped(wanted, inside) if inside[0] <= inside[1] else heads.centre[1]
    return replace(window, across=clamped(held, window.bounds_across))
