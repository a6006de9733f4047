"""Where a recording is quiet: near the level of its room, far below its voice.

Both are measured around each place, since rooms and voices change in hours of video. Quiet is not yet silence: a soft
consonant may be as quiet as the room, so silence is quiet in which the model hears no voice either.
"""

import re
from collections import Counter
from collections.abc import Iterable

from mediakit.asr.speech_index import (
    DB_PER_STEP,
    FLOOR_DB,
    LEVEL_BITS,
    STEP_MS,
    VOICE_BIT,
    SpeechIndex,
)
from mediakit.cutting.cut_time import Span

# What is this much above the room is still the room, and what is this much below the voice is none.
ABOVE_ROOM_DB, BELOW_VOICE_DB = 8.0, 18.0
# Louder is never quiet, not even beside shouting; softer always is, not only where an editor left digital silence.
MOST_DB, LEAST_DB = -32.0, -60.0
# The levels of this much on both sides tell what a room and a voice are like.
AROUND_MS, BLOCK_MS = 30_000, 10_000
# The room is the 25th percentile of what has no voice, the voice the 75th of what has one.
ROOM_SHARE, VOICE_SHARE, LEAST_STEPS = 0.25, 0.75, 50
# Where nearly all is voice, its softest steps are as near to the room as can be known.
SOFTEST_SHARE = 0.02

_SOUND, _QUIET, _SILENT = b".", b"q", b"Q"


class QuietMap:
    """The quiet and the silent places of a range of a video, from its speech index."""

    def __init__(self, index: SpeechIndex, start_ms: int, end_ms: int) -> None:
        self._first = max(0, start_ms) // STEP_MS
        last = min(len(index.steps), -(-end_ms // STEP_MS))
        block = BLOCK_MS // STEP_MS
        edges = range(self._first, max(self._first, last), block)
        self._marks = b"".join(
            index.steps[at : min(at + block, last)].translate(_marks(quiet_db(index, at * STEP_MS)))
            for at in edges
        )
        self._index = index

    def quiet_runs(self, start_ms: int, end_ms: int, least_ms: int) -> list[Span]:
        """The runs of at least `least_ms` that are quiet, within a range, in ms."""
        return self._runs(rb"[qQ]", start_ms, end_ms, least_ms)

    def silent_runs(self, start_ms: int, end_ms: int, least_ms: int) -> list[Span]:
        """The runs of at least `least_ms` that are quiet and without a voice, within a range, in ms."""
        return self._runs(rb"Q", start_ms, end_ms, least_ms)

    def softest_ms(self, start_ms: int, end_ms: int) -> int:
        """The middle of the softest 30 ms of a range."""
        steps = range(start_ms // STEP_MS, max(start_ms // STEP_MS + 1, end_ms // STEP_MS))
        levels = self._index.level_db
        best = min(steps, key=lambda at: levels(at - 1) + levels(at) + levels(at + 1))
        return best * STEP_MS + STEP_MS // 2

    def _runs(self, mark: bytes, start_ms: int, end_ms: int, least_ms: int) -> list[Span]:
        first = max(0, -(-start_ms // STEP_MS) - self._first)
        last = max(first, end_ms // STEP_MS - self._first)
        pattern = re.compile(mark + b"{%d,}" % max(1, -(-least_ms // STEP_MS)))
        return [
            ((self._first + found.start()) * STEP_MS, (self._first + found.end()) * STEP_MS)
            for found in pattern.finditer(self._marks, first, last)
        ]


def quiet_db(index: SpeechIndex, time_ms: int) -> float:
    """Return the level in dBFS below which the recording is quiet in the block that begins at a time."""
    low, high = time_ms - AROUND_MS, time_ms + BLOCK_MS + AROUND_MS
    counts = Counter(index.steps[max(0, low) // STEP_MS : max(0, high) // STEP_MS])
    voice = {value & LEVEL_BITS: count for value, count in counts.items() if value & VOICE_BIT}
    other = {value: count for value, count in counts.items() if not value & VOICE_BIT}
    room_db = (
        _percentile(other.items(), ROOM_SHARE)
        if sum(other.values()) >= LEAST_STEPS
        else _percentile(voice.items(), SOFTEST_SHARE)
    )
    is_spoken = sum(voice.values()) >= LEAST_STEPS
    voice_db = _percentile((voice if is_spoken else other).items(), VOICE_SHARE)
    below_voice_db = voice_db - BELOW_VOICE_DB
    return max(min(room_db + ABOVE_ROOM_DB, below_voice_db, MOST_DB), min(LEAST_DB, below_voice_db))


def _percentile(counts: Iterable[tuple[int, int]], share: float) -> float:
    """The level in dBFS that a share of the steps is not above; FLOOR_DB without any."""
    ordered = sorted(counts)
    left = share * sum(count for _, count in ordered)
    for level, count in ordered:
        left -= count
        if left <= 0:
            return FLOOR_DB + level * DB_PER_STEP
    return FLOOR_DB


def _marks(below_db: float) -> bytes:
    """A table that marks each byte of an index as sound, quiet or silent."""
    return b"".join(
        _SOUND
        if FLOOR_DB + (value & LEVEL_BITS) * DB_PER_STEP >= below_db
        else _QUIET
        if value & VOICE_BIT
        else _SILENT
        for value in range(256)
    )
