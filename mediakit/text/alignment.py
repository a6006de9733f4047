"""Times for a text that was written without them: its words are aligned with those that were heard."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise

from rapidfuzz.distance import Levenshtein

from mediakit.text.transcript import (
    Cue,
    Word,
    duration_weight,
    is_unspaced,
    split_into_lines,
    tokenize,
)

# A longer line of the text becomes several lines of the transcript.
MAX_LINE_CHARS = 160
# Words between two that were heard count as measured if these are not further apart.
_MEASURED_GAP_MS = 2_000


@dataclass(frozen=True, slots=True)
class AlignedText:
    """The lines of a text as cues, and the share of the text (0 to 1) that was heard as it is written."""

    cues: tuple[Cue, ...]
    matched: float


@dataclass(frozen=True, slots=True)
class _Unit:
    """What is compared: a word, or a character of a script without spaces. `word` is the index of its word."""

    key: str
    word: int
    start_ms: int = 0
    end_ms: int = 0


def align_lines(lines: Sequence[tuple[str, str]], heard: Sequence[Word]) -> AlignedText:
    """Return lines, each a (speaker, text), with the times at which their words were heard.

    A word that was heard differently gets the time of what was heard in its place; words that were not heard share the
    time between their neighbours, and are estimated where that is long. Times never decrease. The work grows with the
    product of both lengths, 64 words at a time.
    """
    tokens = [(at, token) for at, (_, text) in enumerate(lines) for token in tokenize(text)]
    units = _units([token for _, token in tokens])
    sounds = [
        replace(unit, start_ms=a, end_ms=b)
        for unit, (a, b) in zip(
            _units([word.text for word in heard]), _unit_times(heard), strict=True
        )
    ]
    spans, matched = _spans(units, sounds)
    words = _words(tokens, units, spans, end_ms=max((w.end_ms for w in heard), default=0))
    cues: list[Cue] = []
    for at, group in groupby(zip(tokens, words, strict=True), key=lambda pair: pair[0][0]):
        speaker, text = lines[at]
        own = [word for _, word in group]
        cues += (replace(cue, speaker=speaker) for cue in _line_cues(text, own))
    return AlignedText(tuple(cues), matched / len(units) if units else 0.0)


def _units(words: Sequence[str]) -> list[_Unit]:
    """Return the units of words in order; a word without letters has one that matches nothing."""
    return [_Unit(key, number) for number, word in enumerate(words) for key in _keys(word)]


def _keys(word: str) -> list[str]:
    letters = "".join(char for char in word.casefold() if char.isalnum())
    return list(letters) if is_unspaced(letters) else [letters]


def _unit_times(heard: Sequence[Word]) -> Iterator[tuple[int, int]]:
    """Yield start and end of each unit: those of one word share its time evenly."""
    for word in heard:
        count = len(_keys(word.text))
        length = word.end_ms - word.start_ms
        edges = [word.start_ms + length * at // count for at in range(count + 1)]
        yield from pairwise(edges)


def _spans(
    units: Sequence[_Unit], sounds: Sequence[_Unit]
) -> tuple[list[tuple[int, int] | None], int]:
    """Return start and end in ms of each unit, None for one that was not heard; and how many were heard as written."""
    spans: list[tuple[int, int] | None] = [None] * len(units)
    matched = 0
    steps = Levenshtein.opcodes([unit.key for unit in units], [unit.key for unit in sounds])
    for step in steps:
        if step.tag not in {"equal", "replace"}:
            continue
        pairs = zip(
            range(step.src_start, step.src_end), range(step.dest_start, step.dest_end), strict=True
        )
        for at, other in pairs:
            spans[at] = (sounds[other].start_ms, sounds[other].end_ms)
            matched += step.tag == "equal" and bool(units[at].key)
    return spans, matched


def _words(
    tokens: Sequence[tuple[int, str]],
    units: Sequence[_Unit],
    spans: Sequence[tuple[int, int] | None],
    *,
    end_ms: int,
) -> list[Word]:
    """Return the words of the text with times; runs of words that were not heard share the time around them."""
    known: dict[int, list[tuple[int, int]]] = {}
    for unit, span in zip(units, spans, strict=True):
        if span is not None:
            known.setdefault(unit.word, []).append(span)
    words: list[Word] = []
    last_ms = 0
    for is_known, group in groupby(range(len(tokens)), key=lambda at: at in known):
        run = list(group)
        if is_known:
            for at in run:
                start = max(last_ms, known[at][0][0])
                last_ms = max(start, known[at][-1][1])
                words.append(Word(start, last_ms, tokens[at][1]))
            continue
        following = known[run[-1] + 1][0][0] if run[-1] + 1 < len(tokens) else end_ms
        words += _shared(run, tokens, last_ms, max(last_ms, following))
        last_ms = max(last_ms, following)
    return words


def _shared(
    run: Sequence[int], tokens: Sequence[tuple[int, str]], start_ms: int, end_ms: int
) -> Iterator[Word]:
    weights = [duration_weight(tokens[at][1]) for at in run]
    total, done, length = sum(weights), 0, end_ms - start_ms
    for at, weight in zip(run, weights, strict=True):
        first = start_ms + length * done // total
        done += weight
        last = start_ms + length * done // total
        yield Word(first, last, tokens[at][1], estimated=length > _MEASURED_GAP_MS)


def _line_cues(text: str, words: Sequence[Word]) -> list[Cue]:
    """Return a line as one cue, or a long line as several."""
    if len(text) > MAX_LINE_CHARS:
        return split_into_lines(words)
    return [Cue(words[0].start_ms, words[-1].end_ms, text, tuple(words))]
