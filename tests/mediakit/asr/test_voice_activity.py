"""The speech index of real sound: levels in dBFS, and a voice only where one is."""

import numpy as np
import pytest

from mediakit.asr.chunking import SpeechAudio
from mediakit.asr.voice_activity import measure_speech
from mediakit.errors import StoppedError
from tests.mediakit.tightening.spoken_talk import RATE, index_of, make_spoken_talk


def test_levels_are_those_of_the_samples(tmp_path):
    tone = np.sin(2 * np.pi * 440 * np.arange(RATE) / RATE)
    index = index_of(np.concatenate([tone * 0.5, np.zeros(RATE), tone * 0.05]), tmp_path)
    assert len(index.steps) == 300
    assert index.level_db(50) == pytest.approx(-9.0, abs=0.8)
    assert index.level_db(150) == -95.0
    assert index.level_db(250) == pytest.approx(-29.0, abs=0.8)
    assert index.level_db(-1) == index.level_db(300) == -95.0
    assert not index.has_voice(-1)


def test_a_voice_is_heard_in_words_and_not_in_pauses(tmp_path):
    talk = make_spoken_talk(tmp_path, pauses=12)
    voiced = [
        any(talk.index.has_voice(step) for step in range(start // 10, end // 10))
        for start, end in talk.speech_ms
    ]
    assert all(voiced)
    pauses = [(start + 150, end - 150) for start, end in talk.pauses_ms if end - start > 600]
    silent = [
        not talk.index.has_voice(step)
        for low, high in pauses
        for step in range(low // 10, high // 10)
    ]
    assert sum(silent) / len(silent) > 0.97


def test_long_sound_is_read_in_parts_without_a_shift(tmp_path, monkeypatch):
    click = np.zeros(RATE * 3)
    click[RATE * 25 // 10 : RATE * 26 // 10] = 0.5
    whole = index_of(click, tmp_path)
    monkeypatch.setattr("mediakit.asr.voice_activity._CHUNK_SAMPLES", 2_560)
    parts = measure_speech(SpeechAudio(tmp_path / "talk.wav"))
    assert [step & 0x7F for step in parts.steps] == [step & 0x7F for step in whole.steps]


def test_it_can_be_stopped(tmp_path):
    index_of(np.zeros(RATE), tmp_path)
    with pytest.raises(StoppedError):
        measure_speech(SpeechAudio(tmp_path / "talk.wav"), should_stop=lambda: True)
