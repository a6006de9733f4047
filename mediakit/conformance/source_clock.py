"""Reach a moment of a source by the timestamps in its file, without the seek by which a Short is made."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice

from mediakit.conformance.source_comparison import SourceRange
from mediakit.ffmpeg.source_args import (
    RAW_CLOCK,
    WITHOUT_INDEX,
    format_seconds,
    thread_args,
)
from mediakit.media_info import Source
from mediakit.probing.container_sniff import SourceReader
from mediakit.probing.stream_times import stream_times
from mediakit.sandbox.process import run

LEAD_MS, INDEX_LEAD_MS = 4_000, 500
# The search for a byte ends after this many steps, or where decoding what is left costs less than another step.
BISECTIONS = 12
NEAR_BYTES = 256 * 1024
# The first times after a byte: so many, in as much data, or in MOST_BYTES where there are none.
TIMES, READ_BYTES, MOST_BYTES = 20, 128 * 1024, 4 << 20
FFMPEG = ("ffmpeg", "-nostdin", "-hide_banner", "-nostats", "-loglevel", "error")


@dataclass(frozen=True, slots=True)
class Clip:
    """ffmpeg input options that begin some way before a moment, and the moment's own timestamp in seconds."""

    args: tuple[str, ...]
    timestamp: str


def clip_at(clock: "SourceClock", at_ms: int, *, from_keyframe: bool = False) -> Clip:
    """Reach a moment by the timestamps in the file; by bytes where the container has no index.

    `from_keyframe`: pictures are wanted, so reading there begins at the keyframe before where the stream marks one.
    """
    info = clock.original.info
    threads = thread_args()
    if info.container not in WITHOUT_INDEX:
        timestamp = info.origin_ms + at_ms
        # Reading begins at the keyframe before.
        seek = ("-ss", format_seconds(timestamp - INDEX_LEAD_MS)) if at_ms > INDEX_LEAD_MS else ()
        args = (*threads, "-copyts", "-seek_timestamp", "1", "-noaccurate_seek", *seek)
        return Clip(args, format_seconds(timestamp))
    timestamp = clock.timestamp(at_ms)
    position = clock.position(timestamp - LEAD_MS, at_ms)
    if from_keyframe and not info.seek_points:
        position = clock.keyframe_position(position, timestamp)
    skip = ("-skip_initial_bytes", str(position)) if position else ()
    return Clip((*threads, "-copyts", *RAW_CLOCK, *skip), format_seconds(timestamp))


@dataclass(frozen=True, slots=True)
class SourceClock:
    """The timestamps of a file without an index, as they stand in it; each is read once for the whole check."""

    original: SourceRange
    _known: dict[int, int | None] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def _reader(self) -> SourceReader:
        return SourceReader(self.original.source)

    def timestamp(self, at_ms: int) -> int:
        """Return the file's timestamp for a time of the video, in ms."""
        point = self.original.info.seek_point(at_ms)
        if point is not None:
            return at_ms - point.offset_ms
        first = self._first_after(0)
        return at_ms + (first if first is not None else self.original.info.origin_ms)

    def position(self, timestamp_ms: int, at_ms: int) -> int:
        """A byte before that timestamp and not far from it."""
        info = self.original.info
        point = info.seek_point(max(0, at_ms - LEAD_MS))
        if info.seek_points:
            return point.position if point else 0
        low, high = 0, info.size_bytes if at_ms > LEAD_MS else 0
        # The mean bit rate says where to look first: a second before what is near enough.
        early_ms = max(0, at_ms - LEAD_MS - LEAD_MS // 4)
        place = min(high, info.size_bytes * early_ms // max(1, info.duration_ms))
        for _ in range(BISECTIONS):
            if high - low <= NEAR_BYTES:
                break
            found = self._first_after(place)
            if found is None or found > timestamp_ms:
                high = place
            else:
                low = place
                if timestamp_ms - found < LEAD_MS:
                    break
            place = (low + high) // 2
        return low

    def _first_after(self, position: int) -> int | None:
        """The earliest timestamp of the first packets after a byte, in ms; None past the last one."""
        with self._lock:
            if position not in self._known:
                self._known[position] = self._read_after(position)
            return self._known[position]

    def _read_after(self, position: int) -> int | None:
        for length in (READ_BYTES, MOST_BYTES):
            times = islice(stream_times(self._reader.read(position, length)), TIMES)
            first = min((time.time_ms for time in times), default=None)
            if first is not None:
                return first
        return None

    def keyframe_position(self, position: int, timestamp_ms: int) -> int:
        """The byte of the last keyframe before a timestamp that the stream marks after `position`; else `position`."""
        data = self._reader.read(position, MOST_BYTES)
        found = position
        for time in stream_times(data):
            if time.time_ms > timestamp_ms + LEAD_MS:
                break
            if time.is_keyframe and time.time_ms <= timestamp_ms:
                found = position + time.position
        return found


def output_of(original: SourceRange, argv: Sequence[str], source: Source) -> bytes:
    answer = run(
        argv, timeout_s=original.timeout_s, reads=[source], should_stop=original.should_stop
    )
    return answer.output
