"""Removal of markup from the text of cues, and normalization of the rest."""

import html
import html.entities
import re
import unicodedata

# The style tags of caption files. Anything else in angle brackets is text.
_STYLE_TAG = re.compile(
    r"</?(?:i|b|u|s|em|strong|ruby|rb|c|v|lang|font|span|br)(?:[.\s][^<>]{0,200})?/?>",
    re.IGNORECASE,
)
_LINE_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_OVERRIDE = re.compile(r"\{[\\=][^{}]{0,2000}\}|\{\\[^{}]*$")
_ASS_BLOCK = re.compile(r"\{([^}]*)\}")
_ASS_DRAWING = re.compile(r"\\p(\d{1,3})")  # the scale of a drawing's coordinates; 0 ends it
_ASS_ESCAPE = re.compile(r"\\[hnN]")
# Ruby annotations (furigana, pinyin) repeat how the base text is spoken.
_RUBY_TEXT = re.compile(
    r"<(rt|rp)\b[^<>]{0,200}>.*?(?:</\1>|(?=<(?:rt|rp|rb)\b|</ruby>)|$)",
    re.IGNORECASE | re.DOTALL,
)
_CHARACTER_REFERENCE = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_SPACES = re.compile(r"[^\S\n]+")


def strip_markup(text: str) -> str:
    """Remove known style tags and ASS override blocks from cue text.

    The rest is plain text, not markup: `<script>` or `a < b` stays as written.
    """
    text = _LINE_BREAK.sub("\n", _OVERRIDE.sub("", _RUBY_TEXT.sub("", text)))
    return normalize_text(_STYLE_TAG.sub("", text))


def strip_ass_markup(text: str) -> str:
    """Remove override blocks and drawings from an ASS event, and decode its line breaks."""
    kept: list[str] = []
    is_drawing = False
    for number, part in enumerate(_ASS_BLOCK.split(text)):
        if number % 2:  # a block between braces
            scales = _ASS_DRAWING.findall(part)
            is_drawing = int(scales[-1]) > 0 if scales else is_drawing
        elif not is_drawing:
            kept.append(part)
    return normalize_text(
        _ASS_ESCAPE.sub(lambda found: " " if found[0] == r"\h" else "\n", "".join(kept))
    )


def decode_references(text: str) -> str:
    """Decode HTML's character references (`&amp;`, `&#39;`, `&eacute;`), each once."""
    return normalize_text(_CHARACTER_REFERENCE.sub(_decode_reference, text))


def _decode_reference(found: re.Match[str]) -> str:
    known = found[0].startswith("&#") or found[0][1:] in html.entities.html5
    return html.unescape(found[0]) if known else found[0]


def normalize_text(text: str) -> str:
    """Normalize text to NFC with single spaces, without blank lines, control characters or direction marks."""
    kept = (
        char
        if char == "\n" or not unicodedata.category(char).startswith("C")
        else _replace_control(char)
        for char in unicodedata.normalize("NFC", text)
    )
    lines = (_SPACES.sub(" ", line).strip() for line in "".join(kept).split("\n"))
    return "\n".join(line for line in lines if line)


def _replace_control(char: str) -> str:
    """Return a space for a tab, joiners unchanged, and nothing for other control characters."""
    return " " if char == "\t" else char if char in "\u200c\u200d" else ""
