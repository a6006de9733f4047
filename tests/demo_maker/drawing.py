"""Vector drawings as ASS events, which ffmpeg renders smoothly at any size.

Coordinates are those of a 1280x720 canvas. Nothing here needs a font, an image or Pillow.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

CANVAS = (1280, 720)
# The control points of a quarter of an ellipse lie so far out.
_ROUND = 0.5523

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Path:
    """An outline in ASS drawing commands, its upper left corner at 0,0, and where that belongs."""

    commands: str
    left: float
    top: float


def ellipse(x: float, y: float, rx: float, ry: float) -> Path:
    """An ellipse around x, y."""
    kx, ky = rx * _ROUND, ry * _ROUND
    curves = [
        (rx + kx, 0, 2 * rx, ry - ky, 2 * rx, ry),
        (2 * rx, ry + ky, rx + kx, 2 * ry, rx, 2 * ry),
        (rx - kx, 2 * ry, 0, ry + ky, 0, ry),
        (0, ry - ky, rx - kx, 0, rx, 0),
    ]
    drawn = " ".join("b " + " ".join(f"{value:.1f}" for value in curve) for curve in curves)
    return Path(f"m {rx:.1f} 0 {drawn}", x - rx, y - ry)


def box(x: float, y: float, width: float, height: float, radius: float = 0) -> Path:
    """A rectangle with its upper left corner at x, y, and round corners where wanted."""
    r, k, w, h = radius, radius * (1 - _ROUND), width, height
    return Path(
        f"m {r:.1f} 0 l {w - r:.1f} 0 b {w - k:.1f} 0 {w:.1f} {k:.1f} {w:.1f} {r:.1f}"
        f" l {w:.1f} {h - r:.1f} b {w:.1f} {h - k:.1f} {w - k:.1f} {h:.1f} {w - r:.1f} {h:.1f}"
        f" l {r:.1f} {h:.1f} b {k:.1f} {h:.1f} 0 {h - k:.1f} 0 {h - r:.1f}"
        f" l 0 {r:.1f} b 0 {k:.1f} {k:.1f} 0 {r:.1f} 0",
        x,
        y,
    )


def shape(start: Point, *steps: tuple[float, ...]) -> Path:
    """A free shape: a step of two numbers is a line, one of six a curve. Extremes lie on it."""
    corners = [start, *((step[-2], step[-1]) for step in steps)]
    left, top = min(x for x, _ in corners), min(y for _, y in corners)
    commands = [f"m {start[0] - left:.1f} {start[1] - top:.1f}"]
    for step in steps:
        moved = (
            f"{value - (left if index % 2 == 0 else top):.1f}" for index, value in enumerate(step)
        )
        commands.append(("l " if len(step) == 2 else "b ") + " ".join(moved))
    return Path(" ".join(commands), left, top)


@dataclass(frozen=True, slots=True)
class Glide:
    """A straight move of a whole figure, `scale` times its drawn size, during a span of time."""

    start_ms: int
    end_ms: int
    begin: Point
    finish: Point
    scale: float = 1.0

    def at(self, time_ms: int) -> Point:
        """Where the figure's origin is."""
        part = (time_ms - self.start_ms) / max(1, self.end_ms - self.start_ms)
        return (
            self.begin[0] + (self.finish[0] - self.begin[0]) * part,
            self.begin[1] + (self.finish[1] - self.begin[1]) * part,
        )


@dataclass(slots=True)
class Sheet:
    """ASS events of one shot, collected while it is drawn.

    `still` holds what lies behind everything and never changes: it is rendered once for all
    pictures of the shot.
    """

    span: tuple[int, int]
    events: list[str] = field(default_factory=list)
    still: list[str] = field(default_factory=list)

    def draw(
        self,
        path: Path,
        colour: str,
        span: tuple[int, int],
        *,
        layer: int = 0,
        glide: Glide | None = None,
        alpha: int = 0,
        more: str = "",
    ) -> None:
        """Show a path in `#rrggbb`; on a glide its coordinates are those of the figure."""
        scale = glide.scale if glide else 1.0
        (x1, y1), (x2, y2) = (glide.at(span[0]), glide.at(span[1])) if glide else ((0, 0), (0, 0))
        dx, dy = path.left * scale, path.top * scale
        place = f"\\move({x1 + dx:.1f},{y1 + dy:.1f},{x2 + dx:.1f},{y2 + dy:.1f})"
        size = f"\\fscx{scale * 100:.1f}\\fscy{scale * 100:.1f}"
        tags = f"\\an7{place}{size}\\1c{_bgr(colour)}\\1a&H{alpha:02X}&\\bord0\\shad0{more}\\p1"
        behind = glide is None and layer <= 1 and span == self.span
        self._add(layer, (0, 1000) if behind else span, f"{{{tags}}}{path.commands}", still=behind)

    def write(
        self,
        text: str,
        at: Point,
        size: int,
        colour: str,
        span: tuple[int, int],
        *,
        anchor: int = 7,
        bold: bool = True,
        layer: int = 5,
    ) -> None:
        """Set a line of our own text; it appears softly."""
        tags = (
            f"\\an{anchor}\\pos({at[0]:.0f},{at[1]:.0f})\\fs{size}\\b{int(bold)}"
            f"\\1c{_bgr(colour)}\\bord0\\shad0\\fad(300,0)"
        )
        self._add(layer, span, f"{{{tags}}}{text}")

    def _add(self, layer: int, span: tuple[int, int], text: str, *, still: bool = False) -> None:
        begin, end = (_stamp(time) for time in span)
        if begin != end:
            kept = self.still if still else self.events
            kept.append(f"Dialogue: {layer},{begin},{end},D,,0,0,0,,{text}")


def render(events: Iterable[str]) -> str:
    """A whole ASS file of these events."""
    return "\n".join([*_head(), *events, ""])


def _head() -> Iterator[str]:
    yield from ("[Script Info]", "ScriptType: v4.00+", "WrapStyle: 2", "ScaledBorderAndShadow: yes")
    yield from (f"PlayResX: {CANVAS[0]}", f"PlayResY: {CANVAS[1]}", "", "[V4+ Styles]")
    yield "Format: Name, Fontname, Fontsize, PrimaryColour, Alignment, Encoding"
    yield "Style: D,DejaVu Sans,40,&H00FFFFFF,7,1"
    yield from ("", "[Events]")
    yield "Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text"


def _bgr(colour: str) -> str:
    red, green, blue = colour[1:3], colour[3:5], colour[5:7]
    return f"&H{blue}{green}{red}&"


def _stamp(time_ms: int) -> str:
    hundredths = max(0, time_ms) // 10
    minutes, rest = divmod(hundredths, 6000)
    return f"{minutes // 60}:{minutes % 60:02d}:{rest // 100:02d}.{rest % 100:02d}"
