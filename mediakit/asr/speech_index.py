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
