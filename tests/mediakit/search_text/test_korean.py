"""Korean: nouns without their particles, verbs in all their forms, parts of words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.search import korean_development, korean_held_out
from benchmarks.search.korean_quality import outcomes, precision_and_recall
from mediakit.search_text.query import MAX_FORMS, parse_query
from tests.mediakit.search_text.texts import KOREAN, matches


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("학교", "학교에서 친구를 만났습니다"),
        ("학교에서", "학교가 멀어요"),
        ("학교", "우리 아이는 초등학교에 다녀요"),
        ("물", "물을 많이 마셔야 해요"),
        ("집에서", "집이 넓어요"),
        ("인공지능", "인공 지능 기술"),
        ("인공 지능", "인공지능이 세상을 바꿉니다"),
        ("먹다", "점심으로 국수를 먹을 거예요"),
        ("먹었어요", "밥을 먹고 나왔어요"),
        ("먹습니다", "밥을 먹었다"),
        ("갑니다", "집에 갔어요"),
        ("만듭니다", "직접 만든 빵"),
        ("만드는 방법", "만들 방법이 없다"),
        ("돕다", "저를 도와주었습니다"),
        ("도왔어요", "서로 돕는 마을"),
        ("예뻐요", "예쁜 옷"),
        ("걷다", "한 시간 동안 걸었습니다"),
        ("걸어서", "한 시간 동안 걸었습니다"),
        ("찾아보세요", "지갑을 찾았어요"),
        ("도와줬다", "서로 돕는 마을"),
        ("예쁜", "옷이 예뻐요"),
        ("추운", "오늘은 춥네요"),
        ("가다", "이제 갈까요"),
        ("놀다", "놀러 갑니다"),
        ("크다", "소리가 커서 놀랐다"),
        ("걸었어요", "매일 걷는 것"),
        ("모르다", "그건 잘 몰라요"),
        ("몰랐어요", "모르는 것"),
        ("춥다", "날이 추워요"),
        ("추웠어요", "추운 겨울"),
        ("짓다", "집을 지었어요"),
        ("지어요", "짓는 중"),
        ("파랗다", "파란 하늘"),
        ("파래요", "파랗게"),
        ("마시다", "차를 마셨어요"),
        ("배웠어요", "배우는 중"),
        ("되다", "그렇게 됐어요"),
        ("보내다", "택배를 보내 주세요"),
        ("공부하다", "밤새 공부했어요"),
        ("공부합니다", "공부를 하는 방법"),
        ("AI를", "AI 기술"),
        ("기술ㅇ", "기술을 배워요"),  # while the next syllable is typed
    ],
)
def test_a_word_finds_its_forms(query: str, text: str) -> None:
    assert matches(query, text)


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("사과", "회사과장이 새로 왔습니다"),
        ("물", "물론 그렇습니다"),
        ("과학", "학과학생들이 모였습니다"),
        ("배우다", "그 배우가 상을 받았어요"),
        ("산다", "산이 높다"),
        ("강의", "한강의 야경"),
        ("좋다", "존경합니다"),
    ],
)
def test_a_word_does_not_find_another_that_holds_its_letters(query: str, text: str) -> None:
    assert not matches(query, text)


@given(KOREAN.filter(lambda word: len(word) >= 2), st.data())
def test_any_two_syllables_of_a_word_find_it_when_loosened(word: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(word) - 2))
    assert matches(word[start : start + 2], f"앞에 {word} 뒤에", loosened=True)


@given(KOREAN)
def test_the_forms_of_any_word_are_bounded(word: str) -> None:
    for term in parse_query(word).required:
        assert 0 < len(term.phrases) <= MAX_FORMS + 1


@pytest.mark.parametrize("words", [korean_development, korean_held_out])
def test_words_are_found_in_sentences_that_the_rules_were_not_written_with(words):
    precision, recall = precision_and_recall(list(outcomes(words)))

    assert (precision >= 0.9, recall >= 0.9) == (True, True), (precision, recall)


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("크다", "커피를 마셨다"),
        ("알다", "비가 와서 안 갔다"),
        ("묻다", "물을 끓였다"),
        ("놀다", "놀라운 소식"),
    ],
)
def test_words_that_begin_like_a_form_are_other_words(query, text):
    assert not matches(query, text)
