"""The frame rate that a cut list counts in, and time code at it (SMPTE ST 12-1)."""

import re
from dataclasses import dataclass
from fractions import Fraction

from mediakit.media_info import VideoTrack
from mediakit.probing.ffprobe_streams import snap_to_standard_rate
from mediakit.probing.frame_rate import USUAL_RATES, output_rate

_TIMECODE = re.compile(r"(\d\d):([0-5]\d):([0-5]\d)([:;.,])(\d\d)")
_DAY_S = 24 * 3600
# Rates of cameras above the usual ones, which editors count in as well; a Short has half of those above 60.
_CAMERA_RATES = (
    *(Fraction(48000, 1001), Fraction(48), Fraction(100)),
    *(Fraction(120000, 1001), Fraction(120)),
)
# Above it time code counts two frames as one: it has two digits for them.
MOST_NUMBERS = 60


def edit_rate(video: VideoTrack) -> Fraction:
    """Return the pictures per second that an editor counts a source in.

    Its own where cameras record at it, otherwise the rate of its Shorts where that is a usual or a whole one, or the
    nearest usual rate: editors know no others. A variable rate becomes a usual one in the same way.
    """
    own = snap_to_standard_rate(video.frame_rate)
    if own in _CAMERA_RATES and not video.is_vfr:
        return own
    rate = output_rate(video)
    if rate in USUAL_RATES or rate.denominator == 1:
        return rate
    return min(USUAL_RATES, key=lambda usual: abs(usual - rate))


@dataclass(frozen=True, slots=True)
class Timebase:
    """A frame rate, and whether its time code drops numbers to keep up with the clock.

    `is_drop` is only true at 29.97, 59.94 and 119.88: two (four) numbers are left out each minute but the tenth.
    """

    rate: Fraction
    is_drop: bool = False

    @property
    def nominal(self) -> int:
        """The numbers of a second of time code: 30 at 29.97."""
        return round(self.rate)

    @property
    def is_ntsc(self) -> bool:
        """Whether the rate is a whole one slowed down by 1000/1001."""
        return self.rate.denominator == 1001

    def frame(self, time_ms: int) -> int:
        """Return the frame that is nearest to a time."""
        return round(Fraction(time_ms, 1000) * self.rate)

    def seconds(self, frame: int) -> Fraction:
        """Return the time of a frame in seconds."""
        return frame / self.rate

    def timecode(self, frame: int) -> str:
        """Return a frame's time code: "01:00:00:00", or "01:00:00;00" when numbers are dropped. A day begins anew."""
        if self.nominal > MOST_NUMBERS:
            return self.halved().timecode(frame // 2)
        return self._code(self._with_dropped(frame) % (_DAY_S * self.nominal))

    def end_timecode(self, first: int, end: int) -> str:
        """Return the time code of a range's end: past 24 h when it begins before midnight, so that it ends later."""
        begins, ends = self._with_dropped(first), self._with_dropped(end)
        day = _DAY_S * self.nominal
        return self._code(ends - begins // day * day)

    def _code(self, number: int) -> str:
        seconds, frames = divmod(number, self.nominal)
        minutes, seconds = divmod(seconds, 60)
        sign = ";" if self.is_drop else ":"
        return f"{minutes // 60:02}:{minutes % 60:02}:{seconds:02}{sign}{frames:02}"

    def frame_of(self, timecode: str) -> int | None:
        """Return the frame of a time code; None for text that is none at this rate."""
        if self.nominal > MOST_NUMBERS:
            first = self.halved().frame_of(timecode)
            return None if first is None else 2 * first
        found = _TIMECODE.fullmatch(timecode)
        if found is None or int(found[5]) >= self.nominal:
            return None
        minutes = int(found[1]) * 60 + int(found[2])
        number = (minutes * 60 + int(found[3])) * self.nominal + int(found[5])
        return number - self._dropped_a_minute * (minutes - minutes // 10)

    def halved(self) -> "Timebase":
        """Return the timebase that counts two frames as one: time code above 60 frames a second."""
        return Timebase(self.rate / 2, self.is_drop)

    @property
    def _dropped_a_minute(self) -> int:
        return self.nominal // 15 if self.is_drop else 0

    def _with_dropped(self, frame: int) -> int:
        """Return the number that a frame is called by: the frames before it and the numbers that were left out."""
        dropped = self._dropped_a_minute
        minute = 60 * self.nominal - dropped
        tens, rest = divmod(frame, 10 * minute + dropped)
        # The first minute of ten drops nothing.
        minutes = max(0, (rest - dropped) // minute) if dropped else 0
        return frame + dropped * (9 * tens + minutes)


def timebase(video: VideoTrack, timecode: str) -> Timebase:
    """Return how a source is counted; `timecode` is the one in the file, which says whether it drops numbers."""
    rate = edit_rate(video)
    can_drop = rate in (Fraction(30000, 1001), Fraction(60000, 1001), Fraction(120000, 1001))
    return Timebase(rate, can_drop and ";" in timecode)
