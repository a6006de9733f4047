"""Candidates, and the choice among them: ranges that may be clips, and the best of them that differ."""

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import TypeVar

from mediakit.suggestions.scoring import Window
from mediakit.suggestions.sentences import Sentence

Candidate = TypeVar("Candidate")

# A clip ends this much after its last word, unless the next one comes earlier.
MAX_TAIL_MS = 350
# The share of the shorter of two clips that may lie in the other.
MAX_OVERLAP = 0.10
# Clips that share more of their runs of three words are the same words twice, such as repeated footage.
MAX_SAME_WORDS, RUN_WORDS = 0.5, 3
# So are clips that begin with the same words, as many as this.
SAME_START_WORDS = 8


def windows(
    sentences: Sequence[Sentence], *, duration_ms: int, min_ms: int, max_ms: int
) -> Iterator[Window]:
    """Yield the ranges of whole sentences of a fitting length that can stand on their own.

    None begins with a word that needs what came before, or with the answer to a question that is left out, and none
    ends with a question.
    """
    for first, sentence in enumerate(sentences):
        if not may_begin(sentences, first):
            continue
        start_ms = max(0, sentence.start_ms - sentence.lead_ms)
        for last in range(first, len(sentences)):
            here = sentences[last]
            end_ms = min(duration_ms, here.end_ms + min(MAX_TAIL_MS, here.pause_after_ms))
            if end_ms - start_ms > max_ms:
                break
            if end_ms - start_ms >= min_ms and not here.is_question:
                yield Window(first, last, start_ms, end_ms)


def may_begin(sentences: Sequence[Sentence], index: int) -> bool:
    """Whether a clip may begin with a sentence."""
    here = sentences[index]
    is_answer = index > 0 and sentences[index - 1].is_question and not here.is_question
    return here.stands_alone and not is_answer


def overlap(first: tuple[int, int], second: tuple[int, int]) -> float:
    """Return the share of the shorter of two ranges that lies in the other."""
    shared = min(first[1], second[1]) - max(first[0], second[0])
    return max(0, shared) / max(1, min(first[1] - first[0], second[1] - second[0]))


def word_runs(tokens: Sequence[str]) -> frozenset[tuple[str, ...]]:
    """Return all runs of RUN_WORDS words."""
    runs = zip(*(islice(tokens, place, None) for place in range(RUN_WORDS)), strict=False)
    return frozenset(runs)


def choose(
    ranked: Sequence[Candidate],
    *,
    count: int,
    span: Callable[[Candidate], tuple[int, int]],
    tokens: Callable[[Candidate], Sequence[str]],
) -> list[Candidate]:
    """Return the first `count` of the ranked candidates that differ from those before in time and in words."""
    chosen: list[Candidate] = []
    starts: set[tuple[str, ...]] = set()
    runs: list[frozenset[tuple[str, ...]]] = []
    for candidate in ranked:
        if len(chosen) == count:
            break
        if any(overlap(span(candidate), span(other)) > MAX_OVERLAP for other in chosen):
            continue
        said = tokens(candidate)
        start, mine = tuple(said[:SAME_START_WORDS]), word_runs(said)
        if start and start in starts:
            continue
        if any(_are_same(mine, other) for other in runs):
            continue
        chosen.append(candidate)
        starts.add(start)
        runs.append(mine)
    return chosen


def _are_same(first: frozenset[tuple[str, ...]], second: frozenset[tuple[str, ...]]) -> bool:
    smaller = min(len(first), len(second))
    return smaller > 0 and len(first & second) > MAX_SAME_WORDS * smaller
