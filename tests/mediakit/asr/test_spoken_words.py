"""Which spellings are the same word where what is heard is compared with captions."""

import pytest

from benchmarks.speech.spoken_words import spoken_words


@pytest.mark.parametrize(
    ("said", "heard"),
    [
        ("Well-known, isn't it?", "well known is not it"),
        ("I can't; we'll, I'm, they’ve", "i cannot we will i am they have"),
        ("Twenty-five of 60 [laughter]", "25 of sixty"),
        ("vingt-cinq ans, dix-sept", "25 ans 17"),
        ("♪ la la ♪ L’été", "l'été"),
    ],
)
def test_the_same_words_in_other_letters(said: str, heard: str):
    assert spoken_words(said) == spoken_words(heard)


@pytest.mark.parametrize(("said", "heard"), [("It's", "it is"), ("une", "1"), ("vies", "vie")])
def test_other_words_stay_others(said: str, heard: str):
    assert spoken_words(said) != spoken_words(heard)
