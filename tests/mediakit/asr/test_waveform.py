"""The waveform that pages draw: small, and as loud as the sound."""

import time

from mediakit.asr.speech_index import SpeechIndex
from mediakit.asr.waveform import pack_waveform
from tests.mediakit.tightening.spoken_talk import flat_index


def test_each_20_ms_have_the_level_of_the_louder_step():
    loud, soft, silent = 0x80 | 120, 60, 0  # -5, -50 and -95 dBFS
    packed = pack_waveform(SpeechIndex(bytes([loud, soft, soft, soft, silent, silent, silent])))
    assert [byte >> 4 for byte in packed] == [14, 0]
    assert [byte & 15 for byte in packed] == [2, 0]
    assert pack_waveform(SpeechIndex()) == b""


def test_three_hours_are_small_and_quick():
    index = flat_index([(1_000, 5_000_000)], 3 * 3_600_000)
    begun = time.process_time()
    packed = pack_waveform(index)
    assert len(packed) == 270_000
    assert time.process_time() - begun < 1
