"""Finding the words that a correction was made for, in the same transcript or in one that was made anew.

Times of a new transcript may differ by a moment and its words by a letter; lines may begin elsewhere.
"""

import unicodedata
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from rapidfuzz.distance import Levenshtein

from mediakit.text.corrections import Replacement
from mediakit.text.transcript import Cue, Word, estimate_words, join_words, tokenize

# How far words may have moved. Recognisers differ by some 100 ms; captions by people by a second.
NEAR_MS = 2_000
# Words this similar (1: the same letters) to those that were corrected are the same ones, if they moved less than that.
SIMILAR, SIMILAR_MS = 0.75, 1_000
# A cue is at most this long for the search of cues at a moment; longer ones are found only by their start.
LONGEST_CUE_MS = 60_000


@dataclass(frozen=True, slots=True)
class Correction:
    """What a person wrote (`text`) for the words `heard` from `start_ms` to `end_ms`."""

    start_ms: int
    end_ms: int
    heard: str
    text: str


@dataclass(frozen=True, slots=True)
class _Place:
    """A word and the cue that it is in."""

    cue: int
    number: int
    word: Word


class CuePlaces:
    """The words of a transcript in which corrections find theirs, each word for one correction only."""

    def __init__(self, cues: Sequence[Cue]) -> None:
        self._cues = cues
        self._starts = [cue.start_ms for cue in cues]
        self._taken: set[tuple[int, int]] = set()

    def take(self, correction: Correction) -> dict[int, Replacement] | None:
        """Return the replacement of each cue that has words of the correction; None when they are not there.

        Where the words lie in two cues by now, each gets its share of the text. Words that say already what the
        correction says are its words too.
        """
        near = list(self._near(correction))
        run = (
            _exact(near, correction, correction.heard)
            or _exact(near, correction, correction.text)
            or _similar(near, correction)
        )
        if not run:
            return None
        self._taken.update((place.cue, place.number) for place in run)
        counts = Counter(place.cue for place in run)
        texts = shared_text(correction.text, list(counts.values()))
        firsts = {place.cue: place.number for place in reversed(run)}
        return {
            cue: Replacement(firsts[cue], count, text)
            for (cue, count), text in zip(counts.items(), texts, strict=True)
        }

    def _near(self, correction: Correction) -> Iterator[_Place]:
        low = bisect_left(self._starts, correction.start_ms - NEAR_MS - LONGEST_CUE_MS)
        high = bisect_right(self._starts, correction.end_ms + NEAR_MS)
        for at in range(low, high):
            cue = self._cues[at]
            if cue.end_ms < correction.start_ms - NEAR_MS:
                continue
            for number, word in enumerate(estimate_words(cue).words):
                if (at, number) not in self._taken:
                    yield _Place(at, number, word)


def _exact(near: Sequence[_Place], correction: Correction, text: str) -> list[_Place]:
    """Return the nearest run of words with the letters of the text, at most NEAR_MS away; empty if there is none."""
    wanted = letters(text)
    runs = [run for at in range(len(near)) if (run := _run_from(near, at, wanted))]
    close = [run for run in runs if _distance_ms(run, correction) <= 2 * NEAR_MS]
    return min(close, key=lambda run: _distance_ms(run, correction), default=[])


def _run_from(near: Sequence[_Place], first: int, wanted: str) -> list[_Place]:
    said = ""
    for last in range(first, len(near)):
        said += letters(near[last].word.text)
        if not wanted.startswith(said):
            break
        if wanted and said == wanted:
            return list(near[first : last + 1])
    return []


def _distance_ms(run: Sequence[_Place], correction: Correction) -> int:
    first, last = run[0].word, run[-1].word
    return abs(first.start_ms - correction.start_ms) + abs(last.end_ms - correction.end_ms)


def _similar(near: Sequence[_Place], correction: Correction) -> list[_Place]:
    """Return the run most like what was heard or written, about where that was; empty if none is like it."""
    wanted = [text for each in (correction.heard, correction.text) if (text := letters(each))]
    best: tuple[float, int, list[_Place]] = (SIMILAR, 0, [])
    for run in _runs_about(near, correction, longest=2 * max(map(len, wanted), default=0)):
        said = letters("".join(place.word.text for place in run))
        likeness = max(Levenshtein.normalized_similarity(said, text) for text in wanted)
        best = max(best, (likeness, -_distance_ms(run, correction), run), key=lambda one: one[:2])
    return best[2]


def _runs_about(
    near: Sequence[_Place], correction: Correction, *, longest: int
) -> Iterator[list[_Place]]:
    """Yield the runs of at most so many letters whose middle is at most SIMILAR_MS from the correction's."""
    middle = correction.start_ms + correction.end_ms
    for first in range(len(near)):
        length = 0
        for last in range(first, len(near)):
            length += len(letters(near[last].word.text))
            if length > longest:
                break
            run_middle = near[first].word.start_ms + near[last].word.end_ms
            if length and abs(run_middle - middle) <= 2 * SIMILAR_MS:
                yield list(near[first : last + 1])


def shared_text(text: str, counts: Sequence[int]) -> list[str]:
    """Share a text that replaces so many words of each cue: as many of its words to each, or in proportion."""
    if len(counts) == 1:
        return [text]
    words = tokenize(text)
    ends = [share_of(words, sum(counts[: at + 1]), sum(counts)) for at in range(len(counts))]
    return [join_words(words[start:end]) for start, end in pairwise([0, *ends])]


def share_of(words: Sequence[str], part: int, whole: int) -> int:
    """Return how many words of a text stand for the first `part` of `whole` words that it replaces."""
    return (2 * len(words) * part + whole) // (2 * whole)


def letters(text: str) -> str:
    """Return the letters and digits of a text without case; all of it but spaces where it has none of them."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(filter(str.isalnum, folded)) or "".join(folded.split())
