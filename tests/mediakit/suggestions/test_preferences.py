"""What a person's answers say about the signals."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediakit.suggestions.material import Reason
from mediakit.suggestions.preferences import (
    LEAST_ANSWERS,
    MOST_CHANGE,
    Answer,
    adjusted_score,
    learned_changes,
)

QUESTION = {Reason.QUESTION: 1.5, Reason.ENERGY: 0.3}
NUMBERS = {Reason.NUMBERS: 0.4, Reason.ENERGY: 0.3}


def test_twelve_answers_are_needed():
    answers = [Answer(QUESTION, is_kept=True)] * 6 + [Answer(NUMBERS, is_kept=False)] * 5

    assert len(answers) == LEAST_ANSWERS - 1
    assert learned_changes(answers) == {}
    assert learned_changes([*answers, Answer(NUMBERS, is_kept=False)])


def test_what_is_kept_counts_more_and_what_is_dismissed_less():
    answers = [Answer(QUESTION, is_kept=True), Answer(NUMBERS, is_kept=False)] * 10

    changes = learned_changes(answers)

    assert changes[Reason.QUESTION] > 0.25
    assert changes[Reason.NUMBERS] < -0.25
    assert Reason.ENERGY not in changes  # the same in both
    assert adjusted_score(0.5, QUESTION, changes) > 0.55
    assert adjusted_score(0.5, NUMBERS, changes) < 0.5


def test_answers_of_one_kind_only_say_nothing():
    assert learned_changes([Answer(QUESTION, is_kept=True)] * 30) == {}


def test_answers_without_a_pattern_change_little():
    dice = random.Random(1)
    signals = [{reason: dice.uniform(-1, 1) for reason in Reason} for _ in range(200)]
    answers = [Answer(each, is_kept=dice.random() < 0.5) for each in signals]

    assert max(map(abs, learned_changes(answers).values()), default=0) <= 0.15


@given(
    st.lists(
        st.builds(
            Answer,
            st.dictionaries(st.sampled_from(Reason), st.floats(-2, 2)),
            is_kept=st.booleans(),
        ),
        max_size=40,
    )
)
def test_no_signal_changes_by_more_than_two_fifths(answers: list[Answer]):
    assert all(abs(change) <= MOST_CHANGE for change in learned_changes(answers).values())


@pytest.mark.parametrize("score", [0.0, 0.31, 0.5, 0.97, 1.0])
def test_without_changes_a_score_stays(score: float):
    assert adjusted_score(score, QUESTION, {}) == pytest.approx(score, abs=2e-4)
