"""Where a window would cut a head with its hair, or a body that has room in it.

What is known of bodies in some samples (`FaceSample.bodies`) holds around them, as it lies around the face.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from mediakit.framing.people.tracking import Target
from mediakit.framing.range_analysis import Body
from mediakit.framing.rect import Rect, holds_middle

# The width of a head with all its hair, in widths of its face, where its outline is not known.
HEAD_SIZE = 1.3
HEAD_MARGIN = 0.06  # of half a window, between a head and the window's edges
MAX_FILL = 0.95  # of the window by a body that is kept inside
HELD_MS = 700  # a body reaches as far for so long before and after it is seen

Floats = np.ndarray[Any, np.dtype[np.float64]]
Bodies = Mapping[int, Sequence[Body]]  # by time in ms of the video


def heads_at_edges(
    grid: Floats,
    half: float,
    faces: tuple[Floats, Floats],
    reach: tuple[Floats, Floats],
) -> Floats:
    """How far heads are from keeping HEAD_MARGIN inside of a window at each time and place of the `grid`.

    In half windows, `half` being half of its width; none for a head that has no place with a margin at all. `faces` are
    the middles and the half widths of faces at each time, `reach` is how far their heads are beside them to the left
    and to the right. Shape (times, places).
    """
    (middles, extents), (left, right) = faces, reach
    margin = HEAD_MARGIN * half
    low, high = middles - extents - left - margin, middles + extents + right + margin
    has_room = high - low <= 2 * half
    return _outside(grid, half, low, high) / half * has_room[:, None]


def head_reach(
    targets: Sequence[Target], bodies: Bodies, times_ms: Sequence[int]
) -> tuple[Floats, Floats]:
    """How far heads with their hair are beside the targets' faces at each time, to the left and to the right."""
    known = [
        (time_ms, face.left - head.left, head.right - face.right)
        for time_ms, face, head in heads_of(targets, bodies)
    ]
    if not known:
        usual = (HEAD_SIZE - 1) / 2
        known = [(t.time_ms, usual * t.box.width, usual * t.box.width) for t in targets]
    at_ms, left, right = (np.array(each, float) for each in zip(*known, strict=True))
    asked = np.array(times_ms, float)
    return np.interp(asked, at_ms, left), np.interp(asked, at_ms, right)


def heads_of(targets: Sequence[Target], bodies: Bodies) -> list[tuple[int, Rect, Rect]]:
    """When the outline of a target's head is known, its face and its head."""
    return [
        (t.time_ms, t.box, body.head)
        for t in targets
        for body in bodies.get(t.time_ms, ())
        if body.head is not None and _holds(body.head, t.box)
    ]


def bodies_beyond(
    grid: Floats,
    half: float,
    targets: Sequence[Target],
    bodies: Bodies,
    times_ms: Sequence[int],
) -> Floats:
    """How far bodies that have room in a window are outside of it at each time and place of the `grid`.

    In half windows, and at most 1; shape (times, places).
    """
    known = [
        (t.time_ms, body.box.left, body.box.right)
        for t in targets
        for body in bodies.get(t.time_ms, ())
        if holds_middle(body.box, t.box) and body.box.width <= MAX_FILL * 2 * half
    ]
    low, high = np.full(len(times_ms), np.inf), np.full(len(times_ms), -np.inf)
    for i, at_ms in enumerate(times_ms):
        near = [(left, right) for ms, left, right in known if abs(ms - at_ms) <= HELD_MS]
        if near:
            low[i], high[i] = min(left for left, _ in near), max(right for _, right in near)
    result: Floats = np.minimum(1, _outside(grid, half, low, high) / half)
    return result


def _outside(grid: Floats, half: float, low: Floats, high: Floats) -> Floats:
    """How far what lies between `low` and `high` at each time is outside of a window at each place."""
    left = np.maximum(0, (grid[None, :] - half) - low[:, None])
    right = np.maximum(0, high[:, None] - (grid[None, :] + half))
    outside: Floats = left + right
    return outside


def _holds(head: Rect, face: Rect) -> bool:
    return head.left <= face.left and face.right <= head.right
