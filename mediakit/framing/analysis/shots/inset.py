"""Insets: the small picture of a person that lies on slides, a screen or a game, found as a rectangle.

Its borders are straight lines that stand still from look to look while a face moves inside. Positions are fractions of
the picture.
"""

from collections.abc import Sequence
from statistics import fmean
from typing import Any

import numpy as np

from mediakit.framing.analysis.pictures import Pixels
from mediakit.framing.people.face_tracks import Track, find_tracks
from mediakit.framing.range_analysis import FaceSample
from mediakit.framing.rect import Rect, covered_share, holds_middle

Lines = np.ndarray[Any, np.dtype[np.int64]]
Values = np.ndarray[Any, np.dtype[np.float32]]

MIN_LOOKS = 4
# A border differs from one side to the other by so many grey levels, in this quantile of the looks.
MIN_STEP, STEP_QUANTILE = 3.0, 0.25
RIDGE = 1.3  # and by so many times the steps three and four pixels beside it, on the calmer side
LARGE_BONUS = 0.25
# So much of every side is seen as a border, and of all sides on the average.
MIN_SIDE, MIN_MEAN = 0.5, 0.85
MIN_KNOWN = 0.5  # of all sides, where the same rectangle was found in another shot
FAINT, STRONG_STEP = (
    0.97,
    40,
)  # what the faintest border counts as, and the step from which one counts fully
PICTURE_EDGE = 0.975  # what an edge of the picture counts as
# The lines of a wall or a window go on beyond the corners of a rectangle; those of an inset end there, unless what is
# around it is full of lines. How much may go on, as a mean of all eight ends, each of the share BEYOND of its side;
# from SOME_BEYOND on the sides must have no gap.
BEYOND, MAX_BEYOND, SOME_BEYOND, SURE_MEAN = 0.3, 0.75, 0.4, 0.95
# A side is clear from this share on; of each of its ends, END of them a side, there is so much: a side ends at corners.
CLEAR, END, MIN_END = 0.99, 8, 0.1
# One side may be fainter, as of dark hair before a dark slide, where the other three are seen so well and the two that
# meet it end there: so much of each is seen just inside the corner, and so little just beyond it.
FAINT_SIDE, OTHER_SIDES, INSIDE_CORNER, BEYOND_CORNER = 0.25, 0.8, 0.5, 0.25
CANDIDATES = 14  # lines tried on each side
AT_EDGE = 0.008  # of the picture: what is nearer to its edge is no line beside it
# The largest and smallest inset, its face in its height, and how far its middle is from the picture's.
MAX_WIDTH, MAX_HEIGHT, MAX_AREA = 0.5, 0.62, 0.22
MIN_WIDTH, MIN_HEIGHT = 0.08, 0.1
FACE_IN_INSET = (0.12, 0.95)
FACE_SLACK = 0.15  # of the face may lie outside: its box is larger than the face
MIN_OFF_CENTRE = 0.16
SHAPES = (0.5, 2.4)  # width for height, in pixels
MIN_PRESENCE = 0.6  # of the shot's samples, with the face
MIN_FACE_MOTION = 0.002  # a photograph does not move
# A body that goes on beyond a rectangle is not in an inset, unless all four sides are seen so well and go on no more
# than that: the outline of a body runs on over a ground of its colours.
MIN_BODY_INSIDE = 0.7  # of the area of the body's box
SURE_SIDE, SURE_BEYOND = 0.9, 0.5
MIN_OPPOSITE = 0.75  # of a side opposite the picture's edge, where no body is known


class StillEdges:
    """The borders that stand still in the looks of a shot: steps in grey from column to column and row to row."""

    def __init__(self, looks: Sequence[Pixels]) -> None:
        stack = np.stack(looks).astype(np.int16)
        self.height, self.width = stack.shape[1:]
        across = _steps(stack, axis=2)
        down = _steps(stack, axis=1)
        # Sums along each line, so that the share of a border on any part of it is a difference.
        self.columns = np.pad(np.cumsum(across, axis=0, dtype=np.float32), ((1, 0), (0, 0)))
        self.rows = np.pad(np.cumsum(down, axis=1, dtype=np.float32), ((0, 0), (1, 0)))

    def sides(self, box: tuple[int, int, int, int]) -> tuple[float, float, float, float]:
        """How much of the left, top, right and bottom side (in px, right and bottom exclusive) is a border."""
        left, top, right, bottom = box
        return (
            self._column(left, top, bottom),
            self._row(top, left, right),
            self._column(right, top, bottom),
            self._row(bottom, left, right),
        )

    def side_shares(self, x0: Lines, x1: Lines, y0: Lines, y1: Lines) -> Values:
        """What `sides` gives, for all rectangles of some lines: (left, right, top, bottom) by rectangle."""
        wide, high = np.maximum(1, x1 - x0), np.maximum(1, y1 - y0)
        shares = (
            (self.columns[y1, x0] - self.columns[y0, x0]) / high,
            (self.columns[y1, x1] - self.columns[y0, x1]) / high,
            (self.rows[y0, x1] - self.rows[y0, x0]) / wide,
            (self.rows[y1, x1] - self.rows[y1, x0]) / wide,
        )
        return np.stack(np.broadcast_arrays(*shares))

    def beyond(self, box: tuple[int, int, int, int]) -> float:
        """How much the sides of a box go on beyond its corners, from 0 to 1; the picture's edge does not count."""
        left, top, right, bottom = box
        wide, high = round(BEYOND * (right - left)), round(BEYOND * (bottom - top))
        found = []
        for x in (left, right):
            if 0 < x < self.width:
                found += [self._column(x, max(0, top - high), top)] if top else []
                end = min(self.height, bottom + high)
                found += [self._column(x, bottom, end)] if end > bottom else []
        for y in (top, bottom):
            if 0 < y < self.height:
                found += [self._row(y, max(0, left - wide), left)] if left else []
                end = min(self.width, right + wide)
                found += [self._row(y, right, end)] if end > right else []
        return fmean(found) if found else 0.0

    def _column(self, x: int, top: int, bottom: int) -> float:
        return float(self.columns[bottom, x] - self.columns[top, x]) / max(1, bottom - top)

    def _row(self, y: int, left: int, right: int) -> float:
        return float(self.rows[y, right] - self.rows[y, left]) / max(1, right - left)


def _steps(stack: np.ndarray[Any, np.dtype[np.int16]], *, axis: int) -> Values:
    """FAINT to 1 where a border is still before a column (axis 2) or a row (axis 1), PICTURE_EDGE at the picture's."""
    step = np.abs(np.diff(stack, axis=axis))
    still = _quantile(step, STEP_QUANTILE)
    pad = [(0, 0), (0, 0)]
    pad[axis - 1] = (1, 1)
    before, after = (
        np.roll(still, by, axis - 1) + np.roll(still, by // 3 * 4, axis - 1) for by in (3, -3)
    )
    beside = np.minimum(before, after) / 2
    # Of borders that are equally long the strongest counts: a curtain has lines as well.
    worth = FAINT + (1 - FAINT) * np.minimum(1, still / STRONG_STEP)
    is_border = (still >= MIN_STEP) & (still >= RIDGE * beside)
    found = np.pad(np.where(is_border, worth, 0).astype(np.float32), pad)
    # A border between two pixels is spread over both.
    spread = np.maximum(np.roll(found, 1, axis - 1), np.roll(found, -1, axis - 1))
    sides = np.maximum(found, 0.999 * spread)
    sides[(slice(None), (0, -1)) if axis == 2 else ((0, -1), slice(None))] = PICTURE_EDGE
    return np.asarray(sides, np.float32)


def _quantile(values: np.ndarray[Any, np.dtype[np.int16]], share: float) -> Values:
    """The quantile along the first axis, interpolated as NumPy's is, in a quarter of its time: all of them sorted."""
    ordered = np.sort(values, axis=0)
    place = share * (len(ordered) - 1)
    low, part = int(place), place % 1
    high = min(low + 1, len(ordered) - 1)
    return np.asarray((1 - part) * ordered[low] + part * ordered[high], np.float32)


def find_inset(looks: Sequence[Pixels], samples: Sequence[FaceSample]) -> Rect | None:
    """The inset of a shot; None without one, and where several people have a rectangle of their own."""
    if len(looks) < MIN_LOOKS:
        return None
    tracks = [track for track in find_tracks(samples) if _may_be_inset(track, len(samples))]
    if not tracks:
        return None
    edges = StillEdges(looks)
    found = [box for track in tracks if (box := _rectangle_around(track.median_box, edges))]
    if len(found) != 1:
        return None
    (inset,) = found
    return inset if _is_sure(inset, edges, samples) else None


def _is_sure(inset: Rect, edges: StillEdges, samples: Sequence[FaceSample]) -> bool:
    """Whether a rectangle is clear on all sides, or the body of its face ends with it as far as bodies are known.

    Where none is known it has no faint side opposite the picture's edge, as part of a split screen has.
    """
    box = _box_in_px(inset, edges)
    sides = edges.sides(box)
    if min(sides) >= SURE_SIDE and edges.beyond(box) <= SURE_BEYOND:
        return True
    held = _held(inset, samples)
    if held:
        return 2 * sum(held) >= len(held)
    at_edge = (box[2] == edges.width, box[3] == edges.height, box[0] == 0, box[1] == 0)
    return not any(
        is_edge and side < MIN_OPPOSITE for is_edge, side in zip(at_edge, sides, strict=True)
    )


def _box_in_px(box: Rect, edges: StillEdges) -> tuple[int, int, int, int]:
    left, right = round(box.left * edges.width), round(box.right * edges.width)
    return left, round(box.top * edges.height), right, round(box.bottom * edges.height)


def _held(inset: Rect, samples: Sequence[FaceSample]) -> list[bool]:
    """Of each body that is known of a face in an inset, whether it ends with the inset."""
    return [
        covered_share(body.box, inset) >= MIN_BODY_INSIDE
        for sample in samples
        for face in sample.faces
        if holds_middle(inset, face.box)
        for body in sample.bodies or ()
        if holds_middle(body.box, face.box)
    ]


def is_known_inset(box: Rect, looks: Sequence[Pixels], samples: Sequence[FaceSample]) -> bool:
    """Whether an inset of another shot is on screen in this one as well.

    A shot may be too brief for a look: then it is where that one's face is, whole and no larger than an inset's.
    """
    faces = [face.box for sample in samples for face in sample.faces]
    if not looks:
        return bool(faces) and all(_holds_whole(box, face) for face in faces)
    centres = [face.centre for face in faces]
    if not any(box.left < x < box.right and box.top < y < box.bottom for x, y in centres):
        return False
    edges = StillEdges(looks)
    return fmean(edges.sides(_box_in_px(box, edges))) >= MIN_KNOWN


def _holds_whole(inset: Rect, face: Rect) -> bool:
    low, most = FACE_IN_INSET
    across = inset.left <= face.left and face.right <= inset.right
    down = inset.top <= face.top and face.bottom <= inset.bottom
    return across and down and low * inset.height <= face.height <= most * inset.height


def _may_be_inset(track: Track, count: int) -> bool:
    """Whether a face is small, there for long enough and alive."""
    box = track.median_box
    if box.height > MAX_HEIGHT or len(track.faces) < MIN_PRESENCE * count:
        return False
    return fmean(face.motion for face in track.faces.values()) >= MIN_FACE_MOTION


def _rectangle_around(face: Rect, edges: StillEdges) -> Rect | None:
    """The rectangle around a face whose sides are borders; None if there is none that an inset could be."""
    width, height = edges.width, edges.height
    face_left, face_right = round(face.left * width), round(face.right * width)
    face_top, face_bottom = round(face.top * height), round(face.bottom * height)
    reach_x, reach_y = round(MAX_WIDTH * width), round(MAX_HEIGHT * height)
    # Lines are chosen by the part beside the face, which every rectangle around it has.
    beside = edges.columns[min(height, face_bottom)] - edges.columns[face_top]
    above = edges.rows[:, min(width, face_right)] - edges.rows[:, face_left]
    slack_x, slack_y = (
        round(FACE_SLACK * face.width * width),
        round(FACE_SLACK * face.height * height),
    )
    lefts = _lines(beside, max(0, face_right - reach_x), face_left + slack_x + 1)
    rights = _lines(beside, face_right - slack_x, min(width, face_left + reach_x) + 1)
    tops = _lines(above, max(0, face_bottom - reach_y), face_top + slack_y + 1)
    bottoms = _lines(above, face_bottom - slack_y, min(height, face_top + reach_y) + 1)
    # Every rectangle of these lines, as arrays over (left, right, top, bottom).
    x0, x1, y0, y1 = np.ix_(lefts, rights, tops, bottoms)
    wide, high = x1 - x0, np.maximum(1, y1 - y0)
    sides = edges.side_shares(x0, x1, y0, y1)
    least, mean = sides.min(axis=0), sides.mean(axis=0)
    fits = (least >= MIN_SIDE) & (mean >= MIN_MEAN)
    fits |= _has_one_faint_side(edges, (x0, x1, y0, y1), sides)
    fits &= wide > 0
    fits &= (SHAPES[0] <= wide / high) & (wide / high <= SHAPES[1])
    fits &= _may_hold(x0 / width, x1 / width, y0 / height, y1 / height, face)
    across, down = np.maximum(2, wide // END), np.maximum(2, high // END)
    for ends in (
        edges.side_shares(x0, x1, y0, np.minimum(y0 + down, height))[[0, 1]],
        edges.side_shares(x0, x1, np.maximum(y1 - down, 0), y1)[[0, 1]],
        edges.side_shares(x0, np.minimum(x0 + across, width), y0, y1)[[2, 3]],
        edges.side_shares(np.maximum(x1 - across, 0), x1, y0, y1)[[2, 3]],
    ):
        fits &= ends.min(axis=0) >= MIN_END
    if not fits.any():
        return None
    # Of rectangles that are about as clear the largest counts: a curtain inside has straight lines as well.
    clear = np.minimum(sides, CLEAR)
    score = (
        clear.min(axis=0)
        + clear.mean(axis=0)
        + LARGE_BONUS * np.sqrt(wide * high / (width * height))
    )
    best = np.unravel_index(int(np.where(fits, score, 0).argmax()), fits.shape)
    left, right, top, bottom = (
        line[i] for line, i in zip((lefts, rights, tops, bottoms), best, strict=True)
    )
    beyond = edges.beyond((left, top, right, bottom))
    if beyond > MAX_BEYOND or (beyond > SOME_BEYOND and mean[best] < SURE_MEAN):
        return None
    return Rect(left / width, top / height, (right - left) / width, (bottom - top) / height)


Box = tuple[Lines, Lines, Lines, Lines]  # left, right, top and bottom of many rectangles


def _has_one_faint_side(edges: StillEdges, box: Box, sides: Values) -> Any:
    """Which rectangles are clear but for one side, where the two sides that meet it end."""
    x0, x1, y0, y1 = box
    across, down = np.maximum(2, (x1 - x0) // END), np.maximum(2, (y1 - y0) // END)
    left, right, up, low = x0 - across, x1 + across, y0 - down, y1 + down
    # What is just inside and just beyond both corners, for a faint left, right, top and bottom side.
    corners = (
        ((x0, x0 + across, y0, y1), (left, x0, y0, y1), (2, 3)),
        ((x1 - across, x1, y0, y1), (x1, right, y0, y1), (2, 3)),
        ((x0, x1, y0, y0 + down), (x0, x1, up, y0), (0, 1)),
        ((x0, x1, y1 - down, y1), (x0, x1, y1, low), (0, 1)),
    )
    found = np.zeros(sides.shape[1:], bool)
    for faint, (inside, beyond, met) in enumerate(corners):
        others = np.delete(sides, faint, axis=0)
        ends = edges.side_shares(*_clipped(inside, edges))[list(met)].min(axis=0)
        goes_on = edges.side_shares(*_clipped(beyond, edges))[list(met)].max(axis=0)
        is_one = (others.min(axis=0) >= OTHER_SIDES) & (sides[faint] >= FAINT_SIDE)
        found |= is_one & (ends >= INSIDE_CORNER) & (goes_on <= BEYOND_CORNER)
    return found


def _clipped(box: Box, edges: StillEdges) -> Box:
    """Rectangles as far as they are in the picture."""
    x0, x1, y0, y1 = box
    left, right = np.clip(x0, 0, edges.width), np.clip(x1, 0, edges.width)
    return left, right, np.clip(y0, 0, edges.height), np.clip(y1, 0, edges.height)


def _lines(strength: Values, low: int, high: int) -> list[int]:
    """The strongest lines of a range, one of neighbours, and the edges of the picture that lie in it."""
    last = len(strength) - 1
    near = round(AT_EDGE * last)
    found = [line for line in (0, last) if low <= line < high]
    for i in np.argsort(-strength[low:high], kind="stable"):
        line = low + int(i)
        if len(found) >= CANDIDATES or strength[line] <= 0:
            break
        if near < line < last - near and all(abs(line - other) > 1 for other in found):
            found.append(line)
    return found


def _may_hold(left: Values, right: Values, top: Values, bottom: Values, face: Rect) -> Any:
    """Which rectangles have the size and place of an inset for the face."""
    wide, high = right - left, bottom - top
    low, most = FACE_IN_INSET
    off = np.maximum(np.abs((left + right) / 2 - 0.5), np.abs((top + bottom) / 2 - 0.5))
    return (
        ((wide >= MIN_WIDTH) & (wide <= MAX_WIDTH) & (high >= MIN_HEIGHT) & (high <= MAX_HEIGHT))
        & (wide * high <= MAX_AREA)
        & (low * high <= face.height)
        & (face.height <= most * high)
        & (off >= MIN_OFF_CENTRE)
    )
