"""Where the words of a query stand in a text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediakit.search_text.matching import Matcher
from mediakit.search_text.query import parse_query
from tests.mediakit.search_text.texts import SENTENCES, matches


def marked(query: str, text: str) -> str:
    out, end = "", 0
    for start, stop in Matcher(parse_query(query).loosened().required).spans(text):
        out += text[end:start] + "[" + text[start:stop] + "]"
        end = stop
    return out + text[end:]


@pytest.mark.parametrize(
    ("query", "text", "expected"),
    [
        (
            "idempot",
            "The Idempotency, twice: idempotent.",
            "The [Idempotency], twice: [idempotent].",
        ),
        ('"good idea"', "a good day, a good idea", "a good day, a [good] [idea]"),
        ("cafe", "un CAFÉ noir", "un [CAFÉ] noir"),
        ("bob", "Bob's car", "[Bob's] car"),
        ("사과", "빨간 사과를 먹고", "빨간 [사과를] 먹고"),
        ("학교", "우리 초등학교에", "우리 초등[학교에]"),
        ("사과", "회사과장", "회[사과]장"),
        ("인공지능", "인공 지능 기술", "[인공 지능] 기술"),
        ("天気", "東京の天気です", "東京の[天気]です"),
        ("気", "天気", "天[気]"),
        ("good -idea", "good idea", "[good] idea"),
        ("nothing", "good idea", "good idea"),
    ],
)
def test_words_are_marked(query: str, text: str, expected: str) -> None:
    assert marked(query, text) == expected


@given(SENTENCES, st.data())
def test_what_is_found_is_marked(text: str, data: st.DataObject) -> None:
    word = data.draw(st.sampled_from(text.split()))
    spans = Matcher(parse_query(word).loosened().required).spans(text)
    assert spans
    assert spans == sorted(spans)
    assert all(0 <= start < end <= len(text) for start, end in spans)


@given(SENTENCES, SENTENCES)
def test_only_what_is_found_is_marked(query: str, text: str) -> None:
    parsed = parse_query(query.split(maxsplit=1)[0])
    spans = Matcher(parsed.loosened().required).spans(text)
    assert bool(spans) == matches(parsed, text, loosened=True)
