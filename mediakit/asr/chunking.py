"""Split long 16 kHz mono audio into chunks at quiet moments, with little memory, also while it is being written."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from mediakit.errors import StoppedError

SAMPLE_RATE_HZ = 16_000
_SAMPLE_BYTES, _SAMPLES_PER_MS = 2, SAMPLE_RATE_HZ // 1000
# The last 1/SEARCH_DIVISOR of a chunk is searched for its quietest window, QUIET_WINDOW_S long.
SEARCH_DIVISOR, QUIET_WINDOW_S = 15, 0.2
# How often a file that is still written is looked at.
POLL_S = 0.1

Samples = np.ndarray[Any, np.dtype[np.int16]]


@dataclass(frozen=True, slots=True)
class AudioChunk:
    """Consecutive 16-bit samples, and when they begin in the audio."""

    start_ms: int
    samples: Samples

    @property
    def duration_ms(self) -> int:
        return len(self.samples) * 1000 // SAMPLE_RATE_HZ

    @property
    def end_ms(self) -> int:
        return self.start_ms + self.duration_ms

    @property
    def peak(self) -> float:
        """The largest absolute sample, from 0 to 1."""
        return float(np.abs(self.samples.astype(np.int32)).max(initial=0)) / 32768


@dataclass(slots=True)
class SpeechAudio:
    """A WAV file of 16 kHz mono 16-bit samples, which another process may still be writing.

    Until `is_complete` says that nothing more will be written, a read waits for its samples. `should_stop` ends the
    waiting by a StoppedError.
    """

    path: Path
    is_complete: Callable[[], bool] = lambda: True
    should_stop: Callable[[], bool] = lambda: False
    _data_at: int = field(default=0, init=False)

    def read(self, start: int, count: int) -> Samples:
        """Return `count` samples from sample `start` on; fewer at the end of the audio."""
        while True:
            complete = (
                self.is_complete()
            )  # asked first: what was written before it said so is read below
            there = self._length()
            if complete or there >= start + count:
                break
            if self.should_stop():
                raise StoppedError("speech recognition was stopped")
            time.sleep(POLL_S)
        wanted = max(0, min(count, there - start))
        if not wanted:
            return np.zeros(0, np.int16)
        with self.path.open("rb") as file:
            file.seek(self._data_at + start * _SAMPLE_BYTES)
            return np.frombuffer(file.read(wanted * _SAMPLE_BYTES), "<i2")

    def _length(self) -> int:
        """The number of samples that are there. The header's own length is only right at the end of the writing."""
        try:
            if not self._data_at:
                self._data_at = self._find_data()
            size = self.path.stat().st_size
        except FileNotFoundError:
            return 0
        return max(0, size - self._data_at) // _SAMPLE_BYTES if self._data_at else 0

    def _find_data(self) -> int:
        """Return where the samples begin; 0 while that is not written yet."""
        with self.path.open("rb") as file:
            head = file.read(4096)
        at = 12
        while at + 8 <= len(head):
            if head[at : at + 4] == b"data":
                return at + 8
            at += 8 + int.from_bytes(head[at + 4 : at + 8], "little")
        return 0


def split_audio(
    audio: SpeechAudio,
    *,
    max_s: int,
    start_ms: int = 0,
    end_ms: int | None = None,
    first_s: int = 0,
) -> Iterator[AudioChunk]:
    """Yield the audio from `start_ms` to `end_ms` (None: to its end) in chunks of at most `max_s`.

    The first one is at most `first_s` long, if given, so that its words are there early.
    """
    start = start_ms * SAMPLE_RATE_HZ // 1000
    last = None if end_ms is None else end_ms * SAMPLE_RATE_HZ // 1000
    max_samples = (first_s or max_s) * SAMPLE_RATE_HZ
    while True:
        wanted = max_samples if last is None else max(0, min(max_samples, last - start))
        samples = audio.read(start, wanted)
        if len(samples) < _SAMPLES_PER_MS:
            return
        end = len(samples) if len(samples) < max_samples else _quietest_sample(samples)
        end -= end % _SAMPLES_PER_MS  # so that a chunk begins where the one before it ends
        yield AudioChunk(start * 1000 // SAMPLE_RATE_HZ, samples[:end])
        start, max_samples = start + end, max_s * SAMPLE_RATE_HZ


def _quietest_sample(samples: Samples) -> int:
    """Return the index of the middle of the quietest window near the end."""
    window = int(QUIET_WINDOW_S * SAMPLE_RATE_HZ)
    tail = samples[-max(window, len(samples) // SEARCH_DIVISOR) :].astype(np.float32)
    power = np.square(tail[: len(tail) // window * window]).reshape(-1, window).mean(axis=1)
    return len(samples) - len(tail) + int(np.argmin(power)) * window + window // 2
