"""How a clip may begin: fillers are left out, pronouns without their noun are refused."""

import pytest

from mediakit.suggestions.openings import (
    addresses_somebody,
    filler_words,
    is_dangling,
    is_question,
    is_quoted_question,
    is_tag,
)
from mediakit.suggestions.phrases import phrases


@pytest.mark.parametrize(
    ("language", "text", "rest"),
    [
        ("en", "So, I mean, the engine needs air.", "the engine needs air."),
        ("en", "Um, well, you know, rivers carve rock.", "rivers carve rock."),
        ("en", "And but the price doubled.", "the price doubled."),
        ("en", "So far the engine needs air.", "So far the engine needs air."),
        ("en", "Right now the engine needs air.", "Right now the engine needs air."),
        ("en", "So yes.", "So yes."),  # too little would be left
        ("ko", "자, 음 그러니까 커피는 온도가 중요합니다.", "커피는 온도가 중요합니다."),
        ("ko", "자동차는 공기가 필요합니다.", "자동차는 공기가 필요합니다."),
        ("fr", "Bon, en vrai, il faut une carte.", "il faut une carte."),
        ("", "So the engine needs air.", "So the engine needs air."),
    ],
)
def test_fillers_are_left_out(language: str, text: str, rest: str) -> None:
    assert " ".join(text.split()[filler_words(text, phrases(language)) :]) == rest


@pytest.mark.parametrize(
    ("language", "text", "dangling"),
    [
        ("en", "He never came back.", True),
        ("en", "That's the problem with glue.", True),
        ("en", "Because water expands.", True),
        ("en", "“They left in June.", True),
        ("en", "What does it cost?", True),
        ("en", "Did they leave?", True),
        ("en", "Exactly.", True),
        ("en", "There is a village in the north.", False),
        ("en", "This morning the bridge fell.", False),
        ("en", "What does a bridge cost?", False),
        ("en", "Herring live in the north.", False),
        ("en", "It-girls were a thing of 1927.", False),
        ("ko", "그것은 중요합니다.", True),
        ("ko", "이게 문제예요.", True),
        ("ko", "그러면 어떻게 될까요?", True),
        ("ko", "그림은 오래 남습니다.", False),
        ("ko", "이야기는 짧아야 합니다.", False),
        ("fr", "C'est difficile.", True),
        ("fr", "Celui qui dort perd.", True),
        ("fr", "Y a-t-il une raison ?", False),
        ("de", "Dieser hier bleibt.", True),
        ("es", "Eso no importa.", True),
    ],
)
def test_a_sentence_that_needs_what_came_before(
    language: str, text: str, *, dangling: bool
) -> None:
    assert is_dangling(text, phrases(language)) is dangling


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ("Nicolas, you said that before.", True),
        ("First, boil the water.", False),
        ("Honestly, I do not know.", False),
        ("Boil the water, then wait.", False),
    ],
)
def test_a_listener_is_addressed_by_name(text: str, *, addresses: bool) -> None:
    assert addresses_somebody(text, phrases("en")) is addresses


@pytest.mark.parametrize(
    ("language", "text", "punctuated", "asks"),
    [
        ("en", "Why do bridges fall?", True, True),
        ("en", "He asked “why?”", True, True),
        ("en", "why do bridges fall", False, True),
        ("en", "Why bridges fall is known.", True, False),
        ("en", "bridges fall", False, False),
        ("ko", "다리는 왜 무너질까요", False, True),
        ("ko", "다리는 무너집니다", False, False),
        ("", "¿Por qué?", True, True),
    ],
)
def test_questions(language: str, text: str, *, punctuated: bool, asks: bool) -> None:
    assert is_question(text, phrases(language), punctuated=punctuated) is asks


@pytest.mark.parametrize(
    ("language", "text", "tag"),
    [
        ("en", "Right?", True),
        ("en", "Does that make sense?", True),
        ("en", "Right where did it fall?", False),
        ("ko", "그렇죠?", True),
        ("fr", "N'est-ce pas ?", True),
        ("de", "Nicht wahr?", True),
        ("es", "¿Verdad?", True),
        ("", "Right?", False),
    ],
)
def test_a_tag_asks_only_whether_one_follows(language: str, text: str, *, tag: bool) -> None:
    assert is_tag(text, phrases(language)) is tag


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ('All he said was "why?"', True),
        ("She asked “why do bridges fall?”", True),
        ('"Why do bridges fall?"', False),
        ('He said "no", so why do bridges fall?', False),
    ],
)
def test_a_quoted_question_is_told(text: str, *, quoted: bool) -> None:
    assert is_quoted_question(text) is quoted
