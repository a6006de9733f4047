"""The crop window: its size as fractions of the picture, and the range in which it can move."""

from dataclasses import dataclass, replace

from mediakit.framing.crop_plan import PathPoint, Shot
from mediakit.framing.geometry import Size, crop_size, fit_size, fit_top, upright_size
from mediakit.framing.output_format import SHORT, Cell, cells
from mediakit.framing.rect import Rect
from mediakit.media_info import VideoTrack

# A part whose shape differs from its cell's by no more is scaled to it.
SAME_SHAPE = 0.01


@dataclass(frozen=True, slots=True)
class CropWindow:
    """A crop of the canvas's shape inside `area`, the largest if `zoom` is 1; it moves along one axis only.

    `width` and `height` are fractions of the picture. `side_px` is the picture's side along the axis
    of movement. `across` is the position of the centre along the other axis, or None for the area's middle.
    """

    area: Rect
    width: float
    height: float
    side_px: int
    moves_vertically: bool
    zoom: float = 1.0
    across: float | None = None

    @property
    def length(self) -> float:
        """The window's extent along its axis of movement."""
        return self.height if self.moves_vertically else self.width

    def extent(self, box: Rect) -> float:
        """A rectangle's extent along the axis of movement."""
        return box.height if self.moves_vertically else box.width

    @property
    def shows_all(self) -> bool:
        """Whether nothing of the area is outside the window, but for rounding to whole pixels."""
        lost = max(self.area.width - self.width, self.area.height - self.height)
        return lost * self.side_px < 2

    @property
    def bounds(self) -> tuple[float, float]:
        """The smallest and the greatest position of the window's centre."""
        return self._bounds(vertically=self.moves_vertically)

    @property
    def bounds_across(self) -> tuple[float, float]:
        """The smallest and the greatest position of the window's centre along the other axis."""
        return self._bounds(vertically=not self.moves_vertically)

    def _bounds(self, *, vertically: bool) -> tuple[float, float]:
        area = self.area
        low, high = (area.top, area.bottom) if vertically else (area.left, area.right)
        half = (self.height if vertically else self.width) / 2
        return (low + half, max(low + half, high - half))

    def path_point(self, time_ms: int, position: float) -> PathPoint:
        """The path point with the window's centre at `position` along the axis of movement."""
        x, y = self.area.centre
        if self.moves_vertically:
            return PathPoint(time_ms, x if self.across is None else self.across, position)
        return PathPoint(time_ms, position, y if self.across is None else self.across)

    def point_around(self, time_ms: int, centre: tuple[float, float]) -> PathPoint:
        """The path point with the window's centre as near as possible to a point of the picture."""
        along, across = reversed(centre) if self.moves_vertically else centre
        placed = (
            replace(self, across=clamped(across, self.bounds_across)) if self.zoom > 1 else self
        )
        return placed.path_point(time_ms, clamped(along, self.bounds))

    def zoomed(self, zoom: float) -> "CropWindow":
        """The window with sides `zoom` times smaller, in the middle of the area along the other axis."""
        return replace(
            self, width=self.width / zoom, height=self.height / zoom, zoom=self.zoom * zoom
        )


def clamped(value: float, bounds: tuple[float, float]) -> float:
    """The nearest value within bounds."""
    return min(bounds[1], max(bounds[0], value))


def window_of(shot: Shot, area: Rect, video: VideoTrack, canvas: Size = SHORT.size) -> CropWindow:
    """The window of a shot with the layout "crop"."""
    return crop_window(video, area, canvas).zoomed(shot.zoom)


def crop_window(video: VideoTrack, area: Rect, canvas: Size = SHORT.size) -> CropWindow:
    """The largest window of the canvas's shape inside `area`."""
    size, sar = upright_size(video)
    inner = Size(max(2, round(size.width * area.width)), max(2, round(size.height * area.height)))
    window = crop_size(inner, sar, canvas)
    moves_vertically = inner.height - window.height > inner.width - window.width
    return CropWindow(
        area,
        width=min(area.width, window.width / size.width),
        height=min(area.height, window.height / size.height),
        side_px=size.height if moves_vertically else size.width,
        moves_vertically=moves_vertically,
    )


def fit_cell(video: VideoTrack, area: Rect, canvas: Size, *, has_caption_band: bool) -> Cell:
    """Where the whole area lies on the canvas: in the middle, or moved up for captions as a "fit"."""
    size, sar = upright_size(video)
    inner = Size(max(2, round(size.width * area.width)), max(2, round(size.height * area.height)))
    fitted = fit_size(inner, sar, canvas)
    middle = (canvas.height - fitted.height) // 2
    top = fit_top(canvas, fitted.height) if has_caption_band else middle
    return Cell(fitted, (canvas.width - fitted.width) // 2, top)


def part_cells(shot: Shot, video: VideoTrack, canvas: Size) -> list[Cell]:
    """Where the parts of a "stack" or an "inset" lie; an inset's content lies whole in the middle of its cell."""
    places = cells(canvas, len(shot.parts), shot.split)
    if shot.layout == "inset":
        places[0] = _fitted(video, shot.parts[0], places[0])
    return places


def _fitted(video: VideoTrack, part: Rect, cell: Cell) -> Cell:
    if has_shape_of(video, part, cell.size):
        return cell
    inside = fit_cell(video, part, cell.size, has_caption_band=False)
    return Cell(inside.size, cell.left + inside.left, cell.top + inside.top)


def has_shape_of(video: VideoTrack, part: Rect, size: Size) -> bool:
    """Whether a part of the picture fills a picture of that size, but for SAME_SHAPE."""
    whole, sar = upright_size(video)
    shape = float(sar) * part.width * whole.width / (part.height * whole.height)
    return abs(shape * size.height / size.width - 1) <= SAME_SHAPE
