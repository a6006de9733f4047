"""How far people with a visible face reach: what moves in one piece with a face, as hands, arms and legs do."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from mediakit.framing.analysis.face_detection import cv2
from mediakit.framing.crop_plan import Rect

Grid = np.ndarray[Any, np.dtype[np.float32]]

# A cell moves from this mean on (of 255, after noise and the camera's own motion are taken out).
MIN_CELL_MOTION = 0.5


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


def _cells(box: Rect, shape: tuple[int, ...]) -> tuple[slice, slice]:
    """The cells that a box touches."""
    high, wide = shape
    top, left = (
        min(high - 1, max(0, int(box.top * high))),
        min(wide - 1, max(0, int(box.left * wide))),
    )
    bottom, right = int(np.ceil(box.bottom * high)), int(np.ceil(box.right * wide))
    return slice(top, max(top + 1, bottom)), slice(left, max(left + 1, right))
