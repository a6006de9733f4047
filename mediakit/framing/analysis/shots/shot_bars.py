"""Black bars: of one shot, as a film's in a talk or beside an upright clip, and whether those of all shots are bars."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from mediakit.framing.analysis.pictures import Pixels
from mediakit.framing.rect import WHOLE_PICTURE, Rect

BAR_LUMA = 12  # of 255: the mean of a line that belongs to a bar
EDGE_STEP, EDGE_PX = 10, 4  # grey levels from so many pixels before the edge to so many after it
MIN_LOOKS = 2  # with something to see, which agree to within a few pixels
SAME_PX = 3
# As shares of the side: the narrowest and the widest bar, and how much two of them differ at most.
MIN_BAR, MAX_BAR, TOLERANCE = 0.02, 0.4, 0.02
# Right beside a bar the picture is lit somewhere along so much of its edge: beside a round thing on black it is not.
LIT_LUMA, MIN_LIT = 12, 0.4


def without_false_bars(area: Rect, looks: Sequence[Pixels]) -> Rect:
    """The picture without black bars; whole along a side where the looks do not show it lit beside its bars."""
    if not looks or area == WHOLE_PICTURE:
        return area
    brightest = np.max(np.stack(looks), axis=0)
    left, width = _confirmed(area.left, area.width, brightest.T)
    top, height = _confirmed(area.top, area.height, brightest)
    return Rect(left, top, width, height)


def _confirmed(start: float, length: float, brightest: Pixels) -> tuple[float, float]:
    """(start, length) of the lines between two bars as fractions; (0, 1) if the picture is dark beside either."""
    count = len(brightest)
    first, last = round(start * count) + EDGE_PX, round((start + length) * count) - 1 - EDGE_PX
    if length >= 1 or first >= last:
        return start, length
    lit = [float((brightest[line] > LIT_LUMA).mean()) for line in (first, last)]
    return (start, length) if min(lit) >= MIN_LIT else (0.0, 1.0)


def find_bars(looks: Sequence[Pixels]) -> Rect | None:
    """The picture without the black bars that stand still at both sides in all looks of a shot; None without any."""
    lit = [look for look in looks if look.mean() > BAR_LUMA]
    if len(lit) < MIN_LOOKS:
        return None
    top, bottom = _both_bars([look.mean(axis=1) for look in lit])
    left, right = _both_bars([look.mean(axis=0) for look in lit])
    if not (top or left):
        return None
    height, width = lit[0].shape
    return Rect(left / width, top / height, 1 - (left + right) / width, 1 - (top + bottom) / height)


def _both_bars(profiles: Sequence[np.ndarray[Any, Any]]) -> tuple[int, int]:
    """The widths of the bars before and after the picture along one side, in pixels; zeros unless there are both."""
    length = len(profiles[0])
    first, second = (_bar([profile[::step] for profile in profiles], length) for step in (1, -1))
    if not first or not second or abs(first - second) > TOLERANCE * length:
        return 0, 0
    return first + 1, second + 1  # the edge itself may be half black


def _bar(profiles: Sequence[np.ndarray[Any, Any]], length: int) -> int:
    widths = [int(np.argmax(profile > BAR_LUMA)) for profile in profiles]
    width = min(widths)
    if not MIN_BAR * length <= width <= MAX_BAR * length or max(widths) - width > SAME_PX:
        return 0
    inside = float(np.mean([profile[max(widths) + EDGE_PX] for profile in profiles]))
    black = float(np.mean([profile[max(0, width - EDGE_PX)] for profile in profiles]))
    return width if inside - black >= EDGE_STEP else 0
