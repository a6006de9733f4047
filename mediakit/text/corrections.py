"""Words that a person corrected: the text and the word times of a cue in which some words read otherwise."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from mediakit.text.transcript import (
    Cue,
    Word,
    WordCorrection,
    duration_weight,
    estimate_words,
    join_words,
    tokenize,
)


@dataclass(frozen=True, slots=True)
class Replacement:
    """The text that replaces `count` words of a cue (at least one) from number `first` on; empty: they are left out."""

    first: int
    count: int
    text: str


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of a corrected cue's text and the words of the uncorrected cue that it stands for.

    One word as it was, or a whole replacement.
    """

    start: int
    end: int
    first: int
    count: int
    replacement: Replacement | None


@dataclass(frozen=True, slots=True)
class CorrectedCue:
    """A cue with its replacements, the segments of its text in order, and the words that it had before."""

    cue: Cue
    segments: tuple[Segment, ...]
    uncorrected: tuple[Word, ...] = ()


@dataclass(frozen=True, slots=True)
class Edit:
    """A change of whole words: `was` is their text before it. `covered` are earlier replacements that it includes."""

    replacement: Replacement
    was: str
    covered: tuple[Replacement, ...]


def word_places(text: str, words: Sequence[Word]) -> list[tuple[int, int]] | None:
    """Return start and end of each word in the text of its cue; None when one is not found there."""
    places: list[tuple[int, int]] = []
    at = 0
    for word in words:
        said = word.text.strip()
        start = text.find(said, at)
        if start < 0 or not said:
            return None
        at = start + len(said)
        places.append((start, at))
    return places


def corrected_cue(cue: Cue, replacements: Iterable[Replacement]) -> CorrectedCue:
    """Return the cue with the replacements, which do not overlap. Other words and the space between them stay.

    A cue whose words are not all found in its text gets the text of its words.
    """
    cue = estimate_words(cue)
    places = word_places(cue.text, cue.words)
    if places is None:
        cue = replace(cue, text=join_words([word.text.strip() for word in cue.words]))
        places = word_places(cue.text, cue.words) or []
    if not places:
        return CorrectedCue(cue, ())
    starting = {each.first: each for each in replacements}
    text, words = "", list[Word]()
    segments, at, number = list[Segment](), 0, 0
    while number < len(cue.words):
        found = starting.get(number)
        count = found.count if found else 1
        start, end = places[number][0], places[number + count - 1][1]
        said = found.text if found else cue.text[start:end]
        if said:  # what is left out takes the space before it along
            text += cue.text[at:start] if text or at == 0 else ""
        segments.append(Segment(len(text), len(text) + len(said), number, count, found))
        text += said
        old = cue.words[number : number + count]
        words += timed_words(old, said) if found else old
        at, number = end, number + count
    shown = replace(cue, text=text + cue.text[at:], words=tuple(words))
    return CorrectedCue(shown, tuple(segments), cue.words)


def whole_words(corrected: CorrectedCue, start: int, was: str, text: str) -> Edit | None:
    """Return the change of `was` at an offset of the text to `text` as one of whole words; None if it touches none.

    A word that is touched in part keeps its other letters, and an earlier replacement is part of the change as a whole.
    """
    shown, end = corrected.cue.text, start + len(was)
    touched = [each for each in corrected.segments if each.start < end and start < each.end]
    if not touched:
        return None
    first, last = touched[0], touched[-1]
    within = [s for s in corrected.segments if first.first <= s.first <= last.first]
    before = shown[first.start : max(first.start, start)]
    after = shown[min(last.end, end) : last.end]
    return Edit(
        Replacement(
            first.first, last.first + last.count - first.first, f"{before}{text}{after}".strip()
        ),
        was=shown[first.start : last.end],
        covered=tuple(each.replacement for each in within if each.replacement),
    )


def timed_words(old: Sequence[Word], text: str) -> list[Word]:
    """Return the words of a text that replaces others, with times.

    Words that are the same at both ends, and words of which each replaces one, keep the time of theirs to the ms. The
    others share the time of those that they replace by their letters, and are marked as spread. No word of a text
    that a person wrote is doubtful.
    """
    new = tokenize(text)
    head = _same_count(old, new)
    tail = _same_count(old[head:][::-1], new[head:][::-1])
    if (
        head + tail == len(old) < len(new)
    ):  # words were only put in: they share the time of a neighbour
        head, tail = (head - 1, tail) if head else (head, tail - 1)
    middle = old[head : len(old) - tail]
    texts = new[head : len(new) - tail]
    return [
        *(replace(word, probability=None) for word in old[:head]),
        *(_one_by_one(middle, texts) if len(middle) == len(texts) else _spread(middle, texts)),
        *(replace(word, probability=None) for word in old[len(old) - tail :]),
    ]


def _same_count(old: Sequence[Word], new: Sequence[str]) -> int:
    """Return how many words are the same from the start on."""
    pairs = zip(old, new, strict=False)
    return next(
        (at for at, (word, text) in enumerate(pairs) if word.text.strip() != text),
        min(len(old), len(new)),
    )


def _one_by_one(old: Sequence[Word], texts: Sequence[str]) -> list[Word]:
    return [
        replace(
            word,
            text=text,
            probability=None,
            heard=word.heard or word.text.strip(),
            correction=WordCorrection.TIMED,
        )
        if word.text.strip() != text
        else replace(word, probability=None)
        for word, text in zip(old, texts, strict=True)
    ]


def _spread(old: Sequence[Word], texts: Sequence[str]) -> list[Word]:
    """Return words that share the time of the old ones; the first says what was heard instead of all of them."""
    if not texts:
        return []
    heard = join_words([word.heard or word.text.strip() for word in old])
    start_ms, end_ms = old[0].start_ms, max(old[-1].end_ms, old[0].start_ms)
    weights = [duration_weight(text) for text in texts]
    total, done = sum(weights), 0
    words: list[Word] = []
    for text, weight in zip(texts, weights, strict=True):
        first = start_ms + (end_ms - start_ms) * done // total
        done += weight
        last = start_ms + (end_ms - start_ms) * done // total
        words.append(
            Word(
                first,
                last,
                text,
                old[0].estimated,
                heard="" if words else heard,
                correction=WordCorrection.SPREAD,
            )
        )
    return words
