"""Names of downloaded files: title, scene and time range, valid on every operating system."""

import re
import unicodedata

from django.utils.translation import gettext as _

from exports.choices import AspectRatio
from exports.models import Export

MAX_NAME_BYTES = 200
_UNSAFE = re.compile(r'[\\/:*?"<>|]+')
_BLANKS = re.compile(r"\s+")
_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_JOINERS = {"\u200c", "\u200d"}  # zero-width; they join letters and emoji


def download_name(export: Export) -> str:
    """A readable file name of at most 200 bytes: `Talk about words - scene 3 - 4.12-4.58.mp4`.

    An aspect ratio other than 9:16 is named at its end.
    """
    parts = []
    if export.scene_number is not None:
        parts.append(_("scene %(number)s") % {"number": export.scene_number})
    parts.append(f"{clock_text(export.start_ms)}-{clock_text(export.end_ms)}")
    if export.aspect_ratio != AspectRatio.VERTICAL:
        parts.append(ratio_text(export.aspect_ratio))
    tail = "".join(f" - {part}" for part in parts) + ".mp4"
    title = safe_name(export.title, max_bytes=MAX_NAME_BYTES - len(tail.encode()))
    return (title or "Short") + tail


def safe_name(text: str, *, max_bytes: int) -> str:
    """The text without characters that file systems or terminals treat specially; may be empty.

    It is truncated to `max_bytes` of UTF-8 between characters, never between a letter and its combining marks.
    """
    visible = "".join(
        " " if unicodedata.category(char) in _HIDDEN and char not in _JOINERS else char
        for char in unicodedata.normalize("NFC", text)
    )
    name = _BLANKS.sub(" ", _UNSAFE.sub(" ", visible)).strip(" .-")
    return _truncate(name, max_bytes).strip(" .-")


def _truncate(text: str, max_bytes: int) -> str:
    data = text.encode()
    if len(data) <= max_bytes:
        return text
    kept = data[:max_bytes].decode(errors="ignore")
    while kept and _joins_previous(text[len(kept)]):
        kept = kept[:-1]
    return kept.rstrip("".join(_JOINERS))


def _joins_previous(char: str) -> bool:
    """Whether a character combines with the one before it."""
    return unicodedata.category(char).startswith("M") or char in _JOINERS


def ratio_text(aspect_ratio: str) -> str:
    """An aspect ratio for a file name: `4x5`, `source`."""
    return aspect_ratio.replace(":", "x")


def clock_text(ms: int) -> str:
    """A time for a file name: `1.02.03` or `4.12`."""
    minutes, seconds = divmod(ms // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}.{minutes:02}.{seconds:02}" if hours else f"{minutes}.{seconds:02}"
