"""Where a voice puts emphasis: a sentence that begins louder than the others do."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from statistics import median

from mediakit.asr.speech_index import STEP_MS, SpeechIndex
from mediakit.framing.people.speech import Span

SENTENCE_ENDS = tuple(".!?…。！？।؟")
# A pause of this length ends a phrase; a shorter phrase has no room for emphasis.
PAUSE_MS, MIN_PHRASE_MS = 350, 1_200
# How loud a phrase begins: the loudest fifth of a second of its first 0.8 s.
OPENING_MS, SMOOTHING_MS = 800, 200
# So much louder than the openings of the other phrases, of which there must be a few to compare with.
MIN_STRESS_DB, MIN_PHRASES = 2.5, 4
MAX_EMPHASIS_MS, APART_MS = 4_000, 2_000
# With a transcript a phrase counts only if one of its sentences begins as near as this.
SENTENCE_MS = 500


def emphasised_ms(
    index: SpeechIndex, start_ms: int, end_ms: int, sentences_ms: Sequence[int] = ()
) -> list[Span]:
    """The spans of emphasis between two times of a video, in order and at least APART_MS apart.

    `sentences_ms` are the times at which sentences begin; without any every phrase after a pause is one. The most
    stressed come first where two are too near to one another. Each ends with its phrase, or after MAX_EMPHASIS_MS.
    """
    phrases = _phrases(index.voice_spans_ms(start_ms, end_ms))
    if len(phrases) < MIN_PHRASES:
        return []
    openings = [_opening_db(index, phrase[0]) for phrase in phrases]
    usual = median(openings)
    stressed = sorted(
        (usual - opening, phrase)
        for opening, phrase in zip(openings, phrases, strict=True)
        if opening - usual >= MIN_STRESS_DB and _begins_sentence(phrase[0], sentences_ms)
    )
    found: list[Span] = []
    for _, (low, high) in stressed:
        span = (low, min(high, low + MAX_EMPHASIS_MS))
        if all(span[0] - b >= APART_MS or a - span[1] >= APART_MS for a, b in found):
            found.append(span)
    return sorted(found)


def sentence_starts_ms(words: Iterable[tuple[int, str]]) -> list[int]:
    """When sentences begin, given when each word begins (ms) and the word."""
    known = [(-1, SENTENCE_ENDS[0]), *words]
    return [
        after_ms
        for (_, before), (after_ms, _) in pairwise(known)
        if before.strip().endswith(SENTENCE_ENDS)
    ]


def _phrases(voice_ms: Sequence[Span]) -> list[Span]:
    """The spans of the voice, joined over pauses that end no phrase, but for the short ones."""
    joined: list[Span] = []
    for low, high in voice_ms:
        if joined and low - joined[-1][1] < PAUSE_MS:
            joined[-1] = (joined[-1][0], high)
        else:
            joined.append((low, high))
    return [phrase for phrase in joined if phrase[1] - phrase[0] >= MIN_PHRASE_MS]


def _opening_db(index: SpeechIndex, start_ms: int) -> float:
    first, width = start_ms // STEP_MS, SMOOTHING_MS // STEP_MS
    levels = [index.level_db(first + step) for step in range(OPENING_MS // STEP_MS)]
    return max(sum(levels[i : i + width]) / width for i in range(len(levels) - width + 1))


def _begins_sentence(at_ms: int, sentences_ms: Sequence[int]) -> bool:
    return not sentences_ms or any(abs(at_ms - start) <= SENTENCE_MS for start in sentences_ms)
