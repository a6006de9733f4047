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

# What is heard shorter than this is not said there: a vowel alone lasts longer.
_LEAST_WORD_MS = 40


@dataclass(frozen=True, slots=True)
class Replacement:
    """The text that replaces `count` words of a cue (at least one) from number `first` on; empty: they are left out.

    `times` are start and end in ms at which each of its words is heard; empty while that is not known.
    """

    first: int
    count: int
    text: str
    times: tuple[tuple[int, int], ...] = ()


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
        room = _room(cue, words, number + count)
        words += timed_words(old, said, times=found.times, room=room) if found else old
        at, number = end, number + count
    shown = replace(cue, text=text + cue.text[at:], words=tuple(words))
    return CorrectedCue(shown, tuple(segments), cue.words)


def _room(cue: Cue, before: Sequence[Word], following: int) -> tuple[int, int]:
    """Return the time in ms between the words before a place of a cue and word number `following`."""
    until = cue.words[following].start_ms if following < len(cue.words) else cue.end_ms
    since = before[-1].end_ms if before else cue.start_ms
    return since, max(since, until)


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


def timed_words(
    old: Sequence[Word],
    text: str,
    *,
    times: Sequence[tuple[int, int]] = (),
    room: tuple[int, int] | None = None,
) -> list[Word]:
    """Return the words of a text that replaces others, with times.

    Words that are the same at both ends, and words of which each replaces one, keep the time of theirs to the ms. The
    others have the time at which they are heard (`times`, for each word of the text), where that lies in `room`: the
    time in ms that other words leave. Else they share the time of those that they replace by their letters, and are
    marked as spread. No word of a text that a person wrote is doubtful.
    """
    new = tokenize(text)
    head, tail = _same_at_ends(old, new)
    heard = list(times) if len(times) == len(new) else []
    if head + tail == len(old) < len(new):  # words were only put in
        gap = _gap(old, head, room)
        found = _heard([], new[head : len(new) - tail], heard[head : len(new) - tail], gap)
        if found:
            return [*_certain(old[:head]), *found, *_certain(old[head:])]
        # They share the time of a neighbour.
        head, tail = (head - 1, tail) if head else (head, tail - 1)
    middle = old[head : len(old) - tail]
    texts = new[head : len(new) - tail]
    if len(middle) == len(texts):
        timed = _one_by_one(middle, texts)
    else:
        gap = _gap(old, head, room, until=len(old) - tail)
        timed = _heard(middle, texts, heard[head : len(new) - tail], gap) or _spread(middle, texts)
    return [*_certain(old[:head]), *timed, *_certain(old[len(old) - tail :])]


def has_new_words(old: Sequence[Word], text: str) -> bool:
    """Whether a text that replaces words has some whose times only the sound can tell."""
    new = tokenize(text)
    head, tail = _same_at_ends(old, new)
    return len(old) != len(new) and len(new) > head + tail


def _same_at_ends(old: Sequence[Word], new: Sequence[str]) -> tuple[int, int]:
    """Return how many words are the same at the start, and at the end of the others."""
    head = _same_count(old, new)
    return head, _same_count(old[head:][::-1], new[head:][::-1])


def _certain(words: Sequence[Word]) -> list[Word]:
    return [replace(word, probability=None) for word in words]


def _gap(
    old: Sequence[Word], head: int, room: tuple[int, int] | None, *, until: int | None = None
) -> tuple[int, int]:
    """Return the time in ms that the words around old[head:until] leave for others."""
    until = head if until is None else until
    first, last = room or (old[0].start_ms, old[-1].end_ms)
    since = old[head - 1].end_ms if head else first
    return since, old[until].start_ms if until < len(old) else last


def _heard(
    old: Sequence[Word],
    texts: Sequence[str],
    times: Sequence[tuple[int, int]],
    gap: tuple[int, int],
) -> list[Word]:
    """Return words with the times at which they are heard, within the gap; none where one has no room there."""
    since, until = gap
    heard = join_words([word.heard or word.text.strip() for word in old])
    words: list[Word] = []
    for text, (start_ms, end_ms) in zip(texts, times, strict=False):
        first = max(since, min(start_ms, until))
        last = max(first, min(end_ms, until))
        if last - first < _LEAST_WORD_MS:
            return []
        before = "" if words else heard
        words.append(Word(first, last, text, heard=before, correction=WordCorrection.HEARD))
        since = last
    return words


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
