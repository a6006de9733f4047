"""Where a cut may go beside a word: into the quiet before or after it, as the sound says.

A recogniser's times are off by up to a tenth of a second, and those of captions by more, so a word's own time only says
where to look.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from mediakit.cutting.cut_time import Span
from mediakit.text.transcript import Word
from mediakit.tightening.quiet import QuietMap

# Of quiet that a word keeps at a cut. Edges move by up to half a frame (20 ms) in the Short.
AIR_MS = 40
# A shorter dip lies inside words; what is longer than the closure of a consonant is a pause for certain.
LEAST_RUN_MS, LIKELY_RUN_MS, PAUSE_RUN_MS = 30, 60, 100
# How far off a recogniser's time may be. A closure in the middle of a word must not pass for the border.
NEAR_MS, CLOSE_MS = 120, 50
# A sound as short as this after a closure, where a word ends, is the release of its last consonant.
CLOSURE_MS, RELEASE_MS = 150, 80
# Where two words run together, the softest place this near to their border.
TOGETHER_MS = 60
# The quiet before the first word and after the last one is looked for in this much.
BESIDE_MS = 1_500


@dataclass(frozen=True, slots=True)
class Border:
    """The border between two words, in ms. Without quiet between them all four times are the same.

    A cut that ends with the word before lies at `end_ms`, one that begins with the word after at `start_ms`; the sound
    of the one ends at `sound_end_ms`, that of the other begins at `sound_start_ms`.
    """

    end_ms: int
    start_ms: int
    sound_end_ms: int
    sound_start_ms: int
    is_pause: bool


def word_borders(words: Sequence[Word], quiet: QuietMap, *, duration_ms: int) -> list[Border]:
    """Return the borders of words in order: before the first, between each two, after the last."""
    if not words:
        return []
    first_ms = max(0, words[0].start_ms - BESIDE_MS)
    last_ms = min(duration_ms, max(words[-1].end_ms, words[-1].start_ms) + BESIDE_MS)
    edges = [Word(first_ms, first_ms, ""), *words, Word(last_ms, last_ms, "")]
    found: list[Border] = []
    before_ms = 0
    for before, after in pairwise(edges):
        border = _border(before, after, quiet, not_before_ms=before_ms)
        found.append(border)
        before_ms = border.start_ms
    return found


def words_as_heard(words: Sequence[Word], quiet: QuietMap, *, duration_ms: int) -> tuple[Word, ...]:
    """Return the words, each shortened to where it is heard, and never longer.

    Recognisers stretch words over the pauses beside them, and a word's middle decides whether a cut keeps it.
    """
    borders = word_borders(words, quiet, duration_ms=duration_ms)
    return tuple(
        _as_heard(word, before, after)
        for word, before, after in zip(words, borders, borders[1:], strict=False)
    )


def _as_heard(word: Word, before: Border, after: Border) -> Word:
    start_ms = max(word.start_ms, before.start_ms) if before.is_pause else word.start_ms
    end_ms = min(word.end_ms, after.end_ms) if after.is_pause else word.end_ms
    return replace(word, start_ms=start_ms, end_ms=end_ms) if start_ms < end_ms else word


def _border(before: Word, after: Word, quiet: QuietMap, *, not_before_ms: int) -> Border:
    low_ms = max(not_before_ms, before.start_ms)
    high_ms = max(low_ms, after.end_ms)
    end_ms = min(before.end_ms, after.start_ms)
    start_ms = max(before.end_ms, after.start_ms)
    near = [
        run
        for run in quiet.quiet_runs(low_ms, high_ms, LEAST_RUN_MS)
        if run[1] > end_ms - _reach(run) and run[0] < start_ms + _reach(run)
    ]
    if not near:
        return _together(quiet, (end_ms, start_ms), (low_ms, high_ms))
    pauses = [run for run in near if run[1] - run[0] >= LIKELY_RUN_MS]
    pauses = _without_closure(pauses, end_ms) or [max(near, key=lambda run: run[1] - run[0])]
    (sound_end_ms, first_end_ms), (last_start_ms, sound_start_ms) = pauses[0], pauses[-1]
    return Border(
        min(sound_end_ms + AIR_MS, (sound_end_ms + first_end_ms) // 2),
        max(sound_start_ms - AIR_MS, (last_start_ms + sound_start_ms) // 2),
        sound_end_ms,
        sound_start_ms,
        is_pause=max(first_end_ms - sound_end_ms, sound_start_ms - last_start_ms) >= PAUSE_RUN_MS,
    )


def _reach(run: Span) -> int:
    """How far from the words' own times a quiet run may lie to be the border."""
    return NEAR_MS if run[1] - run[0] >= PAUSE_RUN_MS else CLOSE_MS


def _without_closure(pauses: list[Span], end_ms: int) -> list[Span]:
    """The pauses without a first one that is the closure of the word's last consonant."""
    if len(pauses) > 1:
        (start_ms, release_ms), (until_ms, _) = pauses[:2]
        is_short = release_ms - start_ms <= CLOSURE_MS and until_ms - release_ms <= RELEASE_MS
        if is_short and release_ms < end_ms + RELEASE_MS:
            return pauses[1:]
    return pauses


def _together(quiet: QuietMap, border: Span, within: Span) -> Border:
    """The border of words without quiet between them: the softest place near it."""
    low_ms = max(within[0], border[0] - TOGETHER_MS)
    high_ms = min(within[1], border[1] + TOGETHER_MS)
    at_ms = quiet.softest_ms(low_ms, high_ms) if low_ms < high_ms else low_ms
    at_ms = min(max(at_ms, within[0]), within[1])
    return Border(at_ms, at_ms, at_ms, at_ms, is_pause=False)
