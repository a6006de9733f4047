"""Cues as a page needs them: text, the places of their words in it, and which of the words are doubtful."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, NamedTuple

from mediakit.text.stored_words import StoredWord, read_words
from mediakit.text.transcript import WordCorrection, join_words

_MAX_BMP_CHARACTER = (
    "\uffff"  # later characters take two UTF-16 units, which is what JavaScript counts
)
# A word is said to end where the next one begins, except before a pause of this length.
PAUSE_MS = 80


class TextPart(NamedTuple):
    """A piece of a cue's text. Doubtful words that follow one another are one piece, corrected ones are another.

    Corrected ones are `spread` where a time is estimated. `before` is what was heard instead.
    """

    text: str
    mark: str = ""
    before: str = ""


DOUBTFUL, CORRECTED, SPREAD = "doubtful", "corrected", WordCorrection.SPREAD.value


@dataclass(frozen=True, slots=True)
class CueLine:
    """One cue as the page needs it: only text, because a page has thousands of them.

    `span` is `start end` in ms. `words` is `ms,start,length` per word, in UTF-16 units of `text`; a word that is
    followed by a pause has a fourth number, its own ms. It is empty where the times of the words were only estimated,
    or where a word is not found in the text: then the page highlights the whole cue. `parts` is the text in pieces
    where some words are doubtful or corrected, and empty elsewhere.
    """

    span: str
    text: str
    speaker: str
    words: str
    parts: tuple[TextPart, ...] = ()
    doubtful_count: int = 0


class CueRow(NamedTuple):
    """The columns of a cue that the page reads; building a model instance each would take most of the page's time."""

    start_ms: int
    end_ms: int
    text: str
    speaker: str
    words: list[list[Any]]  # as `mediakit.text.stored_words` reads them
    words_estimated: bool


class _Place(NamedTuple):
    """A word and where it begins in its cue's text."""

    word: StoredWord
    start: int
    end: int


def cue_line(cue: CueRow) -> CueLine:
    """A cue as the page needs it."""
    places = _places(cue)
    marked = [place for place in places if _mark(place.word)]
    return CueLine(
        span=f"{cue.start_ms} {cue.end_ms}",
        text=cue.text,
        speaker=cue.speaker,
        words="" if cue.words_estimated else _word_positions(cue, places),
        parts=tuple(_parts(cue.text, places)) if marked else (),
        doubtful_count=sum(place.word.is_doubtful for place in marked),
    )


def _places(cue: CueRow) -> list[_Place]:
    """The words of a cue in its text; none when one of them is not found there."""
    places: list[_Place] = []
    at = 0
    for stored in read_words(cue.words):
        word = stored.text.strip()
        found = cue.text.find(word, at)
        if found < 0 or not word:
            return []
        at = found + len(word)
        places.append(_Place(stored, found, at))
    return places


def _word_positions(cue: CueRow, places: Sequence[_Place]) -> str:
    """`ms,start,length` for each word of a cue, ms counted from the cue's start; its own ms where a pause follows."""
    if not places:
        return ""
    text = cue.text
    units = len if max(text, default="") <= _MAX_BMP_CHARACTER else _utf16_length
    starts = [place.word.start_ms for place in places[1:]]
    return " ".join(
        f"{max(0, word.start_ms - cue.start_ms)},{units(text[:start])},{units(text[start:end])}"
        + (f",{word.end_ms - word.start_ms}" if next_ms - word.end_ms >= PAUSE_MS else "")
        for (word, start, end), next_ms in zip(places, [*starts, cue.end_ms], strict=True)
    )


def _parts(text: str, places: Sequence[_Place]) -> Iterable[TextPart]:
    """The text in pieces: runs of words with the same mark, and what is between them."""
    at = 0
    for mark, run in groupby(places, key=lambda place: _mark(place.word)):
        if not mark:
            continue
        words = list(run)
        start, end = words[0].start, words[-1].end
        if text[at:start]:
            yield TextPart(text[at:start])
        is_spread = any(place.word.correction == SPREAD for place in words)
        before = join_words([place.word.heard for place in words if place.word.heard])
        shown = SPREAD if is_spread else mark
        yield TextPart(text[start:end], shown, before if mark == CORRECTED else "")
        at = end
    if text[at:]:
        yield TextPart(text[at:])


def _mark(word: StoredWord) -> str:
    if word.correction:
        return CORRECTED
    return DOUBTFUL if word.is_doubtful else ""


def _utf16_length(text: str) -> int:
    """The number of UTF-16 units in the text, which is what JavaScript counts."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
