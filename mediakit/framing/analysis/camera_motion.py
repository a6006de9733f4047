"""The camera's motion between two small pictures, and the motion that it does not explain."""

from typing import Any

import numpy as np

from mediakit.framing.analysis.pictures import Grid, Pixels, cv2, to_grid

# The camera's motion: how many corners are followed, how many at least, and the share that must agree.
MAX_CORNERS, MIN_CORNERS, MIN_AGREEING = 120, 8, 0.3
AGREEMENT_PX = 1.0
MIN_DIFFERENCE = 6  # of 255: smaller differences are noise
# A camera that exposes again changes all parts of the picture by one factor, no greater than this in a sample, and then
# no more than this share of the cells moves besides.
MAX_EXPOSURE, MAX_EXPOSED = 1.25, 0.3
# Motion between two samples that differs in more than this share of the cells is a flash, a cut or a whip pan.
MAX_MOVING = 0.5


def camera_motion(before: Pixels, after: Pixels) -> np.ndarray[Any, Any] | None:
    """The similarity that takes one grey picture to the next; None where too few corners agree on one."""
    corners = cv2.goodFeaturesToTrack(before, MAX_CORNERS, 0.02, 6)
    if corners is None or len(corners) < MIN_CORNERS:
        return None
    moved, found, _ = cv2.calcOpticalFlowPyrLK(
        before, after, corners, None, winSize=(11, 11), maxLevel=3
    )
    kept = found.ravel() > 0
    if kept.sum() < MIN_CORNERS:
        return None
    matrix, agreeing = cv2.estimateAffinePartial2D(
        corners[kept],
        moved[kept],
        method=cv2.RANSAC,
        ransacReprojThreshold=AGREEMENT_PX,
        maxIters=200,
    )
    return matrix if matrix is not None and agreeing.mean() >= MIN_AGREEING else None


def unexplained_motion(before: Pixels, after: Pixels) -> tuple[Grid, bool]:
    """The differences that the camera's motion does not explain, and whether a change of its exposure does."""
    matrix = camera_motion(before, after)
    if matrix is None:
        matrix = np.array([[1, 0, 0], [0, 1, 0]], np.float64)
    size = (after.shape[1], after.shape[0])
    moved = cv2.warpAffine(before, matrix, size)
    known = cv2.warpAffine(np.full_like(before, 255), matrix, size)
    known = cv2.erode(known, np.ones((5, 5), np.uint8))
    found = _difference(moved, after, known)
    if float((found > 0).mean()) <= MAX_MOVING:
        return found, False
    exposed = _difference(_as_bright(moved, after), after, known)
    return found, float((exposed > 0).mean()) <= MAX_EXPOSED


def difference_share(before: Pixels, after: Pixels) -> float:
    """The share of the cells in which a grey picture differs from another beyond the camera's motion."""
    return float((unexplained_motion(before, after)[0] > 0).mean())


def _difference(moved: Pixels, after: Pixels, known: Pixels) -> Grid:
    near = np.ones((3, 3), np.uint8)  # a pixel's neighbours explain it too
    brighter = cv2.subtract(after, cv2.dilate(moved, near))
    darker = cv2.subtract(cv2.erode(moved, near), after)
    difference = cv2.max(brighter, darker).astype(np.float32) - MIN_DIFFERENCE
    difference[known < 255] = 0
    return to_grid(np.maximum(0, difference))


def _as_bright(before: Pixels, after: Pixels) -> Pixels:
    """A picture as bright as the next: all its parts by one factor, no greater than MAX_EXPOSURE."""
    gain = float(np.median((after + 8.0) / (before + 8.0)))
    gain = min(MAX_EXPOSURE, max(1 / MAX_EXPOSURE, gain))
    brighter: Pixels = np.clip(before * gain, 0, 255).astype(np.uint8)
    return brighter
