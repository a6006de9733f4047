"""Borders of lines: 10,000 random edits lose and move nothing, and a place is found again in another transcript."""

import random
from dataclasses import replace

import pytest

from mediakit.text.line_borders import Border, TranscriptWords
from mediakit.text.transcript import Cue, join_words, spread_words

TEXTS = (
    "Bread rises slowly, here.",
    "We bake it at noon.",
    "빵은 천천히 부풉니다.",
    "Nobody eats it.",
    "",
)


def transcript(count: int) -> TranscriptWords:
    cues = []
    for number in range(count):
        text = TEXTS[number % len(TEXTS)]
        start_ms = number * 3_000
        words = spread_words(text, start_ms, start_ms + 2_500)
        cues.append(Cue(start_ms, start_ms + 2_600, text, words))
    return TranscriptWords(cues)


def test_ten_thousand_edits_keep_every_word_with_its_time_and_undo_to_the_first_lines():
    rng = random.Random(3)
    words = transcript(40)
    first = words.lines({})
    assert [line.cue for line in first] == list(words.cues)
    borders: dict[int, bool] = {}
    for step in range(10_000):
        place = rng.randrange(1, len(words.words))
        if rng.random() < 0.3:
            borders.pop(place, None)  # undone
        else:
            borders[place] = rng.random() < 0.5
        if step % 100:
            continue
        lines = words.lines(borders)
        assert [word for line in lines for word in line.cue.words] == words.words
        begun = {line.first for line in lines if line.cue.words}
        assert all(
            (place in begun) == is_set for place, is_set in borders.items() if is_free(words, place)
        )
        for line in lines:
            assert line.cue.start_ms <= line.cue.end_ms
            said = join_words([word.text for word in line.cue.words])
            assert line.cue.text.split() == said.split()
            assert line.source is None or line.cue == words.cues[line.source]

    assert words.lines({}) == first


def is_free(words: TranscriptWords, place: int) -> bool:
    """Whether a border there may be taken away: a line without words between parts what is around it."""
    return words.words[place].start_ms - words.words[place - 1].start_ms < 3_000


@pytest.mark.parametrize("later_ms", [0, 400, -1_500])
def test_a_border_is_found_again_by_the_words_on_both_sides(later_ms):
    words = transcript(8)
    moved = TranscriptWords(
        [
            replace(
                cue,
                start_ms=cue.start_ms + later_ms,
                end_ms=cue.end_ms + later_ms,
                words=tuple(
                    replace(word, start_ms=word.start_ms + later_ms, end_ms=word.end_ms + later_ms)
                    for word in cue.words
                ),
            )
            for cue in words.cues
        ]
    )
    for place in (1, 4, 6, 11):
        assert moved.find(words.border(place)) == place


def test_a_border_whose_words_are_gone_is_not_found():
    words = transcript(4)
    border = words.border(2)

    assert words.find(replace(border, before="nothing")) == 2  # the word after it is still there
    assert words.find(Border(border.at_ms, "nothing", "else")) is None
    assert words.find(replace(border, at_ms=border.at_ms + 9_000)) is None
