"""Decoding of encodings with two bytes for a character, in which one bad byte shifts all that follow on its line."""

from collections.abc import Iterator

from mediakit.subtitles.decoding.alphabets import LETTERS, letter_weights

DOUBLE_BYTE = {
    "gb18030": "zh",
    "big5hkscs": "zh",
    "euc_jp": "ja",
    "cp932": "ja",
    "cp949": "ko",
    "johab": "ko",
}
REPLACEMENT = "\ufffd"
# More lines that cannot be decoded are no single bad bytes, and longer ones are no captions.
_MAX_BAD_LINES, _MAX_BAD_SHARE = 20, 0.34
_MAX_LINE_BYTES = 300


def decode_lines(data: bytes, name: str) -> str:
    """Decode text, with U+FFFD for what is bad: of a line in a double-byte encoding as little as possible."""
    text = data.decode(name, errors="replace")
    if name not in DOUBLE_BYTE or REPLACEMENT not in text:
        return text
    lines = data.split(b"\n")
    decoded = [line.decode(name, errors="replace") for line in lines]
    bad = [number for number, line in enumerate(decoded) if REPLACEMENT in line]
    foreign = sum(not line.isascii() for line in lines)
    if len(bad) > min(_MAX_BAD_LINES, max(1, foreign * _MAX_BAD_SHARE)):
        return text
    for number in bad:
        decoded[number] = _mended(lines[number], name) or decoded[number]
    return "\n".join(decoded)


def _mended(line: bytes, name: str) -> str:
    """The line without the one or two bytes whose loss makes the rest most like its language; "" if none does."""
    if len(line) > _MAX_LINE_BYTES:
        return ""
    letters = LETTERS[DOUBLE_BYTE[name]]

    def likeness(text: str) -> float:
        return sum(letter_weights(letters, [char for char in text if not char.isascii()]))

    return max(_without_bytes(line, name), key=likeness, default="")


def _without_bytes(line: bytes, name: str) -> Iterator[str]:
    """The readings of a line in which everything but one or two bytes beyond ASCII can be decoded."""
    for at, byte in enumerate(line):
        if byte < 0x80:
            continue
        try:
            before = line[:at].decode(name)
        except UnicodeDecodeError:
            continue
        for length in (1, 2):
            try:
                yield f"{before}{REPLACEMENT}{line[at + length :].decode(name)}"
            except UnicodeDecodeError:
                continue
