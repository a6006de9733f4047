"""The caption fonts that come with Heimdex: which of them draws a letter, and how wide words become.

Widths are HarfBuzz's, which shapes for libass too, so a line that fits here fits in the picture.
"""

import json
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import uharfbuzz as hb

FONTS_DIR = Path(__file__).resolve().with_name("font_files")
FONT_FILES_DIR = FONTS_DIR / "faces"
# What a person may choose; the first is the usual one.
FONT_CHOICES = ("sans", "black", "geometric", "condensed", "poster", "serif")
# Who draws what the chosen face does not have, in this order.
FALLBACKS = (
    *("black", "arabic", "hebrew", "thai", "devanagari", "ideographs", "emoji"),
    *("sans", "serif"),
)
# Every face has the same line box, 0.95 em above the baseline and 0.25 below it (scripts/make-fonts):
# libass calls this height the size of the font.
LINE_BOX_EM = 1.2
# libass puts the middle of the line box where it is told; the baseline lies so far below it, in em.
BASELINE_OFFSET_EM = 0.35

# The narrow face has a narrow companion for Korean.
_FIRST_FALLBACKS = {"condensed": ("poster",)}

_INVISIBLE = frozenset("\u200b\u200c\u200d\u200e\u200f\u2060\ufe0e\ufe0f\u00ad")


@dataclass(frozen=True, slots=True)
class FontRun:
    """A run of text that one face draws."""

    face: str
    text: str


@dataclass(frozen=True, slots=True)
class _LoadedFont:
    font: hb.Font
    em: int
    letters: frozenset[int]


@cache
def family_names() -> dict[str, str]:
    """The name by which libass knows each face."""
    listed = json.loads((FONTS_DIR / "faces.json").read_text())
    return {key: str(face["family"]) for key, face in listed.items()}


@cache
def _load_font(key: str) -> _LoadedFont:
    listed = json.loads((FONTS_DIR / "faces.json").read_text())
    face = hb.Face(hb.Blob.from_file_path(str(FONT_FILES_DIR / listed[key]["file"])))
    return _LoadedFont(hb.Font(face), int(face.upem), frozenset(face.unicodes))


def has_glyphs(face: str, text: str) -> bool:
    """Whether the face has every letter of the text."""
    letters = _load_font(face).letters
    return all(ord(char) in letters or char in _INVISIBLE for char in text)


@lru_cache(maxsize=8192)
def _font_for(face: str, char: str) -> str:
    """The face that draws a letter when `face` is wanted; the wanted one when none does."""
    if has_glyphs(face, char):
        return face
    others = (*_FIRST_FALLBACKS.get(face, ()), *FALLBACKS)
    return next((other for other in others if has_glyphs(other, char)), face)


def drop_undrawable(text: str) -> str:
    """The text without the characters that no face has."""
    known: dict[str, bool] = {}
    for char in set(text):
        found = _font_for("sans", char)
        known[char] = char.isspace() or found != "sans" or has_glyphs("sans", char)
    return "".join(char for char in text if known[char])


def font_runs(text: str, face: str) -> list[FontRun]:
    """The text as runs of one face each. Marks and joiners stay with what stands before them."""
    runs: list[tuple[str, list[str]]] = []
    for char in text:
        joins = bool(runs) and (char in _INVISIBLE or bool(unicodedata.combining(char)))
        key = runs[-1][0] if joins else _font_for(face, char)
        if runs and key == runs[-1][0]:
            runs[-1][1].append(char)
        else:
            runs.append((key, [char]))
    return [FontRun(key, "".join(chars)) for key, chars in runs]


@lru_cache(maxsize=16384)
def width_em(text: str, face: str) -> float:
    """How wide the text is set in that face, in em, with its fallbacks where they are needed."""
    return sum(_run_width_em(piece) for piece in font_runs(text, face))


@lru_cache(maxsize=16384)
def extents_em(text: str, face: str) -> tuple[float, float]:
    """How far letters reach above and below the middle of their line, in em: marks and descenders included."""
    above, below = -BASELINE_OFFSET_EM, BASELINE_OFFSET_EM
    for piece in font_runs(text, face):
        font, em = _load_font(piece.face).font, _load_font(piece.face).em
        buffer = _shape(piece)
        for glyph, place in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True):
            drawn = font.get_glyph_extents(glyph.codepoint)
            if drawn is not None and drawn.height:
                top = (place.y_offset + drawn.y_bearing) / em - BASELINE_OFFSET_EM
                above, below = max(above, top), max(below, -top - drawn.height / em)
    return above, below


def _shape(piece: FontRun) -> hb.Buffer:
    buffer = hb.Buffer()
    buffer.add_str(piece.text)
    buffer.guess_segment_properties()
    hb.shape(_load_font(piece.face).font, buffer)
    return buffer


def _run_width_em(piece: FontRun) -> float:
    advances = (place.x_advance for place in _shape(piece).glyph_positions)
    return float(sum(advances)) / _load_font(piece.face).em


def max_width_em(texts: Iterable[str], face: str) -> float:
    """The width of the widest of the texts, in em; 0 without any."""
    return max((width_em(text, face) for text in texts), default=0.0)
