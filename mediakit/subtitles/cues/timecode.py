"""Timecodes: timestamps whose last field counts frames instead of milliseconds."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

# A fourth field of two digits after a colon or a semicolon counts frames (`01:02:03:04`, `01:02:03;04`).
_FRAMES = re.compile(r"\b\d{1,3}:\d{1,2}:\d{1,2}([:;])(\d{1,2})\b")
_COMMON_RATES = (25, 30, 50, 60)
# 23.976, 29.97 and 59.94 frames a second are 1000/1001 of the rate that their timecodes count with.
_NTSC_STEP = 1001
# Drop-frame timecodes leave out this share of a second's numbers at each minute but every tenth (SMPTE ST 12-1).
_DROPPED_EACH_MINUTE = 15
HOUR_MS = 3_600_000


@dataclass(frozen=True, slots=True)
class Timecode:
    """How the timecodes of a file become ms.

    `frames_per_second` is the rate that they count with (30 where the video has 29.97). With `is_ntsc` the video is
    slower than that by 1000/1001, and without `is_drop_frame` so is their clock: 01:00:00:00 is 3603.6 s.
    """

    frames_per_second: int = _COMMON_RATES[0]
    is_ntsc: bool = False
    is_drop_frame: bool = False

    @property
    def hour_ms(self) -> int:
        """The length of an hour of this clock."""
        return self.to_ms(3600, 0)

    def to_ms(self, seconds: int, frames: int) -> int:
        """Return the ms of a timecode: its hours, minutes and seconds in seconds, and its frames."""
        if not self.is_ntsc:
            return seconds * 1000 + round(frames * 1000 / self.frames_per_second)
        number = seconds * self.frames_per_second + frames
        if self.is_drop_frame:
            minutes = seconds // 60
            number -= self.frames_per_second // _DROPPED_EACH_MINUTE * (minutes - minutes // 10)
        return round(number * _NTSC_STEP / self.frames_per_second)


def find_timecode(text: str, frame_rate: float) -> Timecode:
    """Return how the timecodes of a text count.

    `frame_rate` is the video's, 0 if unknown. Where it does not fit, the lowest common rate that fits is taken. A
    semicolon before the frames means drop-frame.
    """
    found = [(sign, int(frames)) for sign, frames in _FRAMES.findall(text)]
    most = max((frames for _, frames in found), default=0)
    drops = any(sign == ";" for sign, _ in found)
    if frame_rate and most < round(frame_rate):
        is_ntsc = bool(found) and abs(frame_rate - round(frame_rate)) > frame_rate / 5000
        return Timecode(round(frame_rate), is_ntsc, is_ntsc and drops)
    rate = _lowest_rate(most, _COMMON_RATES[1::2] if drops else _COMMON_RATES)
    return Timecode(rate, drops, drops)


def _lowest_rate(frames: int, rates: Iterable[int]) -> int:
    return next((rate for rate in rates if frames < rate), _COMMON_RATES[-1])
