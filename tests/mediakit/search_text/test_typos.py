"""One wrong letter from five letters on, two from nine on; a wrong first letter counts as two."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediakit.search_text.typos import allowed_edits, corrections

KNOWN = {
    "government": 9,
    "language": 20,
    "experience": 7,
    "music": 30,
    "receive": 4,
    "whale": 2,
    "while": 50,
}


@pytest.mark.parametrize(
    ("typed", "right"),
    [
        ("goverment", ["government"]),
        ("langauge", ["language"]),
        ("experiance", ["experience"]),
        ("exprience", ["experience"]),
        ("musci", ["music"]),
        ("recieve", ["receive"]),
        ("whole", ["while", "whale"]),  # as near: the more frequent first
        ("musik", ["music"]),
        ("husic", []),  # the first letter
        ("xovernment", ["government"]),  # long enough
        ("xovernmen", []),
        ("musc", []),  # too short
        ("zzzzzzzzzzzz", []),
    ],
)
def test_the_nearest_known_words(typed: str, right: list[str]) -> None:
    assert corrections(typed, KNOWN) == right


@given(st.text("abcdefgh", min_size=5, max_size=8), st.integers(1, 7), st.sampled_from("abcdefgh"))
def test_one_changed_letter_is_forgiven(word: str, at: int, letter: str) -> None:
    at = min(at, len(word) - 1)
    typed = word[:at] + letter + word[at + 1 :]
    assert allowed_edits(typed) >= 1
    assert corrections(typed, {word: 1}) == ([word] if typed != word else [])
