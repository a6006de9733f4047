"""A recording in several languages: each part is heard in its own, and noise changes none."""

import numpy as np
import pytest

from mediakit.asr import whisper
from mediakit.asr.chunking import AudioChunk
from mediakit.asr.hallucination_filter import RepeatDetector
from mediakit.asr.spoken_language import (
    Segment,
    SpokenLanguage,
    WindowLanguages,
    with_second_looks,
)
from mediakit.text.transcript import Word


def segment(start_s, end_s, text, language="fr", probability=0.9, *, is_plausible=True):
    start_ms = round(start_s * 1000)
    words = (Word(start_ms, start_ms + 500, text, probability=probability),)
    return Segment(start_s, end_s, text, language, words, is_plausible)


def texts(found):
    return [(each.language, each.text) for each in found]


@pytest.mark.parametrize(
    ("windows", "codes"),
    [
        ([("fr", 0.99), ("en", 0.98), ("fr", 0.9)], ["fr", "en", "fr"]),
        ([("fr", 0.99), ("en", 0.45), ("nn", 0.6)], ["fr", "fr", "fr"]),  # music
        ([("it", 0.34), ("en", 0.97)], ["it", "en"]),  # nothing is kept of a guess
        ([("en", 0.55), ("cy", 0.7)], ["en", "en"]),  # the first one is taken sooner than another
    ],
)
def test_a_window_changes_the_language_when_it_is_certain(windows, codes):
    spoken = SpokenLanguage()

    assert [spoken.take([window, ("la", 0.0)]) for window in windows] == codes


def test_the_recogniser_is_told_the_language_in_force():
    class Network:
        is_multilingual = True

        def detect_language(self, encoded):
            return [[("<|en|>", encoded), ("<|fr|>", 1 - encoded)]]

    network = WindowLanguages(Network(), SpokenLanguage("fr"))

    assert network.detect_language(0.6) == [[("<|fr|>", pytest.approx(0.4))]]
    assert network.detect_language(0.9) == [[("<|en|>", 0.9)]]
    assert network.is_multilingual


def looked_at(segments, voiced, answers, *, end_s=40.0):
    """What is heard, and the spans that were heard again with the language that had been told."""
    asked = []

    def hear_again(span, told):
        asked.append((*span, told))
        return answers.get(span[0], ())

    found = with_second_looks(segments, voiced=voiced, end_s=end_s, hear_again=hear_again)
    return texts(found), asked


def test_a_stretch_in_another_language_is_heard_again():
    segments = [
        segment(0, 9, "Bonjour."),
        segment(10, 14, "Qu'est-ce que?", probability=0.45),
        segment(20, 30, "Merci."),
    ]
    again = [segment(10, 13, "What is it?", "en"), segment(13, 15, "[Music]", is_plausible=False)]

    heard, asked = looked_at(segments, [(0, 9), (10, 15), (20, 30)], {10: again})

    assert heard == [("fr", "Bonjour."), ("en", "What is it?"), ("fr", "Merci.")]
    assert asked == [(10, 15, "fr")]


def test_a_voice_without_any_words_is_heard_again():
    """Told another language, the recogniser often writes nothing at all."""
    again = [segment(9, 20, "Not a word of this.", "en")]

    heard, asked = looked_at([segment(0, 9, "Bonjour.")], [(0, 20)], {9: again}, end_s=20)

    assert heard == [("fr", "Bonjour."), ("en", "Not a word of this.")]
    assert asked == [(9, 20, "")]  # in any language


def test_people_who_talk_in_turns_are_looked_at_in_turns():
    unsure = [
        segment(0, 8, "a", probability=0.4),
        segment(8, 10, "b", probability=0.3, is_plausible=False),
        segment(11, 20, "c", probability=0.5),
    ]
    answers = {0: [segment(0, 8, "English", "en")], 11: []}

    heard, asked = looked_at(unsure, [(0, 8), (11, 20)], answers, end_s=20)

    assert heard == [("en", "English"), ("fr", "c")]
    assert [span[:2] for span in asked] == [(0, 8), (11, 20)]


def test_a_long_voice_of_which_nothing_was_understood_is_looked_at_in_parts():
    answers = {0: [segment(0, 10, "English", "en")], 10: [segment(10, 20, "Français", "fr")]}
    wrong = segment(0, 20, "a", probability=0.3, is_plausible=False)

    heard, asked = looked_at([wrong], [(0, 20)], answers, end_s=20)

    assert heard == [("en", "English"), ("fr", "Français")]
    assert [span[:2] for span in asked] == [(0, 10), (10, 20)]
    _, asked = looked_at([segment(0, 20, "a", probability=0.3)], [(0, 20)], answers, end_s=20)
    assert asked == [(0, 20, "fr")]  # in parts its words would be heard twice


def test_a_word_that_was_stretched_over_another_language_gives_its_place_back():
    words = (
        Word(500, 900, "Hello,", probability=0.9),
        Word(1_000, 9_000, "this", probability=0.8),
        Word(9_100, 9_300, "is", probability=0.9),
    )
    stretched = Segment(0.5, 9.3, "Hello, this is", "en", words)
    again = [segment(1, 8.5, "Всем привет", "ru")]

    found = list(
        with_second_looks(
            [stretched],
            voiced=[(0.4, 9.4)],
            end_s=10,
            hear_again=lambda *_: again,
        )
    )

    assert texts(found) == [("en", "Hello,"), ("ru", "Всем привет"), ("en", "this is")]
    assert [(word.start_ms, word.end_ms) for word in found[2].words] == [
        (8_500, 9_000),
        (9_100, 9_300),
    ]


def test_a_long_word_before_a_pause_stays_as_it_is():
    word = Word(500, 4_000, "there", probability=0.9)
    heard = list(
        with_second_looks(
            [Segment(0.5, 4.0, "there", "en", (word,))],
            voiced=[(0.4, 1.2)],
            end_s=10,
            hear_again=lambda *_: (),
        )
    )

    assert [each.words for each in heard] == [(word,)]


@pytest.mark.parametrize("probability", [0.3, 0.0])
def test_what_is_no_better_changes_nothing(probability):
    unsure = [segment(0, 8, "mumbled", probability=0.4)]

    heard, _ = looked_at(
        unsure, [(0, 8)], {0: [segment(0, 8, "worse", "en", probability)]}, end_s=8
    )

    assert heard == [("fr", "mumbled")]


def test_sure_words_and_short_sounds_cost_no_second_look():
    segments = [segment(0, 9, "Bonjour."), segment(10, 20, "Merci.")]

    heard, asked = looked_at(segments, [(0, 9.8), (10, 20), (30, 31.5)], {})

    assert heard == [("fr", "Bonjour."), ("fr", "Merci.")]
    assert asked == []


def test_a_piece_has_one_language():
    chunk = AudioChunk(5_000, np.zeros(16_000 * 20, np.int16))

    class Recogniser(whisper._Recogniser):
        def __init__(self):
            self.spoken = SpokenLanguage("fr")

        def segments(self, _chunk):
            return [
                segment(0, 3, "Bonjour."),
                segment(4, 6, "Hello.", "en"),
                segment(6, 8, "So.", "en"),
            ]

    pieces = list(whisper._pieces(chunk, Recogniser(), RepeatDetector(), None))

    assert [(p.start_ms, p.end_ms, p.language, len(p.words)) for p in pieces] == [
        (5_000, 9_000, "fr", 1),
        (9_000, 25_000, "en", 2),
    ]
