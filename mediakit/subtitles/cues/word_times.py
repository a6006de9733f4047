"""Words with the times that a captions file gives them, and cues in which several people speak."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate, groupby

from mediakit.subtitles.cues.markup import normalize_text
from mediakit.subtitles.cues.raw_cues import RawCue
from mediakit.text.transcript import (
    Word,
    duration_weight,
    is_unspaced,
    join_words,
    spread_words,
    tokenize,
)

# Where a file does not say when a text ends: this long, and this much for each letter.
_LEAST_SHOWN_MS = 2_000
_LETTER_MS = 160


def stamped_words(parts: Sequence[tuple[int, str]], end_ms: int) -> tuple[Word, ...]:
    """Return the words of parts that each begin at a time and last until the next part; none if times decrease.

    Several words of one part share its time, and are estimated.
    """
    said = [(at, text.strip()) for at, text in parts if text.strip()]
    edges = [*(at for at, _ in said), end_ms]
    if edges != sorted(edges):
        return ()
    words: list[Word] = []
    for number, (at, text) in enumerate(said):
        if len(tokenize(text)) == 1:
            words.append(Word(at, edges[number + 1], text))
        else:
            words += spread_words(text, at, edges[number + 1])
    return tuple(words)


def syllable_words(syllables: Sequence[tuple[int, int, str]]) -> tuple[Word, ...]:
    """Return words from sung syllables (start and end in ms, text as written, with its spaces).

    A word lasts from its first syllable to its last. Scripts without spaces have a word for each syllable.
    """
    text = "".join(syllable for _, _, syllable in syllables)
    if is_unspaced(text):
        return tuple(Word(a, b, said.strip()) for a, b, said in syllables if said.strip())
    ends = list(accumulate(len(syllable) for _, _, syllable in syllables))
    words, at = [], 0
    for piece in text.split():
        first = text.index(piece, at)
        at = first + len(piece)
        start_ms = syllables[bisect_right(ends, first)][0]
        words.append(Word(start_ms, syllables[bisect_right(ends, at - 1)][1], piece))
    return tuple(words)


def filled_words(
    timed: Sequence[tuple[int | None, int | None, str]], start_ms: int, end_ms: int
) -> tuple[Word, ...]:
    """Return words of which some have no time; those share the time between their neighbours.

    None if most have no time: then the cue's own time says more.
    """
    if sum(None not in word[:2] for word in timed) * 2 < len(timed):
        return ()
    words: list[Word] = []
    for is_timed, group in groupby(timed, key=lambda word: None not in word[:2]):
        run = list(group)
        if is_timed:
            words += [Word(a or 0, max(a or 0, b or 0), said) for a, b, said in run]
            continue
        before = words[-1].end_ms if words else start_ms
        last = len(words) + len(run)
        after = timed[last][0] if last < len(timed) else end_ms
        words += _shared_words([said for _, _, said in run], before, max(before, after or 0))
    return tuple(words)


def _shared_words(texts: Sequence[str], start_ms: int, end_ms: int) -> list[Word]:
    edges = shares_ms(texts, start_ms, end_ms)
    return [Word(edges[at], edges[at + 1], text) for at, text in enumerate(texts)]


def shares_ms(texts: Sequence[str], start_ms: int, end_ms: int) -> list[int]:
    """Return the edges in ms at which texts follow one another between two times, by how long each takes to say."""
    weights = [sum(map(duration_weight, tokenize(text))) or 1 for text in texts]
    total, length = sum(weights), end_ms - start_ms
    return [start_ms, *(start_ms + length * done // total for done in accumulate(weights))]


def cues_by_speaker(cue: RawCue, parts: Sequence[tuple[str, str]]) -> list[RawCue]:
    """Return a cue as one for each speaker's turn: `parts` are its (speaker, text) in order.

    Turns follow one another: by their words' times where the cue has words, else by shares of the cue's time.
    """
    turns = [
        (speaker, normalize_text("".join(text for _, text in group)))
        for speaker, group in groupby(parts, key=lambda part: part[0])
    ]
    turns = [(speaker, text) for speaker, text in turns if text]
    if len({speaker for speaker, _ in turns}) < 2:
        return [replace(cue, speaker=turns[0][0] if turns else cue.speaker)]
    edges = shares_ms([text for _, text in turns], cue.start_ms, cue.end_ms)
    counts = list(accumulate((len(text.split()) for _, text in turns), initial=0))
    if len(cue.words) != counts[-1]:
        return [
            replace(cue, start_ms=a, end_ms=b, text=text, words=(), speaker=speaker)
            for (speaker, text), a, b in zip(turns, edges, edges[1:], strict=False)
        ]
    return [
        spoken_turn(cue.line, cue.words[counts[at] : counts[at + 1]], speaker, text=text)
        for at, (speaker, text) in enumerate(turns)
    ]


def spoken_turn(line: int, words: Sequence[Word], speaker: str, *, text: str = "") -> RawCue:
    """Return the cue of one speaker's words; its text is theirs unless it is given."""
    text = text or normalize_text(join_words([word.text for word in words]))
    return RawCue(line, words[0].start_ms, words[-1].end_ms, text, tuple(words), speaker)


def with_open_ends(cues: Sequence[RawCue], open_ends: set[int]) -> list[RawCue]:
    """Return the cues, in order of time, with an end for those (by index) whose file says none.

    Such a cue ends where the next one begins, and no later than its text takes to be said slowly.
    """
    closed = []
    for at, cue in enumerate(cues):
        if at in open_ends:
            longest = cue.start_ms + _LEAST_SHOWN_MS + _LETTER_MS * len(cue.text)
            following = cues[at + 1].start_ms if at + 1 < len(cues) else longest
            cue = replace(cue, end_ms=max(cue.start_ms, min(longest, following)))  # noqa: PLW2901
        closed.append(cue)
    return closed
