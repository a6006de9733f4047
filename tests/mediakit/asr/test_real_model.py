"""Speech recognition with a real model: words of a voice are heard, and music, noise and silence give none."""

import wave

import numpy as np
import pytest

from mediakit.asr import whisper
from mediakit.asr.chunking import SAMPLE_RATE_HZ, SpeechAudio
from mediakit.asr.heard_piece import join_pieces
from mediakit.asr.whisper import hear
from mediakit.text.transcript import Transcript
from tests.demo_maker.talk import say
from tests.speech_model import fetch_speech_model

SAID = "We remember words, and almost never the time at which they were said."
SECONDS = 20


@pytest.fixture(scope="module")
def model() -> str:
    return fetch_speech_model()


@pytest.fixture(autouse=True, scope="module")
def _unload_models():
    yield
    whisper._load.cache_clear()


NAMES = [
    f"{first} {last}"
    for first in ("Anna", "Boris", "Clara", "David", "Elena", "Felix", "Greta", "Henry", "Irene")
    for last in ("Adler", "Bakker", "Conti", "Duarte", "Eriksen", "Fischer", "Garcia", "Hansen")
]


def write(path, samples) -> SpeechAudio:
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(SAMPLE_RATE_HZ)
        sound.writeframes(np.asarray(samples).astype("<i2").tobytes())
    return SpeechAudio(path)


def voice(folder, text: str = SAID) -> np.ndarray:
    say(text, folder / "said.wav")
    with wave.open(str(folder / "said.wav")) as sound:
        return np.frombuffer(sound.readframes(sound.getnframes()), "<i2")


def transcribe(audio: SpeechAudio, model: str, *terms: str) -> Transcript:
    return join_pieces(hear(audio, model=model, offline=True, terms=terms))


def letters(text: str) -> list[str]:
    return "".join(char for char in text.lower() if char.isalnum() or char == " ").split()


def music() -> np.ndarray:
    """Chords with a beat: four a second, each a triad with overtones that fade, and a drum."""
    random = np.random.default_rng(5)
    step = SAMPLE_RATE_HZ // 2
    time = np.arange(step) / SAMPLE_RATE_HZ
    bars = []
    for beat in range(SECONDS * 2):
        root = (220.0, 196.0, 174.6, 246.9)[beat // 4 % 4]
        tones = [root * ratio * over for ratio in (1, 1.26, 1.5) for over in (1, 2, 3)]
        chord = sum(np.sin(2 * np.pi * tone * time) * 220 / tone for tone in tones)
        drum = random.normal(0, 2.0, step) * np.exp(-time * 40)
        bars.append(chord * np.exp(-time * 3) + drum)
    whole = np.concatenate(bars)
    return 12_000 * whole / np.abs(whole).max()


def humming() -> np.ndarray:
    """A pitch that wanders and swells as a voice does, without any words."""
    time = np.arange(SECONDS * SAMPLE_RATE_HZ) / SAMPLE_RATE_HZ
    pitch = 180 + 60 * np.sin(2 * np.pi * 0.7 * time) + 30 * np.sin(2 * np.pi * 2.3 * time)
    phase = 2 * np.pi * np.cumsum(pitch) / SAMPLE_RATE_HZ
    whole = sum(np.sin(over * phase) / over for over in range(1, 12))
    return 5_000 * whole * (0.5 + 0.5 * np.sin(2 * np.pi * 3.1 * time))


def noise() -> np.ndarray:
    return np.random.default_rng(1).normal(0, 2_500, SECONDS * SAMPLE_RATE_HZ)


def tone() -> np.ndarray:
    time = np.arange(SECONDS * SAMPLE_RATE_HZ) / SAMPLE_RATE_HZ
    return 9_000 * np.sin(2 * np.pi * 440 * time)


def silence() -> np.ndarray:
    return np.zeros(SECONDS * SAMPLE_RATE_HZ)


def test_what_is_said_is_heard_when_it_is_said(model, tmp_path):
    pause = np.zeros(3 * SAMPLE_RATE_HZ)
    spoken = voice(tmp_path)
    audio = write(tmp_path / "a.wav", np.concatenate([pause, spoken, pause]))
    transcript = transcribe(audio, model)
    words = [word for cue in transcript.cues for word in cue.words]
    assert letters(" ".join(word.text for word in words)) == letters(SAID)
    assert transcript.language == "en"
    assert words[0].start_ms == pytest.approx(3_000, abs=400)
    assert words[-1].end_ms == pytest.approx(3_000 + len(spoken) / 16, abs=600)
    assert min(word.probability or 0 for word in words) > 0.2
    assert np.mean([word.probability for word in words]) > 0.8


def test_a_name_that_it_is_told_is_heard(model, tmp_path):
    """Without the term it writes "high index". Other names neither hide it nor are heard where nobody said them."""
    pause = np.zeros(SAMPLE_RATE_HZ)
    spoken = voice(tmp_path, "We upload each video to Heimdex today.")
    audio = write(tmp_path / "a.wav", np.concatenate([pause, spoken, pause]))
    told = transcribe(audio, model, "Heimdex", *NAMES)
    assert "Heimdex" in told.cues[0].text.split()
    assert "Heimdex" not in transcribe(audio, model).cues[0].text.split()
    spoken = voice(tmp_path, "Nobody has said anything about it since the summer.")
    audio = write(tmp_path / "b.wav", np.concatenate([pause, spoken, pause]))
    heard = " ".join(cue.text for cue in transcribe(audio, model, "Heimdex", *NAMES).cues)
    assert not any(name in heard for name in ("Heimdex", *NAMES))
    assert "since the summer" in heard


@pytest.mark.parametrize("sound", [music, humming])
def test_what_it_is_told_is_not_heard_where_nothing_is_said(model, tmp_path, sound):
    audio = write(tmp_path / "a.wav", sound())
    assert transcribe(audio, model, "Heimdex", "Grace Hopper", "Thank you").cues == ()


@pytest.mark.parametrize("sound", [music, humming, noise, tone, silence])
def test_what_is_no_speech_gives_no_words(model, tmp_path, sound):
    assert transcribe(write(tmp_path / "a.wav", sound()), model).cues == ()


def test_words_beside_music_are_kept(model, tmp_path):
    playing = music()
    audio = write(tmp_path / "a.wav", np.concatenate([playing, voice(tmp_path), playing / 4]))
    transcript = transcribe(audio, model)
    assert letters(" ".join(cue.text for cue in transcript.cues)) == letters(SAID)
    assert transcript.cues[0].start_ms == pytest.approx(SECONDS * 1000, abs=600)


def test_what_was_said_is_not_said_again_in_silence_and_music(model, tmp_path):
    """Each window is told what was said before it."""
    other = "Now you can search for a phrase, and land on the second at which it was spoken."
    first, second = voice(tmp_path), voice(tmp_path, other)
    playing = music() / 4
    audio = write(tmp_path / "a.wav", np.concatenate([first, silence(), second, playing, first]))
    words = letters(" ".join(cue.text for cue in transcribe(audio, model).cues))
    assert words == [*letters(SAID), *letters(other), *letters(SAID)]
