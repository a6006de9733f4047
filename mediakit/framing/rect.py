"""A rectangle in the upright picture, in fractions of its width and height from its top left corner."""

from collections.abc import Sequence
from dataclasses import dataclass

JSON_DIGITS = 5  # so many of a fraction are stored


@dataclass(frozen=True, slots=True)
class Rect:
    """A rectangle in the picture."""

    left: float
    top: float
    width: float
    height: float

    @property
    def centre(self) -> tuple[float, float]:
        """The centre as (x, y)."""
        return self.left + self.width / 2, self.top + self.height / 2

    @property
    def right(self) -> float:
        """The right edge."""
        return self.left + self.width

    @property
    def bottom(self) -> float:
        """The lower edge."""
        return self.top + self.height


WHOLE_PICTURE = Rect(0.0, 0.0, 1.0, 1.0)


def holds_middle(outer: Rect, inner: Rect) -> bool:
    """Whether the middle of one box lies in another."""
    x, y = inner.centre
    return outer.left <= x <= outer.right and outer.top <= y <= outer.bottom


def covered_share(box: Rect, other: Rect) -> float:
    """How much of the area of a box lies in another one, from 0 to 1."""
    across = min(box.right, other.right) - max(box.left, other.left)
    down = min(box.bottom, other.bottom) - max(box.top, other.top)
    return max(0.0, across) * max(0.0, down) / (box.width * box.height)


def union_of(boxes: Sequence[Rect]) -> Rect:
    """The smallest rectangle around the boxes."""
    left, top = min(b.left for b in boxes), min(b.top for b in boxes)
    right, bottom = max(b.right for b in boxes), max(b.top + b.height for b in boxes)
    return Rect(left, top, right - left, bottom - top)


def numbers(box: Rect) -> list[float]:
    """[left, top, width, height], as they are stored."""
    return rounded(box.left, box.top, box.width, box.height)


def rounded(*values: float) -> list[float]:
    """The values, as they are stored."""
    return [round(value, JSON_DIGITS) for value in values]
