"""Lines of text in a small grey picture, by their strokes: rows of short, dense, strong edges."""

import numpy as np

from mediakit.framing.analysis.pictures import Pixels, cv2
from mediakit.framing.rect import Rect

MIN_CONTRAST = 60  # of 255, between a stroke and what is beside it
# A line's height as a share of the picture's, its shape, and how much of it are strokes.
MIN_HEIGHT, MAX_HEIGHT = 0.02, 0.2
MIN_SHAPE = 2.5
MIN_FILL = 0.35
# Strokes go up and down: the least number of changes between stroke and ground along a line, per height of it.
MIN_CHANGES = 1.2
# Strokes and ground are two tones: the least share of the variance that lies between the two (Otsu).
MIN_SEPARATION = 0.8


def find_text_lines(grey: Pixels) -> tuple[Rect, ...]:
    """The lines of text, as fractions of the picture."""
    height, width = grey.shape
    gradient = cv2.morphologyEx(grey, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    strokes = (gradient >= MIN_CONTRAST).astype(np.uint8)
    joined = cv2.morphologyEx(
        strokes, cv2.MORPH_CLOSE, np.ones((1, max(3, height // 14)), np.uint8)
    )
    count, _, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=4)
    found = []
    for left, top, wide, high, area in stats[1:count]:
        if not MIN_HEIGHT * height <= high <= MAX_HEIGHT * height or wide < MIN_SHAPE * high:
            continue
        inside = strokes[top : top + high, left : left + wide]
        middle = inside[high // 4 : max(high // 4 + 1, high * 3 // 4)].astype(np.int8)
        changes = np.abs(np.diff(middle, axis=1)).sum(axis=1).mean()
        if area < MIN_FILL * wide * high or changes < MIN_CHANGES * wide / high:
            continue
        if _separation(grey[top : top + high, left : left + wide]) < MIN_SEPARATION:
            continue
        box = (left / width, top / height, wide / width, high / height)
        found.append(Rect(*map(float, box)))
    return tuple(found)


def _separation(part: Pixels) -> float:
    """The share of a part's variance that lies between its dark and its light pixels, at the best threshold."""
    variance = float(part.var())
    if not variance:
        return 0.0
    threshold, _ = cv2.threshold(np.ascontiguousarray(part), 0, 255, cv2.THRESH_OTSU)
    light = part[part > threshold]
    dark = part[part <= threshold]
    if not light.size or not dark.size:
        return 0.0
    share = light.size / part.size
    return float(share * (1 - share) * (light.mean() - dark.mean()) ** 2 / variance)
