"""A part of the picture on blur that follows its subject as a crop window does: it keeps its size and moves sideways.

Positions are fractions of the picture, times ms of the video.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from mediakit.framing.crop_plan import PathPoint, Shot
from mediakit.framing.crop_window import CropWindow
from mediakit.framing.people.tracking import Target
from mediakit.framing.planning.camera.camera_path import camera_path
from mediakit.framing.planning.subjects.subject_spans import (
    MAX_PART_FILL,
    PartSpan,
    change_cost,
    part_windows,
)
from mediakit.framing.rect import Rect
from mediakit.framing.window_path import path_position
from mediakit.media_info import VideoTrack

# What a move costs, in seconds at e times the size. A part that follows wholly holds the subject in this share of the
# samples.
MOVE_COST, HELD_SAMPLES = 0.5, 0.95


@dataclass(frozen=True, slots=True)
class MovingPart:
    """Where a part is first, and the path of its centre."""

    part: Rect
    path: tuple[PathPoint, ...]


def moving_part(
    targets: Sequence[Target], resting: Sequence[PartSpan], window: CropWindow, video: VideoTrack
) -> MovingPart | None:
    """The narrowest part that can follow the targets, if it is larger on the screen than the parts that rest."""
    start_ms, end_ms = targets[0].time_ms, targets[-1].time_ms
    known = _gain(resting, window.area.width)
    for part in part_windows(window, video):
        gain = math.log(window.area.width / part.width) * (end_ms - start_ms) / 1000
        if gain < known + MOVE_COST:
            return None
        fitting = [target.box.width <= MAX_PART_FILL * part.width for target in targets]
        if sum(fitting) < HELD_SAMPLES * len(targets):
            continue
        path = tuple(camera_path(targets, Shot(start_ms, end_ms, "fit", reason="subject"), part, 0))
        is_worth_it = gain >= known + MOVE_COST * _moves(path)
        if len(path) > 1 and is_worth_it and _holds(part, path, targets):
            left = path[0].x - part.width / 2
            return MovingPart(Rect(left, part.area.top, part.width, part.height), path)
    return None


def _gain(resting: Sequence[PartSpan], whole: float) -> float:
    """What parts that rest gain over the whole picture: the logarithms of their sizes, in seconds, less the changes."""
    sizes = [math.log(whole / span.part.width) if span.part else 0.0 for span in resting]
    seconds = [(span.end_ms - span.start_ms) / 1000 for span in resting]
    gained = sum(size * length_s for size, length_s in zip(sizes, seconds, strict=True))
    return gained - sum(change_cost(before, after) for before, after in pairwise(sizes))


def _moves(path: Sequence[PathPoint]) -> int:
    """How often a path begins to move, or turns."""
    ways = [(before.x < after.x) - (before.x > after.x) for before, after in pairwise(path)]
    return sum(way != before for before, way in pairwise([0, *ways]) if way)


def _holds(part: CropWindow, path: Sequence[PathPoint], targets: Sequence[Target]) -> bool:
    held = 0
    for target in targets:
        left = path_position(path, target.time_ms)[0] - part.width / 2
        held += left <= target.box.left and target.box.right <= left + part.width
    return held >= HELD_SAMPLES * len(targets)
