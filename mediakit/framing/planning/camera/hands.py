"""Where a window would cut hands: what moves in one piece with a face, near it."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from mediakit.framing.crop_plan import Rect
from mediakit.framing.people.tracking import Target

# Hands are beside a face by so many of its widths: nearer is hair, farther away is what moves behind people.
MIN_REACH, MAX_REACH = 0.15, 1.6
HELD_MS = 400  # a hand counts for so long before and after it is seen: it may rest

Floats = np.ndarray[Any, np.dtype[np.float64]]


def hands_beyond(
    grid: Floats,
    half: float,
    targets: Sequence[Target],
    moving: Mapping[int, Rect],
    times_ms: Sequence[int],
) -> Floats:
    """How far hands are outside of a window at each time and place of the `grid`, in half windows.

    `half` is half of the window's width, `moving` what moves with the faces by time; shape (times, places).
    """
    low, high = _edges(targets, moving, times_ms)
    lost = np.maximum(0, (grid[None, :] - half) - low[:, None])
    lost += np.maximum(0, high[:, None] - (grid[None, :] + half))
    result: Floats = np.minimum(1, lost / half)
    return result


def _edges(
    targets: Sequence[Target], moving: Mapping[int, Rect], times_ms: Sequence[int]
) -> tuple[Floats, Floats]:
    """How far hands reach to the left and to the right around each time; infinitely little without any."""
    low, high = np.full(len(times_ms), np.inf), np.full(len(times_ms), -np.inf)
    at_ms = np.array(times_ms)
    for target in targets:
        box, face = moving.get(target.time_ms), target.box
        if box is None:
            continue
        near = np.abs(at_ms - target.time_ms) <= HELD_MS
        if MIN_REACH * face.width < face.left - box.left <= MAX_REACH * face.width:
            low[near] = np.minimum(low[near], box.left)
        if MIN_REACH * face.width < box.right - face.right <= MAX_REACH * face.width:
            high[near] = np.maximum(high[near], box.right)
    return low, high
