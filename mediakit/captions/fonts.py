"""The caption fonts that come with Heimdex: which font draws a letter, and how wide a text is.

Widths come from HarfBuzz, which also shapes text for libass. So a line that fits here fits in the picture.
"""

import json
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import uharfbuzz as hb

FONTS_DIR = Path(__file__).resolve().with_name("font_files")
FONT_FILES_DIR = FONTS_DIR / "faces"
# The fonts a user can choose.
FONT_CHOICES = ("sans", "black", "geometric", "condensed", "poster", "serif")
# The fonts that draw letters which the chosen font lacks, in order of preference.
FALLBACKS = (
    *("black", "arabic", "hebrew", "thai", "devanagari", "ideographs", "traditional", "rare"),
    *("bengali", "gurmukhi", "gujarati", "oriya", "tamil", "telugu", "kannada", "malayalam"),
    *("sinhala", "lao", "myanmar", "khmer", "georgian", "armenian", "ethiopic", "math", "emoji"),
    *("sans", "serif"),
)
# The height of every font's line box: 0.95 em above the baseline and 0.25 em below it (scripts/make-fonts).
# libass calls this height the font size.
LINE_BOX_EM = 1.2
# The baseline is this far below the centre of the line box, which is the point that libass positions.
BASELINE_OFFSET_EM = 0.35

# Fallbacks preferred for a font: a narrow Korean font for the narrow one.
_FIRST_FALLBACKS = {"condensed": ("poster",)}

# Letters that stand for others of the same meaning.
_SUBSTITUTES = {"♫": "♪", "♬": "♪"}
_INVISIBLE = frozenset("\u200b\u200c\u200d\u200e\u200f\u2060\ufe0e\ufe0f\u00ad")


@dataclass(frozen=True, slots=True)
class FontRun:
    """A run of text that one font draws. `font` is a key of `family_names`."""

    font: str
    text: str


@dataclass(frozen=True, slots=True)
class _LoadedFont:
    font: hb.Font
    em: int
    letters: frozenset[int]


@cache
def family_names() -> dict[str, str]:
    """Return the family name, as libass knows it, of each font key."""
    listed = json.loads((FONTS_DIR / "faces.json").read_text())
    return {key: str(face["family"]) for key, face in listed.items()}


@cache
def file_names() -> dict[str, str]:
    """Return the file in FONT_FILES_DIR of each font key."""
    listed = json.loads((FONTS_DIR / "faces.json").read_text())
    return {key: str(face["file"]) for key, face in listed.items()}


@cache
def _load_font(key: str) -> _LoadedFont:
    listed = json.loads((FONTS_DIR / "faces.json").read_text())
    face = hb.Face(hb.Blob.from_file_path(str(FONT_FILES_DIR / listed[key]["file"])))
    return _LoadedFont(hb.Font(face), int(face.upem), frozenset(face.unicodes))


def has_glyphs(font: str, text: str) -> bool:
    """Whether the font has a glyph for every letter of the text."""
    letters = _load_font(font).letters
    return all(ord(char) in letters or char in _INVISIBLE for char in text)


@lru_cache(maxsize=8192)
def _font_for(font: str, letter: str) -> str:
    """Return the font that draws a letter with its marks: `font`, a fallback, or `font` where none can."""
    others = (*_FIRST_FALLBACKS.get(font, ()), *FALLBACKS)
    return next((other for other in (font, *others) if has_glyphs(other, letter)), font)


def is_invisible(char: str) -> bool:
    """Whether a character needs no glyph: joiners, direction marks and variation selectors."""
    return char in _INVISIBLE


def split_letters(text: str) -> list[str]:
    """Return the characters of the text, each with the marks and joiners that follow it."""
    letters: list[str] = []
    for char in text:
        if letters and (char in _INVISIBLE or unicodedata.combining(char)):
            letters[-1] += char
        else:
            letters.append(char)
    return letters


@lru_cache(maxsize=8192)
def drawable_form(letter: str) -> str:
    """Return a letter with its marks as fonts can draw it: in a form of `_whole_forms`, or without what no font has."""
    whole = next((form for form in _whole_forms(letter) if _is_drawn(form)), None)
    if letter.isspace() or whole is not None:
        return letter if letter.isspace() else str(whole)
    kept = ""
    for char in unicodedata.normalize("NFD", letter):
        if has_glyphs(_font_for("sans", kept + char), kept + char):
            kept += char
    return kept


def is_drawable(letter: str) -> bool:
    """Whether a letter with its marks can be drawn whole, in whatever form."""
    return any(map(_is_drawn, _whole_forms(letter)))


def _whole_forms(letter: str) -> Iterator[str]:
    """Yield the forms that say the same, the best first: in parts (Z and a dot), simpler (kg for ㎏), small."""
    yield letter
    yield unicodedata.normalize("NFD", letter)
    yield unicodedata.normalize("NFKC", letter)
    yield letter.lower()
    yield "".join(_SUBSTITUTES.get(char, char) for char in letter)


def _is_drawn(text: str) -> bool:
    return all(has_glyphs(_font_for("sans", letter), letter) for letter in split_letters(text))


def drawable_text(text: str) -> str:
    """Return the text with every letter in its drawable form; a letter that no font has is left out."""
    return "".join(map(drawable_form, split_letters(text)))


def font_runs(text: str, font: str) -> list[FontRun]:
    """Split the text into runs of one font each. Marks and joiners stay with the character before them."""
    runs: list[tuple[str, list[str]]] = []
    for letter in split_letters(text):
        key = _font_for(font, letter)
        if runs and key == runs[-1][0]:
            runs[-1][1].append(letter)
        else:
            runs.append((key, [letter]))
    return [FontRun(key, "".join(letters)) for key, letters in runs]


@lru_cache(maxsize=16384)
def width_em(text: str, font: str) -> float:
    """Return the width of the text in em, in that font and its fallbacks."""
    return sum(_run_width_em(run) for run in font_runs(text, font))


@lru_cache(maxsize=16384)
def extents_em(text: str, font: str) -> tuple[float, float]:
    """Return how far the text's ink reaches above and below the centre of its line box, in em."""
    above, below = -BASELINE_OFFSET_EM, BASELINE_OFFSET_EM
    for run in font_runs(text, font):
        loaded = _load_font(run.font)
        buffer = _shape(run)
        for glyph, position in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True):
            extents = loaded.font.get_glyph_extents(glyph.codepoint)
            if extents is not None and extents.height:
                top = (position.y_offset + extents.y_bearing) / loaded.em - BASELINE_OFFSET_EM
                above, below = max(above, top), max(below, -top - extents.height / loaded.em)
    return above, below


def _shape(run: FontRun) -> hb.Buffer:
    buffer = hb.Buffer()
    buffer.add_str(run.text)
    buffer.guess_segment_properties()
    hb.shape(_load_font(run.font).font, buffer)
    return buffer


def _run_width_em(run: FontRun) -> float:
    advances = (position.x_advance for position in _shape(run).glyph_positions)
    return float(sum(advances)) / _load_font(run.font).em


def max_width_em(texts: Iterable[str], font: str) -> float:
    """Return the width of the widest text in em; 0 without texts."""
    return max((width_em(text, font) for text in texts), default=0.0)
