"""Long 16 kHz mono sound in pieces, each ended where it is quietest; memory stays small."""

import wave
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

SAMPLE_RATE_HZ = 16_000
# How much of a piece's end is searched for its quietest moment, and how long that moment is.
SEARCH_DIVISOR, QUIET_WINDOW_S = 15, 0.2

Samples = np.ndarray[Any, np.dtype[np.int16]]


@dataclass(frozen=True, slots=True)
class AudioChunk:
    """A stretch of sound, and when it begins."""

    start_ms: int
    samples: Samples

    @property
    def length_ms(self) -> int:
        return len(self.samples) * 1000 // SAMPLE_RATE_HZ

    @property
    def peak(self) -> float:
        """The loudest sample, from 0 to 1."""
        return float(np.abs(self.samples.astype(np.int32)).max(initial=0)) / 32768


def wav_duration_ms(sound: wave.Wave_read) -> int:
    """How long an open WAV file is."""
    return sound.getnframes() * 1000 // SAMPLE_RATE_HZ


def split_audio(sound: wave.Wave_read, *, longest_s: int) -> Iterator[AudioChunk]:
    """The whole sound in pieces of at most `longest_s`."""
    longest = longest_s * SAMPLE_RATE_HZ
    start, left = 0, np.zeros(0, np.int16)
    while True:
        raw = sound.readframes(longest - len(left))
        samples = np.concatenate([left, np.frombuffer(raw, "<i2")])
        if not len(samples):
            return
        end = len(samples) if len(samples) < longest else _quietest_sample(samples)
        yield AudioChunk(start * 1000 // SAMPLE_RATE_HZ, samples[:end])
        start, left = start + end, samples[end:]


def _quietest_sample(samples: Samples) -> int:
    """The middle of the quietest moment near the end."""
    window = int(QUIET_WINDOW_S * SAMPLE_RATE_HZ)
    tail = samples[-max(window, len(samples) // SEARCH_DIVISOR) :].astype(np.float32)
    power = np.square(tail[: len(tail) // window * window]).reshape(-1, window).mean(axis=1)
    return len(samples) - len(tail) + int(np.argmin(power)) * window + window // 2
