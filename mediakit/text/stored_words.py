"""Words as rows keep them: JSON lists `[start_ms, end_ms, text]`.

A fourth item is the recogniser's probability, a fifth what it wrote where a glossary or a correction has the word
otherwise, a sixth says that a person corrected the word, and where its time is from (`WordCorrection`). Only this
module knows the shape. Rows of earlier releases, and words that people wrote, have three items.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import starmap
from typing import Any, NamedTuple

from mediakit.text.transcript import Word, WordCorrection

# Below this probability a word is doubtful. Measured on a lecture heard by Whisper base: 22 % of the words lie below
# it, and 69 % of the errors.
DOUBTFUL_PROBABILITY = 0.7


class StoredWord(NamedTuple):
    """One word of a row. `probability` (0 to 1) is None where no recogniser said one."""

    start_ms: int
    end_ms: int
    text: str
    probability: float | None = None
    heard: str = ""
    correction: str = ""

    @property
    def is_doubtful(self) -> bool:
        """Whether the recogniser was not sure of it."""
        return self.probability is not None and self.probability < DOUBTFUL_PROBABILITY


def read_words(stored: Iterable[Sequence[Any]]) -> Iterator[StoredWord]:
    """Yield a row's words. A page has tens of thousands, so they are plain tuples."""
    return starmap(StoredWord, stored)


def words_from_json(stored: Iterable[Sequence[Any]], *, estimated: bool) -> tuple[Word, ...]:
    """Return a row's words. `estimated`: their times were not measured."""
    return tuple(
        Word(
            word.start_ms,
            word.end_ms,
            word.text,
            estimated,
            word.probability,
            word.heard,
            WordCorrection(word.correction) if word.correction else WordCorrection.NONE,
        )
        for word in read_words(stored)
    )


def words_to_json(words: Iterable[Word]) -> list[list[Any]]:
    """Return words as a row keeps them. A probability has two digits: more only cost room."""
    return [[word.start_ms, word.end_ms, word.text, *_measures(word)] for word in words]


def _measures(word: Word) -> list[Any]:
    sure = None if word.probability is None else round(word.probability, 2)
    if word.correction:
        return [sure, word.heard, word.correction.value]
    if word.heard:
        return [sure, word.heard]
    return [] if sure is None else [sure]
