"""YuNet (its version of March 2023), run by ONNX Runtime: the faces of OpenCV's `FaceDetectorYN` in half the time."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from mediakit.onnx_network import of_any_size, open_network

# The file says pictures of 640 by 640; they may have any sides that the largest stride divides.
FILE_SIDE_PX = 640
# The model looks for a face in each cell of three grids, whose cells have these sides in px.
STRIDES_PX = (8, 16, 32)
MAX_CELLS = 100  # that may show a face, of the highest scores

Rows = np.ndarray[Any, np.dtype[np.float32]]
FindFaces = Callable[[Any], Rows]


def make_yunet(model: bytes, *, min_score: float, max_overlap: float) -> FindFaces:
    """A function from a picture (BGR) to a row for each face, the highest score first.

    A row has the box (left, top, width, height), the right eye, the left eye, the nose, the corners of the mouth
    (x, y each), all in px, and the score from 0 to 1. Of faces whose boxes have more than `max_overlap` of what both
    cover in common, one is kept.
    """
    network = open_network(of_any_size(model, FILE_SIDE_PX))

    def find(picture: Any) -> Rows:
        values = _padded(picture)
        outputs = network.run_all(values)  # the classes of each grid, then objects, boxes and marks
        grids = [outputs[number :: len(STRIDES_PX)] for number in range(len(STRIDES_PX))]
        faces = [
            _faces(grid, stride, values.shape[3] // stride, min_score)
            for grid, stride in zip(grids, STRIDES_PX, strict=True)
        ]
        return _distinct(np.concatenate(faces), max_overlap)

    return find


def _padded(picture: Any) -> Any:
    """The picture with black to the right and below, up to whole cells of the largest stride."""
    height, width = picture.shape[:2]
    step = STRIDES_PX[-1]
    high, wide = (-(-side // step) * step for side in (height, width))
    values = np.zeros((1, 3, high, wide), np.float32)
    values[0, :, :height, :width] = picture.transpose(2, 0, 1)
    return values


def _faces(grid: Sequence[Any], stride: int, columns: int, min_score: float) -> Rows:
    """The rows of the cells of one grid that show a face. It has positions relative to the cell, in strides."""
    classes, objects, boxes, marks = grid
    scores = np.sqrt(np.clip(classes[0, :, 0], 0, 1) * np.clip(objects[0, :, 0], 0, 1))
    cells = np.flatnonzero(scores >= min_score)
    corners = np.stack([cells % columns, cells // columns], axis=1).astype(np.float32)
    middles = (boxes[0, cells, :2] + corners) * stride
    sizes = np.exp(boxes[0, cells, 2:]) * stride
    points = (marks[0, cells].reshape(-1, 5, 2) + corners[:, None]) * stride
    rows: Rows = np.column_stack(
        [middles - sizes / 2, sizes, points.reshape(-1, 10), scores[cells]]
    )
    return rows


def _distinct(rows: Rows, max_overlap: float) -> Rows:
    """The rows without those of the same face as one of a higher score. Boxes are compared in whole pixels."""
    rows = rows[np.argsort(-rows[:, 14], kind="stable")][:MAX_CELLS]
    boxes = rows[:, :4].astype(int)
    kept: list[int] = []
    for number, box in enumerate(boxes):
        if all(_overlap(box, boxes[other]) <= max_overlap for other in kept):
            kept.append(number)
    return rows[kept]


def _overlap(a: Any, b: Any) -> float:
    """The area that two boxes have in common, as a share of what they cover together."""
    ends = np.minimum(a[:2] + a[2:], b[:2] + b[2:])
    across, down = np.maximum(0, ends - np.maximum(a[:2], b[:2]))
    both = a[2] * a[3] + b[2] * b[3] - across * down
    return float(across * down / both) if both else 1.0
