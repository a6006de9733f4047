"""Ranking by the indexed text alone."""

from mediakit.search_text.query import parse_query
from mediakit.search_text.ranking import Ranker
from mediakit.search_text.tokenizer import index_text


def best(query: str, *texts: str) -> str:
    scores = Ranker(parse_query(query).required).scores([index_text([text]) for text in texts])
    return max(zip(scores, texts, strict=True))[1]


def test_more_occurrences_rank_first() -> None:
    assert best("whale", "one whale in the sea", "a whale, a whale and a third whale") == (
        "a whale, a whale and a third whale"
    )


def test_a_shorter_text_ranks_first() -> None:
    assert (
        best("whale", "a whale here", "a whale here " + "and much else is said " * 20)
        == "a whale here"
    )


def test_words_near_to_each_other_rank_first() -> None:
    near = "we saw a blue whale there " + "and much else was said " * 5
    far = "the blue sky " + "and much else was said " * 5 + "a whale"
    assert best("blue whale", far, near) == near


def test_the_order_of_the_query_counts() -> None:
    assert best("dog man", "man bites dog today", "dog bites man today") == "dog bites man today"


def test_korean_forms_count() -> None:
    assert best("먹다", "밥을 먹고 잤다", "밥을 먹고 국을 먹었다") == "밥을 먹고 국을 먹었다"
