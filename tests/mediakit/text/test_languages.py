"""Languages: codes as containers write them, and a guess from the words."""

import pytest

from mediakit.text.languages import guess_language, normalize_language_code


@pytest.mark.parametrize(
    ("code", "two"),
    [
        ("eng", "en"),
        ("kor", "ko"),
        ("und", ""),
        ("", ""),
        ("en", "en"),
        ("pt_BR", "pt-br"),
        ("yue", "yue"),
        ("hye", "hy"),
        ("nob", "no"),
    ],
)
def test_language_codes_are_made_short(code, two):
    assert normalize_language_code(code) == two


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("This is what we have seen in the first part of the talk.", "en"),
        ("Nous avons vu que les enfants ne sont pas dans la salle.", "fr"),
        ("Das ist der erste Teil, und er ist nicht der letzte.", "de"),
        ("오늘은 긴 영상에서 순간을 찾습니다.", "ko"),
        ("これは短い話です。", "ja"),
        ("Η ιστορία της πόλης.", "el"),
        ("இது ஒரு கதை.", "ta"),
        ("We ate 한 and 김치 in the old part of the city, and it was the best of all.", "en"),
        ("Blix quorvan zintha molbrek.", ""),
        ("", ""),
    ],
)
def test_a_language_is_guessed_only_on_evidence(text, language):
    assert guess_language(text) == language
