"""Corrections find their words again: moved, misspelt, in other lines; and never those of others."""

import pytest

from mediakit.text.correction_places import Correction, CuePlaces
from mediakit.text.corrections import Replacement
from mediakit.text.transcript import Cue, Word


def cue(start_ms: int, *texts: str) -> Cue:
    """A cue whose words last 400 ms each, with 100 ms between them."""
    words = tuple(
        Word(start_ms + 500 * at, start_ms + 500 * at + 400, text) for at, text in enumerate(texts)
    )
    return Cue(start_ms, words[-1].end_ms, " ".join(texts), words)


LINES = [cue(0, "Teh", "bred", "rises."), cue(2_000, "Teh", "bred", "falls.")]


@pytest.mark.parametrize(
    ("correction", "found"),
    [
        (Correction(0, 900, "Teh bred", "The bread"), {0: Replacement(0, 2, "The bread")}),
        (Correction(2_000, 2_900, "Teh bred", "The bread"), {1: Replacement(0, 2, "The bread")}),
        (Correction(700, 1_100, "bred", "bread"), {0: Replacement(1, 1, "bread")}),
        (Correction(1_800, 2_200, "teh,", "The"), {1: Replacement(0, 1, "The")}),
        (Correction(500, 900, "bret", "bread"), {0: Replacement(1, 1, "bread")}),
        (Correction(500, 900, "dough", "bred"), {0: Replacement(1, 1, "bred")}),
        (
            Correction(1_000, 2_400, "rises. Teh", "grows. The"),
            {0: Replacement(2, 1, "grows."), 1: Replacement(0, 1, "The")},
        ),
        (Correction(500, 900, "dough", "loaf"), None),
        (Correction(9_000, 9_400, "bred", "bread"), None),
        (Correction(0, 400, "Teh", ""), {0: Replacement(0, 1, "")}),
        (Correction(0, 400, "♪", ""), None),
    ],
)
def test_a_correction_finds_its_words(correction, found):
    assert CuePlaces(LINES).take(correction) == found


def test_each_word_is_for_one_correction_only():
    places = CuePlaces(LINES[:1])

    assert places.take(Correction(0, 400, "Teh", "The")) == {0: Replacement(0, 1, "The")}
    assert places.take(Correction(100, 500, "Teh", "That")) is None
