"""Tokens: the same for a text and a query, and plain enough for every database."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediakit.search_text.folding import fold
from mediakit.search_text.query import parse_query
from mediakit.search_text.tokenizer import index_text, surface_words, words
from tests.mediakit.search_text.texts import LATIN, SENTENCES, matches


@given(st.text(max_size=300))
def test_any_text_gives_tokens_that_no_database_divides(text: str) -> None:
    for token in index_text([text]).split(" "):
        assert token
        assert token[0].isascii()
        assert token[0].islower()
        for char in token:
            assert (char.isascii() and char.isalnum() and not char.isupper()) or (
                unicodedata.category(char) in {"Ll", "Lo", "Lm"} and char <= "\uffff"
            )


@given(SENTENCES, st.data())
def test_each_word_of_a_text_finds_the_text(text: str, data: st.DataObject) -> None:
    word = data.draw(st.sampled_from(text.split()))
    changed = data.draw(
        st.sampled_from(
            [str.upper, str.lower, str.title, lambda w: unicodedata.normalize("NFD", w)]
        )
    )(word)
    assert parse_query(changed).required
    assert matches(changed, text, loosened=True)


@given(LATIN)
def test_accents_and_case_make_no_difference(word: str) -> None:
    bare = "".join(
        char
        for char in unicodedata.normalize("NFD", word.upper())
        if not unicodedata.combining(char)
    )
    assert fold(bare) == fold(word)
    assert [token.text for token in words(bare)] == [token.text for token in words(word)]


@given(st.text(max_size=200))
def test_words_name_their_place(text: str) -> None:
    end = 0
    for token in words(text):
        assert end <= token.start < token.end <= len(text)
        end = token.end


@pytest.mark.parametrize(
    ("query", "text", "found"),
    [
        ("idempot", "the idempotency of a call", True),
        ("idempotent", "idempotency", True),
        ("ency", "idempotency", False),
        ("running", "he runs", True),
        ("cafe", "CAFÉ", True),
        ("naïve", "naive", True),
        ("Straße", "strasse", True),
        ("smørrebrød", "SMORREBROD", True),
        ("dont", "we don't know", True),
        ("don’t", "we don't know", True),
        ("bob", "Bob's house", True),
        ("école", "l'école", True),
        ("e-mail", "send an e-mail now", True),
        ("e-mail", "mail e", False),
        ("3.5", "version 3.5", True),
        ("٣٤", "34 people", True),
        ("шел", "он ШЁЛ домой", True),
        ("كتاب", "كِتَاب جديد", True),
        ("ＡＢＣ", "abc", True),
        ("テスト", "ﾃｽﾄ中", True),
        ("京都", "東京都の天気", True),
        ("都", "東京都の天気", True),
        ("気", "東京都の天気", True),
        ("京の", "東京都の天気", False),
        ("हिन्दी", "हिन्दी भाषा", True),
        ("हिन्द", "हिन्दी भाषा", False),
    ],
)
def test_what_a_word_finds(query: str, text: str, *, found: bool) -> None:
    assert matches(query, text) is found


def test_surface_words_are_unstemmed_and_without_numbers() -> None:
    assert surface_words("Idempotency, IDEMPOTENCY and 42 x 한국 天気") == {
        "idempotency": 2,
        "and": 1,
    }


def test_no_phrase_reaches_from_one_text_into_the_next() -> None:
    assert matches('"red car"', "a red car")
    assert not matches('"red car"', "a red", "car")
    assert not matches('"사과 나무"', "사과", "나무")
