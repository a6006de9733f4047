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

FOLDER = Path(__file__).resolve().with_name("font_files")
FACES = FOLDER / "faces"
# What a person may choose; the first is the usual one.
CHOICES = ("sans", "black", "geometric", "condensed", "poster", "serif")
# Who draws what the chosen face does not have, in this order.
FALLBACKS = (
    *("black", "arabic", "hebrew", "thai", "devanagari", "ideographs", "emoji"),
    *("sans", "serif"),
)
# Every face has the same line box, 0.95 em above the baseline and 0.25 below it (scripts/make-fonts):
# libass calls this height the size of the font.
LINE_BOX = 1.2
# libass puts the middle of the line box where it is told; the baseline lies so far below it, in em.
BASELINE = 0.35

# The narrow face has a narrow companion for Korean.
_COMPANIONS = {"condensed": ("poster",)}

_IGNORED = frozenset("\u200b\u200c\u200d\u200e\u200f\u2060\ufe0e\ufe0f\u00ad")


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text that one face draws."""

    face: str
    text: str


@dataclass(frozen=True, slots=True)
class _Face:
    font: hb.Font
    em: int
    letters: frozenset[int]


@cache
def families() -> dict[str, str]:
    """The name by which libass knows each face."""
    listed = json.loads((FOLDER / "faces.json").read_text())
    return {key: str(face["family"]) for key, face in listed.items()}


@cache
def _face(key: str) -> _Face:
    listed = json.loads((FOLDER / "faces.json").read_text())
    face = hb.Face(hb.Blob.from_file_path(str(FACES / listed[key]["file"])))
    return _Face(hb.Font(face), int(face.upem), frozenset(face.unicodes))


def covers(face: str, text: str) -> bool:
    """Whether the face has every letter of the text."""
    letters = _face(face).letters
    return all(ord(char) in letters or char in _IGNORED for char in text)


@lru_cache(maxsize=8192)
def _drawer(face: str, char: str) -> str:
    """The face that draws a letter when `face` is wanted; the wanted one when none does."""
    if covers(face, char):
        return face
    others = (*_COMPANIONS.get(face, ()), *FALLBACKS)
    return next((other for other in others if covers(other, char)), face)


def drawable(text: str) -> str:
    """The text without the characters that no face has."""
    known: dict[str, bool] = {}
    for char in set(text):
        found = _drawer("sans", char)
        known[char] = char.isspace() or found != "sans" or covers("sans", char)
    return "".join(char for char in text if known[char])


def pieces(text: str, face: str) -> list[Piece]:
    """The text as runs of one face each. Marks and joiners stay with what stands before them."""
    runs: list[tuple[str, list[str]]] = []
    for char in text:
        joins = bool(runs) and (char in _IGNORED or bool(unicodedata.combining(char)))
        key = runs[-1][0] if joins else _drawer(face, char)
        if runs and key == runs[-1][0]:
            runs[-1][1].append(char)
        else:
            runs.append((key, [char]))
    return [Piece(key, "".join(chars)) for key, chars in runs]


@lru_cache(maxsize=16384)
def em_width(text: str, face: str) -> float:
    """How wide the text is set in that face, in em, with its fallbacks where they are needed."""
    return sum(_shaped(piece) for piece in pieces(text, face))


@lru_cache(maxsize=16384)
def em_reach(text: str, face: str) -> tuple[float, float]:
    """How far letters reach above and below the middle of their line, in em: marks and descenders included."""
    above, below = -BASELINE, BASELINE
    for piece in pieces(text, face):
        font, em = _face(piece.face).font, _face(piece.face).em
        buffer = _set(piece)
        for glyph, place in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True):
            drawn = font.get_glyph_extents(glyph.codepoint)
            if drawn is not None and drawn.height:
                top = (place.y_offset + drawn.y_bearing) / em - BASELINE
                above, below = max(above, top), max(below, -top - drawn.height / em)
    return above, below


def _set(piece: Piece) -> hb.Buffer:
    buffer = hb.Buffer()
    buffer.add_str(piece.text)
    buffer.guess_segment_properties()
    hb.shape(_face(piece.face).font, buffer)
    return buffer


def _shaped(piece: Piece) -> float:
    advances = (place.x_advance for place in _set(piece).glyph_positions)
    return float(sum(advances)) / _face(piece.face).em


def widest(texts: Iterable[str], face: str) -> float:
    """The width of the widest of the texts, in em; 0 without any."""
    return max((em_width(text, face) for text in texts), default=0.0)
