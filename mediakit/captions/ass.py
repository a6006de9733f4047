"""ASS scripts: events, colours, shapes and escaped text. libass renders them onto the picture.

All user text passes `escape` before it enters a script. So it cannot change a style, open an override block or
begin a line.
"""

import math
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mediakit.captions import fonts
from mediakit.framing.output_format import SHORT, Canvas
from mediakit.text.transcript import NO_SPACE_MARK

# Invisible. After a backslash it keeps libass from reading an escape sequence.
_WORD_JOINER = "\u2060"
_CONTROL = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)
_RTL_LANGUAGES = frozenset(("ar", "dv", "fa", "he", "iw", "ps", "sd", "ug", "ur", "yi"))
_HEADER = """\
[Script Info]
ScriptType: v4.00+
PlayResX: {width}
PlayResY: {height}
WrapStyle: 2
ScaledBorderAndShadow: yes
Kerning: yes

[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, \
Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, MarginR, \
MarginV, Encoding
Style: Base,{family},80,&H00FFFFFF,&H00FFFFFF,&H00000000,&H00000000,0,0,0,0,100,100,0,0,1,0,0,5,0,0,0,-1

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
"""


@dataclass(frozen=True, slots=True)
class Event:
    """One ASS dialogue line: override tags of our own, and text that has passed `escape`. Times in ms."""

    layer: int
    start_ms: int
    end_ms: int
    tags: str
    text: str


def escape(text: str) -> str:
    """Return user text as one line that libass renders literally."""
    plain = _CONTROL.sub(" ", text)
    plain = plain.replace("\\", "\\" + _WORD_JOINER)
    return plain.replace("{", "\\{").replace("}", "\\}")


def escape_with_fonts(text: str, font: str) -> str:
    """Return the escaped text, each run of it with the tag of a font that has its letters."""
    families = fonts.family_names()
    return "".join(
        f"{{\\fn{families[run.font]}}}{escape(run.text)}"
        for run in fonts.font_runs(text.replace(NO_SPACE_MARK, ""), font)
    )


def is_rtl(text: str) -> bool:
    """Whether the text has a right-to-left letter."""
    return any(unicodedata.bidirectional(char) in ("R", "AL") for char in text)


def is_rtl_language(code: str) -> bool:
    """Whether a language, given as a code such as "ar", is written from right to left."""
    return code[:2] in _RTL_LANGUAGES


def is_rtl_text(words: Iterable[str], *, expected: bool = False) -> bool:
    """Whether the words are a right-to-left text: if any word is where that is `expected`, else if most words are."""
    rtl = [is_rtl(word) for word in words if any(char.isalpha() for char in word)]
    if not any(rtl):
        return False
    return expected or sum(rtl) * 2 > len(rtl) - rtl[0]


def direction_mark(*, rtl: bool) -> str:
    """Return an invisible mark that sets a line's direction, whichever letter the line begins with."""
    mark = "\u200f" if rtl else "\u200e"
    return f"{{\\fn{fonts.family_names()['hebrew']}}}{mark}"


def build_script(events: Sequence[Event], canvas: Canvas = SHORT.canvas) -> str:
    """Return the ASS script of the events on a canvas. Events without a duration are left out."""
    head = _HEADER.format(
        width=canvas.width, height=canvas.height, family=fonts.family_names()["sans"]
    )
    return head + "".join(
        _dialogue_line(event) for event in events if event.start_ms < event.end_ms
    )


def _dialogue_line(event: Event) -> str:
    start, end = _timestamp(event.start_ms), _timestamp(event.end_ms)
    if start == end:
        return ""
    return f"Dialogue: {event.layer},{start},{end},Base,,0,0,0,,{{{event.tags}}}{event.text}\n"


def _timestamp(time_ms: int) -> str:
    hundredths = max(0, time_ms + 5) // 10
    seconds, rest = divmod(hundredths, 100)
    return f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}.{rest:02d}"


def ass_color(color: str, matrix: str = "bt709") -> str:
    """Return a colour `#rrggbb` in ASS notation, `&Hbbggrr&`.

    Older ffmpeg converts libass's RGB to YUV by BT.601 whatever the picture's matrix is. With `matrix` "bt601" the
    colour is changed beforehand so that players, which decode BT.709, show the given colour.
    """
    red, green, blue = (int(color[at : at + 2], 16) for at in (1, 3, 5))
    if matrix == "bt601":
        red, green, blue = _compensate_bt601(red, green, blue)
    return f"&H{blue:02X}{green:02X}{red:02X}&"


def _compensate_bt601(red: int, green: int, blue: int) -> tuple[int, int, int]:
    """Encode by BT.709, decode by BT.601: what a BT.601 encoder turns back into the BT.709 values."""
    luma = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    chroma_blue, chroma_red = (blue - luma) / 1.8556, (red - luma) / 1.5748
    rgb = (
        luma + 1.402 * chroma_red,
        luma - 0.344136 * chroma_blue - 0.714136 * chroma_red,
        luma + 1.772 * chroma_blue,
    )
    first, second, third = (min(255, max(0, round(value))) for value in rgb)
    return first, second, third


def rounded_rect_path(width: float, height: float, radius: float) -> str:
    """Return the outline of a box with rounded corners, in px from its top left corner, for `\\p1`.

    Corners are Bezier curves; 0.5523 is the usual factor for a quarter circle.
    """
    wide, tall = math.ceil(width), math.ceil(height)
    r = min(round(radius), wide // 2, tall // 2)
    k = r - round(r * 0.5523)
    steps = (
        f"m {r} 0 l {wide - r} 0 b {wide - k} 0 {wide} {k} {wide} {r}",
        f"l {wide} {tall - r} b {wide} {tall - k} {wide - k} {tall} {wide - r} {tall}",
        f"l {r} {tall} b {k} {tall} 0 {tall - k} 0 {tall - r}",
        f"l 0 {r} b 0 {k} {k} 0 {r} 0",
    )
    return " ".join(steps)
