"""Lines of text in a picture, found by a small model (PP-OCRv4's detector); what is written is not read."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mediakit.framing.analysis.pictures import Pixels, cv2
from mediakit.framing.rect import Rect
from mediakit.onnx_network import open_network

TextFinder = Callable[[Pixels], tuple[Rect, ...]]

LONG_SIDE_PX, STEP_PX = 640, 32
# A point belongs to text from this probability on, a line of text from this mean on.
MIN_POINT, MIN_LINE = 0.3, 0.55
# The model marks the core of a line. How much is added around it: the area for its circumference.
GROWTH = 1.6
MIN_CORE_PX = 3
# A line is no higher than this share of the picture, and at least so wide for its height.
MAX_HEIGHT, MIN_SHAPE = 0.2, 0.8


def make_text_finder(model: Path | None, long_side_px: int = LONG_SIDE_PX) -> TextFinder | None:
    """The finder with a verified model file; None without a file, or without OpenCV.

    Pictures are searched at a long side of `long_side_px`.
    """
    if model is None or cv2 is None:
        return None
    network = open_network(model.read_bytes(), keep_memory=True)

    def find(grey: Pixels) -> tuple[Rect, ...]:
        return _lines(network.run(_input_of(grey, long_side_px))[0, 0])

    return find


def _input_of(grey: Pixels, long_side_px: int) -> Any:
    height, width = grey.shape
    scale = long_side_px / max(height, width)
    size = tuple(max(STEP_PX, round(side * scale / STEP_PX) * STEP_PX) for side in (width, height))
    picture = cv2.resize(grey, size, interpolation=cv2.INTER_AREA).astype(np.float32) / 127.5 - 1
    return np.repeat(picture[None, None], 3, axis=1)


def _lines(probable: Any) -> tuple[Rect, ...]:
    """The boxes of the lines in a map of probabilities, from left to right and top to bottom."""
    height, width = probable.shape
    count, labels, stats, _ = cv2.connectedComponentsWithStats(
        (probable > MIN_POINT).astype(np.uint8)
    )
    means = np.bincount(labels.ravel(), probable.ravel(), count) / np.maximum(1, stats[:, 4])
    found = []
    for (x, y, wide, high, _), mean in zip(stats[1:], means[1:], strict=True):
        if min(wide, high) < MIN_CORE_PX or mean < MIN_LINE:
            continue
        more = wide * high * GROWTH / (2 * (wide + high))
        if high > MAX_HEIGHT * height or wide + 2 * more < MIN_SHAPE * (high + 2 * more):
            continue
        left, top = max(0.0, x - more), max(0.0, y - more)
        right, bottom = min(float(width), x + wide + more), min(float(height), y + high + more)
        box = (left / width, top / height, (right - left) / width, (bottom - top) / height)
        found.append(Rect(*map(float, box)))
    return tuple(sorted(found, key=lambda box: (box.top, box.left)))


def off_faces(texts: Sequence[Rect], faces: Sequence[Rect]) -> tuple[Rect, ...]:
    """The lines without those on a face: beards, glasses and hair are sometimes taken for text."""
    return tuple(text for text in texts if not any(_lies_on(text, face) for face in faces))


def _lies_on(text: Rect, face: Rect) -> bool:
    across = min(text.right, face.right) - max(text.left, face.left)
    down = min(text.bottom, face.bottom) - max(text.top, face.top)
    return across > 0 and down > 0 and across * down > 0.3 * text.width * text.height


def letters(texts: Sequence[Rect], shape: float) -> float:
    """About how many letters the lines have; `shape` is the picture's width for its height."""
    return sum(2 * text.width * shape / max(1e-6, text.height) for text in texts)
