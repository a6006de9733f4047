"""Letters that no font has are counted and named."""

import pytest

from mediakit.captions.letter_coverage import LetterCoverage, letter_coverage
from mediakit.text.transcript import Cue


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hello, 안녕 👩‍👩‍👧 é e\u0301", LetterCoverage(13, 0, "")),
        ("我們這裡說繁體中文", LetterCoverage(9, 0, "")),
        ("𐎀𐎁 𐎀b", LetterCoverage(4, 3, "𐎀𐎁")),  # Ugaritic
        (" \n\t", LetterCoverage(0, 0, "")),
    ],
)
def test_letters_without_a_font_are_counted(text, expected):
    assert letter_coverage([Cue(0, 1, text)]) == expected


def test_the_share_counts_every_letter_and_the_title():
    found = letter_coverage([Cue(0, 1, "abc")], "𐎀")
    assert (found.share, found.missing_letters) == (0.75, "𐎀")
    assert letter_coverage([]).share == 1
