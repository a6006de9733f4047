"""Where a window would cut hands: what moves in one piece with a face, near it."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from mediakit.framing.people.tracking import Target
from mediakit.framing.rect import Rect

# Hands are beside a face by so many of its widths: nearer is hair, farther away is what moves behind people.
MIN_REACH, MAX_REACH = 0.15, 1.6
MAX_SHIFT = 0.25  # of a face's width, from one sample to the next: a head that moves faster leaves its place moving
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
    """How far hands reach to the left and to the right around each time; infinitely little without any.

    What reaches so far in one sample only is a shadow, or a mistake.
    """
    low, high = np.full(len(times_ms), np.inf), np.full(len(times_ms), -np.inf)
    both = [(t, box) for t in _calm(targets) if (box := moving.get(t.time_ms)) is not None]
    left = [(t.time_ms, box.left) for t, box in both if _is_arm(t.box.left - box.left, t.box)]
    right = [(t.time_ms, box.right) for t, box in both if _is_arm(box.right - t.box.right, t.box)]
    for i, at_ms in enumerate(times_ms):
        lefts = sorted(edge for ms, edge in left if abs(ms - at_ms) <= HELD_MS)
        rights = sorted(edge for ms, edge in right if abs(ms - at_ms) <= HELD_MS)
        low[i] = lefts[1] if len(lefts) > 1 else np.inf
        high[i] = rights[-2] if len(rights) > 1 else -np.inf
    return low, high


def _calm(targets: Sequence[Target]) -> list[Target]:
    """The faces that have not moved much since the one before."""
    return [
        target
        for before, target in zip([targets[0], *targets], targets, strict=False)
        if abs(target.box.centre[0] - before.box.centre[0]) <= MAX_SHIFT * target.box.width
    ]


def _is_arm(reach: float, face: Rect) -> bool:
    return MIN_REACH * face.width < reach <= MAX_REACH * face.width
