"""Key terms: what a scene is about, in its own language and spelling."""

import pytest

from mediakit.text.key_terms import key_terms

ENGLISH = [
    "Today we look at neural networks. A neural network learns from examples. Neural networks need data.",
    "The kitchen in Lisbon was small. Maria Silva cooked there for 20 years, and Maria Silva loved it.",
    "Batteries store energy. A battery made by NASA stores more. So what about AI and the sun?",
]


def test_terms_are_what_the_scene_says_and_others_do_not():
    terms = key_terms(ENGLISH[0], language="en", corpus=ENGLISH)
    assert terms[0] == "neural network"
    assert "network" not in terms
    assert "today" not in terms
    assert len(terms) <= 6


def test_names_keep_their_capitals_and_pairs_of_them_stay_together():
    terms = key_terms(ENGLISH[1], language="en-GB", corpus=ENGLISH)
    assert terms[0] == "Maria Silva"
    assert "Lisbon" in terms
    assert not any(term.isdigit() for term in terms)


def test_plurals_count_with_their_singular_and_short_capitals_are_terms():
    terms = key_terms(ENGLISH[2], language="eng", corpus=ENGLISH, count=9)
    assert terms[0] == "battery"
    assert {"NASA", "AI"} <= set(terms)
    assert not {"a", "so", "batteries"} & set(terms)


def test_fewer_can_be_asked_for_and_the_answer_is_always_the_same():
    first = key_terms(ENGLISH[1], language="en", corpus=ENGLISH, count=2)
    assert len(first) == 2
    assert key_terms(ENGLISH[1], language="en", corpus=list(ENGLISH), count=2) == first


@pytest.mark.parametrize("text", ["", "...", "12 345 6", "and the of", "♪ ♪"])
def test_text_without_anything_to_say_has_no_terms(text):
    assert key_terms(text, language="en", corpus=[text]) == []


def test_french_elisions_and_stop_words_are_taken_off():
    text = "Qu'est-ce que l'objet ? L'objet d'étude, c'est le smartphone. Est-ce que le smartphone change ?"
    terms = key_terms(text, language="fr", corpus=[text, "Autre chose encore."])
    assert {"objet", "smartphone"} <= set(terms)
    assert not any("'" in term or term.startswith("est") for term in terms)


KOREAN = [
    "오늘은 인공지능에 대해 이야기하겠습니다. 인공지능은 컴퓨터가 사람처럼 생각하게 하는 기술입니다.",
    "고양이가 방에 들어왔습니다. 고양이는 밥을 먹고 고양이를 좋아하는 전문가들은 말합니다.",
    "파이썬으로 데이터를 분석합니다. 파이썬의 라이브러리에서 데이터가 중요합니다.",
]


def test_korean_particles_come_off_and_verbs_are_no_terms():
    assert key_terms(KOREAN[0], language="ko", corpus=KOREAN)[0] == "인공지능"
    second = key_terms(KOREAN[1], language="kor", corpus=KOREAN)
    assert second[0] == "고양이"
    assert not any(term.endswith("니다") for term in second)
    third = key_terms(KOREAN[2], language="", corpus=KOREAN)
    assert {"파이썬", "데이터", "라이브러리"} <= set(third)


def test_scripts_without_spaces_give_runs_of_one_script():
    japanese = "左に見えるのはデータベースです。データベースは便利です。"
    assert key_terms(japanese, language="", corpus=[japanese])[0] == "データベース"
    chinese = "大学和残疾人。大学的政策。"
    assert {"大学", "政策", "残疾人"} == set(key_terms(chinese, language="", corpus=[chinese]))


@pytest.mark.parametrize(
    ("text", "stop"),
    [
        ("Wir haben die Maschine gebaut und die Maschine läuft nicht mehr", "nicht"),
        ("Nous avons construit la machine mais elle ne marche plus avec nous", "avec"),
        ("Мы построили машину и она больше не работает потому что", "потому"),
    ],
)
def test_an_unknown_language_is_guessed_from_its_stop_words(text, stop):
    terms = key_terms(text, language="und" if stop == "nicht" else "", corpus=[text], count=20)
    assert terms
    assert stop not in terms


def test_a_language_without_a_list_still_works():
    assert "mundo" in key_terms("mundo mundo grande", language="tlh", corpus=["mundo mundo grande"])


def test_a_shouted_text_is_not_taken_for_names():
    text = "THE ENGINE IS LOUD. THE ENGINE RUNS."
    assert key_terms(text, language="en", corpus=[text])[0] == "engine"
