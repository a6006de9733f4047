"""The window that is seen of a picture: its shares, and where it can be."""

from dataclasses import dataclass

from mediakit.framing.crop_plan import Box, Key
from mediakit.framing.geometry import CANVAS, Size, crop_to, upright
from mediakit.media_info import VideoTrack


@dataclass(frozen=True, slots=True)
class Frame:
    """What the window looks like in a picture: its shares of it, and the picture's side in pixels."""

    area: Box
    width: float
    height: float
    pixels: int
    upright: bool  # moves up and down, not sideways

    @property
    def length(self) -> float:
        """Its extent in the direction in which it moves."""
        return self.height if self.upright else self.width

    def extent(self, box: Box) -> float:
        """How far a part of the picture reaches in that direction."""
        return box.height if self.upright else box.width

    @property
    def bounds(self) -> tuple[float, float]:
        """The least and the greatest place of its middle."""
        if self.upright:
            low, high = self.area.top, self.area.top + self.area.height
        else:
            low, high = self.area.left, self.area.right
        half = self.length / 2
        return (low + half, max(low + half, high - half))

    def key(self, time_ms: int, place: float) -> Key:
        """A key at that place of its way."""
        x, y = self.area.centre
        return Key(time_ms, x, place) if self.upright else Key(time_ms, place, y)


def frame_of(video: VideoTrack, area: Box, canvas: tuple[int, int] = CANVAS) -> Frame:
    """The largest window of the canvas's shape inside `area`."""
    size, sar = upright(video)
    inner = Size(max(2, round(size.width * area.width)), max(2, round(size.height * area.height)))
    window = crop_to(inner, sar, Size(*canvas))
    tall = inner.height - window.height > inner.width - window.width
    return Frame(
        area,
        min(area.width, window.width / size.width),
        min(area.height, window.height / size.height),
        size.height if tall else size.width,
        tall,
    )
