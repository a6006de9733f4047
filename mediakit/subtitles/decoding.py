"""Caption files as plain text: detection of their encoding, and removal of markup."""

import codecs
import re
import unicodedata

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# The encoding is detected by the beginning of the file.
_SAMPLE_BYTES = 64_000
# The style tags of caption files. Anything else in angle brackets is text.
_STYLE_TAG = re.compile(
    r"</?(?:i|b|u|s|em|strong|ruby|rt|c|v|lang|font|span|br)(?:[.\s][^<>]{0,200})?/?>",
    re.IGNORECASE,
)
_LINE_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_OVERRIDE = re.compile(r"\{[\\=][^{}]{0,2000}\}|\{\\[^{}]*$")
_ASS_BLOCK = re.compile(r"\{([^}]*)\}")
_ASS_DRAWING = re.compile(r"\\p(\d{1,3})")  # the scale of a drawing's coordinates; 0 ends it
_ASS_ESCAPE = re.compile(r"\\[hnN]")
_ENTITIES = {"amp": "&", "lt": "<", "gt": ">", "nbsp": " ", "quot": '"', "lrm": "", "rlm": ""}
_ENTITY = re.compile(r"&(" + "|".join(_ENTITIES) + r"|#39|apos);")
_SPACES = re.compile(r"[^\S\n]+")


def decode(data: bytes) -> str:
    """Decode a caption file of unknown encoding; line ends become `\\n`.

    In this order: a byte order mark; valid UTF-8; UTF-16 by its zero bytes; the legacy encoding whose script fits
    best; Windows Latin, which fits anything.
    """
    text = _decode(data).removeprefix("\ufeff")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _decode(data: bytes) -> str:
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return data.decode(encoding, errors="replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    sample = data[:_SAMPLE_BYTES]
    zeros = sample.count(0)
    if zeros * 10 > len(sample):
        little = sample[1::2].count(0) * 2 > zeros
        return data.decode("utf-16-le" if little else "utf-16-be", errors="replace")
    return data.decode(_legacy_encoding(sample), errors="replace")


def _legacy_encoding(sample: bytes) -> str:
    """Return the legacy encoding that fits the sample best."""
    scores = {
        "cp949": _script_share(sample, "cp949", "가", "힣"),
        "cp932": _kana_share(sample),
        "gb18030": _script_share(sample, "gb2312", "一", "鿿"),
        "cp1251": _cyrillic_share(sample),
    }
    best = max(scores, key=lambda name: scores[name])
    return best if scores[best] >= 0.5 else "cp1252"


def _non_ascii(sample: bytes, encoding: str) -> str:
    """Return the non-ASCII characters of the sample; empty if it is invalid in that encoding."""
    for cut in (0, 1):  # the sample may end inside a character
        try:
            text = sample[: len(sample) - cut].decode(encoding)
        except UnicodeDecodeError:
            continue
        return "".join(char for char in text if not char.isascii())
    return ""


def _script_share(sample: bytes, encoding: str, first: str, last: str) -> float:
    """Return the share of the non-ASCII characters that are from `first` to `last`."""
    non_ascii = _non_ascii(sample, encoding)
    return sum(first <= char <= last for char in non_ascii) / len(non_ascii) if non_ascii else 0.0


def _kana_share(sample: bytes) -> float:
    """Score Japanese: enough kana are required, and many half-width ones exclude it."""
    non_ascii = _non_ascii(sample, "cp932")
    kana = sum("ぁ" <= char <= "ヿ" for char in non_ascii)
    half = sum("｡" <= char <= "ﾟ" for char in non_ascii)
    if not non_ascii or kana * 5 < len(non_ascii) or half * 2 > kana:
        return 0.0
    return sum("ぁ" <= char <= "鿿" for char in non_ascii) / len(non_ascii) + 0.5


def _cyrillic_share(sample: bytes) -> float:
    """Return the share of the non-ASCII characters that are in runs of Cyrillic letters.

    Western text decoded as Cyrillic has single ones between Latin letters.
    """
    text = sample.decode("cp1251", errors="replace")
    non_ascii = sum(not char.isascii() for char in text)
    runs = sum(len(run) for run in re.findall(r"[А-Яа-яЁёІіЇїЄєЂ-Џђ-џ]{2,}", text))
    return runs / non_ascii if non_ascii else 0.0


def strip_markup(text: str) -> str:
    """Remove known style tags and ASS override blocks from cue text.

    The rest is plain text, not markup: `<script>` or `a < b` stays as written.
    """
    text = _LINE_BREAK.sub("\n", _OVERRIDE.sub("", text))
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


def decode_entities(text: str) -> str:
    """Decode WebVTT's character references, each once."""
    return _ENTITY.sub(lambda found: _ENTITIES.get(found[1], "'"), text)


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
