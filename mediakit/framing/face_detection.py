"""Finding faces in small pictures: YuNet when its model is there, else OpenCV's cascades, else nobody.

Only background work imports this with its OpenCV; nothing here is needed for a Short to be made.
"""

import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mediakit.framing.crop_plan import Box, Face

try:
    import cv2 as _cv2
except ImportError:  # a Short can be made without
    cv2: Any = None
else:
    cv2 = _cv2  # Any: its annotations leave out half of it

logger = logging.getLogger(__name__)

YUNET_SCORE = 0.6
YUNET_OVERLAP = 0.3
MOST_FACES = 12
# Cascades say yes or no; a profile is more often mistaken.
FRONTAL_SCORE, PROFILE_SCORE = 0.7, 0.5
# The smallest face, as a share of the picture's shorter side.
SMALLEST = 0.08

Pixels = np.ndarray[Any, np.dtype[np.uint8]]
PixelBox = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Detector:
    """A way to find faces in the pictures of one look, in their order.

    `find` takes the planes of a 4:2:0 picture, one above the other, and whether to look closely: for
    profiles too, which takes the cascades five times as long. YuNet sees them at a glance.
    """

    name: str
    find: Callable[[Pixels, bool], list[Face]]


def make_detector(model: Path | None = None, sha256: str = "") -> Detector | None:
    """The best detector there is; None without OpenCV.

    `model` is YuNet's file, used when its SHA-256 is the given one; without it, or when it is
    another file, the cascades in OpenCV's package are taken.
    """
    if cv2 is None:
        return None
    cv2.setNumThreads(1)
    data = _checked(model, sha256)
    if data is not None:
        return Detector("yunet", _YuNet(data))
    if not hasattr(cv2, "CascadeClassifier"):
        return None
    return Detector("haar", _Cascades())


def _checked(model: Path | None, sha256: str) -> bytes | None:
    """The model's bytes when they are the right ones."""
    if model is None or not model.is_file():
        return None
    data = model.read_bytes()
    if hashlib.sha256(data).hexdigest() != sha256.lower():
        logger.warning("the face model is another file than its SHA-256 says; it is not used")
        return None
    return data


class _YuNet:
    """OpenCV's YuNet, made for one size of picture at a time."""

    def __init__(self, model: bytes) -> None:
        nothing = np.zeros(0, np.uint8)
        self._model = cv2.FaceDetectorYN.create(
            "onnx",
            np.frombuffer(model, np.uint8),
            nothing,
            (320, 180),
            YUNET_SCORE,
            YUNET_OVERLAP,
            100,
        )

    def __call__(self, planes: Pixels, _closely: bool) -> list[Face]:  # noqa: FBT001 -- as Detector says
        height, width = planes.shape[0] * 2 // 3, planes.shape[1]
        self._model.setInputSize((width, height))
        _, rows = self._model.detect(cv2.cvtColor(planes, cv2.COLOR_YUV2BGR_I420))
        if rows is None:
            return []
        found = [_face(tuple(row[:4]), float(row[14]), width, height) for row in rows]
        return sorted(found, key=lambda face: -face.score)[:MOST_FACES]


class _Cascades:
    """Frontal faces; where there is none, profiles looking one way, and if there is none, the other way.

    The way that is looked for first changes with each search, so that of two people who look at each
    other now the one and now the other is found, and not always the same.
    """

    def __init__(self) -> None:
        folder = Path(cv2.data.haarcascades)
        self._frontal, self._profile = (
            cv2.CascadeClassifier(str(folder / f"haarcascade_{name}.xml"))
            for name in ("frontalface_default", "profileface")
        )
        self._mirrored_first = False

    def __call__(self, planes: Pixels, closely: bool) -> list[Face]:  # noqa: FBT001 -- as Detector says
        height, width = planes.shape[0] * 2 // 3, planes.shape[1]
        grey = planes[:height]
        score, boxes = FRONTAL_SCORE, _look(self._frontal, grey)
        if closely and not boxes:
            first, score = self._mirrored_first, PROFILE_SCORE
            self._mirrored_first = not first
            boxes = self._profiles(grey, mirrored=first) or self._profiles(grey, mirrored=not first)
        return [_face(box, score, width, height) for box in boxes[:MOST_FACES]]

    def _profiles(self, grey: Pixels, *, mirrored: bool) -> list[PixelBox]:
        if not mirrored:
            return _look(self._profile, grey)
        found = _look(self._profile, np.ascontiguousarray(grey[:, ::-1]))
        return [(grey.shape[1] - x - w, y, w, h) for x, y, w, h in found]


def _look(cascade: Any, grey: Pixels) -> list[PixelBox]:
    least = max(20, int(SMALLEST * min(grey.shape)))
    boxes = cascade.detectMultiScale(grey, 1.15, 5, minSize=(least, least))
    return [(float(x), float(y), float(w), float(h)) for x, y, w, h in boxes]


def _face(box: PixelBox, score: float, width: int, height: int) -> Face:
    """A face from pixels in a picture of that size, cut to the picture."""
    left, top, wide, high = (float(value) for value in box)
    x1, y1 = max(0.0, left / width), max(0.0, top / height)
    x2, y2 = min(1.0, (left + wide) / width), min(1.0, (top + high) / height)
    return Face(Box(x1, y1, max(0.0, x2 - x1), max(0.0, y2 - y1)), score)
