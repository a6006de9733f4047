"""Reads what ffmpeg's `metadata=print` filter wrote for each frame."""

import math
import re
from collections.abc import Iterator
from pathlib import Path

# The filter that has `metadata=print` give times in ms. In seconds it gives six digits: tenths after three hours.
MS_CLOCK = "settb=1/1000"


def read_metadata(path: Path) -> Iterator[tuple[int, dict[str, float]]]:
    """(time in ms, values by key) of each frame; NaN for a value that is not a number.

    `path` was written by `metadata=print` some way after MS_CLOCK.
    """
    if not path.exists():
        return
    time_ms: int | None = None
    values: dict[str, float] = {}
    with path.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            if line.startswith("frame:"):
                if time_ms is not None:
                    yield time_ms, values
                found = re.search(r"pts:(-?\d+)", line)
                time_ms, values = int(found[1]) if found else None, {}
            else:
                key, _, value = line.partition("=")
                values[key.removeprefix("lavfi.")] = parse_number(value)
    if time_ms is not None:
        yield time_ms, values


def parse_number(text: str) -> float:
    """A number as printed by ffmpeg; NaN for anything else."""
    try:
        return float(text)
    except ValueError:
        return math.nan
