"""Where people's bodies are in a picture, seen from any side, by a small model (MediaPipe's selfie segmentation).

The model was made for one near person. So a picture may be searched in overlapping squares of its full height as well,
in which far people are larger. Where nobody is, it finds anything now and then, but hardly twice in the same place.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mediakit.framing.analysis.pictures import Pixels, cv2
from mediakit.framing.rect import WHOLE_PICTURE, Rect, covered_share, union_of

Edges = np.ndarray[Any, np.dtype[np.float64]]

SIDE_PX = 256
STEP = 0.5  # from one square to the next, in sides
MIN_POINT = 0.5  # a point belongs to a body from this value on
# A body has so much of the picture's height at least, so much of its box, and is so sure in the mean.
MIN_HEIGHT, MIN_FILL, MIN_SURE = 0.12, 0.3, 0.8
# Boxes of two squares are one body if the smaller has so much of its area in the other.
SAME_BODY = 0.5
MAX_BODIES = 6  # more are a crowd, or no people


@dataclass(frozen=True, slots=True)
class Outline:
    """A body's box, and how far it reaches to the left and to the right in each of SIDE_PX rows of the picture.

    As fractions of the picture; infinitely little in rows that it does not touch.
    """

    box: Rect
    lefts: Edges
    rights: Edges


@dataclass(frozen=True, slots=True)
class BodyFinder:
    """Finds the bodies in a picture (BGR): `near` those that are large in it, `far` these and far ones.

    `far` is given what `near` found. It costs three times as much in a picture of 16:9.
    """

    near: Callable[[Pixels], tuple[Outline, ...]]
    far: Callable[[Pixels, Sequence[Outline]], tuple[Outline, ...]]


def make_body_finder(model: Path | None) -> BodyFinder | None:
    """The finder with a verified model file; None without a file, or without OpenCV."""
    if model is None or cv2 is None:
        return None
    network = cv2.dnn.readNetFromTFLite(np.frombuffer(model.read_bytes(), np.uint8))

    def search(part: Pixels, place: Rect) -> list[Outline]:
        network.setInput(cv2.dnn.blobFromImage(part, 1 / 255, (SIDE_PX, SIDE_PX), swapRB=True))
        return bodies_of(network.forward().reshape(SIDE_PX, SIDE_PX), place)

    def near(picture: Pixels) -> tuple[Outline, ...]:
        return _each_once(search(picture, WHOLE_PICTURE))

    def far(picture: Pixels, known: Sequence[Outline]) -> tuple[Outline, ...]:
        found = [body for part, place in _squares(picture) for body in search(part, place)]
        return _each_once([*known, *found])

    return BodyFinder(near, far)


def _squares(picture: Pixels) -> Iterator[tuple[Pixels, Rect]]:
    """The overlapping squares of a wide picture, with their places; none of one that is hardly wider than high."""
    height, width = picture.shape[:2]
    count = 1 + math.ceil((width / height - 1) / STEP - 0.2)
    for number in range(count if count > 1 else 0):
        left = round(number * (width - height) / (count - 1))
        yield picture[:, left : left + height], Rect(left / width, 0.0, height / width, 1.0)


def bodies_of(values: Any, place: Rect) -> list[Outline]:
    """The bodies in a part of a picture, by a map of values from 0 to 1; `place` is where the part lies in it.

    What is cut by a side of the part is left out: the part beside holds it.
    """
    inside = (values >= MIN_POINT).astype(np.uint8)
    _, pieces, stats, _ = cv2.connectedComponentsWithStats(inside)
    wide = values.shape[1]
    found = []
    for number, (left, _, width, height, area) in enumerate(stats[1:], 1):
        is_cut = (left == 0 and place.left > 0) or (left + width == wide and place.right < 0.999)
        if is_cut or height < MIN_HEIGHT * len(values) or area < MIN_FILL * width * height:
            continue
        piece = pieces == number
        if values[piece].mean() >= MIN_SURE:
            found.append(_outline(piece, place))
    return found


def _outline(piece: Any, place: Rect) -> Outline:
    high, wide = piece.shape
    columns = place.left + place.width * np.arange(wide + 1) / wide
    lefts = np.where(piece, columns[:-1], np.inf).min(axis=1)
    rights = np.where(piece, columns[1:], -np.inf).max(axis=1)
    rows = np.flatnonzero(piece.any(axis=1))
    left, top = float(lefts.min()), float(rows[0] / high)
    box = Rect(left, top, float(rights.max()) - left, float((rows[-1] + 1) / high) - top)
    return Outline(box, lefts, rights)


def _each_once(bodies: Sequence[Outline]) -> tuple[Outline, ...]:
    found: list[Outline] = []
    for body in sorted(bodies, key=lambda each: -each.box.width * each.box.height):
        same = [i for i, one in enumerate(found) if covered_share(body.box, one.box) >= SAME_BODY]
        if same:
            found[same[0]] = _joined(found[same[0]], body)
        else:
            found.append(body)
    return tuple(found) if len(found) <= MAX_BODIES else ()


def _joined(one: Outline, other: Outline) -> Outline:
    return Outline(
        union_of([one.box, other.box]),
        np.minimum(one.lefts, other.lefts),
        np.maximum(one.rights, other.rights),
    )
