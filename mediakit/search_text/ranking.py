"""Ranking of found rows by their indexed text. It is the same for every database."""

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from itertools import pairwise
from math import log

from mediakit.search_text.query import Phrase, Query, Term

# As in BM25: how fast further occurrences count less, and how much the length of a text counts.
SATURATION, LENGTH_WEIGHT = 1.2, 0.5
# A usual scene's indexed text, in characters; only the ratio to it counts.
USUAL_CHARS = 800
# Words this near to each other (in characters of indexed text) count as said together.
NEAR_CHARS = 60


def phrase_pattern(phrase: Phrase) -> str:
    """Return the regular expression of a phrase in an indexed text that has a space at both ends."""
    words = " ".join(map(re.escape, phrase.tokens))
    return f" {words}{'[^ ]*' if phrase.is_prefix else ''}(?= )"


@lru_cache(maxsize=256)
def term_patterns(term: Term) -> tuple[re.Pattern[str], ...]:
    """Return patterns of the term's phrases in an indexed text that has a space at both ends.

    Phrases that begin alike are one pattern: their beginning is searched for before the rest is compared.
    """
    alike: dict[str, list[str]] = defaultdict(list)
    for phrase in term.phrases:
        alike[phrase.tokens[0][:2]].append(phrase_pattern(phrase))
    return tuple(re.compile("|".join(patterns)) for patterns in alike.values())


def _occurs(term: Term, spaced: str) -> bool:
    return any(pattern.search(spaced) for pattern in term_patterns(term))


def matches(query: Query, body: str) -> bool:
    """Whether an indexed text matches the query, as a database's index says it."""
    spaced = f" {body} "
    return all(_occurs(term, spaced) for term in query.required) and not any(
        _occurs(term, spaced) for term in query.excluded
    )


class Ranker:
    """Scores indexed texts for the required terms of a query."""

    def __init__(self, terms: Sequence[Term]) -> None:
        """Prepare the patterns of the terms."""
        self._finders = [_finder(term) for term in terms]

    def scores(self, bodies: Sequence[str]) -> list[float]:
        """Return the score of each text, larger is better. The rarer term weighs more.

        1. Each term counts by its occurrences, with less for each further one and for a long text.
        2. Terms near to each other, and in the order of the query, add to that.
        """
        spaced = [f" {body} " for body in bodies]
        places = [[find(body) for find in self._finders] for body in spaced]
        totals = [sum(len(row[at]) for row in places) for at in range(len(self._finders))]
        weights = [1 + 1 / (1 + log(1 + total)) for total in totals]
        return [
            self._score(row, len(body), weights) for row, body in zip(places, bodies, strict=True)
        ]

    @staticmethod
    def _score(places: Sequence[Sequence[int]], chars: int, weights: Sequence[float]) -> float:
        length = SATURATION * (1 - LENGTH_WEIGHT + LENGTH_WEIGHT * chars / USUAL_CHARS)
        score = sum(
            weight * len(found) / (len(found) + length)
            for weight, found in zip(weights, places, strict=True)
        )
        for before, after in pairwise(places):
            score += nearness(before, after)
        return round(score, 6)


def _finder(term: Term) -> Callable[[str], list[int]]:
    """Return what lists the places of a term in an indexed text that has a space at both ends."""
    if len(term.phrases) == 1 and not term.phrases[0].is_prefix:
        return partial(_places, f" {' '.join(term.phrases[0].tokens)} ")
    patterns = term_patterns(term)
    return lambda body: sorted(m.start() for pattern in patterns for m in pattern.finditer(body))


def _places(spaced_words: str, body: str) -> list[int]:
    """Return the places of words, which quick search finds where a pattern is not needed."""
    found, at = [], body.find(spaced_words)
    while at >= 0:
        found.append(at)
        at = body.find(spaced_words, at + len(spaced_words) - 1)
    return found


def nearness(before: Sequence[int], after: Sequence[int]) -> float:
    """Return 0 to 1: how near the second word comes to the first, half of that where it comes before it."""
    best = 0.0
    for place in before:
        at = bisect_left(after, place)
        if at < len(after):
            best = max(best, 1 - (after[at] - place) / NEAR_CHARS)
        if at:
            best = max(best, (1 - (place - after[at - 1]) / NEAR_CHARS) / 2)
    return best
