"""What counts as quiet: near the room and far below the voice, wherever both are."""

import pytest

from mediakit.asr.speech_index import SpeechIndex
from mediakit.tightening.quiet import QuietMap, quiet_db
from tests.mediakit.tightening.spoken_talk import flat_index


@pytest.mark.parametrize(
    ("voice_db", "expected_db"), [(-20.0, -57.0), (-45.0, -63.0), (-60.0, -78.0)]
)
def test_quiet_is_near_the_room_and_far_below_the_voice(voice_db, expected_db):
    index = flat_index([(1_000, 3_000)], 6_000, loud_db=voice_db)
    assert quiet_db(index, 0) == pytest.approx(expected_db, abs=0.8)


def test_a_room_as_loud_as_speech_is_never_quiet():
    assert not QuietMap(flat_index([], 6_000, loud_db=-20.0), 0, 0).quiet_runs(0, 6_000, 10)
    music = SpeechIndex(bytes([100]) * 600)  # -20 dB without a voice
    assert not QuietMap(music, 0, 6_000).silent_runs(0, 6_000, 10)


def test_what_is_quiet_but_has_a_voice_is_not_silent():
    index = flat_index([(1_000, 3_000)], 6_000)
    whisper = bytearray(index.steps)
    whisper[400:450] = bytes([whisper[450] | 0x80]) * 50
    found = QuietMap(SpeechIndex(bytes(whisper)), 0, 6_000)
    assert found.quiet_runs(3_000, 6_000, 100) == [(3_000, 6_000)]
    assert found.silent_runs(3_000, 6_000, 100) == [(3_000, 4_000), (4_500, 6_000)]
    assert found.silent_runs(3_000, 6_000, 1_200) == [(4_500, 6_000)]


def test_a_part_of_a_video_has_the_same_runs():
    index = flat_index([(51_000, 53_000), (57_000, 58_000)], 90_000)
    assert QuietMap(index, 50_000, 60_000).quiet_runs(50_500, 59_000, 100) == [
        (50_500, 51_000),
        (53_000, 57_000),
        (58_000, 59_000),
    ]
