"""What a recogniser is told of the text before a window."""

from dataclasses import dataclass
from random import Random
from types import SimpleNamespace
from typing import Any, cast

import pytest

from mediakit.asr import whisper
from mediakit.asr.heard_piece import HeardPiece
from mediakit.asr.previous_text import MAX_AGE_MS, MAX_PAUSE_MS, PreviousText, prompt_tokens
from mediakit.text.transcript import Word

FIRST = "So we came to the second part of the talk"
NEXT = "which is about the way a plan is made"


def line(text: str, *, at_ms: int = 0, probability: float = 0.9) -> tuple[Word, ...]:
    return tuple(
        Word(at_ms + 300 * n, at_ms + 300 * n + 250, word, probability=probability)
        for n, word in enumerate(text.split())
    )


def told(previous: PreviousText, language: str = "en") -> list[str]:
    return [" ".join(word.text for word in words) for words in previous.take(language)]


@pytest.fixture
def previous() -> PreviousText:
    previous = PreviousText()
    previous.add(line(FIRST), language="en")
    return previous


def test_what_was_heard_is_told_before_the_next_window(previous):
    previous.add(line(NEXT, at_ms=3_500), language="en")
    assert told(previous) == [FIRST, NEXT]


def test_nothing_is_told_after_a_window_in_which_nothing_was_heard(previous):
    assert told(previous) == [FIRST]
    assert told(previous) == []


def test_nothing_is_told_after_what_was_no_speech(previous):
    previous.add((), language="en")
    assert told(previous) == []


def test_nothing_is_told_in_another_language(previous):
    assert told(previous, "fr") == []
    previous.add(line(FIRST), language="en")
    previous.add(line("Voilà la suite", at_ms=3_500), language="fr")
    assert told(previous, "fr") == ["Voilà la suite"]


def test_nothing_is_told_after_a_long_pause(previous):
    end_ms = line(FIRST)[-1].end_ms
    previous.voice_begins(end_ms + MAX_PAUSE_MS)
    previous.add(line(NEXT, at_ms=end_ms + MAX_PAUSE_MS), language="en")
    assert told(previous) == [FIRST, NEXT]
    previous.add(line(FIRST, at_ms=60_000), language="en")
    assert told(previous) == [FIRST]


def test_old_lines_are_forgotten(previous):
    random = Random(1)
    for at_ms in range(4_000, MAX_AGE_MS + 8_000, 4_000):
        various = "".join(random.choices("etaoinshrdlu   ", k=40))
        previous.add(line(various, at_ms=at_ms), language="en")
    lines = told(previous)
    assert FIRST not in lines
    assert len(lines) > 10


def test_unsure_words_are_not_told(previous):
    previous.add(line(NEXT, at_ms=3_500, probability=0.5), language="en")
    assert told(previous) == []


@pytest.mark.parametrize("text", [FIRST, "and again " * 40])
def test_what_repeats_itself_is_not_told(previous, text):
    previous.add(line(text, at_ms=3_500), language="en")
    assert told(previous) == []


def test_a_worker_that_takes_over_tells_what_the_first_one_stored(previous):
    pieces = [
        HeardPiece(0, 3_500, "en", line(FIRST)),
        HeardPiece(3_500, 7_000, "en", line(NEXT, at_ms=3_500)),
    ]
    assert told(PreviousText(pieces, start_ms=7_000)) == [FIRST, NEXT]
    previous.add(line(NEXT, at_ms=3_500), language="en")
    assert told(previous) == [FIRST, NEXT]
    music = HeardPiece(7_000, 20_000, "en", ())
    assert told(PreviousText([*pieces, music], start_ms=20_000)) == []


class Letters:
    """A tokenizer with a token for each letter."""

    timestamp_begin = 100_000

    def encode(self, text: str) -> list[int]:
        return [ord(letter) for letter in text]


def test_lines_stand_between_their_times_and_the_last_ones_have_the_place():
    lines = [line("one two"), line("three", at_ms=5_000)]
    tokens = prompt_tokens(lines, Letters(), limit=100)
    first = [100_000, *map(ord, " one two"), 100_000 + 550 // 20]
    assert tokens == [*first, 100_000, *map(ord, " three"), 100_000 + 250 // 20]
    assert prompt_tokens(lines, Letters(), limit=5) == tokens[-5:]
    assert prompt_tokens([], Letters(), limit=5) == []


@dataclass
class Options:
    """What faster-whisper is told, as far as it matters here."""

    temperatures: list[float]
    hotwords: str | None = None


class Model:
    """A model that decodes a window in one way when it is told the text before it, and in another one when not."""

    model = SimpleNamespace(is_multilingual=False)

    def __init__(self, told: tuple[str, float], plain: tuple[str, float]) -> None:
        self._told, self._plain = told, plain
        self.asked: list[str] = []

    def get_prompt(self, _tokenizer, previous_tokens, **_options):
        return previous_tokens

    def generate_with_fallback(self, _encoded, prompt, _tokenizer, options):
        self.asked.append("told" if prompt else "plain")
        text, logprob = self._told if prompt else self._plain
        assert options.temperatures == ([0.0] if prompt else [0.0, 0.2])
        ratio = 3.0 if text.startswith("again") else 1.5
        return (
            SimpleNamespace(sequences_ids=[[ord(letter) for letter in text]]),
            logprob,
            0.0,
            ratio,
        )


class Tokenizer(Letters):
    language_code = "en"

    def decode(self, tokens: list[int]) -> str:
        return "".join(map(chr, tokens))


@pytest.mark.parametrize(
    ("told", "plain", "heard", "asked"),
    [
        (("sure words", -0.2), ("", 0), "sure words", ["told"]),
        (("better words", -0.4), ("other words", -0.5), "better words", ["told", "plain"]),
        (("worse words", -0.6), ("other words", -0.5), "other words", ["told", "plain"]),
        (("few", -0.4), ("all words are here", -0.5), "all words are here", ["told", "plain"]),
        (("again and again", -0.1), ("other words", -0.9), "other words", ["told", "plain"]),
    ],
    ids=["sure", "better", "worse", "words are lost", "a loop"],
)
def test_a_window_keeps_what_is_more_probable_and_whole(previous, told, plain, heard, asked):
    model = Model(told, plain)
    recogniser = whisper._Recogniser(
        cast("Any", model), language="en", beam_size=1, hotwords=None, previous=previous
    )
    found = recogniser._decode(None, [], Tokenizer(), Options([0.0, 0.2]))
    assert ("".join(map(chr, found[0].sequences_ids[0])), model.asked) == (heard, asked)


def test_without_a_text_before_it_a_window_is_decoded_once():
    model = Model(("", 0), ("words", -0.9))
    recogniser = whisper._Recogniser(
        cast("Any", model), language="en", beam_size=1, hotwords=None, previous=PreviousText()
    )
    recogniser._decode(None, [], Tokenizer(), Options([0.0, 0.2]))
    assert model.asked == ["plain"]
