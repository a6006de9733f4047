"""The tiles of a video call: rectangles on a ground of one colour that stands still between them.

The picture is cut along lines of that ground, from side to side or from top to bottom, and each piece again (an XY cut:
G. Nagy and S. Seth, "Hierarchical representation of optically scanned documents", 1984). Positions are fractions of the
picture.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

import numpy as np

from mediakit.framing.analysis.pictures import Pixels
from mediakit.framing.analysis.shots.inset import MIN_FACE_MOTION
from mediakit.framing.people.face_tracks import Track, find_tracks
from mediakit.framing.range_analysis import FaceSample
from mediakit.framing.rect import Rect, holds_middle

MIN_LOOKS = 2
# The ground differs by so many grey levels from its colour, on the average of all looks and in any of them (next to a
# border it is not clean), but for so much of a line.
TOLERANCE, ANY_TOLERANCE, FAULTS = 8, 24, 0.01
# A tile has so much of the picture's width and height, and of its sides so much differs from the ground right inside:
# the outline of a person before a plain wall differs in part.
MIN_WIDTH, MIN_HEIGHT, MIN_SIDE = 0.12, 0.12, 0.7
INSIDE_PX = 2  # of a look, from a side; a border between two pixels is spread over both
SAME_PX = 3  # of a look, by which two tiles of a size differ
MAX_TILES, MAX_CUTS = 25, 6  # of a call, and in depth
# The tiles of a gallery are about as large: the smallest has so much of the area of the largest. With people in them
# they have so much of all tiles, else they lie beside a screen that is shared.
MIN_ALIKE, MIN_WITH_PEOPLE = 0.4, 0.5
MIN_PRESENCE = 0.5  # of the shot's samples, with the face of a tile


# By row and column of a look, or by line: whether it is ground.
Ground = np.ndarray[Any, np.dtype[np.bool_]]


@dataclass(frozen=True, slots=True)
class _Box:
    """A rectangle in px of a look, right and bottom exclusive."""

    left: int
    top: int
    right: int
    bottom: int

    def part(self, axis: int, low: int, high: int) -> "_Box":
        """The rows (axis 0) or columns (axis 1) from one to another, counted from its own first."""
        if axis == 0:
            return _Box(self.left, self.top + low, self.right, self.top + high)
        return _Box(self.left + low, self.top, self.left + high, self.bottom)


def find_tiles(looks: Sequence[Pixels], samples: Sequence[FaceSample]) -> tuple[Rect, ...]:
    """The tiles, in the order of reading; none where there are not two people in tiles of about the same size.

    In some nobody may be seen: a camera is off, or a face is not found.
    `looks` are grey pictures of one shot, `samples` those of the shot.
    """
    tracks = [track for track in find_tracks(samples) if _is_person(track, len(samples))]
    if len(looks) < MIN_LOOKS or len(tracks) < 2:
        return ()
    ground = _find_ground(np.stack(looks))
    if ground is None:
        return ()
    height, width = ground.shape
    pieces = list(_pieces(ground, _Box(0, 0, width, height), MAX_CUTS))
    sure = [piece for piece in pieces if _is_tile(piece, ground)]
    tiles = [_inside(piece, width, height) for piece in pieces if _is_as_large(piece, sure)]
    if len(tiles) > MAX_TILES:
        return ()
    peopled = [tile for tile in tiles if any(holds_middle(tile, t.median_box) for t in tracks)]
    least = MIN_ALIKE * max(map(_area, peopled), default=0.0)
    alike = [tile for tile in peopled if _area(tile) >= least]
    if len(alike) < 2 or sum(map(_area, alike)) < MIN_WITH_PEOPLE * sum(map(_area, tiles)):
        return ()
    return tuple(tile for tile in tiles if _area(tile) >= least)


def _is_person(track: Track, count: int) -> bool:
    """Whether a face is there for long enough, and alive."""
    is_there = len(track.faces) >= MIN_PRESENCE * count
    return is_there and fmean(f.motion for f in track.faces.values()) >= MIN_FACE_MOTION


def _find_ground(stack: np.ndarray[Any, np.dtype[np.uint8]]) -> Ground | None:
    """Where the picture has the colour of most lines that have one colour, in all looks; None without such a line."""
    usual = stack.mean(axis=0)
    low, high = stack.min(axis=0), stack.max(axis=0)
    colours: Counter[int] = Counter()
    for axis in (0, 1):
        darkest = np.quantile(usual, FAULTS, axis=1 - axis)
        brightest = np.quantile(usual, 1 - FAULTS, axis=1 - axis)
        plain = brightest - darkest <= TOLERANCE
        colours.update(np.rint((darkest + brightest) / 2)[plain].astype(int).tolist())
    if not colours:
        return None
    colour, _ = colours.most_common(1)[0]
    is_still = (low >= colour - ANY_TOLERANCE) & (high <= colour + ANY_TOLERANCE)
    return np.asarray((np.abs(usual - colour) <= TOLERANCE) & is_still)


def _pieces(ground: Ground, box: _Box, cuts: int) -> Iterator[_Box]:
    """The pieces of a box that no line of the ground cuts any more, in the order of reading."""
    inside = ground[box.top : box.bottom, box.left : box.right]
    for axis in (0, 1):  # rows, columns
        spans = _spans(inside.mean(axis=1 - axis) < 1 - FAULTS)
        if not spans:
            return  # nothing but ground
        if spans != [(0, inside.shape[axis])] and cuts:
            for low, high in spans:
                yield from _pieces(ground, box.part(axis, low, high), cuts - 1)
            return
    yield box


def _spans(kept: Ground) -> list[tuple[int, int]]:
    """The runs of lines that are kept, as (first, end)."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], kept, [False]]).astype(np.int8)))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def _is_tile(box: _Box, ground: Ground) -> bool:
    """Whether a piece is large enough, and straight on all four sides."""
    height, width = ground.shape
    wide, high = box.right - box.left, box.bottom - box.top
    if wide < MIN_WIDTH * width or high < MIN_HEIGHT * height:
        return False
    inside = ground[box.top : box.bottom, box.left : box.right]
    sides = (
        inside[INSIDE_PX],
        inside[-1 - INSIDE_PX],
        inside[:, INSIDE_PX],
        inside[:, -1 - INSIDE_PX],
    )
    return all(1 - side.mean() >= MIN_SIDE for side in sides)


def _is_as_large(box: _Box, tiles: Sequence[_Box]) -> bool:
    """Whether a piece is a tile, or just as large as one: a dark room on a dark ground has no clear sides."""
    wide, high = box.right - box.left, box.bottom - box.top
    return any(
        abs(tile.right - tile.left - wide) <= SAME_PX
        and abs(tile.bottom - tile.top - high) <= SAME_PX
        for tile in tiles
    )


def _inside(box: _Box, width: int, height: int) -> Rect:
    """What a piece surely shows: its border is spread over the pixels beside it."""
    left, top = box.left + INSIDE_PX, box.top + INSIDE_PX
    wide, high = box.right - INSIDE_PX - left, box.bottom - INSIDE_PX - top
    return Rect(left / width, top / height, wide / width, high / height)


def _area(box: Rect) -> float:
    return box.width * box.height
