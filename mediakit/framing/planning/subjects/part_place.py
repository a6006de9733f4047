"""Where a part of the picture lies that is wider than what it holds: its edges cut no text, and nothing is empty."""

from collections.abc import Sequence
from dataclasses import replace

from mediakit.framing.crop_window import CropWindow
from mediakit.framing.range_analysis import FILLED_MARGIN, ShotContent
from mediakit.framing.rect import Rect

# Beside what is held, in widths of the part; beside a line of text, in widths of the picture.
MARGIN, LINE_MARGIN = 0.02, 0.005


def placed(part: CropWindow, held: tuple[float, float], content: ShotContent | None = None) -> Rect:
    """The part with what is held (left, right) in its middle, or as near to that as is better for the rest.

    Better is an edge that cuts fewer lines of text, then all of a drawing on a plain ground, then less of the picture's
    empty sides. Nothing else moves it.
    """
    low, high = part.bounds
    half = part.width / 2
    middle = min(high, max(low, sum(held) / 2))
    margin = MARGIN * part.width
    first, last = max(low, held[1] + margin - half), min(high, held[0] - margin + half)
    centre = middle
    if content is not None and first < middle < last:
        near = [c for c in _candidates(content, half) if first <= c <= last]
        centre = min([middle, *near], key=lambda c: _cost(c, half, middle, content))
    return Rect(centre - half, part.area.top, part.width, part.height)


def _candidates(content: ShotContent, half: float) -> list[float]:
    """The centres with an edge beside a line of text or at the end of what is not empty."""
    edges = [edge for line in content.texts for edge in (line.left, line.right)]
    beside = [edge + way * LINE_MARGIN for edge in edges for way in (-1, 1)]
    for filled in _filled(content):
        beside += [filled.left, filled.right]
    return [edge + side for edge in beside for side in (-half, half)]


def _filled(content: ShotContent) -> list[Rect]:
    """What is not empty, with its margin and without it."""
    filled = content.filled
    if filled is None:
        return []
    left = filled.left + FILLED_MARGIN if filled.left > 0 else 0.0
    right = filled.right - FILLED_MARGIN if filled.right < 1 else 1.0
    return [filled, replace(filled, left=left, width=max(0.0, right - left))]


def _cost(
    centre: float, half: float, middle: float, content: ShotContent
) -> tuple[int, bool, float, float]:
    left, right = centre - half, centre + half
    is_cut, empty = False, 0.0
    if content.filled is not None:
        margin, bare = _filled(content)
        is_cut = left > bare.left or right < bare.right
        empty = max(0.0, margin.left - left) + max(0.0, right - margin.right)
    return _cut(content.texts, left, right), is_cut, round(empty, 3), abs(centre - middle)


def _cut(lines: Sequence[Rect], left: float, right: float) -> int:
    """How many lines an edge goes through."""
    return sum(any(line.left < edge < line.right for edge in (left, right)) for line in lines)
