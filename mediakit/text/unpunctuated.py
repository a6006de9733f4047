"""Sentence ends in a transcript without punctuation, as most automatic captions are.

Each gap between two words is scored in ms of pause: the silence, how much longer than usual the word before it lasts
(such captions count a pause to the word before), capitals, and words that like to begin or cannot end a sentence.
"""

from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from mediakit.text.line_breaking import BAD_BREAK_COST, break_costs
from mediakit.text.transcript import (
    MAX_UNPUNCTUATED_MS,
    PAUSE_UNPUNCTUATED_MS,
    SentenceEnd,
    Word,
    duration_weight,
    forced_breaks,
    is_punctuated,
    sentence_ends,
)

# Each equals a pause of this length in weight.
STARTER_MS = 350
CAPITAL_MS = 600
BAD_BREAK_MS = 1_000
# A forced cut with this much evidence is as sure as a pause.
LIKELY_MS = 450
# A word may last twice its usual time before the rest counts as a pause.
USUAL_STRETCH = 2
# Words that often begin a sentence or a new thought when people talk.
_STARTER_TEXT = (
    "so and but now then okay ok well because if when what why how i we you they he she it this that's there"
    " here let's let it's i'm we're you're also however first second next finally anyway alright yeah yes no"
    " today maybe actually remember imagine welcome thank thanks"
    " et mais alors donc puis ensuite je nous vous il elle on c'est voilà aujourd'hui"
    " y pero entonces luego ahora yo nosotros bueno pues hoy porque"
    " und aber also dann jetzt ich wir sie es das heute nun"
    " e mas então agora eu nós ma allora poi adesso io noi oggi"
    " en maar dus dan nu ik wij we het"
    " а но и так вот потом теперь я мы вы он она это если когда сегодня"
    " ve ama şimdi sonra çünkü ben biz bugün"
    " i ale więc teraz potem ja my to dzisiaj"
    " 그래서 그리고 그런데 하지만 그러면 이제 자 오늘은 저는 우리는 여러분 사실 근데"
)
_STARTERS = frozenset(_STARTER_TEXT.split())


def spoken_sentence_ends(words: Sequence[Word]) -> list[tuple[int, SentenceEnd]]:
    """Return the ends of sentences as `sentence_ends` does, with likely ones where nothing is punctuated."""
    if is_punctuated(words):
        return sentence_ends(words)
    scores = [0, *_scores(words), 0]
    ends = dict(end for end in sentence_ends(words) if end[1] != SentenceEnd.FORCED)
    for index in range(1, len(words)):
        if scores[index] >= PAUSE_UNPUNCTUATED_MS:
            ends.setdefault(index, SentenceEnd.PAUSE)
    for first, last in pairwise([0, *sorted(ends)]):
        for index in forced_breaks(
            words, first, last, MAX_UNPUNCTUATED_MS, quality=scores.__getitem__
        ):
            likely = scores[index] >= LIKELY_MS
            ends[index] = SentenceEnd.PAUSE if likely else SentenceEnd.FORCED
    return sorted(ends.items())


def _scores(words: Sequence[Word]) -> list[int]:
    """Return for each gap between two words the evidence that a sentence ends there, in ms."""
    usual = _usual_ms_per_weight(words)
    small = {word.text for word in words if word.text.islower()}
    return [
        _pause_ms(before, after, usual) + _start_ms(after.text, small) - _bound_ms(cost)
        for (before, after), cost in zip(pairwise(words), break_costs(words), strict=True)
    ]


def _usual_ms_per_weight(words: Sequence[Word]) -> float:
    measured = [
        (word.end_ms - word.start_ms) / duration_weight(word.text)
        for word in words
        if not word.estimated and word.text
    ]
    return median(measured) if measured else 0.0


def _pause_ms(before: Word, after: Word, usual: float) -> int:
    """Return the silence before a word, and how much too long the word before it lasts."""
    silence = max(0, after.start_ms - before.end_ms)
    if before.estimated or not usual:
        return silence
    expected = usual * duration_weight(before.text) * USUAL_STRETCH
    return silence + max(0, round(before.end_ms - before.start_ms - expected))


def _start_ms(text: str, small: set[str]) -> int:
    """Return the evidence of a word that a sentence begins with it: a capital that it lacks elsewhere, or its kind."""
    low = text.lower()
    capital = text[:1].isupper() and low in small
    return CAPITAL_MS * capital + STARTER_MS * (low.strip(",") in _STARTERS)


def _bound_ms(cost: float) -> int:
    return BAD_BREAK_MS if cost >= BAD_BREAK_COST else 0
