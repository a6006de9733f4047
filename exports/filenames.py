"""What a downloaded file is called: the title, the scene and the time range, safe on every system."""

import re
import unicodedata

from django.utils.translation import gettext as _

from exports.models import Export

NAME_BYTES = 200
_UNSAFE = re.compile(r'[\\/:*?"<>|]+')
_BLANKS = re.compile(r"\s+")
_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_JOINERS = {"\u200c", "\u200d"}  # they hold letters and emoji together


def download_name(export: Export) -> str:
    """A readable file name of at most 200 bytes: `Talk about words - scene 3 - 4.12-4.58.mp4`."""
    parts = []
    if export.scene_number is not None:
        parts.append(_("scene %(number)s") % {"number": export.scene_number})
    parts.append(f"{_position(export.start_ms)}-{_position(export.end_ms)}")
    tail = "".join(f" - {part}" for part in parts) + ".mp4"
    title = safe_name(export.title, most_bytes=NAME_BYTES - len(tail.encode()))
    return (title or "Short") + tail


def safe_name(text: str, *, most_bytes: int) -> str:
    """The text without anything a file system or a terminal could stumble over; may be empty.

    Cut at a character, never inside one, and never between a letter and its marks.
    """
    shown = "".join(
        " " if unicodedata.category(char) in _HIDDEN and char not in _JOINERS else char
        for char in unicodedata.normalize("NFC", text)
    )
    name = _BLANKS.sub(" ", _UNSAFE.sub(" ", shown)).strip(" .-")
    return _cut(name, most_bytes).strip(" .-")


def _cut(text: str, most_bytes: int) -> str:
    data = text.encode()
    if len(data) <= most_bytes:
        return text
    kept = data[:most_bytes].decode(errors="ignore")
    while kept and _continues(text[len(kept)]):
        kept = kept[:-1]
    return kept.rstrip("".join(_JOINERS))


def _continues(char: str) -> bool:
    """Whether a character belongs to the one before it."""
    return unicodedata.category(char).startswith("M") or char in _JOINERS


def _position(ms: int) -> str:
    minutes, seconds = divmod(ms // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}.{minutes:02}.{seconds:02}" if hours else f"{minutes}.{seconds:02}"
