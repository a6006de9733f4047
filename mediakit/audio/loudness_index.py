"""The loudness of any range of a video, computed from two bytes for each 100 ms.

The first byte is the momentary loudness (of the 400 ms that end there), the second the sample peak; both
in thirds of a decibel. A range's loudness is gated as in ITU-R BS.1770: blocks of 400 ms every 100 ms,
first those above -70 LUFS, then those above the mean of these minus 10 LU.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

STEP_MS = 100
BLOCK_STEPS = 4
# The estimate for a shorter range is too inexact: most of its blocks reach beyond it.
MIN_RANGE_MS = 3_000
_MIN_DB, _STEPS_PER_DB, _MAX_BYTE = -80.0, 3, 255
_ABSOLUTE_GATE_LUFS, _RELATIVE_GATE_LU = -70.0, 10.0


@dataclass(frozen=True, slots=True)
class LoudnessIndex:
    """The loudness of one audio track, two bytes per STEP_MS; empty when it was not measured.

    `track` is the stream index.
    """

    blocks: bytes = b""
    track: int | None = None

    @classmethod
    def from_levels(
        cls, loudness_lufs: Sequence[float], peaks_db: Sequence[float], *, track: int
    ) -> "LoudnessIndex":
        """Encode the momentary loudness and the sample peak of each step; -inf is silence."""
        pairs = zip(loudness_lufs, peaks_db, strict=False)
        return cls(bytes(value for pair in pairs for value in map(_to_byte, pair)), track)

    def covers(self, start_ms: int, duration_ms: int, *, track: int) -> bool:
        """Whether the range is long enough, wholly measured, and nowhere above the scale."""
        first, steps = start_ms // STEP_MS, (start_ms + duration_ms) // STEP_MS
        return (
            self.track == track
            and duration_ms >= MIN_RANGE_MS
            and steps * 2 <= len(self.blocks) + 2
            and _MAX_BYTE not in self.blocks[2 * first : 2 * steps + 2]
        )

    def range_loudness(self, *ranges_ms: tuple[int, int]) -> tuple[float | None, float | None]:
        """Integrated loudness in LUFS and sample peak in dBFS of ranges, each (start, length); None for silence."""
        peak, inside = 0, b""
        for start_ms, duration_ms in ranges_ms:
            first, last = start_ms // STEP_MS, -(-(start_ms + duration_ms) // STEP_MS)
            peak = max(peak, *self.blocks[1::2][first:last], 0)
            inside += self.blocks[::2][first + BLOCK_STEPS - 1 : last]
        return _integrated_lufs(inside), _to_db(peak) if peak else None

    def steps_lufs(self) -> list[float]:
        """The momentary loudness of each step in LUFS; -80 for silence."""
        return [_to_db(block) for block in self.blocks[::2]]

    def integrated_lufs(self) -> float | None:
        """The integrated loudness of the whole track; None for silence."""
        return _integrated_lufs(self.blocks[::2])


def _integrated_lufs(blocks: bytes) -> float | None:
    powers = [
        10 ** (_to_db(block) / 10)
        for block in blocks
        if block and _to_db(block) > _ABSOLUTE_GATE_LUFS
    ]
    if not powers:
        return None
    gate = 10 ** (-_RELATIVE_GATE_LU / 10) * sum(powers) / len(powers)
    loud = [power for power in powers if power > gate]
    return 10 * math.log10(sum(loud) / len(loud)) if loud else None


def _to_byte(db: float) -> int:
    """Thirds of a decibel above _MIN_DB; 0 is silence."""
    if not db > _MIN_DB:  # also true of NaN
        return 0
    return min(_MAX_BYTE, max(1, round((db - _MIN_DB) * _STEPS_PER_DB)))


def _to_db(byte: int) -> float:
    return _MIN_DB + byte / _STEPS_PER_DB
