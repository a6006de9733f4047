"""A rectangle in the upright picture, in fractions of its width and height from its top left corner."""

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


def numbers(box: Rect) -> list[float]:
    """[left, top, width, height], as they are stored."""
    return rounded(box.left, box.top, box.width, box.height)


def rounded(*values: float) -> list[float]:
    """The values, as they are stored."""
    return [round(value, JSON_DIGITS) for value in values]
