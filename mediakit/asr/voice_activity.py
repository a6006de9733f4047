"""Measure where a voice is heard, and how loud it is, with the voice-activity model that comes with faster-whisper."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from mediakit.asr.chunking import SAMPLE_RATE_HZ, Samples, SpeechAudio
from mediakit.asr.speech_index import (
    DB_PER_STEP,
    FLOOR_DB,
    LEVEL_BITS,
    STEP_MS,
    VOICE_BIT,
    SpeechIndex,
)
from mediakit.errors import StoppedError

# The model looks at windows of this many samples (32 ms).
WINDOW_SAMPLES = 512
# The model's default for "speech" is .5. A cut must not remove any, so a doubtful window counts as voice.
VOICE_PROBABILITY = 0.3
_STEP_SAMPLES = SAMPLE_RATE_HZ * STEP_MS // 1000
# Read at a time, 300 s: memory stays at tens of megabytes. Whole steps and whole windows.
_CHUNK_SAMPLES = 1_875 * WINDOW_SAMPLES * 5


def measure_speech(
    audio: SpeechAudio, *, should_stop: Callable[[], bool] = lambda: False
) -> SpeechIndex:
    """Return the levels and the voice of a recording. One second takes about 2 ms. Raises StoppedError."""
    return SpeechIndex(b"".join(_steps(audio, should_stop)))


def _steps(audio: SpeechAudio, should_stop: Callable[[], bool]) -> Iterator[bytes]:
    start = 0
    while len(samples := audio.read(start, _CHUNK_SAMPLES)):
        if should_stop():
            raise StoppedError("measuring speech was stopped")
        yield (_levels(samples) | _voice(samples)).tobytes()
        start += len(samples)


def _levels(samples: Samples) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """The level of each step."""
    padded = np.pad(samples, (0, -len(samples) % _STEP_SAMPLES)).astype(np.float32) / 32768
    power = np.square(padded).reshape(-1, _STEP_SAMPLES).mean(axis=1)
    db = 10 * np.log10(np.maximum(power, 1e-12))
    steps = np.clip(np.round((db - FLOOR_DB) / DB_PER_STEP), 0, LEVEL_BITS)
    return np.asarray(steps, dtype=np.uint8)


def _voice(samples: Samples) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """VOICE_BIT for each step that a window with a voice touches, else 0."""
    from faster_whisper.vad import get_vad_model  # noqa: PLC0415 -- heavy, and not always needed

    padded = np.pad(samples, (0, -len(samples) % WINDOW_SAMPLES)).astype(np.float32) / 32768
    probabilities: np.ndarray[Any, np.dtype[np.float32]] = get_vad_model()(padded).ravel()
    heard = probabilities >= VOICE_PROBABILITY
    count = -(-len(samples) // _STEP_SAMPLES)
    first = np.arange(count) * _STEP_SAMPLES // WINDOW_SAMPLES
    last = np.minimum(
        ((np.arange(count) + 1) * _STEP_SAMPLES - 1) // WINDOW_SAMPLES, len(heard) - 1
    )
    return np.where(heard[first] | heard[last], VOICE_BIT, 0).astype(np.uint8)
