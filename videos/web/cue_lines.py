"""Cues as a page needs them: text, the places of their words in it, and which of the words are doubtful."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from mediakit.text.stored_words import StoredWord, read_words

_MAX_BMP_CHARACTER = (
    "\uffff"  # later characters take two UTF-16 units, which is what JavaScript counts
)
# A word is said to end where the next one begins, except before a pause of this length.
PAUSE_MS = 80


class TextPart(NamedTuple):
    """A piece of a cue's text. Doubtful words that follow one another are one piece."""

    text: str
    is_doubtful: bool


@dataclass(frozen=True, slots=True)
class CueLine:
    """One cue as the page needs it: only text, because a page has thousands of them.

    `span` is `start end` in ms. `words` is `ms,start,length` per word, in UTF-16 units of `text`; a word that is
    followed by a pause has a fourth number, its own ms. It is empty where the times of the words were only estimated,
    or where a word is not found in the text: then the page highlights the whole cue. `parts` is the text in pieces
    where some words are doubtful, and empty elsewhere.
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
    doubtful = [place for place in places if place.word.is_doubtful]
    return CueLine(
        span=f"{cue.start_ms} {cue.end_ms}",
        text=cue.text,
        speaker=cue.speaker,
        words="" if cue.words_estimated else _word_positions(cue, places),
        parts=tuple(_parts(cue.text, places)) if doubtful else (),
        doubtful_count=len(doubtful),
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
    """The text in pieces: runs of doubtful words, and what is between them."""
    at = 0
    for start, end in _runs(places):
        if text[at:start]:
            yield TextPart(text[at:start], is_doubtful=False)
        yield TextPart(text[start:end], is_doubtful=True)
        at = end
    if text[at:]:
        yield TextPart(text[at:], is_doubtful=False)


def _runs(places: Iterable[_Place]) -> list[tuple[int, int]]:
    """Start and end of each run of doubtful words in the text."""
    runs: list[tuple[int, int]] = []
    goes_on = False
    for word, start, end in places:
        if word.is_doubtful:
            runs.append((runs.pop()[0] if goes_on else start, end))
        goes_on = word.is_doubtful
    return runs


def _utf16_length(text: str) -> int:
    """The number of UTF-16 units in the text, which is what JavaScript counts."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
