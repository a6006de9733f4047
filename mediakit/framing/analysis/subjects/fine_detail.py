"""Where the fine detail of a shot lies: what is in focus, or all there is beside sky, sea and bare walls.

Positions are fractions of the picture.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from mediakit.framing.analysis.pictures import Pixels, cv2
from mediakit.framing.rect import WHOLE_PICTURE, Rect, rounded

# Detail is how far a point differs from those right around it (Laplacian of a picture blurred by BLUR_PX), beyond NOISE
# grey levels.
BLUR_PX, NOISE = 1.2, 2
COLUMNS = 48
EDGE = 0.01  # of the picture, beside black bars
# It lies where it does in all looks if the part that holds so much of it in all of them together holds so much in each.
HELD, HELD_IN_EACH = 0.87, 0.7

Shares = np.ndarray[Any, np.dtype[np.float64]]


def find_detail(looks: Sequence[Pixels], area: Rect | None = None) -> tuple[float, ...]:
    """The shares of the fine detail of a shot's grey looks that lie in COLUMNS equally wide parts, from left to right.

    `area` is the picture without black bars, whose edges are no detail. () where there is none, or where it is in
    another place in some of the looks.
    """
    inside = area or WHOLE_PICTURE
    columns = [each for look in looks if (each := _columns(look, inside)) is not None]
    if not columns:
        return ()
    mean: Shares = np.mean(columns, axis=0)
    first, last = _narrowest(mean, HELD)
    if min(float(each[first:last].sum()) for each in columns) < HELD_IN_EACH:
        return ()
    return tuple(rounded(*mean.tolist()))


def _columns(look: Pixels, area: Rect) -> Shares | None:
    """The share of the detail of an area of a look in each column; None where it has none."""
    calm = cv2.GaussianBlur(look, (0, 0), BLUR_PX)
    detail = cv2.subtract(cv2.convertScaleAbs(cv2.Laplacian(calm, cv2.CV_16S)), NOISE)
    if area != WHOLE_PICTURE:
        detail = _within(detail, area)
    sums = cv2.reduce(detail, 0, cv2.REDUCE_SUM, dtype=cv2.CV_32F)
    columns = cv2.resize(sums, (COLUMNS, 1), interpolation=cv2.INTER_AREA).astype(np.float64)[0]
    return columns / columns.sum() if columns.any() else None


def _within(detail: Pixels, area: Rect) -> Pixels:
    """The detail of an area, without what is right at its edges, and none elsewhere."""
    high, wide = detail.shape
    rows = slice(round((area.top + EDGE) * high), round((area.bottom - EDGE) * high))
    columns = slice(round((area.left + EDGE) * wide), round((area.right - EDGE) * wide))
    found = np.zeros_like(detail)
    found[rows, columns] = detail[rows, columns]
    return found


def _narrowest(shares: Shares, held: float) -> tuple[int, int]:
    """The fewest columns side by side that hold a share, as (first, last exclusive)."""
    sums = np.concatenate([[0.0], np.cumsum(shares)]) / shares.sum()
    spans = [
        (first, int(last))
        for first in range(len(shares))
        if (last := np.searchsorted(sums, sums[first] + held - 1e-9)) < len(sums)
    ]
    return min(spans, key=lambda span: span[1] - span[0])
