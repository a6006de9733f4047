"""Where the crop window, or the part of a picture that is shown on blur, is at a time."""

from collections.abc import Sequence
from dataclasses import replace

from mediakit.framing.crop_plan import PathPoint, Shot
from mediakit.framing.rect import Rect


def path_position(path: Sequence[PathPoint], time_ms: float) -> tuple[float, float]:
    """The crop window's centre (x, y) at a time, interpolated linearly between two points."""
    before = path[0]
    for point in path:
        if point.time_ms > time_ms:
            if point is before:
                break
            share = (time_ms - before.time_ms) / (point.time_ms - before.time_ms)
            return before.x + (point.x - before.x) * share, before.y + (point.y - before.y) * share
        before = point
    return before.x, before.y


def fitted_at(shot: Shot, area: Rect, time_ms: float) -> Rect:
    """What a "fit" shows of the area at a time of the Short: its part, which may move, or all of it."""
    part = shot.fitted(area)
    if not shot.parts or not shot.path:
        return part
    x, y = path_position(shot.path, time_ms)
    return replace(part, left=x - part.width / 2, top=y - part.height / 2)
