"""A video's sound as a small picture file: its highest level in every 20 ms, four bits each.

A value is 3.75 dB above the one below it, 0 is -60 dBFS or less and 15 is -3.75 dBFS or more. Two values share a byte,
the earlier one in its high bits: three hours are 270 KB. static/js/timeline/peaks.js reads it.
"""

from mediakit.asr.speech_index import DB_PER_STEP, FLOOR_DB, LEVEL_BITS, SpeechIndex

LEAST_DB, DB_PER_VALUE, MOST = -60.0, 3.75, 15
_STEPS_PER_VALUE = 2


def pack_waveform(index: SpeechIndex) -> bytes:
    """Return the waveform of a speech index. Three hours take about 0.1 s."""
    values = index.steps.translate(_VALUES) + bytes(-len(index.steps) % (2 * _STEPS_PER_VALUE))
    peaks = bytes(map(max, values[::2], values[1::2]))
    return bytes(high << 4 | low for high, low in zip(peaks[::2], peaks[1::2], strict=True))


def _value(step: int) -> int:
    db = FLOOR_DB + (step & LEVEL_BITS) * DB_PER_STEP
    return min(MOST, max(0, int((db - LEAST_DB) / DB_PER_VALUE)))


_VALUES = bytes(map(_value, range(256)))
