"""Face detection in small pictures: YuNet when its model is present, otherwise OpenCV's cascades.

Only workers import this module, because it needs OpenCV. A Short can be made without it.
"""

import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from mediakit.framing.analysis.finders.yunet import make_yunet
from mediakit.framing.analysis.pictures import Pixels, cv2
from mediakit.framing.range_analysis import Face
from mediakit.framing.rect import Rect

logger = logging.getLogger(__name__)

YUNET_MIN_SCORE = 0.6
YUNET_NMS_OVERLAP = 0.3
MAX_FACES = 12
# Cascades give no score; profiles are the less reliable ones.
FRONTAL_SCORE, PROFILE_SCORE = 0.7, 0.5
# The smallest face, as a fraction of the picture's shorter side.
MIN_FACE_SHARE = 0.08

PixelBox = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Detector:
    """A face detector for consecutive pictures of one range.

    `find` takes the planes of a 4:2:0 picture, stacked vertically (shape 3/2 height x width), and
    whether to be thorough: the cascades then look for profiles too, which takes five times as long.
    YuNet always finds profiles.
    """

    name: str
    find: Callable[[Pixels, bool], list[Face]]


def make_detector(model: Path | None = None, sha256: str = "") -> Detector | None:
    """The best available detector; None without OpenCV.

    `model` is YuNet's file. It is used only if its SHA-256 matches; otherwise the cascades in
    OpenCV's package are used.
    """
    if cv2 is None:
        return None
    cv2.setNumThreads(1)
    data = verified_model(model, sha256)
    if data is not None:
        return Detector("yunet", _YuNet(data))
    if not hasattr(cv2, "CascadeClassifier"):
        return None
    return Detector("haar", _Cascades())


def verified_model(model: Path | None, sha256: str) -> bytes | None:
    """The model's bytes if their SHA-256 matches, else None."""
    if model is None or not model.is_file():
        return None
    data = model.read_bytes()
    if hashlib.sha256(data).hexdigest() != sha256.lower():
        logger.warning("the face model is another file than its SHA-256 says; it is not used")
        return None
    return data


class _YuNet:
    """YuNet, which finds profiles too."""

    def __init__(self, model: bytes) -> None:
        self._find = make_yunet(model, min_score=YUNET_MIN_SCORE, max_overlap=YUNET_NMS_OVERLAP)

    def __call__(self, planes: Pixels, _thorough: bool) -> list[Face]:  # noqa: FBT001 -- as Detector says
        height, width = planes.shape[0] * 2 // 3, planes.shape[1]
        rows = self._find(cv2.cvtColor(planes, cv2.COLOR_YUV2BGR_I420))
        return [
            replace(_face(tuple(row[:4]), float(row[14]), width, height), look=_look(row))
            for row in rows[:MAX_FACES]
        ]


def _look(row: Any) -> float:
    """How far the nose is beside the middle of the eyes, in widths of the face, from one of YuNet's rows.

    A row has the box, the right eye, the left eye, the nose, the corners of the mouth (x, y each) and the score.
    """
    eyes = (float(row[4]) + float(row[6])) / 2
    return min(1.0, max(-1.0, (float(row[8]) - eyes) / max(1.0, float(row[2]))))


class _Cascades:
    """OpenCV's cascades: frontal faces; without any, profiles of one side, then of the other side.

    The side searched first alternates, so that of two people who face each other both are found in turn.
    """

    def __init__(self) -> None:
        folder = Path(cv2.data.haarcascades)
        self._frontal, self._profile = (
            cv2.CascadeClassifier(str(folder / f"haarcascade_{name}.xml"))
            for name in ("frontalface_default", "profileface")
        )
        self._mirrored_first = False

    def __call__(self, planes: Pixels, thorough: bool) -> list[Face]:  # noqa: FBT001 -- as Detector says
        height, width = planes.shape[0] * 2 // 3, planes.shape[1]
        grey = planes[:height]
        score, boxes = FRONTAL_SCORE, _detect(self._frontal, grey)
        if thorough and not boxes:
            first, score = self._mirrored_first, PROFILE_SCORE
            self._mirrored_first = not first
            boxes = self._profiles(grey, mirrored=first) or self._profiles(grey, mirrored=not first)
        return [_face(box, score, width, height) for box in boxes[:MAX_FACES]]

    def _profiles(self, grey: Pixels, *, mirrored: bool) -> list[PixelBox]:
        if not mirrored:
            return _detect(self._profile, grey)
        found = _detect(self._profile, np.ascontiguousarray(grey[:, ::-1]))
        return [(grey.shape[1] - x - w, y, w, h) for x, y, w, h in found]


def _detect(cascade: Any, grey: Pixels) -> list[PixelBox]:
    min_size = max(20, int(MIN_FACE_SHARE * min(grey.shape)))
    boxes = cascade.detectMultiScale(grey, 1.15, 5, minSize=(min_size, min_size))
    return [(float(x), float(y), float(w), float(h)) for x, y, w, h in boxes]


def _face(box: PixelBox, score: float, width: int, height: int) -> Face:
    """A face from a box in pixels, clipped to a picture of that size."""
    left, top, wide, high = (float(value) for value in box)
    x1, y1 = max(0.0, left / width), max(0.0, top / height)
    x2, y2 = min(1.0, (left + wide) / width), min(1.0, (top + high) / height)
    return Face(Rect(x1, y1, max(0.0, x2 - x1), max(0.0, y2 - y1)), score)
