"""The part of the picture that draws the eye where no face is: what moves by itself, or has colours of its own.

The camera's own motion is taken out first. Positions and sizes are fractions of the picture.
"""

import math
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, takewhile

import numpy as np

from mediakit.framing.analysis.camera_motion import MAX_MOVING, unexplained_motion
from mediakit.framing.analysis.pictures import Grid, Pixels, to_grid
from mediakit.framing.analysis.text.text_lines import find_text_lines
from mediakit.framing.analysis.text.watermarks import Watermarks
from mediakit.framing.rect import Rect

# How many such samples in a row are a change of scene, and how many are known before and after.
MIN_WHIRL_SAMPLES, MAX_WHIRL_SAMPLES, MIN_CALM_SAMPLES = 2, 8, 3
# How far a colour is from those along each edge of the picture, in standard deviations, to be a colour of its own.
MIN_COLOUR_DISTANCE = 3.0
MIN_COLOUR_VARIANCE = 20.0  # of each of L, a and b along an edge
EDGE_SHARE = 0.1  # of the picture's side that is its edge
# Motion counts from this mean on (of 255, over the whole picture), and where it is in this share of a shot's samples.
MIN_MOTION, MIN_MOVING_SAMPLES = 0.12, 0.4
MIN_COLOUR_AREA, MAX_COLOUR_AREA = 0.01, 0.45
SMOOTHING_SAMPLES = 1  # on either side
MIN_TEXT_SAMPLES = 0.3  # of a shot's: text that is there for less may be a mistake
TEXT_PLACES = 24  # along each side
# A region holds what lies between these shares of the whole, along each axis, and a margin (of the picture).
LOW_SHARE, HIGH_SHARE, MARGIN = 0.05, 0.95, 0.02


@dataclass(frozen=True, slots=True)
class Evidence:
    """What may be a subject in one picture: a grid of motion, a grid of colours (L, a, b), and lines of text.

    `text` is None where none was looked for. `is_whirl` says that most of the picture has changed since the previous
    sample: a whip pan, a dissolve or a flash; `is_exposed` that the camera has only exposed again. `changed` is the
    motion in any case, also of a whirl, of which there is none.
    """

    motion: Grid | None
    colours: Grid
    text: tuple[Rect, ...] | None
    is_whirl: bool = False
    is_exposed: bool = False
    changed: Grid | None = None

    @property
    def changed_share(self) -> float:
        """The share of the cells that have changed, but not by a new exposure only."""
        if self.changed is None or self.is_exposed:
            return 0.0
        return float((self.changed > 0).mean())


def look(lab: Pixels, before: Pixels | None, grey: Pixels | None) -> Evidence:
    """The evidence in a small picture beside that of the previous sample; text is searched in `grey`, the large one."""
    motion, is_exposed = None, False
    if before is not None:
        light = (np.ascontiguousarray(each[:, :, 0]) for each in (before, lab))
        motion, is_exposed = unexplained_motion(*light)
    changed = motion
    is_whirl = motion is not None and float((motion > 0).mean()) > MAX_MOVING
    if is_whirl:
        motion = None
    text = None if grey is None else find_text_lines(grey)
    return Evidence(motion, to_grid(lab.astype(np.float32)), text, is_whirl, is_exposed, changed)


def _unusual(colours: Grid, area: Rect) -> Grid | None:
    """How far each cell's colour is from those of the nearest edge of the area, beyond the least distance.

    None where too little or too much of it is.
    """
    rows, columns = (
        _slice(area.top, area.height, len(colours)),
        _slice(area.left, area.width, colours.shape[1]),
    )
    cells = colours[rows, columns]
    high, wide = max(1, round(len(cells) * EDGE_SHARE)), max(1, round(cells.shape[1] * EDGE_SHARE))
    edges = (cells[:high], cells[-high:], cells[:, :wide], cells[:, -wide:])
    nearest = np.min([_distance(cells, edge.reshape(-1, 3)) for edge in edges], axis=0)
    found = np.zeros(colours.shape[:2], np.float32)
    found[rows, columns] = np.maximum(0, nearest - MIN_COLOUR_DISTANCE)
    share = float((found > 0).mean()) / (area.width * area.height)
    return found if MIN_COLOUR_AREA <= share <= MAX_COLOUR_AREA else None


def _slice(start: float, length: float, count: int) -> slice:
    """The cells wholly inside a part of a side."""
    first = math.ceil(start * count - 0.01)
    return slice(first, max(first + 2, math.floor((start + length) * count + 0.01)))


def _distance(cells: Grid, edge: Grid) -> Grid:
    spread = np.cov(edge.T) + np.eye(3) * MIN_COLOUR_VARIANCE
    off = cells - edge.mean(axis=0)
    found: Grid = np.sqrt(np.einsum("yxi,ij,yxj->yx", off, np.linalg.inv(spread), off))
    return found


def without_watermarks(evidence: Evidence, watermarks: Watermarks) -> Evidence:
    """The evidence without lines that are watermarks."""
    if not evidence.text:
        return evidence
    return replace(evidence, text=watermarks.without(evidence.text))


def find_whirls(evidence: Sequence[Evidence | None], with_faces: Collection[int] = ()) -> list[int]:
    """The samples in the middle of each whip pan or dissolve: a brief run of whirls with calm on both sides.

    `with_faces` are the samples that are whirls although a face is seen in them: a face may be seen before a dissolve
    to it is over. By themselves they are none: whoever moves before a camera that moves is in sight all the time.
    """
    found, start = [], 0
    for is_whirl, group in groupby(evidence, key=lambda each: each is not None and each.is_whirl):
        run = list(group)
        count = len(run)
        inside = start >= MIN_CALM_SAMPLES and start + count <= len(evidence) - MIN_CALM_SAMPLES
        is_brief = MIN_WHIRL_SAMPLES <= count <= MAX_WHIRL_SAMPLES
        if is_whirl and inside and is_brief and not _is_exposure(run):
            after = takewhile(with_faces.__contains__, range(start + count, len(evidence)))
            before = takewhile(with_faces.__contains__, range(start - 1, -1, -1))
            found.append(start + (count + len(list(after)) - len(list(before))) // 2)
        start += count
    return found


def _is_exposure(run: Sequence[Evidence | None]) -> bool:
    """Whether the camera exposes again in a run of whirls; a dissolve may begin or end like that."""
    return 2 * sum(each is not None and each.is_exposed for each in run) > len(run)


def find_regions(evidence: Sequence[Evidence | None], area: Rect) -> list[Rect | None]:
    """The region of each sample of one shot; None where there is none.

    It is the motion's where much of the shot moves, else the colour's inside `area`. Text that stays belongs to it.
    """
    moving = [_smoothed(evidence, i) for i in range(len(evidence))]
    present = [grid is not None and float(grid.mean()) >= MIN_MOTION for grid in moving]
    known = [each for each in evidence if each is not None]
    if known and sum(present) >= MIN_MOVING_SAMPLES * len(known):
        grids = [grid if moves else None for grid, moves in zip(moving, present, strict=True)]
    else:
        grids = [None if each is None else _unusual(each.colours, area) for each in evidence]
    text = lasting_text(known)
    return [None if grid is None else _union([_box(grid), *text]) for grid in grids]


def _smoothed(evidence: Sequence[Evidence | None], index: int) -> Grid | None:
    """The mean motion around a sample that has evidence."""
    if evidence[index] is None:
        return None
    near = evidence[max(0, index - SMOOTHING_SAMPLES) : index + SMOOTHING_SAMPLES + 1]
    grids = [each.motion for each in near if each is not None and each.motion is not None]
    return np.mean(np.stack(grids), axis=0) if grids else None


def lasting_text(evidence: Sequence[Evidence]) -> list[Rect]:
    """The lines of text whose middle is at one place for much of the shot."""
    looked = [each.text for each in evidence if each.text is not None]
    lines = [line for text in looked for line in text]
    counts = Counter(_place(line) for line in lines)
    least = MIN_TEXT_SAMPLES * len(looked)
    return [line for line in lines if _count_near(counts, _place(line)) >= least]


def _place(box: Rect) -> tuple[int, int]:
    x, y = box.centre
    return int(x * TEXT_PLACES), int(y * TEXT_PLACES)


def _count_near(counts: Mapping[tuple[int, int], int], place: tuple[int, int]) -> int:
    x, y = place
    near = ((x + across, y + down) for across in (-1, 0, 1) for down in (-1, 0, 1))
    return sum(counts.get(each, 0) for each in near)


def _box(grid: Grid) -> Rect:
    left, right = _extent(grid.sum(axis=0))
    top, bottom = _extent(grid.sum(axis=1))
    return Rect(left, top, right - left, bottom - top)


def _extent(profile: Grid) -> tuple[float, float]:
    """Where a profile's middle part begins and ends, as fractions, with the margin."""
    total = np.concatenate([[0], np.cumsum(profile)]) / profile.sum()
    places = np.linspace(0, 1, len(total))
    low, high = np.interp([LOW_SHARE, HIGH_SHARE], total, places)
    return max(0.0, float(low) - MARGIN), min(1.0, float(high) + MARGIN)


def _union(rects: Sequence[Rect]) -> Rect:
    left, top = min(r.left for r in rects), min(r.top for r in rects)
    right, bottom = max(r.right for r in rects), max(r.top + r.height for r in rects)
    return Rect(left, top, right - left, bottom - top)
