"""How far people with a visible face reach, and what moves by itself beside them.

What moves in one piece with a face are its hands, arms and legs.
"""

from collections.abc import Sequence

import numpy as np

from mediakit.framing.analysis.pictures import Grid, cv2
from mediakit.framing.rect import Rect

# A cell moves from this mean on (of 255, after noise and the camera's own motion are taken out).
MIN_CELL_MOTION = 0.5

# What is nearer to a face, in its widths, is the person. What moves beside people moves so much (mean over the whole
# picture, of 255), so many times as much as they do, and is no wider: traffic and crowds are.
OWN_REACH, MIN_BESIDE, MIN_RATIO, MAX_WIDTH = 1.5, 0.25, 2.0, 0.5
LOW_SHARE, HIGH_SHARE = 0.1, 0.9  # of the squares of motion along each axis, between which it lies


def bodies_box(motion: Grid | None, faces: Sequence[Rect]) -> Rect | None:
    """The box of the cells that move in one piece with any of the faces, and of the faces; None without motion."""
    if motion is None or not faces:
        return None
    moving = motion >= MIN_CELL_MOTION
    joined = cv2.dilate(moving.astype(np.uint8), np.ones((3, 3), np.uint8))
    seeds = np.zeros_like(joined)
    for face in faces:
        seeds[_cells(face, motion.shape)] = 1
    _, pieces = cv2.connectedComponents(joined | seeds, connectivity=8)
    own = np.isin(pieces, np.unique(pieces[seeds > 0])) & (moving | (seeds > 0))
    rows, columns = np.flatnonzero(own.any(axis=1)), np.flatnonzero(own.any(axis=0))
    high, wide = motion.shape
    top, left = float(rows[0] / high), float(columns[0] / wide)
    return Rect(
        left, top, float((columns[-1] + 1) / wide) - left, float((rows[-1] + 1) / high) - top
    )


def beside_box(motion: Grid | None, faces: Sequence[Rect]) -> Rect | None:
    """The box of what moves beside people more than they do, as somebody from behind; None without."""
    if motion is None or not faces:
        return None
    wide = motion.shape[1]
    middles = (np.arange(wide) + 0.5) / wide
    own = np.zeros(wide, bool)
    for face in faces:
        own |= np.abs(middles - face.centre[0]) <= (OWN_REACH + 0.5) * face.width
    others = np.where(own[None, :], 0, motion)
    amount = float(others.mean())
    if amount < MIN_BESIDE or amount < MIN_RATIO * float((motion - others).mean()):
        return None
    strong = others**2  # what the camera's motion leaves of the ground is weak
    left, right = _middle(strong.sum(axis=0))
    top, bottom = _middle(strong.sum(axis=1))
    return Rect(left, top, right - left, bottom - top) if right - left <= MAX_WIDTH else None


def _middle(profile: Grid) -> tuple[float, float]:
    """Where the middle part of a profile begins and ends, as fractions."""
    total = np.concatenate([[0], np.cumsum(profile)]) / profile.sum()
    low, high = np.interp([LOW_SHARE, HIGH_SHARE], total, np.linspace(0, 1, len(total)))
    return float(low), float(high)


def _cells(box: Rect, shape: tuple[int, ...]) -> tuple[slice, slice]:
    """The cells that a box touches."""
    high, wide = shape
    top, left = (
        min(high - 1, max(0, int(box.top * high))),
        min(wide - 1, max(0, int(box.left * wide))),
    )
    bottom, right = int(np.ceil(box.bottom * high)), int(np.ceil(box.right * wide))
    return slice(top, max(top + 1, bottom)), slice(left, max(left + 1, right))
