"""Divide a video into scenes: spans that make sense on their own, for reading and for Shorts.

Every possible cut is a candidate with a cost, every scene length has a cost, and a dynamic programme
finds the cheapest sequence of cuts. The unit of cost is a cut at a plain sentence end with nothing
else in its favour. Times are ms.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from mediakit.probing.frame_rate import MAX_SHORT_MS
from mediakit.text.transcript import (
    Cue,
    SentenceEnd,
    Word,
    estimate_words,
    join_words,
)
from mediakit.text.unpunctuated import spoken_sentence_ends

MIN_SCENE_MS = 5_000
# Lengths in this range cost nothing.
IDEAL_SCENE_MS = (18_000, 36_000)
# Outside it the cost grows with the square of the distance: 0.2 at 15 s, 1.1 at 10 s, 1.4 at 60 s,
# 52 at MAX_SHORT_MS; so a scene leaves 15..60 s only where there is no good cut.
SHORT_COST = 1.0 / 7_500**2
LONG_COST = 1.0 / 20_000**2

# The cost of a cut by its kind. Between two words of a sentence it costs more than a scene of 100 s, and
# inside a word more than the longest scene.
SENTENCE_END_COST = {SentenceEnd.STOP: 1.0, SentenceEnd.PAUSE: 1.5, SentenceEnd.FORCED: 3.0}
BETWEEN_WORDS_COST = 12.0
INSIDE_WORD_COST = 200.0
SILENCE_COST = 1.0
SHOT_COST = 0.5
ARBITRARY_COST = 4.0
# Reductions of the cost: a pause of a second or more, a change of shot, a silence.
PAUSE_BONUS = 0.5
FULL_PAUSE_MS = 1_000
SHOT_BONUS = 0.35
SILENCE_BONUS = 0.15
# A shot change this near the pause still counts, although the cut itself stays inside the pause, ...
SHOT_NEAR_MS = 400
# ... unless it comes just before the pause: the scene would end with a flash of the next shot. A word's
# end is not known more exactly than this (three frames at 25 fps).
MIN_SHOT_FLASH_MS = 120

# A span without words of at least this length can have several cuts.
MIN_WORDLESS_MS = 4_000
# The margin beside the words at the ends of a long span without words.
WORD_MARGIN_MS = 600
# Only the best candidate of each slot is kept; more are added where there is none for this long.
SLOT_MS = 1_500
MAX_CANDIDATE_GAP_MS = 15_000


@dataclass(frozen=True, slots=True)
class SceneSpan:
    """One scene. Its words are `words[first_word:last_word]`; both are equal if it has none."""

    start_ms: int
    end_ms: int
    first_word: int
    last_word: int


@dataclass(frozen=True, slots=True)
class _CutCandidate:
    """A possible cut and its cost."""

    time_ms: int
    cost: float


def build_scenes(
    *,
    duration_ms: int,
    words: Sequence[Word],
    shots_ms: Sequence[int],
    silences_ms: Sequence[tuple[int, int]],
) -> list[SceneSpan]:
    """The scenes from 0 to `duration_ms`, without gaps; every word is in exactly one.

    Scenes end at sentence ends, preferably in a pause at a change of shot. Without words they follow
    shots and silences. No scene is longer than MAX_SHORT_MS, or shorter than MIN_SCENE_MS unless the
    video is. `words` must be in order of time. A video of length 0 has no scenes.
    """
    if duration_ms <= 0:
        return []
    evidence = _CutEvidence(sorted(shots_ms), sorted(silences_ms))
    at_sentences = [*_sentence_candidates(words, duration_ms, evidence)]
    without_words = [*_wordless_candidates(words, duration_ms, evidence)]
    candidates = _best_per_slot([*at_sentences, *without_words], duration_ms)
    cuts = _cheapest_cuts(
        [*candidates, *_fallback_candidates(candidates, words, duration_ms)], duration_ms
    )
    starts = [word.start_ms for word in words]
    firsts = [0, *(bisect_left(starts, cut) for cut in cuts[1:-1]), len(words)]
    return [SceneSpan(cuts[i], cuts[i + 1], firsts[i], firsts[i + 1]) for i in range(len(cuts) - 1)]


class _CutEvidence:
    """Shot changes and silences, searchable by range."""

    def __init__(self, shots_ms: list[int], silences_ms: list[tuple[int, int]]) -> None:
        self._shots = shots_ms
        self._silences = silences_ms
        self._silence_starts = [start for start, _ in silences_ms]

    def shots(self, start_ms: int, end_ms: int) -> list[int]:
        """The shot changes from `start_ms` to `end_ms`, both included."""
        return self._shots[bisect_left(self._shots, start_ms) : bisect_right(self._shots, end_ms)]

    def silences(self, start_ms: int, end_ms: int) -> list[tuple[int, int]]:
        """The silences clipped to the range."""
        # Silences do not overlap, so one more to the left is enough.
        first = max(0, bisect_right(self._silence_starts, start_ms) - 1)
        last = bisect_left(self._silence_starts, end_ms)
        clipped = ((max(a, start_ms), min(b, end_ms)) for a, b in self._silences[first:last])
        return [(a, b) for a, b in clipped if a < b]


def _sentence_candidates(
    words: Sequence[Word], duration_ms: int, evidence: _CutEvidence
) -> Iterable[_CutCandidate]:
    """One candidate in the pause after each sentence."""
    for index, end in spoken_sentence_ends(words)[:-1]:
        before, after = words[index - 1], words[index]
        low, high = min(before.end_ms, after.start_ms), after.start_ms
        if not before.start_ms < high < duration_ms:
            continue  # no time lies between two words that start together
        low = max(low, before.start_ms + 1)
        shots, silences = evidence.shots(low, high), evidence.silences(low, high)
        shots = shots or evidence.shots(max(low - MIN_SHOT_FLASH_MS, before.start_ms + 1), low)
        near = shots or evidence.shots(low - SHOT_NEAR_MS, high + SHOT_NEAR_MS)
        cost = (
            SENTENCE_END_COST[end]
            - PAUSE_BONUS * min(1.0, (high - low) / FULL_PAUSE_MS)
            - (SHOT_BONUS if near else 0.0)
            - (SILENCE_BONUS if silences else 0.0)
        )
        yield _CutCandidate(_best_cut_ms(low, high, shots, silences), cost)


def _best_cut_ms(
    low: int, high: int, shots: Sequence[int], silences: Sequence[tuple[int, int]]
) -> int:
    """Return the cut's time in a pause: at a shot change, else in the middle of a silence, else in the middle.

    In a long pause it is near the next words, so that the scene does not begin with a wait.
    """
    if shots:
        return shots[-1]
    if high - low > MIN_WORDLESS_MS:
        return high - WORD_MARGIN_MS
    if silences:
        start, end = max(silences, key=lambda span: span[1] - span[0])
        return (start + end + 1) // 2
    return (low + high + 1) // 2


def _wordless_candidates(
    words: Sequence[Word], duration_ms: int, evidence: _CutEvidence
) -> Iterable[_CutCandidate]:
    """Shot changes and middles of silences in every long span without words."""
    for low, high in _wordless_spans(words, duration_ms):
        yield from (_CutCandidate(shot, SHOT_COST) for shot in evidence.shots(low, high))
        for start, end in evidence.silences(low, high):
            yield _CutCandidate(
                (start + end) // 2, SILENCE_COST - PAUSE_BONUS * _pause_share(end - start)
            )


def _pause_share(pause_ms: int) -> float:
    return min(1.0, pause_ms / FULL_PAUSE_MS)


def _wordless_spans(words: Sequence[Word], duration_ms: int) -> Iterable[tuple[int, int]]:
    """The long spans without words, with a margin beside the words."""
    words_end = 0
    for word in [*words, Word(duration_ms, duration_ms, "")]:
        if word.start_ms - words_end >= MIN_WORDLESS_MS:
            low = words_end + WORD_MARGIN_MS if words_end else 0
            yield low, word.start_ms - (WORD_MARGIN_MS if word.start_ms < duration_ms else 0)
        words_end = max(words_end, word.end_ms)


def _best_per_slot(candidates: Iterable[_CutCandidate], duration_ms: int) -> list[_CutCandidate]:
    """The cheapest candidate of each slot, in order; never at the video's start or end."""
    slots: dict[int, _CutCandidate] = {}
    for candidate in sorted(candidates, key=lambda candidate: (candidate.cost, candidate.time_ms)):
        if 0 < candidate.time_ms < duration_ms:
            slots.setdefault(candidate.time_ms // SLOT_MS, candidate)
    return [slots[slot] for slot in sorted(slots)]


def _fallback_candidates(
    candidates: Sequence[_CutCandidate], words: Sequence[Word], duration_ms: int
) -> list[_CutCandidate]:
    """Candidates in long gaps without any, so that there is always a solution."""
    starts = [word.start_ms for word in words]
    ends = [word.end_ms for word in words]
    made = []
    times = [0, *(candidate.time_ms for candidate in candidates), duration_ms]
    for low, high in pairwise(times):
        count = (high - low) // MAX_CANDIDATE_GAP_MS
        for number in range(1, count + 1):
            target_ms = low + (high - low) * number // (count + 1)
            made.append(_candidate_near(target_ms, starts, ends))
    return [candidate for candidate in made if 0 < candidate.time_ms < duration_ms]


def _candidate_near(target_ms: int, starts: Sequence[int], ends: Sequence[int]) -> _CutCandidate:
    """A candidate near `target_ms`, between two words if possible."""
    index = bisect_right(starts, target_ms)
    words_end = ends[index - 1] if index else -WORD_MARGIN_MS
    next_start = starts[index] if index < len(starts) else target_ms + WORD_MARGIN_MS
    if words_end <= target_ms:
        quiet = words_end + WORD_MARGIN_MS <= target_ms <= next_start - WORD_MARGIN_MS
        return _CutCandidate(target_ms, ARBITRARY_COST if quiet else BETWEEN_WORDS_COST)
    nearest = min(starts[index - 1 : index + 1], key=lambda time: abs(time - target_ms))
    if abs(nearest - target_ms) <= SLOT_MS:
        return _CutCandidate(nearest, BETWEEN_WORDS_COST)
    return _CutCandidate(target_ms, INSIDE_WORD_COST)


def _length_cost(length_ms: int) -> float:
    """The cost of a scene of that length."""
    low, high = IDEAL_SCENE_MS
    if length_ms < low:
        return SHORT_COST * float((low - length_ms) ** 2)
    return LONG_COST * float((length_ms - high) ** 2) if length_ms > high else 0.0


def _cheapest_cuts(candidates: Iterable[_CutCandidate], duration_ms: int) -> list[int]:
    """The cheapest sequence of cuts from 0 to `duration_ms`, both included."""
    if duration_ms < 2 * MIN_SCENE_MS:
        return [0, duration_ms]
    inner = sorted({candidate.time_ms: candidate.cost for candidate in candidates}.items())
    times = [0, *(time for time, _ in inner), duration_ms]
    costs = [0.0, *(cost for _, cost in inner), 0.0]
    # best[i]: the lowest cost of cuts that end at times[i]; previous[i]: the index of the cut before.
    best, previous = [0.0], [0]
    first = 0
    for here in range(1, len(times)):
        while times[here] - times[first] > MAX_SHORT_MS:
            first += 1
        last = bisect_right(times, times[here] - MIN_SCENE_MS, first, here)
        options = (
            (best[there] + _length_cost(times[here] - times[there]), there)
            for there in range(first, last)
        )
        cost, before = min(options, default=(float("inf"), 0))
        best.append(cost + costs[here])
        previous.append(before)
    cuts = [len(times) - 1]
    while cuts[-1]:
        cuts.append(previous[cuts[-1]])
    return [times[index] for index in reversed(cuts)]


def split_cues(cues: Iterable[Cue], spans: Sequence[SceneSpan]) -> list[Cue]:
    """Split the cues at scene boundaries; each word goes to the scene in which it starts."""
    bounds = [span.start_ms for span in spans[1:]]
    found: list[Cue] = []
    for cue in cues:
        inside = bounds[bisect_right(bounds, cue.start_ms) : bisect_left(bounds, cue.end_ms)]
        found.extend(_split_cue(cue, inside) if inside else [cue])
    return found


def _split_cue(cue: Cue, bounds: Sequence[int]) -> Iterable[Cue]:
    """The parts of the cue between the bounds that have words."""
    words = estimate_words(cue).words
    edges = [cue.start_ms, *bounds, cue.end_ms]
    for start, end in pairwise(edges):
        mine = tuple(
            replace(word, end_ms=min(word.end_ms, end))
            for word in words
            if start <= word.start_ms < end or (word.start_ms == end == cue.end_ms)
        )
        if mine:
            text = cue.text if len(mine) == len(words) else join_words([w.text for w in mine])
            yield replace(cue, start_ms=start, end_ms=end, text=text, words=mine)
