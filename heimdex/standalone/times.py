"""Times as they are written on the command line, and the exit code for what cannot be used."""

from argparse import ArgumentTypeError

from core.formatting import parse_clock
from mediakit.cutting.cut_time import Span

REFUSED = 2


def time_ms(text: str) -> int:
    """Milliseconds of `42`, `42.5`, `1:02.5` or `1:00:02.5`."""
    ms = parse_clock(text)
    if ms is None:
        raise ArgumentTypeError(f"{text!r} is no time; write seconds (12.5) or a clock (1:02.5)")
    return ms


def shift_ms(text: str) -> int:
    """Milliseconds of a time with a sign: `-1:00:00` or `2.5`."""
    return -time_ms(text[1:]) if text.startswith("-") else time_ms(text.removeprefix("+"))


def ranges_ms(text: str) -> tuple[Span, ...]:
    """The ranges of `1.0-2.5,4-9` in ms."""
    parts = [part.split("-") for part in text.split(",")]
    if any(len(part) != 2 for part in parts):
        raise ArgumentTypeError(f"{text!r} are no ranges; write them as 1.0-2.5,4-9")
    return tuple((time_ms(start.strip()), time_ms(end.strip())) for start, end in parts)
