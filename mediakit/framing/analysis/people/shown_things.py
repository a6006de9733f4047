"""A flat thing that a person holds up beside the face, such as a sheet or a book: a rectangle that moves a little."""

from collections.abc import Iterable, Sequence

import numpy as np

from mediakit.framing.analysis.pictures import Pixels, cv2
from mediakit.framing.range_analysis import FaceSample, ShownThing
from mediakit.framing.rect import Rect, union_of

# Outlines are searched in edges of three strengths and in what is lighter than each of these levels.
EDGES, LEVELS = (12, 20, 40), (60, 90, 120, 150, 180, 210)
# The area of the thing in areas of the face; how much of its outline's hull, and of its rectangle, it fills.
MIN_AREA, MAX_AREA, MIN_SOLID, MIN_FILLED = 1.0, 12.0, 0.8, 0.78
# It is near the face: so far aside and so much before it at most, in widths; and beside it for so much of its height.
MAX_GAP, MAX_BEFORE, MIN_BESIDE, CHIN = 1.2, 0.3, 0.3, 0.3
MIN_FACE = 0.12  # of the picture's height: farther away rooms are full of rectangles
EDGE = 0.005  # of the picture
SHRINK = 0.5  # of each side: outlines of a thing as large as a face are as clear, and a third of the work
# It is shown for so long, seen in so many of the looks meanwhile, and held by somebody: two of its edges move by so
# much. Of what is behind a person who moves one edge does.
MIN_SHOWN_MS, MIN_SEEN, MAX_GAP_MS, MIN_MOVE = 2_000, 0.6, 2_500, 0.006

Seen = tuple[int, Rect]  # a look's time, and the thing in it


def find_shown(
    looks: Iterable[tuple[int, Pixels]], samples: Sequence[FaceSample]
) -> tuple[ShownThing, ...]:
    """What is held up in a shot and when, from its grey looks and their times."""
    times: list[int] = []
    runs: list[list[Seen]] = []
    for time_ms, look in looks:
        near = min(samples, key=lambda sample: abs(sample.time_ms - time_ms), default=None)
        faces = [] if near is None else [face.box for face in near.faces]
        box = find_thing(look, max(faces, key=lambda face: face.height, default=None))
        times.append(time_ms)
        if box is None:
            continue
        if not runs or time_ms - runs[-1][-1][0] > MAX_GAP_MS:
            runs.append([])
        runs[-1].append((time_ms, box))
    return tuple(_thing(run) for run in runs if _is_held(run, times))


def _is_held(run: Sequence[Seen], times: Sequence[int]) -> bool:
    first, last = run[0][0], run[-1][0]
    looked = sum(first <= time <= last for time in times)
    boxes = [box for _, box in run]
    edges = zip(*((b.left, b.top, b.right) for b in boxes), strict=True)
    _, moved, _ = sorted(max(places) - min(places) for places in edges)
    return last - first >= MIN_SHOWN_MS and len(run) >= MIN_SEEN * looked and moved >= MIN_MOVE


def _thing(run: Sequence[Seen]) -> ShownThing:
    return ShownThing(run[0][0], run[-1][0], union_of([box for _, box in run]))


def find_thing(look: Pixels, face: Rect | None) -> Rect | None:
    """The largest flat thing beside a face in a grey picture."""
    if face is None or face.height < MIN_FACE:
        return None
    small = cv2.resize(look, None, fx=SHRINK, fy=SHRINK, interpolation=cv2.INTER_AREA)
    high, wide = small.shape
    area = face.width * wide * face.height * high
    found = [
        box
        for outline in _outlines(small)
        if MIN_AREA * area < cv2.contourArea(outline) < MAX_AREA * area
        if _is_rectangle(outline) and _is_beside(box := _box(outline, wide, high), face)
    ]
    return max(found, key=lambda box: box.width * box.height, default=None)


def _outlines(look: Pixels) -> Iterable[Pixels]:
    calm = cv2.GaussianBlur(look, (5, 5), 0)
    near = np.ones((3, 3), np.uint8)
    for low in EDGES:
        yield from _contours(cv2.dilate(cv2.Canny(calm, low, 2.5 * low), near))
    for level in LEVELS:
        yield from _contours((calm > level).astype(np.uint8))


def _contours(mask: Pixels) -> Sequence[Pixels]:
    found: Sequence[Pixels] = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)[0]
    return found


def _is_rectangle(outline: Pixels) -> bool:
    area = cv2.contourArea(outline)
    _, (width, height), _ = cv2.minAreaRect(outline)
    hull = cv2.contourArea(cv2.convexHull(outline))
    return bool(area >= MIN_SOLID * hull and area >= MIN_FILLED * width * height)


def _box(outline: Pixels, wide: int, high: int) -> Rect:
    x, y, width, height = cv2.boundingRect(outline)
    return Rect(x / wide, y / high, width / wide, height / high)


def _is_beside(box: Rect, face: Rect) -> bool:
    """Whether a rectangle is beside a face, at its height, and no part of the wall."""
    gap = max(face.left - box.right, box.left - face.right)
    before = min(face.right, box.right) - max(face.left, box.left)
    beside = min(face.bottom + CHIN * face.height, box.bottom) - max(face.top, box.top)
    is_wall = min(box.left, box.top, 1 - box.right) <= EDGE
    return (
        gap <= MAX_GAP * face.width
        and before <= MAX_BEFORE * face.width
        and beside >= MIN_BESIDE * face.height
        and not is_wall
    )
