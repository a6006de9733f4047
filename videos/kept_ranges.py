"""The rules of kept ranges: what may be left out of a video for a clip or a Short."""

import json
from collections.abc import Sequence
from typing import Any

from core.errors import CoreCode, HeimdexError
from mediakit.cutting.cut_time import (
    MAX_DECODED_MS,
    MAX_RANGES,
    MIN_RANGE_MS,
    Span,
    decoded_ms,
    join_touching,
    trim_ranges,
)
from mediakit.media_info import MediaInfo
from videos.errors import VideoCode
from videos.models import Video

MAX_CHARS = 20_000  # of ranges in a query


def check_ranges(video: Video, ranges: Sequence[Span]) -> tuple[Span, ...]:
    """Return the ranges, those that touch as one. Their whole length is checked by the caller.

    Raises RANGES_TOO_MANY (or none), RANGE_REVERSED, RANGES_OVERLAP, RANGE_OUTSIDE_VIDEO, RANGE_TOO_SHORT,
    VIDEO_NOT_READY or RANGES_SCATTERED, with the number of the range, counted from 1.
    """
    if not 0 < len(ranges) <= MAX_RANGES:
        raise HeimdexError(VideoCode.RANGES_TOO_MANY, {"limit": MAX_RANGES, "count": len(ranges)})
    before_ms = 0
    for number, (start_ms, end_ms) in enumerate(ranges, 1):
        given = {"number": number, "start_s": start_ms / 1000, "end_s": end_ms / 1000}
        if start_ms >= end_ms:
            raise HeimdexError(VideoCode.RANGE_REVERSED, given)
        if number > 1 and start_ms < before_ms:
            raise HeimdexError(VideoCode.RANGES_OVERLAP, given)
        if start_ms < 0 or end_ms > (video.duration_ms or 0):
            length_s = (video.duration_ms or 0) / 1000
            raise HeimdexError(VideoCode.RANGE_OUTSIDE_VIDEO, {**given, "duration_s": length_s})
        before_ms = end_ms
    joined = join_touching(ranges)
    _check_lengths(video, joined)
    return joined


def _check_lengths(video: Video, ranges: Sequence[Span]) -> None:
    for number, (start_ms, end_ms) in enumerate(ranges, 1):
        if len(ranges) > 1 and end_ms - start_ms < MIN_RANGE_MS:
            details = {"number": number, "least_s": MIN_RANGE_MS / 1000}
            raise HeimdexError(VideoCode.RANGE_TOO_SHORT, details)
    if len(ranges) > 1 and decoded_ms(media_info(video), ranges) > MAX_DECODED_MS:
        raise HeimdexError(VideoCode.RANGES_SCATTERED, {"max_minutes": MAX_DECODED_MS // 60_000})


def media_info(video: Video) -> MediaInfo:
    """What processing found in the video's file. Raises VIDEO_NOT_READY when that cannot be read."""
    try:
        return MediaInfo.from_json(video.probe)
    except (KeyError, TypeError, ValueError):
        raise HeimdexError(VideoCode.VIDEO_NOT_READY, {"status": video.status}) from None


def ranges_between(video: Video, given: str, start_ms: int, end_ms: int) -> tuple[Span, ...]:
    """The kept ranges of a query, JSON as `ranges_from_json` reads, cut to a range; all of the range without any.

    Raises INVALID_INPUT and what `check_ranges` raises.
    """
    try:
        ranges = ranges_from_json(json.loads(given[:MAX_CHARS])) if given else ()
    except (TypeError, ValueError) as error:
        raise HeimdexError(CoreCode.INVALID_INPUT) from error
    if not ranges:
        return ((start_ms, end_ms),)
    return check_ranges(video, trim_ranges(check_ranges(video, ranges), start_ms, end_ms))


def ranges_from_json(data: Any) -> tuple[Span, ...]:
    """The ranges that a row keeps as `[[start_ms, end_ms], ...]`."""
    return tuple((int(start_ms), int(end_ms)) for start_ms, end_ms in data or ())
