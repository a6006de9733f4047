"""What is drawn onto a Short besides the picture: caption style, title, progress bar, logo. Plain frozen data.

Lengths are pixels of the 1080x1920 canvas. Everything can be written to JSON and read back; what was
written by hand is checked, and refused with `ValueError` and the name of the field.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Self

from mediakit.captions import fonts
from mediakit.text.transcript import Cue

POSITIONS = ("auto", "bottom", "middle", "top", "custom")
CORNERS = ("top_left", "top_right", "bottom_left", "bottom_right")
SIZES = range(32, 161)
WORDS = range(13)  # words per line; 0: as many as fit
HOOK_MS = range(1_000, 10_001)
HOOK_CHARS = 120
OPACITIES = range(10, 101)
LOGO_WIDTHS = range(60, 361)
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}", re.ASCII)


PRESET_NAMES = (
    *("plain", "outline", "box", "pop", "karaoke", "keyword", "lower_third", "big"),
    *("marker", "reveal"),
)


def _known(cls: type, data: Mapping[str, Any]) -> dict[str, Any]:
    names = {field.name for field in fields(cls)}
    for name in data:
        if name not in names:
            raise ValueError(name)
    return dict(data)


def _one_of(name: str, value: object, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise ValueError(name)


def _whole(name: str, value: object, allowed: range) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or value not in allowed:
        raise ValueError(name)


def _colour(name: str, value: object) -> None:
    if not isinstance(value, str) or not _COLOUR.fullmatch(value):
        raise ValueError(name)


def _yes_or_no(name: str, value: object) -> None:
    if not isinstance(value, bool):
        raise ValueError(name)  # noqa: TRY004 -- one error for any bad field


@dataclass(frozen=True, slots=True)
class CaptionStyle:
    """How captions look. `preset` says how they are drawn and move, the rest adjusts it.

    `color` is the text's, `accent` that of the word or bar that stands out, `edge` that of outline, glow
    or box. `height` is where the middle of the captions lies, in percent from the top, when `position`
    is "custom".
    """

    preset: str = "outline"
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
        _one_of("preset", self.preset, PRESET_NAMES)
        _one_of("font", self.font, fonts.CHOICES)
        _one_of("position", self.position, POSITIONS)
        _whole("size", self.size, SIZES)
        _whole("height", self.height, range(101))
        _whole("words", self.words, WORDS)
        for name in ("color", "accent", "edge"):
            _colour(name, getattr(self, name))
        for name in ("upper_case", "emoji"):
            _yes_or_no(name, getattr(self, name))

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "CaptionStyle":
        """The preset it names, with what else is given put in its place; ValueError names a bad field."""
        preset = data.get("preset", "outline")
        _one_of("preset", preset, PRESET_NAMES)
        return replace(PRESETS[preset], **_known(cls, data))


@dataclass(frozen=True, slots=True)
class Overlays:
    """What stands on the picture besides captions.

    `hook` is a title shown for the first `hook_ms`. `logo` names an uploaded picture, empty for none; it is
    `logo_width` wide and `logo_opacity` percent opaque. The bar along the lower edge has the colour
    `progress_color`.
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
        if not isinstance(self.hook, str) or len(self.hook) > HOOK_CHARS:
            raise ValueError("hook")
        if not isinstance(self.logo, str) or not re.fullmatch(r"[0-9a-f]{0,64}", self.logo):
            raise ValueError("logo")
        _whole("hook_ms", self.hook_ms, HOOK_MS)
        _yes_or_no("progress", self.progress)
        _colour("progress_color", self.progress_color)
        _one_of("logo_corner", self.logo_corner, CORNERS)
        _whole("logo_opacity", self.logo_opacity, OPACITIES)
        _whole("logo_width", self.logo_width, LOGO_WIDTHS)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Read back what `to_json` wrote; ValueError names a bad field."""
        return cls(**_known(cls, data))

    @property
    def is_empty(self) -> bool:
        """Whether nothing is drawn."""
        return not (self.hook.strip() or self.progress or self.logo)


@dataclass(frozen=True, slots=True)
class FaceBox:
    """Where a face is for a while: ms from the Short's start, and shares of the canvas."""

    start_ms: int
    end_ms: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Drawing:
    """All that is drawn onto one Short. Times of cues and faces count from the Short's start.

    Without a style no captions are drawn. `logo` is the file of the logo that `overlays` names.
    `language` is a code such as "en", or empty when nobody knows.
    """

    duration_ms: int
    cues: tuple[Cue, ...] = ()
    style: CaptionStyle | None = None
    overlays: Overlays = Overlays()
    faces: tuple[FaceBox, ...] = ()
    logo: Path | None = None
    language: str = ""


PRESETS: Mapping[str, CaptionStyle] = {
    "plain": CaptionStyle("plain", font="sans", size=60),
    "outline": CaptionStyle("outline", font="black", size=66),
    "box": CaptionStyle("box", font="sans", size=54, edge="#121317"),
    "pop": CaptionStyle(
        "pop", font="black", size=92, accent="#ffe600", words=3, upper_case=True, emoji=False
    ),
    "karaoke": CaptionStyle("karaoke", font="black", size=66, accent="#35d6ff"),
    "keyword": CaptionStyle("keyword", font="geometric", size=60, accent="#7dff6a"),
    "lower_third": CaptionStyle(
        "lower_third", font="sans", size=48, accent="#5b8cff", edge="#121317", emoji=False
    ),
    "big": CaptionStyle("big", font="condensed", size=118, upper_case=True, emoji=False),
    "marker": CaptionStyle("marker", font="black", size=66, accent="#6a45ff"),
    "reveal": CaptionStyle("reveal", font="sans", size=62),
}
