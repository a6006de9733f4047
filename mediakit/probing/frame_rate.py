"""Chooses the frame rate, frame count and keyframe interval of a Short."""

from fractions import Fraction

from mediakit.media_info import VideoTrack
from mediakit.probing.ffprobe_streams import snap_to_standard_rate

# YouTube's limits: a longer Short is blocked by any Content ID claim; a longer video is no Short at all.
MAX_CLAIMABLE_MS = 60_000
MAX_SHORT_MS = 180_000
MIN_SHORT_MS = 500  # the loudness meter needs 400 ms
MAX_RATE = Fraction(60)
MIN_RATE = Fraction(23)
USUAL_RATES = (
    *(Fraction(24000, 1001), Fraction(24), Fraction(25), Fraction(30000, 1001)),
    *(Fraction(30), Fraction(50), Fraction(60000, 1001), Fraction(60)),
)


def output_rate(video: VideoTrack) -> Fraction:
    """Return the Short's frame rate per second: the source's own where platforms accept it.

    A rate above 60 is divided by a whole number, so that every picture is shown equally long. A rate
    below 23 is multiplied by a whole number for the same reason, or becomes 30 when no multiple fits.
    A variable rate becomes the usual rate that loses no picture on average.
    """
    rate = snap_to_standard_rate(video.frame_rate)
    if video.is_vfr:
        return _usual_above(rate)
    if rate > MAX_RATE:
        return rate / -(-rate // MAX_RATE)
    if rate >= MIN_RATE:
        return rate
    multiples = [rate * times for times in range(2, 32) if MIN_RATE <= rate * times <= 30]
    usual = (multiple for multiple in multiples if multiple in USUAL_RATES)
    return next(usual, multiples[0] if multiples else Fraction(30))


def _usual_above(rate: Fraction) -> Fraction:
    if rate < MIN_RATE:
        return Fraction(25) if rate > 15 else Fraction(30)
    near = rate * Fraction(98, 100)
    return next((usual for usual in USUAL_RATES if usual >= near), MAX_RATE)


def max_frame_count(duration_ms: int, rate: Fraction) -> int | None:
    """Return how many pictures keep within the nearest of YouTube's limits; None for a duration above all of them."""
    limits = (limit for limit in (MAX_CLAIMABLE_MS, MAX_SHORT_MS) if duration_ms <= limit)
    limit = next(limits, None)
    return None if limit is None else int(Fraction(limit, 1000) * rate)


def frame_count(duration_ms: int, rate: Fraction) -> int:
    """Return the nearest number of pictures for a duration: at least one, never beyond YouTube's limits."""
    count = round(Fraction(duration_ms, 1000) * rate)
    most = max_frame_count(duration_ms, rate)
    return max(1, count if most is None else min(count, most))


def keyframe_interval(rate: Fraction) -> int:
    """Return the pictures from one keyframe to the next: at most half a second's worth."""
    return max(1, int(rate / 2 + Fraction(1, 20)))
