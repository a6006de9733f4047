"""Which of a recogniser's words to believe, by what it measured of them.

Recognisers write text for silence and music too. What they are not sure of, what has no voice
under it and what repeats itself is left out; no list of typical phrases is needed.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from mediakit.text.transcript import Word

# What is heard is believed when it is at least this likely; both limits are natural logarithms of
# the mean probability of its tokens.
SURE_ENOUGH, SURE_IN_NOISE = -1.2, -0.7
# The chance of there being no speech above which the stricter limit holds.
NOISE = 0.6
# Text that packs better than this says one thing over and over.
PACKED = 2.4
# The share of its time that must have a voice under it, and of its words that last at all.
LEAST_VOICED, LEAST_LASTING = 0.25, 0.5
# The same line said more often than this in a row is a loop.
MOST_REPEATS = 2


def is_believable(segment: Any, voiced: Sequence[tuple[float, float]]) -> bool:
    """Whether a faster-whisper segment was said. `voiced`: spans with a voice, in s."""
    sure = segment.avg_logprob >= SURE_ENOUGH and segment.compression_ratio <= PACKED
    clear = segment.no_speech_prob <= NOISE or segment.avg_logprob >= SURE_IN_NOISE
    length = segment.end - segment.start
    under = sum(max(0.0, min(segment.end, b) - max(segment.start, a)) for a, b in voiced)
    words = segment.words or ()
    lasting = sum(word.end - word.start > 0.02 for word in words)
    return bool(
        sure
        and clear
        and under >= LEAST_VOICED * length
        and lasting >= LEAST_LASTING * len(words)
        and any(char.isalnum() for char in segment.text)
    )


class Repeats:
    """Counts how often the same line comes in a row."""

    def __init__(self) -> None:
        self._line = ""
        self._count = 0

    def is_loop(self, text: str) -> bool:
        """Whether the line has come too often; remembers it."""
        line = text.strip().casefold()
        self._count = self._count + 1 if line == self._line else 1
        self._line = line
        return self._count > MOST_REPEATS


def in_order(words: Iterable[Word]) -> list[Word]:
    """Words of which none begins before the one before it has ended."""
    ordered: list[Word] = []
    said_until = 0
    for word in words:
        start = max(word.start_ms, said_until)
        said_until = max(start, word.end_ms)
        ordered.append(Word(start, said_until, word.text, word.estimated))
    return ordered
