"""Titles made from what is said."""

import pytest

from mediakit.text.titles import first_sentence
from mediakit.text.transcript import Cue


@pytest.mark.parametrize(
    ("texts", "title"),
    [
        (["We measured it twice.", "Then we stopped."], "We measured it twice."),
        (["We measured", "it twice. Then we stopped."], "We measured it twice."),
        (["두 번 쟀습니다.", "그리고 멈췄습니다."], "두 번 쟀습니다."),
        (["of it. We measured it twice."], "We measured it twice."),
        (["Yes. We measured it twice."], "Yes."),
        (["of it"], "of it"),
        ([], ""),
        (["  "], ""),
    ],
)
def test_the_first_sentence_is_the_title(texts, title):
    cues = [Cue(n * 2_000, n * 2_000 + 1_900, text) for n, text in enumerate(texts)]

    assert first_sentence(cues) == title


def test_a_long_sentence_ends_after_a_word():
    words = "measuring, again and again, is what we did before anybody believed us at all " * 2

    title = first_sentence([Cue(0, 30_000, words)])

    assert len(title) <= 80
    assert title.endswith("…")
    assert words.startswith(title[:-1])
    assert first_sentence([Cue(0, 30_000, "a" * 200)]) == "a" * 79 + "…"
