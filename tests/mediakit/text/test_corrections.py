"""Corrected cues: the text, the times of new and untouched words, and changes of parts of words."""

import random

import pytest

from mediakit.text.corrections import Replacement, corrected_cue, timed_words, whole_words
from mediakit.text.transcript import Cue, Word, WordCorrection, join_words

LINE = Cue(
    0,
    2_000,
    "Teh bred rises\nslowly, here.",
    (
        Word(0, 200, "Teh", probability=0.4),
        Word(200, 600, "bred", probability=0.5),
        Word(700, 1_100, "rises", probability=0.9),
        Word(1_200, 1_600, "slowly,", probability=0.9),
        Word(1_700, 2_000, "here.", probability=0.9),
    ),
)


def times(words) -> list[tuple[int, int, str]]:
    return [(word.start_ms, word.end_ms, word.text) for word in words]


def test_one_word_for_one_keeps_its_time_and_says_what_was_heard():
    cue = corrected_cue(LINE, [Replacement(0, 2, "The bread")]).cue

    assert cue.text == "The bread rises\nslowly, here."
    assert times(cue.words[:2]) == [(0, 200, "The"), (200, 600, "bread")]
    assert [word.heard for word in cue.words[:2]] == ["Teh", "bred"]
    assert {word.correction for word in cue.words[:2]} == {WordCorrection.TIMED}
    assert all(word.probability is None for word in cue.words[:2])
    assert cue.words[2:] == LINE.words[2:]


def test_other_words_share_the_time_of_what_they_replace_by_their_letters():
    cue = corrected_cue(LINE, [Replacement(1, 1, "bread really")]).cue

    assert times(cue.words[1:3]) == [(200, 384, "bread"), (384, 600, "really")]
    assert {word.correction for word in cue.words[1:3]} == {WordCorrection.SPREAD}
    assert (cue.words[1].heard, cue.words[2].heard) == ("bred", "")
    assert (cue.words[0], *cue.words[3:]) == (LINE.words[0], *LINE.words[2:])


def test_words_that_are_the_same_in_a_changed_run_keep_their_times():
    words = timed_words(LINE.words, "Teh warm bread rises slowly, here.")

    assert times(words)[0] == (0, 200, "Teh")
    assert times(words)[3:] == times(LINE.words[2:])
    assert (words[1].start_ms, words[2].end_ms) == (200, 600)


def test_words_put_in_share_the_time_of_their_neighbour():
    assert times(timed_words(LINE.words[1:3], "bred rises fast"))[0] == (200, 600, "bred")
    assert times(timed_words(LINE.words[1:2], "so bred"))[-1][1] == 600


def test_heard_times_count_where_other_words_leave_room_for_them():
    old, text = LINE.words[1:2], "so bred"
    later = [(old[0].end_ms + 100, old[0].end_ms + 200), (old[0].start_ms, old[0].end_ms)]
    room = (old[0].start_ms, old[0].end_ms)

    before = timed_words(old, text, times=[(0, 100), later[1]], room=(0, room[1]))

    assert times(before) == [(0, 100, "so"), (*room, "bred")]
    assert [word.correction for word in before] == ["heard", ""]
    for refused in (later, [(0, 10), later[1]], [(0, 100)]):
        assert timed_words(old, text, times=refused, room=room) == timed_words(old, text)


def test_the_same_text_makes_words_certain_and_nothing_else():
    words = timed_words(LINE.words[:2], "Teh bred")

    assert times(words) == times(LINE.words[:2])
    assert [(word.probability, word.heard, word.correction) for word in words] == [
        (None, "", WordCorrection.NONE)
    ] * 2


@pytest.mark.parametrize(
    ("first", "count", "text"),
    [
        (0, 1, "bred rises\nslowly, here."),
        (2, 1, "Teh bred\nslowly, here."[:8] + "\nslowly, here."),
        (4, 1, "Teh bred rises\nslowly,"),
        (0, 5, ""),
    ],
)
def test_words_left_out_take_the_space_before_them_along(first, count, text):
    cue = corrected_cue(LINE, [Replacement(first, count, "")]).cue

    assert cue.text == text
    assert len(cue.words) == 5 - count


def test_a_part_of_a_word_is_changed_with_the_rest_of_it():
    line = corrected_cue(LINE, [])

    edit = whole_words(line, LINE.text.index("slow"), "slow", "quick")

    assert edit is not None
    assert (edit.replacement, edit.was) == (Replacement(3, 1, "quickly,"), "slowly,")
    assert whole_words(line, 3, " ", "x") is None


def test_a_change_includes_earlier_ones_as_a_whole():
    before = Replacement(0, 2, "The good bread")
    line = corrected_cue(LINE, [before])

    edit = whole_words(line, line.cue.text.index("bread rises"), "bread rises", "loaf grows")

    assert edit is not None
    assert edit.replacement == Replacement(0, 3, "The good loaf grows")
    assert (edit.was, edit.covered) == ("The good bread rises", (before,))


def test_phrases_of_scripts_without_spaces_are_words_too():
    cue = Cue(0, 900, "今日は晴れです", (Word(0, 400, "今日は"), Word(400, 900, "晴れです")))

    corrected = corrected_cue(cue, [Replacement(1, 1, "雨です")]).cue

    assert corrected.text == "今日は雨です"
    assert times(corrected.words) == [(0, 400, "今日は"), (400, 900, "雨です")]


def test_a_cue_whose_text_does_not_have_its_words_gets_the_text_of_its_words():
    cue = Cue(0, 900, "Something else", LINE.words[:2])

    assert corrected_cue(cue, [Replacement(0, 1, "The")]).cue.text == "The bred"


def test_random_replacements_keep_all_other_words_and_the_order_of_time():
    rng = random.Random(5)
    for _ in range(3_000):
        count = rng.randint(1, 12)
        edges = sorted(rng.sample(range(10_000), 2 * count))
        texts = [rng.choice(("a", "bb,", "ccc", "한국어", "今日")) for _ in range(count)]
        words = tuple(Word(edges[2 * at], edges[2 * at + 1], text) for at, text in enumerate(texts))
        cue = Cue(0, 10_000, join_words(texts), words)
        first = rng.randrange(count)
        length = rng.randint(1, count - first)
        text = " ".join(rng.choice(("x", "yy", "a", "zzz.")) for _ in range(rng.randint(0, 5)))

        found = corrected_cue(cue, [Replacement(first, length, text)]).cue

        assert found.words[:first] == words[:first]
        rest = count - first - length
        assert found.words[len(found.words) - rest :] == words[count - rest :]
        new = found.words[first : len(found.words) - rest]
        assert [word.text for word in new] == text.split()
        assert all(one.start_ms <= one.end_ms for one in new)
        assert [w.start_ms for w in found.words] == sorted(w.start_ms for w in found.words)
