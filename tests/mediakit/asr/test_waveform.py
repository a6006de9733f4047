"""The waveform that pages draw: small, and as loud as the sound."""

from mediakit.asr.speech_index import SpeechIndex
from mediakit.asr.waveform import pack_waveform
from tests.mediakit.tightening.spoken_talk import flat_index
from tests.work_done import calls_made


def test_each_20_ms_have_the_level_of_the_louder_step():
    loud, soft, silent = 0x80 | 120, 60, 0  # -5, -50 and -95 dBFS
    packed = pack_waveform(SpeechIndex(bytes([loud, soft, soft, soft, silent, silent, silent])))
    assert [byte >> 4 for byte in packed] == [14, 0]
    assert [byte & 15 for byte in packed] == [2, 0]
    assert pack_waveform(SpeechIndex()) == b""


def test_three_hours_are_small_and_no_more_work_than_so_many_minutes():
    packed = []

    def work(minutes: int) -> int:
        index = flat_index([(1_000, 50_000)], minutes * 60_000)
        return calls_made(lambda: packed.append(pack_waveform(index)))

    assert work(180) <= 180 * work(1)
    assert len(packed[0]) == 270_000
