"""Which format a captions file has: by its content, and by its name where the content does not tell."""

import re
from collections.abc import Callable
from pathlib import PurePath

from mediakit.subtitles.cues.raw_cues import captions_invalid
from mediakit.subtitles.readers import plain_text
from mediakit.subtitles.readers.player_formats import detect_player_format
from mediakit.subtitles.readers.tables import is_table

# The readers' names by the endings of file names.
SUFFIXES = {
    **{name: name for name in ("srt", "vtt", "ass", "sbv", "json", "ttml")},
    "ssa": "ass",
    "json3": "json",
    **dict.fromkeys(("dfxp", "itt", "xml"), "ttml"),
    **dict.fromkeys(("srv1", "srv2", "srv3"), "youtube_xml"),
    "smi": "sami",
    **dict.fromkeys(("tsv", "csv"), "table"),
    **dict.fromkeys(("txt", "lrc", "sub"), "timed_text"),
}
# These names say too little: programs use them for anything.
_BY_CONTENT_ONLY = {"timed_text", "table"}
_HEAD_CHARS = 4096
_ASS_SECTION = re.compile(
    r"^\s*\[(?:script info|events|v4\+? styles)\]", re.IGNORECASE | re.MULTILINE
)
_JSON_START = re.compile(r"(?:\{|\[\s*\{)\s*[\"}]|\[\s*\]")
_ROOT_ELEMENT = re.compile(r"<(?:[\w.-]{1,40}:)?(tt|timedtext|transcript)[\s>]")
_ROOTS = {"tt": "ttml", "timedtext": "youtube_xml", "transcript": "youtube_xml"}
_SBV_START = re.compile(
    r"(?:\[(?:INFORMATION|SUBTITLE)\]|\d+:\d{1,2}:\d{1,2}\.\d{1,3},\d+:\d{1,2}:\d{1,2}\.\d{1,3}\s)"
)
_SAMI_START = re.compile(r"(?:<!--.{0,400}?-->\s*)?<sami\b", re.IGNORECASE | re.DOTALL)
_ARROW_INSIDE = re.compile(r"\s*[\[(]\s*\d[\d:.,]*\s*-->\s*\d[\d:.,]*\s*[\])]")

_BEGINNINGS: tuple[tuple[str, Callable[[str], object]], ...] = (
    ("vtt", lambda head: head[:6].upper() == "WEBVTT"),
    ("ass", _ASS_SECTION.search),
    ("json", _JSON_START.match),
    ("sbv", _SBV_START.match),
    ("sami", _SAMI_START.match),
    ("table", is_table),
)


def detect_format(text: str, filename: str) -> str:
    """Return the name of the reader for a file. Raises InputError CAPTIONS_INVALID: `unknown_format`, or `no_times`
    for a plain text without times.
    """
    head = text[:_HEAD_CHARS].lstrip()
    suffix = PurePath(filename).suffix.lower().lstrip(".")
    found = _by_content(head)
    if found:
        return found
    if "\0" in head:
        raise captions_invalid("unknown_format", line=1)
    if suffix in SUFFIXES and SUFFIXES[suffix] not in _BY_CONTENT_ONLY:
        return SUFFIXES[suffix]
    if "-->" in text and not _ARROW_INSIDE.match(head):
        return "srt"
    if plain_text.has_times(text):
        return "timed_text"
    raise captions_invalid("no_times" if suffix in {"txt", "lrc"} else "unknown_format", line=1)


def _by_content(head: str) -> str:
    """Return the format that the beginning of a file shows beyond doubt; empty if it shows none."""
    known = next((name for name, begins in _BEGINNINGS if begins(head)), "")
    if known:
        return known
    root = _ROOT_ELEMENT.search(head) if head.startswith("<") else None
    return _ROOTS[root[1]] if root else detect_player_format(head)
