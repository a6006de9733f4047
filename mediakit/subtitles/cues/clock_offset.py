"""Captions whose clock does not start at 0, as that of a broadcast tape that starts at 1:00:00."""

from collections.abc import Sequence
from dataclasses import replace

from mediakit.subtitles.cues.timecode import HOUR_MS
from mediakit.text.transcript import Cue


def clock_offset_ms(cues: Sequence[Cue], duration_ms: int, *, hour_ms: int = HOUR_MS) -> int:
    """Return the whole hours before the first cue, if only without them the cues are inside the video; else 0.

    `hour_ms` is the length of an hour of their clock, which runs slow where timecodes count 30 frames for 29.97.
    """
    if not cues:
        return 0
    hours = cues[0].start_ms // hour_ms * hour_ms
    last = cues[-1].start_ms
    fits = last - hours < duration_ms <= last
    return hours if hours and fits else 0


def shift_earlier(cues: Sequence[Cue], shift_ms: int) -> list[Cue]:
    """Return the cues and their words `shift_ms` earlier."""
    return [
        replace(
            cue,
            start_ms=cue.start_ms - shift_ms,
            end_ms=cue.end_ms - shift_ms,
            words=tuple(
                replace(word, start_ms=word.start_ms - shift_ms, end_ms=word.end_ms - shift_ms)
                for word in cue.words
            ),
        )
        for cue in cues
    ]
