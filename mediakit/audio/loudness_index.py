"""How loud any range of a video is, from what one listening wrote down: two bytes for each tenth of a second.

The first is the momentary loudness (400 ms that end there), the second the highest sample; both in
thirds of a decibel. Loudness of a range is put together from them as ITU-R BS.1770 does it: blocks
of 400 ms every 100 ms, first those above -70 LUFS, then those above the mean of these less 10 LU.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

STEP_MS = 100
BLOCK_STEPS = 4
# A shorter range is not worth guessing about: it has hardly a block of its own.
SHORTEST_MS = 3_000
_LOWEST_DB, _PER_DB, _MOST = -80.0, 3, 255
_GATE_LUFS, _GATE_BELOW_LU = -70.0, 10.0


@dataclass(frozen=True, slots=True)
class Heard:
    """The track with that stream index, listened to from its beginning to its end; empty when nobody did."""

    blocks: bytes = b""
    track: int | None = None

    @classmethod
    def of(
        cls, loudness_lufs: Sequence[float], peaks_db: Sequence[float], *, track: int
    ) -> "Heard":
        """From the momentary loudness and the highest sample of each step; -inf is silence."""
        pairs = zip(loudness_lufs, peaks_db, strict=False)
        return cls(bytes(value for pair in pairs for value in map(_byte, pair)), track)

    def covers(self, start_ms: int, duration_ms: int, *, track: int) -> bool:
        """Whether the range is long enough, all of it was listened to, and none of it is off the scale."""
        first, steps = start_ms // STEP_MS, (start_ms + duration_ms) // STEP_MS
        return (
            self.track == track
            and duration_ms >= SHORTEST_MS
            and steps * 2 <= len(self.blocks) + 2
            and _MOST not in self.blocks[2 * first : 2 * steps + 2]
        )

    def loudness(self, start_ms: int, duration_ms: int) -> tuple[float | None, float | None]:
        """Integrated loudness in LUFS and highest sample in dBFS of a range; None for silence."""
        first, last = start_ms // STEP_MS, -(-(start_ms + duration_ms) // STEP_MS)
        peak = max(self.blocks[1::2][first:last], default=0)
        inside = self.blocks[::2][first + BLOCK_STEPS - 1 : last]
        return _integrated(inside), _db(peak) if peak else None

    def whole(self) -> float | None:
        """The integrated loudness of all of it."""
        return _integrated(self.blocks[::2])


def _integrated(blocks: bytes) -> float | None:
    powers = [10 ** (_db(block) / 10) for block in blocks if block and _db(block) > _GATE_LUFS]
    if not powers:
        return None
    gate = 10 ** (-_GATE_BELOW_LU / 10) * sum(powers) / len(powers)
    loud = [power for power in powers if power > gate]
    return 10 * math.log10(sum(loud) / len(loud)) if loud else None


def _byte(db: float) -> int:
    """Thirds of a decibel above the lowest; 0 is silence."""
    if not db > _LOWEST_DB:  # nor a number that is none
        return 0
    return min(_MOST, max(1, round((db - _LOWEST_DB) * _PER_DB)))


def _db(byte: int) -> float:
    return _LOWEST_DB + byte / _PER_DB
