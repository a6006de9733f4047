"""Decoding of text files: the encoding is detected by the bytes and the expected language, or given.

Captions are short, so a detector that knows only bytes guesses wrong where encodings share theirs:
0xF0 is `ğ`, `đ` and `ð`. Here each encoding is read as each language that is written in it, and the
reading that looks most like its language wins (`reading_scores`). charset-normalizer decides where
no reading looks like writing.
"""

import codecs
import re
from dataclasses import dataclass

import charset_normalizer

from mediakit.subtitles.decoding.alphabets import READINGS
from mediakit.subtitles.decoding.double_bytes import REPLACEMENT, decode_lines
from mediakit.subtitles.decoding.reading_scores import score

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_WIDE = ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")
# The encodings that a user can choose. Detection may also find others that charset-normalizer knows.
ENCODINGS = tuple(dict.fromkeys(["utf-8", *_WIDE[:2], *(name for name, _ in READINGS)]))
# This many bytes of lines with non-ASCII characters are enough to detect an encoding.
_SAMPLE_BYTES = 4_000
# A file with this many valid non-ASCII characters for each invalid byte counts as UTF-8 with a few invalid bytes.
_UTF8_GOOD_PER_BAD = 4
# The weight of the expected language, which decides between similar readings.
_EXPECTED_BONUS = 0.25
# A reading below this does not look like writing. Most of its letters are none of its language's.
_MIN_SCORE = 0.35
# Encodings of seven bits, which announce themselves.
_ESCAPED = (
    ("iso2022_jp", re.compile(rb"\x1b\$[@B]|\x1b\([JI]")),
    ("iso2022_kr", re.compile(rb"\x1b\$\)C")),
    ("hz", re.compile(rb"~\{(?:[!-w][!-~])+~\}")),
)


@dataclass(frozen=True, slots=True)
class DecodedText:
    """Text with line ends as `\\n`, its encoding, and how many bad characters were left out."""

    text: str
    encoding: str
    bad_characters: int = 0


def decode(data: bytes, *, language: str = "", encoding: str = "") -> DecodedText:
    """Decode a file. `language` is the code of the expected language, or empty.

    A given `encoding` is used as it is; raises LookupError if it is unknown. Otherwise these decide, in this order: a
    byte order mark, zero bytes (UTF-16, UTF-32), valid UTF-8 with few exceptions, the letters. Invalid bytes are
    removed and counted.
    """
    name = codecs.lookup(encoding).name if encoding else detect(data, language=language)
    text = decode_lines(data, name)
    bad = text.count(REPLACEMENT)
    text = text.replace(REPLACEMENT, "").replace("\ufeff", "")
    return DecodedText(
        text.replace("\r\r\n", "\n").replace("\r\n", "\n").replace("\r", "\n"), name, bad
    )


def detect(data: bytes, *, language: str = "") -> str:
    """Return the name of the most likely encoding of the bytes."""
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return encoding
    if b"\0" in data:
        return _wide_encoding(data)
    escaped = _escaped_encoding(data)
    if escaped or _is_utf8(data):
        return escaped or "utf-8"
    sample = _foreign_lines(data)
    head = language.partition("-")[0].lower()
    head = "zh" if head == "yue" else head  # Cantonese is written in Chinese
    scores = {
        (name, code): score(sample, name, code) + _EXPECTED_BONUS * (code == head)
        for name, codes in READINGS
        for code in codes
    }
    best = max(scores, key=lambda reading: scores[reading])
    if scores[best] >= _MIN_SCORE:
        return best[0]
    found = charset_normalizer.from_bytes(sample).best()
    return found.encoding if found else "cp1252"


def _wide_encoding(data: bytes) -> str:
    """Return the UTF-16 or UTF-32 encoding in which the text has the most ASCII characters."""
    sample = data[: _SAMPLE_BYTES // 4 * 4]

    def ascii_share(name: str) -> float:
        text = sample.decode(name, errors="replace")
        good = sum("\t" <= char <= "~" for char in text)
        return (good - text.count(REPLACEMENT)) / max(1, len(text))

    best = max(_WIDE, key=ascii_share)
    return best if ascii_share(best) > 0.1 else "utf-8"


def _escaped_encoding(data: bytes) -> str:
    """Return the encoding of seven bits whose escape sequence is in the data; "" without one."""
    if sum(byte > 0x7F for byte in data) * 100 > len(data):  # more than a few bad bytes
        return ""
    return next((name for name, escape in _ESCAPED if escape.search(data)), "")


def _is_utf8(data: bytes) -> bool:
    """Whether the bytes are UTF-8, apart from a few invalid ones."""
    text = data.decode("utf-8", errors="replace")
    bad = text.count(REPLACEMENT)
    if not bad:
        return True
    good = sum(not char.isascii() for char in text) - bad
    return good >= bad * _UTF8_GOOD_PER_BAD


def _foreign_lines(data: bytes) -> bytes:
    """Return the lines that have non-ASCII bytes, up to the size of a sample."""
    lines = (line for line in re.split(rb"[\r\n]+", data) if not line.isascii())
    kept, size = [], 0
    for line in lines:
        kept.append(line)
        size += len(line)
        if size > _SAMPLE_BYTES:
            break
    return b"\n".join(kept)[: _SAMPLE_BYTES * 2]
