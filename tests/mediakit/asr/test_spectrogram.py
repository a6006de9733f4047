"""The spectrum is that of faster-whisper, in a fraction of its memory."""

import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from faster_whisper.feature_extractor import FeatureExtractor

from mediakit.asr.spectrogram import stft

RATE_HZ = 16_000


def noise(seconds: float) -> Any:
    return np.random.default_rng(1).normal(0, 0.1, int(seconds * RATE_HZ)).astype(np.float32)


@pytest.mark.parametrize("seconds", [0.05, 1, 10, 10.005, 33])
def test_the_features_are_those_of_the_library(seconds: float) -> None:
    ours = FeatureExtractor()
    ours.stft = stft

    assert np.array_equal(ours(noise(seconds)), FeatureExtractor()(noise(seconds)))


def test_two_minutes_take_little_memory() -> None:
    sound = noise(120)
    ours = FeatureExtractor()
    ours.stft = stft

    assert _peak_mb(lambda: ours(sound)) < _peak_mb(lambda: FeatureExtractor()(sound)) - 30


def _peak_mb(call: Callable[[], object]) -> float:
    tracemalloc.start()
    call()
    peak = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    return peak
