"""Words corrected to a glossary: the terms are written as they are wanted, and no other word is touched."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediakit.text.glossary import MAX_TERM_CHARS, clean_terms, correct_words
from mediakit.text.stored_words import words_from_json, words_to_json
from mediakit.text.transcript import Word

SURE, DOUBTFUL = 0.95, 0.4


def said(text: str) -> list[Word]:
    """Words of 100 ms; those with a `?` before them are doubtful."""
    return [
        Word(
            at * 100,
            at * 100 + 90,
            part.removeprefix("?"),
            probability=DOUBTFUL if part.startswith("?") else SURE,
        )
        for at, part in enumerate(text.split())
    ]


def corrected(text: str, *terms: str, language: str = "en") -> str:
    words = correct_words(said(text), clean_terms(terms), language=language)
    return " ".join(word.text for word in words)


@pytest.mark.parametrize(
    ("heard", "term", "written"),
    [
        ("I use heimdex, daily.", "Heimdex", "I use Heimdex, daily."),
        ("HEIMDEX's page", "Heimdex", "Heimdex's page"),
        ("with Ffmpeg and u-boot", "FFmpeg", "with FFmpeg and u-boot"),
        ("I met jose there", "José", "I met José there"),
        ("I use ?hime ?decks, daily", "Heimdex", "I use Heimdex, daily"),
        ("in ?Cubernetes today", "Kubernetes", "in Kubernetes today"),
        ("in ?Kubernetis today", "Kubernetes", "in Kubernetes today"),
        ("with Grace ?Hooper.", "Grace Hopper", "with Grace Hopper."),
        ("?(Heindex)", "Heimdex", "(Heimdex)"),
        ("이제 ?하임댁스를 엽니다", "하임덱스", "이제 하임덱스를 엽니다"),
        ("이제 heimdex는 느려요", "Heimdex", "이제 Heimdex는 느려요"),
    ],
)
def test_a_term_is_written_as_it_is_wanted(heard, term, written):
    assert corrected(heard, term) == written.replace("?", "")


@pytest.mark.parametrize(
    ("heard", "term"),
    [
        ("in Kubernetis today", "Kubernetes"),  # the recogniser was sure of it
        ("a ?model of it", "Gödel"),  # another first letter
        ("?where are we", "Wheres"),  # a function word
        ("from now here on", "Nowhere"),  # divided otherwise, and sure
        ("?potion ?patent", "Python"),
        ("?김민서", "김민"),  # too short to tell
        ("?version ?v20254", "V20253"),  # numbers are never guessed
        ("?hime. ?decks", "Heimdex"),  # a sentence ends between
        ("東京都に行きます", "東京部"),
        ("?cat ?can ?fan", "Kat"),
    ],
)
def test_other_words_stay_as_they_were_heard(heard, term):
    assert corrected(heard, term) == heard.replace("?", "")


def test_what_was_heard_and_when_is_kept():
    words = correct_words(
        said("I use ?hime ?decks, daily, with grace ?hooper"), ["Heimdex", "Grace Hopper"]
    )
    assert [(w.text, w.heard) for w in words if w.heard] == [
        ("Heimdex,", "hime decks,"),
        ("Grace", "grace"),
        ("Hopper", "hooper"),
    ]
    heimdex = words[2]
    assert (heimdex.start_ms, heimdex.end_ms, heimdex.probability) == (200, 390, DOUBTFUL)
    assert words[3].start_ms == 400
    assert words_from_json(words_to_json(words), estimated=False) == tuple(words)


def test_a_word_without_a_probability_is_changed_in_its_capitals_only():
    """As a speech service gives them."""
    words = correct_words([Word(0, 9, "heimdex"), Word(9, 20, "Heindex")], ["Heimdex"])
    assert [word.text for word in words] == ["Heimdex", "Heindex"]
    assert words_to_json(words)[0] == [0, 9, "Heimdex", None, "heimdex"]


def test_longer_terms_and_exact_ones_come_first():
    assert corrected("the heimdex pro and ?heimdex ?pros", "Heimdex", "Heimdex Pro") == (
        "the Heimdex Pro and Heimdex pros"
    )


def test_terms_are_trimmed_and_each_is_kept_once():
    assert clean_terms(
        ["  Grace   Hopper ", "", "heim\0dex", "GRACE HOPPER", " - ", "Heim dex"]
    ) == [
        "Grace Hopper",
        "heim dex",
    ]


@given(
    st.lists(st.text(max_size=12), max_size=6),
    st.lists(st.text(min_size=1, max_size=MAX_TERM_CHARS), max_size=4),
    st.sampled_from([SURE, DOUBTFUL, None]),
)
def test_any_text_keeps_its_times(texts, terms, probability):
    words = [
        Word(at * 10, at * 10 + 9, text, probability=probability) for at, text in enumerate(texts)
    ]
    found = correct_words(words, clean_terms(terms))
    times = [time for word in found for time in (word.start_ms, word.end_ms)]
    assert times == sorted(times)
    assert (times[:1], times[-1:]) == (
        [word.start_ms for word in words[:1]],
        [word.end_ms for word in words[-1:]],
    )
    if probability == SURE:
        assert len(found) == len(words)
