"""Captions whose clock starts at full hours."""

import pytest

from mediakit.subtitles.cues.clock_offset import clock_offset_ms, shift_earlier
from mediakit.subtitles.cues.timecode import HOUR_MS
from mediakit.text.transcript import Cue, Word


def cues(*starts_ms: int) -> list[Cue]:
    return [Cue(at, at + 500, "a", (Word(at, at + 500, "a"),)) for at in starts_ms]


@pytest.mark.parametrize(
    ("starts_ms", "duration_ms", "offset_ms"),
    [
        ((HOUR_MS + 1000, HOUR_MS + 9000), 10_000, HOUR_MS),
        ((10 * HOUR_MS + 5, 10 * HOUR_MS + HOUR_MS + 5), 2 * HOUR_MS, 10 * HOUR_MS),
        ((HOUR_MS + 1000, 2 * HOUR_MS + 9000), int(1.5 * HOUR_MS), HOUR_MS),
        ((HOUR_MS + 1000, HOUR_MS + 9000), 2 * HOUR_MS, 0),  # the end of a long video
        ((HOUR_MS + 1000, HOUR_MS + 19_000), 10_000, 0),  # of another video
        ((1000, HOUR_MS + 9000), 10_000, 0),
        ((), 10_000, 0),
    ],
)
def test_an_offset_is_whole_hours_that_bring_the_cues_into_the_video(
    starts_ms, duration_ms, offset_ms
):
    assert clock_offset_ms(cues(*starts_ms), duration_ms) == offset_ms


def test_words_are_shifted_with_their_cue():
    assert shift_earlier(cues(HOUR_MS + 1000), HOUR_MS) == cues(1000)
