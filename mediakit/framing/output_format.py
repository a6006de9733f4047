"""The picture that a Short is made in: its aspect ratio, its size in pixels, and where its captions may lie.

Everything that depends on the aspect ratio is said here; other modules take an `OutputFormat`, its `Size` or its
`Canvas`.
"""

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from mediakit.framing.geometry import FULL_SCREEN, Size, round_to_even
from mediakit.media_info import VideoTrack

VERTICAL, PORTRAIT, SQUARE, LANDSCAPE = "9:16", "4:5", "1:1", "16:9"
AS_SOURCE = "source"
ASPECT_RATIOS = (VERTICAL, PORTRAIT, SQUARE, LANDSCAPE, AS_SOURCE)
SIZES = {
    VERTICAL: Size(1080, 1920),
    PORTRAIT: Size(1080, 1350),
    SQUARE: Size(1080, 1080),
    LANDSCAPE: Size(1920, 1080),
}
SHORT_SIDE_PX, LONG_SIDE_PX = 1080, 1920
# X takes videos from 1:2.39 to 2.39:1, LinkedIn from 1:2.4 to 2.4:1; a source beyond that is cropped to it.
WIDEST = Fraction(239, 100)
# The buttons of Shorts, Reels and TikTok lie on a picture of FULL_SCREEN's shape. What they leave free of 1080x1920, as
# fractions of it: left, top, right, bottom.
_FULL_SCREEN_AREA = (65 / 1080, 269 / 1920, 960 / 1080, 1248 / 1920)
# In a feed the buttons lie below the picture. The margins are those of EBU R 95 for graphics; a player's bar, its clock
# and its sound button take more at the bottom.
_FEED_AREA = (0.05, 0.05, 0.95, 0.90)
# On a wide picture lines end sooner, so that eyes need not travel: 68 % of 1920 (BBC Subtitle Guidelines).
MAX_TEXT_WIDTH_PX = 1306
# Captions "in the middle" are centred this far down the safe area, above the middle of the picture.
_MIDDLE = 0.44
GRID_CELLS = 4  # so many people are shown in two rows of two


@dataclass(frozen=True, slots=True)
class Canvas:
    """What captions are laid out on, in px: the picture scaled to a short side of SHORT_SIDE_PX.

    `left`, `top`, `right` and `bottom` are the edges of the safe area, which no platform covers with its own buttons
    and words. `is_full_screen` is that of the format.
    """

    width: int
    height: int
    left: int
    top: int
    right: int
    bottom: int
    is_full_screen: bool

    @property
    def text_width(self) -> int:
        """The maximum width in px of text that begins at an edge of the safe area."""
        return min(self.right - self.left, MAX_TEXT_WIDTH_PX)

    @property
    def centered_width(self) -> int:
        """The maximum width in px of centred text: the nearer side of the safe area limits it."""
        nearer = min(self.width // 2 - self.left, self.right - self.width // 2)
        return min(2 * nearer, MAX_TEXT_WIDTH_PX)

    @property
    def middle_y(self) -> int:
        """The y in px of the centre of captions in the middle."""
        return round(self.top + _MIDDLE * (self.bottom - self.top))


@dataclass(frozen=True, slots=True)
class OutputFormat:
    """The format of a Short: `ratio` is one of ASPECT_RATIOS, `size` that of its picture in px."""

    ratio: str
    size: Size

    @property
    def is_full_screen(self) -> bool:
        """Whether it fills a phone's screen, where buttons lie on it."""
        return Fraction(self.size.width, self.size.height) <= FULL_SCREEN

    @property
    def canvas(self) -> Canvas:
        """The canvas of its captions."""
        width, height = self.size.width, self.size.height
        scale = Fraction(SHORT_SIDE_PX, min(width, height))
        width, height = round(width * scale), round(height * scale)
        left, top, right, bottom = _FULL_SCREEN_AREA if self.is_full_screen else _FEED_AREA
        return Canvas(
            *(width, height),
            *(round(left * width), round(top * height)),
            *(round(right * width), round(bottom * height)),
            self.is_full_screen,
        )

    def scaled(self, *, short_side: int) -> Size:
        """The even size of a smaller picture of the same shape; `short_side` is in px, and even."""
        width, height = self.size.width, self.size.height
        scale = Fraction(short_side, min(width, height))
        return Size(_even(width * scale), _even(height * scale))


SHORT = OutputFormat(VERTICAL, SIZES[VERTICAL])


def output_format(ratio: str, video: VideoTrack | None) -> OutputFormat:
    """The format of a Short of that aspect ratio from that video.

    Raises `ValueError` for an unknown ratio, and for AS_SOURCE without a video.

    AS_SOURCE keeps the shape in which the video is shown, between 1:2.39 and 2.39:1. Its picture is at most
    SHORT_SIDE_PX by LONG_SIDE_PX either way round, and never larger than the video's.
    """
    if ratio == AS_SOURCE and video is not None:
        return OutputFormat(ratio, _size_as_source(video))
    if ratio not in SIZES:
        raise ValueError(f"unknown aspect ratio {ratio!r}")
    return OutputFormat(ratio, SIZES[ratio])


def _size_as_source(video: VideoTrack) -> Size:
    width, height = Fraction(video.display_width), Fraction(video.display_height)
    width, height = min(width, height * WIDEST), min(height, width * WIDEST)
    scale = min(Fraction(1), SHORT_SIDE_PX / min(width, height), LONG_SIDE_PX / max(width, height))
    return Size(_even(width * scale), _even(height * scale))


def _even(length: Fraction) -> int:
    return round_to_even(length, maximum=LONG_SIDE_PX)


def is_side_by_side(size: Size) -> bool:
    """Whether people share a picture of this size side by side; otherwise one is above the other."""
    return size.width >= size.height


@dataclass(frozen=True, slots=True)
class Cell:
    """A part of a picture that people share: its even size, left and top in px."""

    size: Size
    left: int
    top: int


def cells(size: Size, count: int = 2, split: float = 0.0) -> list[Cell]:
    """The parts of a picture that so many people share: in a row or a column, four as two rows of two.

    With a `split` there are two above one another, of which the first has that share of the height.
    """
    if split:
        upper = round_to_even(Fraction(split * size.height), maximum=size.height - 2)
        return [
            Cell(Size(size.width, upper), 0, 0),
            Cell(Size(size.width, size.height - upper), 0, upper),
        ]
    if count == GRID_CELLS:
        columns, rows = _even_lengths(size.width, 2), _even_lengths(size.height, 2)
        return [
            Cell(Size(width, height), left, top) for top, height in rows for left, width in columns
        ]
    if is_side_by_side(size):
        parts = _even_lengths(size.width, count)
        return [Cell(Size(width, size.height), left, 0) for left, width in parts]
    parts = _even_lengths(size.height, count)
    return [Cell(Size(size.width, height), 0, top) for top, height in parts]


def _even_lengths(length: int, count: int) -> list[tuple[int, int]]:
    """(start, length) of the even parts of a length."""
    edges = [*(length * number // count // 2 * 2 for number in range(count)), length]
    return [(start, end - start) for start, end in pairwise(edges)]
