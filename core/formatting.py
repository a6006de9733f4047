"""Times, lengths and sizes as text for people, and times read from what people type."""

import re
from decimal import ROUND_HALF_UP, Decimal

from django.utils.translation import gettext as _

_CLOCK = re.compile(
    r"(?:(?:(?P<hours>\d{1,3}):)?(?P<minutes>\d{1,4}):)?(?P<seconds>\d{1,7}(?:[.,]\d{0,9})?)",
    re.ASCII,
)


def clock(ms: int | None) -> str:
    """Milliseconds as a position: `4:12`, `1:02:07`; empty for None."""
    if ms is None:
        return ""
    seconds = ms // 1000
    hours, rest = divmod(seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def exact_clock(ms: int | None) -> str:
    """Milliseconds as an exact position: `4:12.380`; empty for None."""
    return "" if ms is None else f"{clock(ms)}.{ms % 1000:03}"


def parse_clock(text: str) -> int | None:
    """Parse a typed position to ms: `4:12.380`, `1:02:07.5`, `252.38`, `4:12,38`; None for anything else.

    After a colon, minutes and seconds must be below 60; the first number may be larger. Rounded to the nearest
    millisecond.
    """
    match = _CLOCK.fullmatch(text.strip())
    if match is None:
        return None
    seconds = Decimal(match["seconds"].replace(",", ".").rstrip("."))
    minutes, hours = int(match["minutes"] or 0), int(match["hours"] or 0)
    if (match["minutes"] and seconds >= 60) or (match["hours"] and minutes >= 60):
        return None
    ms = (hours * 3600 + minutes * 60 + seconds) * 1000
    return int(ms.to_integral_value(ROUND_HALF_UP))


def duration(ms: int | None) -> str:
    """Milliseconds as a length: `38 s` under a minute and a half, otherwise `4:12`; empty for None."""
    if ms is None:
        return ""
    if ms < 90_000:
        return _("%(seconds)s s") % {
            "seconds": f"{ms / 1000:.0f}" if ms >= 10_000 else f"{ms / 1000:.1f}"
        }
    return clock(ms)


def size(count: int | None) -> str:
    """Bytes as `12.4 MB` (decimal units); empty for None."""
    if count is None:
        return ""
    amount = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if amount < 1000:
            return (
                f"{amount:.0f} {unit}" if unit == "B" or amount >= 100 else f"{amount:.1f} {unit}"
            )
        amount /= 1000
    return f"{amount:.1f} TB"


def seconds(ms: int | None) -> str:
    """Milliseconds as plain seconds with a point, for attributes that scripts read: `252.380`."""
    return "" if ms is None else f"{ms // 1000}.{ms % 1000:03}"
