"""WebVTT of HTTP Live Streaming: segments joined into one file, each with a clock of its own.

The head of a segment says which time of the stream one time of its cues is (`X-TIMESTAMP-MAP`, RFC 8216, 3.5):

    WEBVTT
    X-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:900000
"""

import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, replace

from mediakit.subtitles.cues.raw_cues import STAMP_GROUPS, TIMESTAMP, RawCue, to_ms

_HEAD = re.compile("\ufeff?WEBVTT(?:[ \t].*)?")
_MAP = "X-TIMESTAMP-MAP="
_LOCAL = re.compile(rf"LOCAL:{TIMESTAMP}")
_STREAM = re.compile(r"MPEGTS:(\d{1,12})")
# The clock of MPEG-TS has 33 bits of 1/90 ms and begins again after 26.5 hours.
_TICKS_PER_MS, _CLOCK_TICKS = 90, 2**33


@dataclass(frozen=True, slots=True)
class SegmentClocks:
    """How much later than their own times the cues of each segment are, in ms: `shifts[n]` from line `lines[n]` on."""

    lines: tuple[int, ...] = ()
    shifts: tuple[int, ...] = ()

    def placed(self, cue: RawCue) -> RawCue:
        """Return the cue with the times, its words' too, that it has on the first segment's clock."""
        at = bisect_right(self.lines, cue.line)
        shift = self.shifts[at - 1] if at else 0
        words = tuple(
            replace(word, start_ms=word.start_ms + shift, end_ms=word.end_ms + shift)
            for word in cue.words
        )
        return replace(cue, start_ms=cue.start_ms + shift, end_ms=cue.end_ms + shift, words=words)


def read_segments(
    lines: Iterable[tuple[int, str]],
) -> tuple[list[tuple[int, str]], SegmentClocks]:
    """Return the numbered lines with the heads of segments blanked, and the segments' clocks.

    The first segment's clock counts; a segment without a map goes on with the clock before it.
    """
    kept: list[tuple[int, str]] = []
    maps: list[tuple[int, int]] = []
    in_head, before = False, ""
    for number, line in lines:
        begins = bool(_HEAD.fullmatch(line)) and not before.strip()
        in_head = begins or (in_head and bool(line.strip()) and "-->" not in line)
        ticks = _stream_at_local_zero(line) if in_head else None
        if ticks is not None:
            maps.append((number, ticks))
        kept.append((number, "" if in_head else line))
        before = line
    shifts = tuple(_signed(ticks - maps[0][1]) // _TICKS_PER_MS for _, ticks in maps)
    return kept, SegmentClocks(tuple(number for number, _ in maps), shifts)


def _stream_at_local_zero(line: str) -> int | None:
    """Return the ticks of the stream's clock at the local time 0; None if the line says none."""
    local, stream = _LOCAL.search(line), _STREAM.search(line)
    if not line.startswith(_MAP) or not local or not stream:
        return None
    return int(stream[1]) - to_ms(local.groups()[:STAMP_GROUPS]) * _TICKS_PER_MS


def _signed(ticks: int) -> int:
    """Return the shorter way from one time of the clock to another; it may be negative."""
    return (ticks + _CLOCK_TICKS // 2) % _CLOCK_TICKS - _CLOCK_TICKS // 2
