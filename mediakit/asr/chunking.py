"""Split long 16 kHz mono audio into chunks at quiet moments, with little memory."""

import wave
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

SAMPLE_RATE_HZ = 16_000
# The last 1/SEARCH_DIVISOR of a chunk is searched for its quietest window, QUIET_WINDOW_S long.
SEARCH_DIVISOR, QUIET_WINDOW_S = 15, 0.2

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
    def peak(self) -> float:
        """The largest absolute sample, from 0 to 1."""
        return float(np.abs(self.samples.astype(np.int32)).max(initial=0)) / 32768


def wav_duration_ms(audio: wave.Wave_read) -> int:
    """Return the duration of an open WAV file."""
    return audio.getnframes() * 1000 // SAMPLE_RATE_HZ


def split_audio(audio: wave.Wave_read, *, max_s: int) -> Iterator[AudioChunk]:
    """Yield the whole audio in chunks of at most `max_s`."""
    max_samples = max_s * SAMPLE_RATE_HZ
    start, rest = 0, np.zeros(0, np.int16)
    while True:
        raw = audio.readframes(max_samples - len(rest))
        samples = np.concatenate([rest, np.frombuffer(raw, "<i2")])
        if not len(samples):
            return
        end = len(samples) if len(samples) < max_samples else _quietest_sample(samples)
        yield AudioChunk(start * 1000 // SAMPLE_RATE_HZ, samples[:end])
        start, rest = start + end, samples[end:]


def _quietest_sample(samples: Samples) -> int:
    """Return the index of the middle of the quietest window near the end."""
    window = int(QUIET_WINDOW_S * SAMPLE_RATE_HZ)
    tail = samples[-max(window, len(samples) // SEARCH_DIVISOR) :].astype(np.float32)
    power = np.square(tail[: len(tail) // window * window]).reshape(-1, window).mean(axis=1)
    return len(samples) - len(tail) + int(np.argmin(power)) * window + window // 2
