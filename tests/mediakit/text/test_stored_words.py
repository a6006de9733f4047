"""Words as rows keep them: with and without how sure the recogniser was."""

from mediakit.text.stored_words import StoredWord, read_words, words_from_json, words_to_json
from mediakit.text.transcript import Word

OLD = [[0, 400, "plain"], [400, 900, "words"]]


def test_words_of_three_and_of_four_items_are_read_side_by_side():
    assert list(read_words([OLD[0], [400, 900, "sure", 0.91]])) == [
        StoredWord(0, 400, "plain", None),
        StoredWord(400, 900, "sure", 0.91),
    ]


def test_what_is_written_is_read_again():
    words = (Word(0, 400, "sure", probability=0.98765), Word(400, 900, "written"))
    stored = words_to_json(words)
    assert stored == [[0, 400, "sure", 0.99], [400, 900, "written"]]
    assert words_from_json(stored, estimated=False) == (
        Word(0, 400, "sure", probability=0.99),
        Word(400, 900, "written"),
    )


def test_estimated_times_are_said_of_each_word():
    assert all(word.estimated for word in words_from_json(OLD, estimated=True))


def test_only_a_word_below_seven_in_ten_is_doubtful():
    sure = [None, 0.7, 0.69, 0.0, 1.0]
    assert [StoredWord(0, 1, "x", each).is_doubtful for each in sure] == [
        False,
        False,
        True,
        True,
        False,
    ]
