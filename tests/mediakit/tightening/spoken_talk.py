"""A talk of synthesised words whose true times are known, and what a recogniser makes of it."""

import random
import wave
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from mediakit.asr.chunking import SpeechAudio
from mediakit.asr.speech_index import DB_PER_STEP, FLOOR_DB, STEP_MS, VOICE_BIT, SpeechIndex
from mediakit.asr.voice_activity import measure_speech
from mediakit.cutting.cut_time import Span
from mediakit.text.transcript import Word
from tests.demo_maker.talk import say

RATE = 16_000
VOCABULARY = (
    "somewhere lecture minute people remember words recording scene fast picture speaker half"
)
ROOM_DB, BREATH_DB, NOISE_DB = -64.0, -46.0, -24.0
# What the true times are measured by: softer than this is no longer part of a word.
HEARD = 10 ** (-58 / 20)

Sound = np.ndarray[Any, np.dtype[np.float64]]


@dataclass
class SpokenTalk:
    """What is where in the talk, in ms, and what a recogniser says of it."""

    index: SpeechIndex = field(default_factory=SpeechIndex)
    duration_ms: int = 0
    speech_ms: list[Span] = field(default_factory=list)  # all words, those that were missed too
    heard: list[Word] = field(default_factory=list)
    true_ms: list[Span] = field(default_factory=list)  # of the words in `heard`
    pauses_ms: list[Span] = field(default_factory=list)  # without a word in them


def make_spoken_talk(folder: Path, *, pauses: int = 100, seed: int = 7) -> SpokenTalk:
    """Speak groups of one to four words with pauses of 0.12 to 2 s between them.

    A third of the long pauses has a breath, some a noise, and every tenth a soft word that the recogniser missed. Its
    times are off by up to 60 ms, and every fourth word before a pause is said to last 300 ms longer.
    """
    speaker = _Speaker(_spoken_words(folder), seed)
    speaker.add(np.zeros(RATE // 2))
    for number in range(pauses):
        speaker.say_group()
        speaker.wait(number, pauses)
    speaker.say_group()
    speaker.add(np.zeros(RATE))
    sound = np.concatenate(speaker.parts)
    sound += 10 ** (ROOM_DB / 20) * speaker.noise.standard_normal(len(sound))
    speaker.talk.duration_ms = _ms(len(sound))
    speaker.talk.index = index_of(sound, folder)
    return speaker.talk


class _Speaker:
    """Says the talk, part by part."""

    def __init__(self, words: dict[str, Sound], seed: int) -> None:
        self.talk = SpokenTalk()
        self.parts: list[Sound] = []
        self.noise = np.random.default_rng(seed)
        self._rng = random.Random(seed)
        self._words = words
        self._at = 0

    def add(self, sound: Sound) -> Span:
        """Add sound; returns where it is, in ms."""
        start = self._at
        self.parts.append(sound)
        self._at += len(sound)
        return _ms(start), _ms(self._at)

    def say_group(self) -> None:
        """Say words one after the other, never one twice in a row."""
        talk, rng = self.talk, self._rng
        for place in range(rng.randint(1, 4)):
            if place:
                self.add(np.zeros(RATE * rng.choice((0, 15, 60)) // 1000))
            before = talk.heard[-1].text if talk.heard else ""
            text = rng.choice([text for text in sorted(self._words) if text != before])
            span = self.add(self._words[text] * rng.uniform(0.6, 1.1))
            talk.speech_ms.append(span)
            talk.true_ms.append(span)
            talk.heard.append(_as_heard(text, span, rng))

    def wait(self, number: int, count: int) -> None:
        """Say nothing for a while, or something that is not heard."""
        length_ms = _length_ms(number, count, self._rng)
        pause = np.zeros(RATE * length_ms // 1000)
        if number % 10 == 5 and length_ms > 1_500:
            sound = self._words["people"] * 0.25
            start = len(pause) // 2 - len(sound) // 2
            pause[start : start + len(sound)] += sound
            said_ms = _ms(self._at + start), _ms(self._at + start + len(sound))
            self.talk.speech_ms.append(said_ms)
            self.add(pause)
            return
        if length_ms > 700 and number % 3 == 0:
            _add_breath(pause, self.noise)
        if length_ms > 1_000 and number % 7 == 1:
            _add_noise(pause, self.noise)
        if number % 4 == 0:
            last = self.talk.heard[-1]
            until_ms = last.end_ms + min(300, length_ms // 2)
            self.talk.heard[-1] = Word(last.start_ms, until_ms, last.text)
        self.talk.pauses_ms.append(self.add(pause))


def index_of(sound: Sound, folder: Path) -> SpeechIndex:
    """The speech index of samples from -1 to 1, made by the model itself."""
    path = folder / "talk.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((np.clip(sound, -0.99, 0.99) * 32767).astype("<i2").tobytes())
    return measure_speech(SpeechAudio(path))


def _ms(samples: int) -> int:
    return samples * 1000 // RATE


def _length_ms(number: int, pauses: int, rng: random.Random) -> int:
    share = number / pauses
    low, high = (650, 2_000) if share < 0.6 else (230, 560) if share < 0.85 else (120, 190)
    return rng.randint(low, high) if number % 10 != 5 or share >= 0.6 else 1_900


def _as_heard(text: str, span: Span, rng: random.Random) -> Word:
    start_ms = max(0, span[0] + rng.randint(-60, 60))
    return Word(start_ms, max(start_ms + 40, span[1] + rng.randint(-60, 60)), text)


def _add_breath(pause: Sound, noise: np.random.Generator) -> None:
    """A third of a second of hiss that swells, in the middle of a pause."""
    count = min(len(pause) // 3, RATE // 3)
    start = len(pause) // 2 - count // 2
    swell = np.sin(np.linspace(0, np.pi, count))
    pause[start : start + count] += 10 ** (BREATH_DB / 20) * swell * noise.standard_normal(count)


def _add_noise(pause: Sound, noise: np.random.Generator) -> None:
    """A knock of 60 ms."""
    count = RATE * 60 // 1000
    knock = 10 ** (NOISE_DB / 20) * np.exp(-np.arange(count) / 200)
    start = len(pause) // 4
    pause[start : start + count] += knock * noise.standard_normal(count)


@cache
def _spoken_words(folder: Path) -> dict[str, Sound]:
    """Each word, spoken alone and cut where it is heard."""
    found = {}
    for text in VOCABULARY.split():
        path = folder / f"{text}.wav"
        say(text, path)
        with wave.open(str(path), "rb") as file:
            sound = np.frombuffer(file.readframes(file.getnframes()), "<i2") / 32768
            assert file.getframerate() == RATE
        sound *= 0.3 / np.abs(sound).max()
        loud = np.flatnonzero(np.abs(sound) > HEARD)
        found[text] = sound[loud[0] : loud[-1] + 1]
    return found


def flat_index(voice_ms: list[Span], length_ms: int, *, loud_db: float = -20.0) -> SpeechIndex:
    """A speech index of a voice at one level in a quiet room."""
    steps = bytearray([_level(-65.0)]) * (length_ms // STEP_MS)
    for start_ms, end_ms in voice_ms:
        for at in range(start_ms // STEP_MS, end_ms // STEP_MS):
            steps[at] = _level(loud_db) | VOICE_BIT
    return SpeechIndex(bytes(steps))


def _level(db: float) -> int:
    return round((db - FLOOR_DB) / DB_PER_STEP)
