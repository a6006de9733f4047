"""Words in cut time."""

from dataclasses import replace

from mediakit.cutting.cues import cues_in_cut, text_between
from mediakit.cutting.cut_time import cut_time
from mediakit.text.transcript import Cue, Word, cues_in_range
from tests.mediakit.cutting.test_cut_time import INFO

WORDS = (
    Word(1_000, 1_400, "So,"),
    Word(1_480, 1_900, "um,"),
    Word(2_000, 2_400, "we"),
    Word(2_440, 3_000, "go."),
)
CUE = Cue(1_000, 3_100, "So, um, we  go.", WORDS, "Ann")
NEXT = Cue(5_000, 6_000, "And back", (Word(5_000, 5_500, "And"), Word(5_500, 6_000, "back")))


def test_a_struck_out_word_is_left_out_and_the_rest_follows_at_once():
    cut = cut_time(INFO, [(1_000, 1_440), (1_960, 3_200)])

    (cue,) = cues_in_cut([CUE], cut)

    assert cue == Cue(
        0,
        1_580,
        "So, we go.",
        (Word(0, 400, "So,"), Word(480, 880, "we"), Word(920, 1_480, "go.")),
        "Ann",
    )
    assert text_between([CUE], (1_440, 1_960)) == "um,"


def test_a_cue_that_only_loses_a_pause_keeps_its_text():
    cut = cut_time(INFO, [(1_000, 1_920), (2_000, 3_200), (5_000, 6_000)])

    first, second = cues_in_cut([CUE, NEXT], cut)

    assert first.text == "So, um, we  go."
    assert (second.start_ms, second.end_ms) == (2_120, 3_120)
    assert [word.start_ms for word in first.words] == [0, 480, 920, 1_360]


def test_a_word_over_a_join_belongs_where_its_middle_is_and_ends_there():
    cut = cut_time(INFO, [(1_000, 1_800), (2_440, 3_200)])

    (cue,) = cues_in_cut([CUE], cut)

    assert [(word.text, word.start_ms, word.end_ms) for word in cue.words] == [
        *(("So,", 0, 400), ("um,", 480, 800), ("go.", 800, 1_360))
    ]


def test_one_range_gives_the_same_cues_as_before():
    assert cues_in_cut([CUE, NEXT], cut_time(INFO, [(1_200, 5_600)])) == cues_in_range(
        [CUE, NEXT], 1_200, 5_600
    )


def test_cues_without_word_times_get_shares_of_their_cue():
    bare = replace(CUE, words=())

    (cue,) = cues_in_cut([bare], cut_time(INFO, [(1_000, 1_600), (2_600, 3_200)]))

    assert [word.text for word in cue.words] == ["So,", "go."]
    assert all(word.estimated for word in cue.words)


def test_removed_text_is_bounded():
    many = Cue(0, 100_000, "word " * 1_000)

    assert len(text_between([many], (0, 100_000))) == 200
