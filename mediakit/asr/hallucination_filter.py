"""Which of a recogniser's words to believe, by what it measured of them.

Recognisers write text for silence and music too. What they are not sure of, what has no voice
under it and what repeats itself is left out; no list of typical phrases is needed.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from mediakit.text.transcript import Word

# What is heard is believed when it is at least this likely; both limits are natural logarithms of
# the mean probability of its tokens.
MIN_AVG_LOGPROB, MIN_AVG_LOGPROB_IN_NOISE = -1.2, -0.7
# The chance of there being no speech above which the stricter limit holds.
MAX_NO_SPEECH_PROB = 0.6
# Text that packs better than this says one thing over and over.
MAX_COMPRESSION_RATIO = 2.4
# The share of its time that must have a voice under it, and of its words that last at all.
MIN_VOICED_SHARE, MIN_TIMED_WORDS_SHARE = 0.25, 0.5
# The same line said more often than this in a row is a loop.
MAX_REPEATS = 2


def is_plausible(segment: Any, voiced: Sequence[tuple[float, float]]) -> bool:
    """Whether a faster-whisper segment was said. `voiced`: spans with a voice, in s."""
    sure = (
        segment.avg_logprob >= MIN_AVG_LOGPROB
        and segment.compression_ratio <= MAX_COMPRESSION_RATIO
    )
    clear = (
        segment.no_speech_prob <= MAX_NO_SPEECH_PROB
        or segment.avg_logprob >= MIN_AVG_LOGPROB_IN_NOISE
    )
    length = segment.end - segment.start
    under = sum(max(0.0, min(segment.end, b) - max(segment.start, a)) for a, b in voiced)
    words = segment.words or ()
    lasting = sum(word.end - word.start > 0.02 for word in words)
    return bool(
        sure
        and clear
        and under >= MIN_VOICED_SHARE * length
        and lasting >= MIN_TIMED_WORDS_SHARE * len(words)
        and any(char.isalnum() for char in segment.text)
    )


class RepeatDetector:
    """Counts how often the same line comes in a row."""

    def __init__(self) -> None:
        self._line = ""
        self._count = 0

    def is_loop(self, text: str) -> bool:
        """Whether the line has come too often; remembers it."""
        line = text.strip().casefold()
        self._count = self._count + 1 if line == self._line else 1
        self._line = line
        return self._count > MAX_REPEATS


def without_overlaps(words: Iterable[Word]) -> list[Word]:
    """Words of which none begins before the one before it has ended."""
    ordered: list[Word] = []
    said_until = 0
    for word in words:
        start = max(word.start_ms, said_until)
        said_until = max(start, word.end_ms)
        ordered.append(Word(start, said_until, word.text, word.estimated))
    return ordered
