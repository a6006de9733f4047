"""Filter of a recogniser's hallucinations, by the measures that it returns with its text.

Recognisers return text for silence and music, too. Text with a low probability, text without voice and repeated
text are left out. No list of typical phrases is needed.
"""

from collections.abc import Sequence
from typing import Any

# The minimum mean log probability (natural logarithm) of a segment's tokens; the second one is for likely non-speech.
MIN_AVG_LOGPROB, MIN_AVG_LOGPROB_IN_NOISE = -1.2, -0.7
# Above this probability of no speech the stricter limit applies.
MAX_NO_SPEECH_PROB = 0.6
# Text with a higher compression ratio repeats itself.
MAX_COMPRESSION_RATIO = 2.4
# The minimum share of a segment's time with voice, and of its words with a duration above 20 ms.
MIN_VOICED_SHARE, MIN_TIMED_WORDS_SHARE = 0.25, 0.5
# More equal lines in a row are a loop.
MAX_REPEATS = 2


def is_plausible(segment: Any, voiced: Sequence[tuple[float, float]]) -> bool:
    """Whether a faster-whisper segment is likely speech. `voiced` holds the (start, end) of voice in s."""
    is_probable = (
        segment.avg_logprob >= MIN_AVG_LOGPROB
        and segment.compression_ratio <= MAX_COMPRESSION_RATIO
    )
    is_clear = (
        segment.no_speech_prob <= MAX_NO_SPEECH_PROB
        or segment.avg_logprob >= MIN_AVG_LOGPROB_IN_NOISE
    )
    duration = segment.end - segment.start
    voiced_s = sum(max(0.0, min(segment.end, b) - max(segment.start, a)) for a, b in voiced)
    words = segment.words or ()
    timed_words = sum(word.end - word.start > 0.02 for word in words)
    return bool(
        is_probable
        and is_clear
        and voiced_s >= MIN_VOICED_SHARE * duration
        and timed_words >= MIN_TIMED_WORDS_SHARE * len(words)
        and any(char.isalnum() for char in segment.text)
    )


class RepeatDetector:
    """Counts equal lines in a row."""

    def __init__(self) -> None:
        self._line = ""
        self._count = 0

    def is_loop(self, text: str) -> bool:
        """Whether the line has repeated too often. Counts it."""
        line = text.strip().casefold()
        self._count = self._count + 1 if line == self._line else 1
        self._line = line
        return self._count > MAX_REPEATS
