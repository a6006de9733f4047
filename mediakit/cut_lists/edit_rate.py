"""The frame rate that a cut list counts in, and time code at it (SMPTE ST 12-1)."""

import re
from dataclasses import dataclass
from fractions import Fraction

from mediakit.media_info import VideoTrack
from mediakit.probing.frame_rate import USUAL_RATES, output_rate

_TIMECODE = re.compile(r"(\d\d):([0-5]\d):([0-5]\d)([:;.,])(\d\d)")
_DAY_S = 24 * 3600


def edit_rate(video: VideoTrack) -> Fraction:
    """Return the pictures per second that an editor counts a source in.

    The rate of its Shorts where that is a usual or a whole one, otherwise the nearest usual rate: editors know no
    others. A variable rate becomes a usual one in the same way.
    """
    rate = output_rate(video)
    if rate in USUAL_RATES or rate.denominator == 1:
        return rate
    return min(USUAL_RATES, key=lambda usual: abs(usual - rate))


@dataclass(frozen=True, slots=True)
class Timebase:
    """A frame rate, and whether its time code drops numbers to keep up with the clock.

    `is_drop` is only true at 29.97 and 59.94: two (four) numbers are left out each minute but the tenth.
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
        number = self._with_dropped(frame)
        seconds, frames = divmod(number, self.nominal)
        minutes, seconds = divmod(seconds % _DAY_S, 60)
        sign = ";" if self.is_drop else ":"
        return f"{minutes // 60:02}:{minutes % 60:02}:{seconds:02}{sign}{frames:02}"

    def frame_of(self, timecode: str) -> int | None:
        """Return the frame of a time code; None for text that is none at this rate."""
        found = _TIMECODE.fullmatch(timecode)
        if found is None or int(found[5]) >= self.nominal:
            return None
        minutes = int(found[1]) * 60 + int(found[2])
        number = (minutes * 60 + int(found[3])) * self.nominal + int(found[5])
        return number - self._dropped_a_minute * (minutes - minutes // 10)

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
    can_drop = rate in (Fraction(30000, 1001), Fraction(60000, 1001))
    return Timebase(rate, can_drop and ";" in timecode)
