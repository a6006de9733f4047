"""The platforms that a picture of a given shape suits, and what each of them takes of a file.

Shapes are widths per height. YouTube's limits are those of YouTube Help 15424877; the others' are secondary (published
overviews of 2025 and 2026, and their upload APIs' documentation where it could be read).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from mediakit.conformance.value_text import format_seconds
from mediakit.framing.geometry import FULL_SCREEN, Size

MB = 1_000_000
_TALLEST = Fraction(1, 3)


@dataclass(frozen=True, slots=True)
class Platform:
    """One platform: the shapes that fill its place for videos, and its limits; 0 for none that a Short could reach.

    `name` is stable, `label` its own name. `shapes` are the narrowest and the widest one.
    """

    name: str
    label: str
    shapes: tuple[Fraction, Fraction]
    max_ms: int
    max_bytes: int = 0
    min_side_px: int = 0

    def suits(self, size: Size) -> bool:
        """Whether a picture of that size has one of its shapes."""
        return self.shapes[0] <= Fraction(size.width, size.height) <= self.shapes[1]

    def takes(self, size: Size, duration_ms: int, size_bytes: int) -> bool:
        """Whether a file of that picture is inside its limits."""
        return (
            duration_ms <= self.max_ms
            and (not self.max_bytes or size_bytes <= self.max_bytes)
            and min(size.width, size.height) >= self.min_side_px
        )

    @property
    def limits(self) -> str:
        """Its limits as a short text: "≤ 140 s, ≤ 512 MB"."""
        return ", ".join(self._texts("≤ ", "≥ ", self.max_ms, self.max_bytes, self.min_side_px))

    def measured(self, size: Size, duration_ms: int, size_bytes: int) -> str:
        """What a file measures of that which is limited, in the order of `limits`."""
        side = min(size.width, size.height)
        return ", ".join(self._texts("", "", duration_ms, size_bytes, side))

    def _texts(
        self, most: str, least: str, duration_ms: int, size_bytes: int, side_px: int
    ) -> Iterator[str]:
        yield f"{most}{format_seconds(duration_ms)}"
        if self.max_bytes:
            yield f"{most}{size_bytes / MB:.0f} MB"
        if self.min_side_px:
            yield f"{least}{side_px} px"


_FULL = (_TALLEST, FULL_SCREEN)
_FEED = (Fraction(3, 4), Fraction(1))
PLATFORMS = (
    Platform("shorts", "YouTube Shorts", _FULL, 180_000),
    Platform("reels", "Instagram Reels", _FULL, 900_000, max_bytes=300 * MB),
    Platform("tiktok", "TikTok", _FULL, 600_000, min_side_px=360),
    Platform("feed", "Instagram", _FEED, 900_000, max_bytes=300 * MB),
    Platform("x", "X", (Fraction(1), Fraction(12, 5)), 140_000, max_bytes=512 * MB),
    Platform("linkedin", "LinkedIn", (Fraction(3, 4), Fraction(12, 5)), 600_000, min_side_px=144),
    Platform("youtube", "YouTube", (Fraction(4, 3), Fraction(12, 5)), 900_000),
)


def platforms_for(size: Size) -> tuple[Platform, ...]:
    """The platforms that a picture of that size suits."""
    return tuple(platform for platform in PLATFORMS if platform.suits(size))
