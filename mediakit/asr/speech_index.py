"""How loud a video is, and whether a voice is heard, in each hundredth of a second: one byte each.

The highest bit says that a voice is heard (`mediakit.asr.voice_activity`), the others are the level in steps of 0.75 dB
above -95 dBFS; 0 is that or less.
"""

from dataclasses import dataclass

STEP_MS = 10
FLOOR_DB = -95.0
DB_PER_STEP = 0.75
VOICE_BIT = 0x80
LEVEL_BITS = 0x7F


@dataclass(frozen=True, slots=True)
class SpeechIndex:
    """The levels of a video's sound from its start, one byte for each STEP_MS; empty when it was not measured."""

    steps: bytes = b""

    def level_db(self, step: int) -> float:
        """The level of a step in dBFS (RMS); FLOOR_DB outside the video."""
        inside = 0 <= step < len(self.steps)
        return FLOOR_DB + (self.steps[step] & LEVEL_BITS) * DB_PER_STEP if inside else FLOOR_DB

    def has_voice(self, step: int) -> bool:
        """Whether a voice is heard in a step."""
        return 0 <= step < len(self.steps) and bool(self.steps[step] & VOICE_BIT)

    def voice_spans_ms(self, start_ms: int, end_ms: int) -> list[tuple[int, int]]:
        """The spans in ms within a range in which a voice is heard, in order."""
        spans: list[tuple[int, int]] = []
        for step in range(start_ms // STEP_MS, min(len(self.steps), -(-end_ms // STEP_MS))):
            if self.has_voice(step):
                at = step * STEP_MS
                first = spans.pop()[0] if spans and spans[-1][1] == at else at
                spans.append((first, at + STEP_MS))
        return spans
