"""What an encode of ffmpeg leaves: its progress lines, and a file that appears only when it is complete."""

import re
from collections.abc import Callable
from pathlib import Path

from mediakit.errors import ToolError


def publish(unfinished: Path, out: Path, *, tail: str) -> None:
    """Give a finished file its name. Raises `ToolError` with the tool's last lines when it is missing or empty."""
    if not unfinished.exists() or not unfinished.stat().st_size:
        raise ToolError("ffmpeg wrote nothing.", tool="ffmpeg", tail=tail)
    unfinished.replace(out)


def progress_reader(frames: int, on_progress: Callable[[float], None]) -> Callable[[str], None]:
    """A reader of ffmpeg's `-progress` lines that reports a growing share of the frames."""
    reached = 0.0

    def read(line: str) -> None:
        nonlocal reached
        match = re.fullmatch(r"frame=\s*(\d+)\s*", line)
        if match is not None:
            share = min(1.0, int(match[1]) / frames)
            if share > reached:
                reached = share
                on_progress(share)

    return read
