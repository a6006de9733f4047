"""What a person's answers say about the signals: those that they keep count more, those that they dismiss less."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, log, tanh
from statistics import fmean, pstdev

from mediakit.suggestions.material import Reason
from mediakit.suggestions.scoring import MIDDLE_SCORE, SCORE_SCALE

# Fewer answers in all, or of one kind, say nothing.
LEAST_ANSWERS, LEAST_OF_EACH = 12, 3
# No signal gains or loses more than this share of its weight, and a smaller change is none.
MOST_CHANGE, LEAST_CHANGE = 0.4, 0.05
_NEARLY_ONE = 0.9999


@dataclass(frozen=True, slots=True)
class Answer:
    """What each signal added to the score of a suggestion, and whether it was kept or dismissed."""

    signals: Mapping[Reason, float]
    is_kept: bool


def learned_changes(answers: Sequence[Answer]) -> dict[Reason, float]:
    """Return by what share of its weight each signal changes, from -MOST_CHANGE to MOST_CHANGE; the largest first.

    From Cohen's d between what was kept and what was dismissed, taken less seriously the fewer answers there are.
    """
    kept = [answer.signals for answer in answers if answer.is_kept]
    dismissed = [answer.signals for answer in answers if not answer.is_kept]
    if len(answers) < LEAST_ANSWERS or min(len(kept), len(dismissed)) < LEAST_OF_EACH:
        return {}
    trust = len(answers) / (len(answers) + LEAST_ANSWERS)
    found = {}
    for reason in Reason:
        ours, theirs = _values(kept, reason), _values(dismissed, reason)
        spread = pstdev([*ours, *theirs])
        if spread:
            effect = (fmean(ours) - fmean(theirs)) / spread
            found[reason] = round(MOST_CHANGE * tanh(trust * effect), 2)
    ordered = sorted(found.items(), key=lambda each: -abs(each[1]))
    return {reason: change for reason, change in ordered if abs(change) >= LEAST_CHANGE}


def adjusted_score(
    score: float, signals: Mapping[Reason, float], changes: Mapping[Reason, float]
) -> float:
    """Return the score that a suggestion has when its signals weigh so much more or less."""
    share = min(_NEARLY_ONE, max(1 - _NEARLY_ONE, score))
    total = MIDDLE_SCORE + SCORE_SCALE * log(share / (1 - share))
    total += sum(signals.get(reason, 0.0) * change for reason, change in changes.items())
    return round(1 / (1 + exp((MIDDLE_SCORE - total) / SCORE_SCALE)), 4)


def _values(answers: Sequence[Mapping[Reason, float]], reason: Reason) -> list[float]:
    return [signals.get(reason, 0.0) for signals in answers]
