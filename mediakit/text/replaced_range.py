"""A transcript in which the words of one range are replaced; those outside keep their times."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from mediakit.text.transcript import Cue, Word, join_words


def replace_range(
    cues: Sequence[Cue], heard: Iterable[Cue], *, start_ms: int, end_ms: int
) -> list[Cue]:
    """Return the cues with what was heard from `start_ms` to `end_ms` instead of what they say there.

    A word belongs to the range in which its middle lies. A cue that lies partly in the range keeps its other words,
    with their times; cues outside stay as they are. Each cue has words.
    """
    kept: list[Cue] = []
    for cue in cues:
        if cue.end_ms <= start_ms or cue.start_ms >= end_ms:
            kept.append(cue)
            continue
        kept += _part(cue, lambda word: _middle(word) < start_ms)
        kept += _part(cue, lambda word: _middle(word) >= end_ms)
    since = max((cue.end_ms for cue in kept if cue.start_ms < start_ms), default=0)
    until = min((cue.start_ms for cue in kept if cue.start_ms >= start_ms), default=None)
    for cue in heard:
        inside = list(_part(cue, lambda word: start_ms <= _middle(word) < end_ms))
        kept += (_within(each, since, until) for each in inside)
    return sorted(kept, key=lambda cue: cue.start_ms)


def _part(cue: Cue, belongs: Callable[[Word], bool]) -> Iterator[Cue]:
    """Yield the cue of the words that belong; the whole cue as it is where all do."""
    words = tuple(word for word in cue.words if belongs(word))
    if len(words) == len(cue.words):
        yield cue
    elif words:
        text = join_words([word.text for word in words])
        yield replace(
            cue, start_ms=words[0].start_ms, end_ms=words[-1].end_ms, text=text, words=words
        )


def _within(cue: Cue, since_ms: int, until_ms: int | None) -> Cue:
    """Return the cue between two times, so that it does not overlap its neighbours."""

    def bound(time_ms: int) -> int:
        later = max(since_ms, time_ms)
        return later if until_ms is None else max(since_ms, min(until_ms, later))

    words = tuple(
        replace(word, start_ms=bound(word.start_ms), end_ms=bound(word.end_ms))
        for word in cue.words
    )
    return replace(cue, start_ms=bound(cue.start_ms), end_ms=bound(cue.end_ms), words=words)


def _middle(word: Word) -> int:
    return (word.start_ms + word.end_ms) // 2
