"""Queries: what a person types becomes terms, whatever it is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediakit.search_text.query import completed, corrected, parse_query
from tests.mediakit.search_text.texts import SENTENCES, matches

TEXT = "A good idea needs a patient team and a second attempt."


@given(st.text(max_size=400))
def test_any_text_is_a_query(text: str) -> None:
    query = parse_query(text)
    for term in (*query.required, *query.excluded):
        assert term.phrases
        assert all(phrase.tokens and all(phrase.tokens) for phrase in term.phrases)


@pytest.mark.parametrize(
    "nothing",
    ["", " ", "-", '"', '""', '-""', "*", "\0", "🙂", "- - -", '" " "', "&|!()<->:*", "ㅋㅋ"],
)
def test_a_query_without_words_wants_nothing(nothing: str) -> None:
    assert parse_query(nothing).required == ()


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("good idea", True),
        ("idea good", True),
        ('"good idea"', True),
        ('"idea good"', False),
        ('"good idea', True),
        ("“good idea”", True),
        ("good -team", False),
        ("good -teams", False),
        ("good −nothing", True),
        ('good -"second attempt"', False),
        ('good -"attempt second"', True),
        ("OR good AND", False),
        ("good\0idea", True),
        ("good 🙂", True),
        ("\u202egood", True),
    ],
)
def test_words_phrases_and_exclusions(query: str, *, found: bool) -> None:
    assert matches(query, TEXT) is found


def test_the_same_word_twice_is_one_term() -> None:
    assert len(parse_query("good GOOD goods good").required) == 2  # "goods" was typed otherwise


@given(SENTENCES)
def test_a_quoted_text_finds_itself(text: str) -> None:
    assert matches(f'"{text}"', text)


def test_a_word_is_completed_and_corrected() -> None:
    term = parse_query("inter").required[0]
    assert term.word == "inter"
    assert [phrase.tokens for phrase in completed(term, ["interest", "interesting"]).phrases] == [
        ("winter",),
        ("winterest",),
    ]
    assert [phrase.tokens for phrase in corrected(term, ["enter"]).phrases] == [("wenter",)]


def test_phrases_and_korean_are_neither_completed_nor_corrected() -> None:
    assert [term.word for term in parse_query('"a phrase" 사과 e-mail word').required] == [
        "",
        "",
        "",
        "word",
    ]
