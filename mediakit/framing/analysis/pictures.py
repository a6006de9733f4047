"""Small pictures of a video, as arrays: of colours in Lab, in cells, and by how much of each colour they have."""

from typing import Any

import numpy as np

try:
    import cv2 as _cv2
except ImportError:
    cv2: Any = None
else:
    cv2 = _cv2  # Any: its annotations leave out half of it

Pixels = np.ndarray[Any, np.dtype[np.uint8]]
Grid = np.ndarray[Any, np.dtype[np.float32]]
Histogram = np.ndarray[Any, np.dtype[np.float32]]

WORK_SIDE_PX = 160  # the longer side of the pictures that are compared
CELL_PX = 4  # of a cell of the grids
BINS = (8, 16, 16)  # of L, a and b; only the middle half of a and b is used
RANGES = (0, 256, 64, 192, 64, 192)
# What two pictures of a place have in common at least, of their histograms, if the person is in both.
SAME_PLACE = 0.65


def _small_size(planes: Pixels) -> tuple[int, int]:
    height, width = planes.shape[0] * 2 // 3, planes.shape[1]
    share = WORK_SIDE_PX / max(width, height)
    return max(CELL_PX, round(width * share)), max(CELL_PX, round(height * share))


def small_picture(planes: Pixels) -> Pixels:
    """A picture of WORK_SIDE_PX in Lab, from planes of 4:2:0."""
    bgr = cv2.cvtColor(planes, cv2.COLOR_YUV2BGR_I420)
    small = cv2.resize(bgr, _small_size(planes), interpolation=cv2.INTER_AREA)
    lab: Pixels = cv2.cvtColor(small, cv2.COLOR_BGR2Lab)
    return lab


def to_grid(picture: Grid) -> Grid:
    """The mean of each cell."""
    size = (max(1, picture.shape[1] // CELL_PX), max(1, picture.shape[0] // CELL_PX))
    grid: Grid = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    return grid


def histogram(picture: Pixels) -> Histogram:
    """How much of a picture in Lab has each colour, blurred over neighbouring colours."""
    counts = cv2.calcHist([np.ascontiguousarray(picture)], [0, 1, 2], None, BINS, RANGES)
    for axis in range(3):
        counts = _blurred(counts, axis)
    found: Histogram = counts / max(1e-6, float(counts.sum()))
    return found


def _blurred(counts: Histogram, axis: int) -> Histogram:
    """Each count with its two neighbours."""
    padded = np.pad(counts, [(1, 1) if each == axis else (0, 0) for each in range(3)])
    lanes = np.moveaxis(padded, axis, 0)
    return np.moveaxis(lanes[:-2] + lanes[1:-1] + lanes[2:], 0, axis)
