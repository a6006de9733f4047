"""Sentences with what each one does."""

import pytest

from mediakit.suggestions.phrases import phrases
from mediakit.suggestions.sentences import read_sentences
from mediakit.suggestions.statements import Form, statement_forms
from mediakit.text.transcript import Cue
from tests.mediakit.suggestions.speech import PAUSE_MS, WORD_MS, said


@pytest.mark.parametrize(
    ("language", "text", "forms"),
    [
        ("en", "The tower has 40 floors.", {Form.NUMBERS}),
        ("en", "Prices rose twice.", {Form.NUMBERS}),
        ("en", "Unlike iron, copper does not rust.", {Form.CONTRAST}),
        ("en", "There are three reasons for that.", {Form.NUMBERS, Form.LIST}),
        ("en", "Iron rusts because air reaches it.", {Form.EXPLANATION}),
        ("en", "The most important part is patience.", {Form.CLAIM}),
        ("en", "In the end, patience wins.", {Form.CONCLUSION}),
        ("en", "We walked along the river.", set()),
        ("ko", "첫째, 물을 끓입니다.", {Form.LIST}),
        ("ko", "공기가 있기 때문에 녹이 습니다.", {Form.EXPLANATION}),
        ("ko", "철과 구리의 차이는 색입니다.", {Form.CONTRAST}),
        ("ko", "가격이 30퍼센트 올랐습니다.", {Form.NUMBERS}),
        ("ko", "가장 중요한 것은 인내입니다.", {Form.CLAIM}),
        ("ko", "우리는 강을 따라 걸었습니다.", set()),
    ],
)
def test_statement_forms(language: str, text: str, forms: set[Form]) -> None:
    assert statement_forms(text, phrases(language)) == forms


@pytest.mark.parametrize(
    ("language", "text", "chatter"),
    [
        ("en", "Welcome back to the channel.", True),
        ("en", "See you next week.", True),
        ("en", "Use the code RIVER for ten percent off.", True),
        ("en", "Can everybody at the back hear me?", True),
        ("en", "Rivers carve rock over thousands of years.", False),
        ("ko", "안녕하세요 여러분.", True),
        ("ko", "구독과 좋아요 부탁드립니다.", True),
        ("ko", "다음 시간에 뵙겠습니다.", True),
        ("ko", "강은 바위를 깎습니다.", False),
    ],
)
def test_greetings_sponsors_and_housekeeping(language: str, text: str, *, chatter: bool) -> None:
    sentences = read_sentences(said([text]), phrases(language), duration_ms=60_000)
    assert [sentence.is_chatter for sentence in sentences] == [chatter]


def test_a_sentence_begins_after_its_filler_and_knows_its_pauses() -> None:
    cues = said(["Rivers carve rock.", "So, um, glaciers carve whole valleys."], pause_ms=900)
    first, second = read_sentences(cues, phrases("en"), duration_ms=9_000)
    assert (first.start_ms, first.pause_before_ms, first.pause_after_ms) == (1_000, 1_000, 900)
    assert second.text == "Glaciers carve whole valleys."
    glaciers = cues[1].words[2]
    assert (second.start_ms, second.pause_before_ms) == (glaciers.start_ms, 900)
    assert (first.lead_ms, second.lead_ms) == (150, 0)  # before "glaciers" lies "um"


def test_without_punctuation_pauses_end_sentences() -> None:
    texts = ["rivers carve rock over many years", "glaciers carve whole valleys in the north"]
    cues = said([*texts] * 6, pause_ms=1_200)
    sentences = read_sentences(cues, phrases("en"), duration_ms=90_000)
    assert [sentence.text.lower() for sentence in sentences] == [*texts] * 6
    assert all(sentence.starts_surely and sentence.ends_surely for sentence in sentences)


def test_a_change_of_speaker_ends_a_sentence() -> None:
    cues = [
        *said(["rivers carve rock and"], speaker="Ann"),
        *said(["glaciers carve valleys"], speaker="Ben", start_ms=1_000 + 4 * WORD_MS + PAUSE_MS),
    ]
    sentences = read_sentences(cues, phrases("en"), duration_ms=9_000)
    assert [(each.speaker, each.ends_surely) for each in sentences] == [
        ("Ann", True),
        ("Ben", True),
    ]


def test_laughter_and_applause_are_known_only_where_captions_name_them() -> None:
    cues = [*said(["The cat wore a hat.", "Nobody saw a thing.", "Rivers carve rock."])]
    cues.insert(1, Cue(cues[0].end_ms, cues[0].end_ms + 100, "[Laughter]"))
    cues.append(Cue(cues[-1].end_ms + 50, cues[-1].end_ms + 900, "(박수)"))
    sentences = read_sentences(cues, phrases("en"), duration_ms=30_000)
    assert [each.has_laughter for each in sentences] == [True, False, False]
    assert [each.has_applause for each in sentences] == [False, False, True]
    assert "Laughter" not in " ".join(each.text for each in sentences)
