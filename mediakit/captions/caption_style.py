"""Frozen data for the burn-in of a Short: caption style, title, progress bar and logo.

Lengths are px of the Short's canvas. Styles and overlays are written to JSON and read back. An invalid value
raises `ValueError` with the name of the field.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Self

from mediakit.captions import fonts
from mediakit.framing.output_format import SHORT, Canvas
from mediakit.text.transcript import Cue

POSITIONS = ("auto", "bottom", "middle", "top", "custom")
CORNERS = ("top_left", "top_right", "bottom_left", "bottom_right")
FONT_SIZES_PX = range(32, 161)
WORDS_PER_LINE = range(13)  # words per line; 0: as many as fit
HOOK_DURATIONS_MS = range(1_000, 10_001)
MAX_HOOK_CHARS = 120
LOGO_OPACITIES_PERCENT = range(10, 101)
LOGO_WIDTHS_PX = range(60, 361)
_COLOR = re.compile(r"#[0-9a-fA-F]{6}", re.ASCII)


PLAIN = "plain"
OUTLINE = "outline"
BOX = "box"
POP = "pop"
KARAOKE = "karaoke"
KEYWORD = "keyword"
LOWER_THIRD = "lower_third"
BIG = "big"
MARKER = "marker"
REVEAL = "reveal"
PRESET_NAMES = (
    PLAIN,
    OUTLINE,
    BOX,
    POP,
    KARAOKE,
    KEYWORD,
    LOWER_THIRD,
    BIG,
    MARKER,
    REVEAL,
)


def _known_fields(cls: type, data: Mapping[str, Any]) -> dict[str, Any]:
    names = {field.name for field in fields(cls)}
    for name in data:
        if name not in names:
            raise ValueError(name)
    return dict(data)


def _check_choice(name: str, value: object, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise ValueError(name)


def _check_int(name: str, value: object, allowed: range) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or value not in allowed:
        raise ValueError(name)


def _check_color(name: str, value: object) -> None:
    if not isinstance(value, str) or not _COLOR.fullmatch(value):
        raise ValueError(name)


def _check_bool(name: str, value: object) -> None:
    if not isinstance(value, bool):
        raise ValueError(name)  # noqa: TRY004 -- one error for any bad field


@dataclass(frozen=True, slots=True)
class CaptionStyle:
    """The style of captions: a preset, which sets how words are drawn and move, and its adjustments.

    `color` is the text's colour, `accent` that of the highlighted word or bar, `edge` that of outline, glow or box.
    `size` is the font size in px. `words` is the maximum per line, 0 for as many as fit. `height` is the centre of
    the captions in percent from the top, used when `position` is "custom".
    """

    preset: str = OUTLINE
    font: str = "black"
    size: int = 66
    color: str = "#ffffff"
    accent: str = "#ffd60a"
    edge: str = "#000000"
    position: str = "auto"
    height: int = 60
    words: int = 0
    upper_case: bool = False
    emoji: bool = True

    def __post_init__(self) -> None:
        _check_choice("preset", self.preset, PRESET_NAMES)
        _check_choice("font", self.font, fonts.FONT_CHOICES)
        _check_choice("position", self.position, POSITIONS)
        _check_int("size", self.size, FONT_SIZES_PX)
        _check_int("height", self.height, range(101))
        _check_int("words", self.words, WORDS_PER_LINE)
        for name in ("color", "accent", "edge"):
            _check_color(name, getattr(self, name))
        for name in ("upper_case", "emoji"):
            _check_bool(name, getattr(self, name))

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "CaptionStyle":
        """Return the named preset with the given fields changed. Raises ValueError with an invalid field's name."""
        preset = data.get("preset", OUTLINE)
        _check_choice("preset", preset, PRESET_NAMES)
        return replace(PRESETS[preset], **_known_fields(cls, data))


@dataclass(frozen=True, slots=True)
class Overlays:
    """The overlays of a Short besides captions: title, progress bar and logo.

    `hook` is a title shown for the first `hook_ms`. `logo` names an uploaded logo, empty for none; it is
    `logo_width` px wide and `logo_opacity` percent opaque. The progress bar lies along the lower edge.
    """

    hook: str = ""
    hook_ms: int = 3_000
    progress: bool = False
    progress_color: str = "#ffffff"
    logo: str = ""
    logo_corner: str = "top_left"
    logo_opacity: int = 90
    logo_width: int = 160

    def __post_init__(self) -> None:
        if not isinstance(self.hook, str) or len(self.hook) > MAX_HOOK_CHARS:
            raise ValueError("hook")
        if not isinstance(self.logo, str) or not re.fullmatch(r"[0-9a-f]{0,64}", self.logo):
            raise ValueError("logo")
        _check_int("hook_ms", self.hook_ms, HOOK_DURATIONS_MS)
        _check_bool("progress", self.progress)
        _check_color("progress_color", self.progress_color)
        _check_choice("logo_corner", self.logo_corner, CORNERS)
        _check_int("logo_opacity", self.logo_opacity, LOGO_OPACITIES_PERCENT)
        _check_int("logo_width", self.logo_width, LOGO_WIDTHS_PX)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Restore the value from the data of `to_json`. Raises ValueError with an invalid field's name."""
        return cls(**_known_fields(cls, data))

    @property
    def is_empty(self) -> bool:
        """Whether there is no overlay to draw."""
        return not (self.hook.strip() or self.progress or self.logo)


@dataclass(frozen=True, slots=True)
class TimedRegion:
    """A region of the canvas during a time: a face, a title, a logo, or with `is_picture` a picture shown whole.

    Times are ms from the Short's start; position and size are fractions of the canvas.
    """

    start_ms: int
    end_ms: int
    x: float
    y: float
    width: float
    height: float
    is_picture: bool = False


@dataclass(frozen=True, slots=True)
class BurnIn:
    """Everything that is burned into one Short, laid out on its canvas. Times of cues and faces are ms from its start.

    No style means no captions. `logo` is the file of the logo that `overlays` names. Captions avoid `faces`,
    the title also the whole pictures among them.
    `language` is a code such as "en", or empty if unknown.
    """

    duration_ms: int
    cues: tuple[Cue, ...] = ()
    style: CaptionStyle | None = None
    overlays: Overlays = Overlays()
    faces: tuple[TimedRegion, ...] = ()
    logo: Path | None = None
    language: str = ""
    canvas: Canvas = SHORT.canvas


PRESETS: Mapping[str, CaptionStyle] = {
    PLAIN: CaptionStyle(PLAIN, font="sans", size=60),
    OUTLINE: CaptionStyle(OUTLINE, font="black", size=66),
    BOX: CaptionStyle(BOX, font="sans", size=54, edge="#121317"),
    POP: CaptionStyle(
        POP, font="black", size=92, accent="#ffe600", words=3, upper_case=True, emoji=False
    ),
    KARAOKE: CaptionStyle(KARAOKE, font="black", size=66, accent="#35d6ff"),
    KEYWORD: CaptionStyle(KEYWORD, font="geometric", size=60, accent="#7dff6a"),
    LOWER_THIRD: CaptionStyle(
        LOWER_THIRD, font="sans", size=48, accent="#5b8cff", edge="#121317", emoji=False
    ),
    BIG: CaptionStyle(BIG, font="condensed", size=118, upper_case=True, emoji=False),
    MARKER: CaptionStyle(MARKER, font="black", size=66, accent="#6a45ff"),
    REVEAL: CaptionStyle(REVEAL, font="sans", size=62),
}
