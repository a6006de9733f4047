"""The timestamps of MPEG transport and programme streams (ISO/IEC 13818-1), read from their bytes at any position."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

TICKS_PER_MS = 90
SYNC = 0x47
# A packet; with a time stamp before it (Blu-ray, camcorders); with parity bytes after it.
PACKET_SIZES = (188, 192, 204)
SYNCS = 6  # so many sync bytes in a row are no chance
# Video, audio, private data (AC-3, DTS, subtitles) and extended stream ids.
_PES = re.compile(rb"\x00\x00\x01[\xe0-\xef\xc0-\xdf\xbd\xfd]")


@dataclass(frozen=True, slots=True)
class StreamTime:
    """A time in the data: its byte, ms as they stand there, and whether a picture that decodes alone begins there."""

    position: int
    time_ms: int
    is_keyframe: bool = False


def stream_times(data: bytes) -> Iterator[StreamTime]:
    """The times of all pictures and pieces of sound that begin in a piece of a stream, in its order."""
    found = _packet_grid(data)
    if found is None:
        for match in _PES.finditer(data):
            ticks = _ticks(data, match.start())
            if ticks is not None:
                yield StreamTime(match.start(), round(ticks / TICKS_PER_MS))
        return
    first, size = found
    for at in range(first, len(data) - 187, size):
        if data[at] == SYNC and data[at + 1] & 0x40:  # a unit begins
            time = _packet_time(data, at)
            if time is not None:
                yield time


def _packet_grid(data: bytes) -> tuple[int, int] | None:
    """The first packet of a transport stream and the distance of packets; None in other data."""
    for size in PACKET_SIZES:
        for first in range(min(size, max(0, len(data) - size * SYNCS))):
            if all(data[first + size * number] == SYNC for number in range(SYNCS)):
                return first, size
    return None


def _packet_time(data: bytes, at: int) -> StreamTime | None:
    adaptation, payload = data[at + 3] & 0x20, at + 4
    is_keyframe = False
    if adaptation:
        payload += 1 + data[at + 4]
        is_keyframe = bool(data[at + 4] and data[at + 5] & 0x40)
    if payload + 14 > at + 188 or not _PES.match(data, payload):
        return None
    ticks = _ticks(data, payload)
    if ticks is None:
        return None
    is_picture = data[payload + 3] & 0xF0 == 0xE0
    return StreamTime(at, round(ticks / TICKS_PER_MS), is_keyframe and is_picture)


def _ticks(data: bytes, at: int) -> int | None:
    """The presentation time of the PES packet at a byte, in ticks; None without one."""
    head = data[at + 6 : at + 64]
    if len(head) < 8:
        return None
    if head[0] & 0xC0 == 0x80:  # MPEG-2
        return _time_field(head[3:8]) if head[1] & 0x80 else None
    rest = head.lstrip(b"\xff")  # MPEG-1: stuffing, the size of a buffer, the time
    if rest and rest[0] & 0xC0 == 0x40:
        rest = rest[2:]
    return _time_field(rest[:5])


def _time_field(field: bytes) -> int | None:
    """33 bits among marker bits, which must be there."""
    is_time = len(field) == 5 and field[0] >> 4 in {2, 3} and field[0] & field[2] & field[4] & 1
    if not is_time:
        return None
    return (
        (field[0] >> 1 & 7) << 30
        | field[1] << 22
        | field[2] >> 1 << 15
        | field[3] << 7
        | field[4] >> 1
    )
