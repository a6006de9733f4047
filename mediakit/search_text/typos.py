"""Corrections of a mistyped word from a list of known words."""

from collections.abc import Iterable, Mapping

from rapidfuzz.distance import OSA

# From how many letters on one and two wrong letters are forgiven.
ONE_FROM, TWO_FROM = 5, 9
MAX_CORRECTIONS = 5


def allowed_edits(word: str) -> int:
    """Return how many edits a word of this length may be from the right one; a wrong first letter counts as two."""
    return 0 if len(word) < ONE_FROM else 1 if len(word) < TWO_FROM else 2


def corrections(word: str, known: Mapping[str, int]) -> list[str]:
    """Return the nearest of the known words (word: occurrences), the most frequent first; [] when none is near.

    An edit inserts, removes or replaces a letter, or swaps two neighbours.
    """
    limit = allowed_edits(word)
    edits = {other: _edits(word, other, limit) for other in _near_length(word, known, limit)}
    best = min(edits.values(), default=limit + 1)
    if best > limit:
        return []
    nearest = [other for other, count in edits.items() if count == best]
    return sorted(nearest, key=lambda other: (-known[other], other))[:MAX_CORRECTIONS]


def _near_length(word: str, known: Iterable[str], limit: int) -> Iterable[str]:
    return (other for other in known if abs(len(other) - len(word)) <= limit and other != word)


def _edits(word: str, other: str, limit: int) -> int:
    edits = OSA.distance(word, other, score_cutoff=limit)
    return edits + (edits > 0 and word[:1] != other[:1])
