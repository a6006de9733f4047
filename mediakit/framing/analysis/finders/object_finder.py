"""What stands out in a picture, by a small model (U2-Netp): a body, an animal, a thing, whatever it is."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mediakit.framing.analysis.pictures import Pixels, cv2
from mediakit.framing.rect import Rect
from mediakit.onnx_network import of_any_size, open_network


@dataclass(frozen=True, slots=True)
class Standout:
    """What stands out in a picture: its box, or None where that is not clear; `is_empty` where clearly nothing does.

    `doubtful` is the box of all that may belong to it where that is not clear; None where no point is sure.
    """

    box: Rect | None = None
    is_empty: bool = False
    doubtful: Rect | None = None


ObjectFinder = Callable[[Pixels], Standout]

LONG_SIDE_PX, STEP_PX = 224, 32
# The pictures that the model was made with: the mean and the spread of red, green and blue.
MEAN, SPREAD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
# A point belongs to the object from this value on; what has less, but more than the second, is in doubt.
MIN_POINT, DOUBTFUL = 0.5, 0.15
# An object is clear where it has so much of all that is not ground, and covers so much of the picture.
MIN_CLEAR, MIN_AREA, MAX_AREA = 0.55, 0.003, 0.6
EMPTY = 0.02  # of the picture: nothing stands out where no more is in doubt
MIN_PIECE = 0.08  # of the largest piece: smaller ones are left out
MARGIN = 0.01  # of the picture


def make_object_finder(model: Path | None) -> ObjectFinder | None:
    """The finder with a verified model file; None without a file, or without OpenCV. Pictures are BGR."""
    if model is None or cv2 is None:
        return None
    network = open_network(of_any_size(model.read_bytes()), keep_memory=True)

    def find(picture: Pixels) -> Standout:
        return standout(network.run(_input_of(picture))[0, 0])

    return find


def _input_of(picture: Pixels) -> Any:
    height, width = picture.shape[:2]
    scale = LONG_SIDE_PX / max(height, width)
    size = tuple(max(STEP_PX, round(side * scale / STEP_PX) * STEP_PX) for side in (width, height))
    rgb = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)[:, :, ::-1].astype(np.float32)
    scaled = (rgb / max(1.0, float(rgb.max())) - MEAN) / SPREAD
    return np.ascontiguousarray(scaled.transpose(2, 0, 1)[None], np.float32)


def standout(values: Any) -> Standout:
    """What stands out in a map of values from 0 to 1."""
    inside = values >= MIN_POINT
    area, doubtful = float(inside.mean()), float((values >= DOUBTFUL).mean())
    if MIN_AREA <= area <= MAX_AREA and area >= MIN_CLEAR * doubtful:
        return Standout(_box(inside))
    is_empty = area < MIN_AREA and doubtful < EMPTY
    return Standout(is_empty=is_empty, doubtful=_box(values >= DOUBTFUL) if area else None)


def _box(inside: Any) -> Rect:
    """The box of the larger pieces of a map, with a margin."""
    height, width = inside.shape
    _, _, stats, _ = cv2.connectedComponentsWithStats(inside.astype(np.uint8))
    pieces = stats[1:]
    pieces = pieces[pieces[:, 4] >= MIN_PIECE * pieces[:, 4].max()]
    left, top = pieces[:, 0].min() / width, pieces[:, 1].min() / height
    right = (pieces[:, 0] + pieces[:, 2]).max() / width
    bottom = (pieces[:, 1] + pieces[:, 3]).max() / height
    left, top = max(0.0, float(left) - MARGIN), max(0.0, float(top) - MARGIN)
    right, bottom = min(1.0, float(right) + MARGIN), min(1.0, float(bottom) + MARGIN)
    return Rect(left, top, right - left, bottom - top)
