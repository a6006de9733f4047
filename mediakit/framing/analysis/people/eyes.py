"""How far eyes are open: how much changes across an eye beside what changes from its top to its bottom.

An open eye shows the iris, whose sides are upright edges, as high as the lids leave them; of a shut one there is a
line of lashes. People, light and glasses differ, so that the value says something only beside others of the same Short.
Only workers import this module, because it needs OpenCV.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from mediakit.framing.analysis.finders.face_detection import verified_model
from mediakit.framing.analysis.finders.yunet import make_yunet
from mediakit.framing.analysis.pictures import cv2

MIN_SCORE, NMS_OVERLAP = 0.7, 0.3
# Smaller eyes are too few pixels to tell, and smaller faces are those of others in the background.
MIN_EYES_APART_PX, MIN_FACE_SHARE = 16, 0.6
# Turned away so far that one eye is hidden: the eyes are this near to each other, as a share of the face's width.
MIN_FRONTAL_SHARE = 0.25
# The picture of an eye that is measured: the distance of both eyes in px, and half its width and height.
EYES_APART_PX, HALF_WIDTH, HALF_HEIGHT = 96, 30, 26
# What is left out of it at its edges in px, and by how much it is smoothed: noise has edges in all directions.
EDGE_X, EDGE_Y, SMOOTH_PX = 6, 10, 2.0
# The least change from row to row (of 0 to 255) that is no flat skin.
MIN_CHANGE = 0.5

Picture = np.ndarray[Any, Any]


def make_eye_meter(model: Path | None, sha256: str) -> Callable[[Path], float | None] | None:
    """A function that tells how far the eyes on a picture's file are open; None where no face is large enough.

    Of several people the least open ones count. Without OpenCV or the face model (YuNet) there is no such function.
    """
    data = verified_model(model, sha256) if cv2 is not None else None
    if data is None:
        return None
    cv2.setNumThreads(1)
    find = make_yunet(data, min_score=MIN_SCORE, max_overlap=NMS_OVERLAP)

    def measure(path: Path) -> float | None:
        picture = cv2.imread(str(path))
        if picture is None:
            return None
        grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
        return min((_openness(grey, *eyes) for eyes in _eyes(find(picture))), default=None)

    return measure


def _eyes(faces: Picture) -> list[tuple[Picture, Picture]]:
    """Where both eyes are (x and y in px) of the faces that are large enough and not turned away."""
    widest = max((face[2] for face in faces), default=0)
    found = []
    for face in faces:
        right, left, apart = face[4:6], face[6:8], float(np.hypot(*(face[4:6] - face[6:8])))
        is_large = face[2] >= MIN_FACE_SHARE * widest and apart >= MIN_EYES_APART_PX
        if is_large and apart >= MIN_FRONTAL_SHARE * face[2]:
            found.append((right, left))
    return found


def _openness(grey: Picture, right: Picture, left: Picture) -> float:
    """How far the eyes of one person are open: the more open one, since the other may be hidden by glare or hair."""
    dx, dy = left - right
    scale = EYES_APART_PX / float(np.hypot(dx, dy))
    turn = cv2.getRotationMatrix2D((0, 0), float(np.degrees(np.arctan2(dy, dx))), scale)
    values = []
    for eye in (right, left):
        shifted = turn.copy()
        shifted[:, 2] = np.array([HALF_WIDTH, HALF_HEIGHT]) - turn[:, :2] @ eye
        size = (2 * HALF_WIDTH + 1, 2 * HALF_HEIGHT + 1)
        method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
        values.append(eye_openness(cv2.warpAffine(grey, shifted, size, flags=method)))
    return max(values)


def eye_openness(eye: Picture) -> float:
    """The mean change across an upright eye in a grey picture, as a share of that from top to bottom."""
    smooth = cv2.GaussianBlur(eye.astype(np.float32), (0, 0), SMOOTH_PX)
    middle = smooth[EDGE_Y:-EDGE_Y, EDGE_X:-EDGE_X]
    across, down = (float(np.abs(np.diff(middle, axis=axis)).mean()) for axis in (1, 0))
    return across / max(down, MIN_CHANGE)
