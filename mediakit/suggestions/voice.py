"""The voice in a range: how loud and lively, how fast."""

from collections.abc import Sequence
from itertools import accumulate
from math import sqrt

from mediakit.audio.loudness_index import STEP_MS, LoudnessIndex

# Quieter steps are pauses, which say nothing of the voice.
SPEECH_LUFS = -55.0
# A voice that rises and falls by 1 LU counts as much as one that is this much louder.
LIVELINESS_LU = 0.5


class VoiceLevels:
    """The loudness of a video's voice, for any range in constant time."""

    def __init__(self, levels: LoudnessIndex) -> None:
        lufs = levels.steps_lufs()
        heard = [value if value > SPEECH_LUFS else None for value in lufs]
        self._counts = [0, *accumulate(int(value is not None) for value in heard)]
        self._sums = [0.0, *accumulate(value or 0.0 for value in heard)]
        self._squares = [0.0, *accumulate((value or 0.0) ** 2 for value in heard)]

    def energy(self, start_ms: int, end_ms: int) -> float | None:
        """Return the mean loudness of a range plus a share of its deviation, in LU; None if nothing is heard."""
        last = len(self._counts) - 1
        low, high = min(start_ms // STEP_MS, last), min(end_ms // STEP_MS, last)
        count = self._counts[high] - self._counts[low]
        if not count:
            return None
        mean = (self._sums[high] - self._sums[low]) / count
        variance = (self._squares[high] - self._squares[low]) / count - mean * mean
        return mean + LIVELINESS_LU * sqrt(max(0.0, variance))


def words_per_second(word_count: int, start_ms: int, end_ms: int) -> float:
    """Return the pace of a range."""
    return word_count * 1000 / max(1, end_ms - start_ms)


def ranks(values: Sequence[float | None]) -> list[float]:
    """Return each value's place among all, from -1 (the smallest) to 1; 0 for an unknown one and where all are equal.

    Ranks do not saturate, and do not depend on how loud or fast a video is.
    """
    known = sorted(value for value in values if value is not None)
    if not known or known[0] == known[-1]:
        return [0.0] * len(values)
    first: dict[float, int] = {}
    last: dict[float, int] = {}
    for place, value in enumerate(known):
        first.setdefault(value, place)
        last[value] = place
    scale = len(known) - 1
    return [0.0 if value is None else (first[value] + last[value]) / scale - 1 for value in values]
