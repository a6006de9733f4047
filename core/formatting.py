"""Times, lengths and sizes as text for people."""

from django.utils.translation import gettext as _


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
