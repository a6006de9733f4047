"""Titles, descriptions and hashtags, and the choice among ranges."""

from mediakit.suggestions.phrases import phrases
from mediakit.suggestions.selection import choose, may_begin, overlap, windows
from mediakit.suggestions.sentences import Sentence, read_sentences
from mediakit.suggestions.wording import (
    carrying_sentence,
    description,
    hashtags,
    shorten,
    title,
)
from tests.mediakit.suggestions.speech import said


def sentences_of(*texts: str) -> list[Sentence]:
    return read_sentences(said(texts), phrases("en"), duration_ms=120_000)


def test_the_carrying_sentence_is_the_one_that_says_the_most() -> None:
    sentences = sentences_of(
        "Why does bread rise?",
        "People have baked for a long time.",
        "Bread rises because yeast makes gas in about 40 minutes.",
        "That was on Tuesday.",
    )
    carrying = carrying_sentence(sentences, [1, 1, 2, 0])
    assert carrying.text.startswith("Bread rises because")
    assert title(sentences, [1, 1, 2, 0]) == "Why does bread rise?"
    assert title(sentences[1:], [1, 2, 0]) == carrying.text.rstrip(".")


def test_a_title_is_a_whole_sentence_where_one_says_something() -> None:
    long = "The reason is that yeast makes gas for 40 minutes in every dough that is warm enough."
    whole = "Yeast never sleeps in a warm kitchen."
    assert title(sentences_of(long, whole), [1, 1]) == whole.rstrip(".")
    assert title(sentences_of(long, "Somebody baked it there."), [1, 0]).endswith("…")


def test_a_title_says_where_a_thought_is_cut() -> None:
    asked = (
        "If the dough stands in a warm kitchen all night, what happens to the bread that is in it?"
    )
    assert title(sentences_of(asked), [0]) == "If the dough stands in a warm kitchen all night…"


def test_only_what_a_clip_can_open_with_is_asked() -> None:
    found = sentences_of(
        "Why does bread rise?", "Right?", 'All he said was "why?"', "Am I missing the point here?"
    )
    assert [each.is_question for each in found] == [True, False, True, True]
    assert [each.asks for each in found] == [True, False, False, False]


def test_a_description_is_whole_sentences_that_fit() -> None:
    sentences = sentences_of("Bread rises.", "Yeast makes gas.", "X" * 300 + ".")
    assert description(sentences) == "Bread rises. Yeast makes gas."


def test_hashtags_are_key_terms_that_are_said() -> None:
    sentences = sentences_of("Sourdough bread rises slowly.")
    terms = ["sourdough bread", "oven", "bread", "Bread", "3"]
    assert hashtags(sentences, terms) == ("#SourdoughBread", "#bread")
    assert hashtags(sentences_of("L'outil est comparable."), ["comparing", "outil"]) == ("#outil",)
    assert hashtags(sentences_of("학교에서는 다릅니다."), ["학교", "학생"]) == ("#학교",)
    assert hashtags(sentences_of("Two phones rang."), ["phone"]) == ("#phone",)
    slow = sentences_of("A slow-rise dough is best.")
    assert hashtags(slow, ["slow-rise"]) == ("#SlowRise",)


def test_texts_are_shortened_at_a_clause_or_a_word() -> None:
    assert shorten("Short enough", 20) == "Short enough"
    assert shorten("Bread rises slowly, and nobody knows", 25) == "Bread rises slowly"
    assert shorten("Bread rises slowly in the oven", 20) == "Bread rises slowly…"
    assert shorten("가" * 30, 10) == "가" * 9 + "…"


def test_a_clip_keeps_the_question_with_its_answer() -> None:
    sentences = sentences_of(
        "Bread is old.", "Why does bread rise?", "Yeast makes gas.", "He left.", "Who asked?"
    )
    assert [may_begin(sentences, index) for index in range(5)] == [True, True, False, False, True]
    spans = windows(sentences, duration_ms=120_000, min_ms=1_000, max_ms=60_000)
    assert {(each.first, each.last) for each in spans} == {(0, 2), (0, 3), (1, 2), (1, 3), (0, 0)}


def test_overlap_is_the_share_of_the_shorter() -> None:
    assert overlap((0, 10), (9, 39)) == 0.1
    assert overlap((0, 10), (10, 20)) == 0.0
    assert overlap((0, 40), (10, 20)) == 1.0


def test_ranges_that_overlap_or_repeat_the_words_are_passed_over() -> None:
    footage = ["the", "same", "words", "that", "were", "said", "before"]
    ranked = [
        ((0, 100), footage),
        ((85, 185), ["something", "else", "is", "said", "in", "this", "place"]),
        ((300, 400), [*footage, "again"]),
        ((95, 195), ["yet", "another", "thing", "is", "told", "by", "us"]),
        ((500, 600), ["last", "one"]),
    ]
    chosen = choose(ranked, count=3, span=lambda each: each[0], tokens=lambda each: each[1])
    assert [span for span, _ in chosen] == [(0, 100), (95, 195), (500, 600)]


def test_two_clips_do_not_begin_with_the_same_words() -> None:
    start = ["why", "does", "bread", "rise", "in", "a", "warm", "kitchen"]
    rest = [f"word{number}" for number in range(60)]
    ranked = [((0, 100), [*start, *rest[:30]]), ((200, 300), [*start, *rest[30:]])]
    chosen = choose(ranked, count=2, span=lambda each: each[0], tokens=lambda each: each[1])
    assert [span for span, _ in chosen] == [(0, 100)]
