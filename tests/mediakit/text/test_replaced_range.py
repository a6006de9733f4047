"""A range of a transcript is replaced, and every word outside keeps its times."""

from hypothesis import given
from hypothesis import strategies as st

from mediakit.text.replaced_range import replace_range
from mediakit.text.transcript import Cue, Word


def cue(start_ms: int, text: str, *, word_ms: int = 100, speaker: str = "") -> Cue:
    words = tuple(
        Word(start_ms + at * word_ms, start_ms + (at + 1) * word_ms, part)
        for at, part in enumerate(text.split())
    )
    return Cue(start_ms, words[-1].end_ms, text, words, speaker)


def shown(cues) -> list[tuple[int, int, str]]:
    return [(each.start_ms, each.end_ms, each.text) for each in cues]


def test_words_in_the_range_are_replaced_and_others_keep_their_times():
    before = [
        cue(0, "one two three", speaker="Ann"),
        cue(300, "four five six"),
        cue(600, "seven eight"),
        cue(900, "nine"),
    ]
    heard = [cue(140, "margin DEUX TROIS"), cue(480, "CINQ", word_ms=90), cue(600, "margin too")]
    after = replace_range(before, heard, start_ms=200, end_ms=600)
    assert shown(after) == [
        (0, 200, "one two"),
        (240, 440, "DEUX TROIS"),
        (480, 570, "CINQ"),
        (600, 800, "seven eight"),
        (900, 1_000, "nine"),
    ]
    assert (after[0].speaker, after[0].words) == ("Ann", before[0].words[:2])
    assert after[3:] == before[2:]


def test_a_range_inside_a_cue_splits_it():
    after = replace_range(
        [cue(0, "a b c d e")], [cue(210, "X", word_ms=50)], start_ms=200, end_ms=300
    )
    assert shown(after) == [(0, 200, "a b"), (210, 260, "X"), (300, 500, "d e")]


def test_what_is_heard_does_not_overlap_what_stays():
    after = replace_range(
        [cue(0, "a b"), cue(400, "c")], [cue(190, "X Y", word_ms=120)], start_ms=195, end_ms=405
    )
    assert shown(after) == [(0, 200, "a b"), (200, 400, "X Y"), (400, 500, "c")]
    assert [(word.start_ms, word.end_ms) for word in after[1].words] == [(200, 310), (310, 400)]


def test_silence_leaves_nothing_in_the_range():
    assert shown(replace_range([cue(0, "a b c")], [], start_ms=100, end_ms=200)) == [
        (0, 100, "a"),
        (200, 300, "c"),
    ]


@given(st.integers(0, 2_000), st.integers(1, 2_000), st.lists(st.integers(0, 30), max_size=8))
def test_every_word_outside_stays_and_none_inside(start, length, gaps):
    end, at = start + length, 0
    before = []
    for gap in gaps:
        before.append(cue(at + gap * 10, "p q r"))
        at = before[-1].end_ms
    after = replace_range(before, [], start_ms=start, end_ms=end)
    outside = [
        word
        for each in before
        for word in each.words
        if not start <= (word.start_ms + word.end_ms) // 2 < end
    ]
    assert [word for each in after for word in each.words] == outside
