"""Where the crop window is at a time."""

from collections.abc import Sequence

from mediakit.framing.crop_plan import PathPoint


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
