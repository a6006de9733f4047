"""The times of an MP4 file's keyframes by its sample tables (ISO/IEC 14496-12), for what ffmpeg makes of them.

With `-discard nokey` ffmpeg's demuxer skips all samples but keyframes unread. It goes through the table of composition
offsets by one entry for each sample that it returns, though: the n-th keyframe gets the offset of the n-th sample, or
of one some places later, as all samples are returned while ffmpeg detects the tracks. The times are wrong by up to the
length of a run of B-frames. This module finds the right time for each of them.
"""

import struct
import sys
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from operator import mul
from typing import Self

from mediakit.media_info import MediaInfo, Source
from mediakit.probing.container_sniff import SourceReader
from mediakit.probing.mp4_boxes import box_contents, movie_box

# ffmpeg rounds from the track's clock to ms, and may have rounded once before.
TOLERANCE_MS = 2
# More samples than ffmpeg reads to detect the tracks.
MAX_DETECTION_SAMPLES = 3_000


@dataclass(frozen=True, slots=True)
class _Runs:
    """An stts or ctts table: `counts[i]` samples have `values[i]`; the run ends before sample `ends[i]`."""

    counts: Sequence[int]
    values: Sequence[int]
    ends: Sequence[int]

    @classmethod
    def read(cls, data: bytes) -> Self:
        numbers = _numbers(data)
        counts = numbers[0::2]
        return cls(counts, numbers[1::2], array("Q", accumulate(counts)))

    def run_of(self, sample: int) -> int:
        return min(bisect_right(self.ends, sample), len(self.ends) - 1)

    def signed(self, sample: int) -> int:
        """The value of a sample, negative ones being written as complements of 2; 0 without a table."""
        value = self.values[self.run_of(sample)] if self.values else 0
        return value - (1 << 32) if value >= 1 << 31 else value


@dataclass(frozen=True, slots=True)
class KeyframeTable:
    """The keyframes of a video track: their sample numbers from 0, and when they are decoded, in ticks.

    Times count from the video's start: tick `zero_tick` is there, after `origin_ms` (`MediaInfo`).
    """

    samples: Sequence[int]
    decoded_ticks: Sequence[int]
    offsets: _Runs
    ticks_per_s: int
    zero_tick: float
    origin_ms: int

    def corrected_times(self, found_ms: Sequence[int]) -> dict[int, int] | None:
        """Return the right time in ms for each time that ffmpeg gave with `-discard nokey`, in decoding order.

        None when the tables do not explain all of them.
        """
        right = self._matched(found_ms, None)
        last = self.samples[-1] if self.samples else 0
        for detected in range(min(MAX_DETECTION_SAMPLES, last + 1)):
            if right is not None:
                break
            right = self._matched(found_ms, detected)
        return right

    def _matched(self, found_ms: Sequence[int], detected: int | None) -> dict[int, int] | None:
        """The right times if ffmpeg returned that many samples before it began to drop; None means no wrong offset."""
        right: dict[int, int] = {}
        number = 0
        for found in found_ms:
            while number < len(self.samples):
                entry = self._offset_entry(number, detected)
                number += 1
                if abs(self._ms(number - 1, entry) - found) <= TOLERANCE_MS:
                    right[found] = self._ms(number - 1, self.samples[number - 1])
                    break
            else:
                return None
        return right

    def _offset_entry(self, number: int, detected: int | None) -> int:
        """The sample whose composition offset ffmpeg gives to a keyframe."""
        sample = self.samples[number]
        if detected is None or sample < detected:
            return sample
        return detected + number - bisect_left(self.samples, detected)

    def _ms(self, number: int, entry: int) -> int:
        ticks = self.decoded_ticks[number] + self.offsets.signed(entry) - self.zero_tick
        return round(ticks * 1000 / self.ticks_per_s) - self.origin_ms


def mp4_keyframes(source: Source, info: MediaInfo) -> KeyframeTable | None:
    """Return the keyframes of the video track.

    None where their times cannot be derived: in another container, a fragmented file, a track of keyframes only, with
    an edit list of more than one part, or with damaged tables.
    """
    if not info.container.startswith("mov"):
        return None
    moov = movie_box(SourceReader(source))
    tracks = [] if any(box_contents(moov, "mvex")) else list(box_contents(moov, "trak"))
    if info.video.index >= len(tracks):
        return None
    try:
        return _table(moov, tracks[info.video.index], info.origin_ms)
    except (struct.error, StopIteration, IndexError):
        return None


def _table(moov: bytes, track: bytes, origin_ms: int) -> KeyframeTable | None:
    ticks_per_s = _timescale(next(box_contents(track, "mdia mdhd")))
    zero_tick = _zero_tick(moov, track, ticks_per_s)
    table = next(box_contents(track, "mdia minf stbl"))
    samples = [number - 1 for number in _numbers(next(box_contents(table, "stss"), b""))]
    if zero_tick is None or not ticks_per_s or not samples:
        return None
    durations = _Runs.read(next(box_contents(table, "stts")))
    starts = [0, *accumulate(map(mul, durations.counts, durations.values))]
    decoded = []
    for sample in samples:
        run = durations.run_of(sample)
        into_run = sample - durations.ends[run] + durations.counts[run]
        decoded.append(starts[run] + into_run * durations.values[run])
    offsets = _Runs.read(next(box_contents(table, "ctts"), b""))
    return KeyframeTable(samples, decoded, offsets, ticks_per_s, zero_tick, origin_ms)


def _zero_tick(moov: bytes, track: bytes, ticks_per_s: int) -> float | None:
    """The tick that is shown at time 0; None when the edit list has more than an empty part and one other."""
    movie_ticks_per_s = _timescale(next(box_contents(moov, "mvhd")))
    edits = [edit for data in box_contents(track, "edts elst") for edit in _edits(data)]
    pause = sum(length for length, start in edits if start == -1)
    parts = [start for _, start in edits if start != -1]
    if len(parts) > 1 or not movie_ticks_per_s:
        return None
    return (parts[0] if parts else 0) - pause * ticks_per_s / movie_ticks_per_s


def _edits(data: bytes) -> Iterator[tuple[int, int]]:
    """(length in the movie's ticks, start in the track's ticks or -1) of each edit."""
    form, size = (">Qq", 20) if data[0] == 1 else (">Ii", 12)
    for at in range(8, min(len(data), 8 + size * _number(data, 4)), size):
        length, start = struct.unpack_from(form, data, at)
        yield length, start


def _timescale(header: bytes) -> int:
    """The ticks per second in an mdhd or mvhd box."""
    return _number(header, 20 if header[0] == 1 else 12)


def _numbers(data: bytes) -> "array[int]":
    """The 32-bit numbers of a table after its head of 8 bytes."""
    numbers = array("I", data[8 : len(data) // 4 * 4])
    if sys.byteorder == "little":
        numbers.byteswap()
    return numbers


def _number(data: bytes, at: int) -> int:
    return int(struct.unpack_from(">I", data, at)[0])
