"""Whether what is missing from a Short is missing from the video too: a few small looks at the source.

A Short may be black, still or silent because its video is. That it must be so is only said when it
holds for every upright window of the source, so nothing needs to be known of how it was framed.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from mediakit.conformance.decode_scan import DecodeScan, Span
from mediakit.errors import ToolError
from mediakit.ffmpeg.source_args import open_at
from mediakit.media_info import MediaInfo, Source
from mediakit.sandbox.process import run

HEIGHT_PX = 36
MAX_WIDTH_PX = 4 * HEIGHT_PX
WINDOW_PX = 21  # how wide a window of 9:16 is
MAX_SPANS = 3  # the longest ones stand for all
# Brightness from 0 to 255, and the share of points that show something.
VISIBLE_LUMA, VISIBLE_SHARE = 48, 0.05
MIN_MOTION = 3.0  # the mean difference of two pictures that show different moments
MIN_AUDIBLE_DB = -20.0
_FFMPEG = ("ffmpeg", "-nostdin", "-hide_banner", "-nostats")


@dataclass(frozen=True, slots=True)
class SourceRange:
    """The range of a video that a Short was made of; `sound` is a stream index, None for a silent Short."""

    source: Source
    info: MediaInfo
    start_ms: int
    sound: int | None
    timeout_s: float = 60
    should_stop: Callable[[], bool] | None = None


@dataclass(frozen=True, slots=True)
class SourceMatch:
    """Whether the video is black, still or silent where its Short is; None where that was not found out."""

    black: bool | None = None
    frozen: bool | None = None
    silent: bool | None = None


def compare_with_source(original: SourceRange, decoded: DecodeScan) -> SourceMatch:
    """Look at the video wherever its Short shows nothing; no look at all at an ordinary one."""
    return SourceMatch(
        black=_holds_for_longest(decoded.black_ms, lambda span: _is_dark(original, span)),
        frozen=_holds_for_longest(decoded.frozen_ms, lambda span: _is_still(original, span)),
        silent=_holds_for_longest(decoded.silent_ms, lambda span: _is_silent(original, span)),
    )


def _holds_for_longest(spans: Sequence[Span], like: Callable[[Span], bool | None]) -> bool | None:
    """Whether it is so in all of the longest stretches; False as soon as one is known to differ."""
    longest = sorted(spans, key=lambda span: span[0] - span[1])[:MAX_SPANS]
    answers = []
    for span in longest:
        try:
            answers.append(like(span))
        except ToolError:
            answers.append(None)
    if False in answers:
        return False
    return True if answers and None not in answers else None


def _is_dark(original: SourceRange, span: Span) -> bool | None:
    """False when at three moments something is to be seen in every window."""
    pictures = _sample_frames(original, span)
    if not pictures:
        return None
    return not all(is_visible_everywhere(picture) for picture in pictures)


def _is_still(original: SourceRange, span: Span) -> bool | None:
    """False when from each of three moments to the next every window changes."""
    pictures = _sample_frames(original, span)
    if not pictures:
        return None
    return not all(is_moving_everywhere(a, b) for a, b in pairwise(pictures))


def _is_silent(original: SourceRange, span: Span) -> bool | None:
    """False when something is plainly to be heard; whatever the Short's own gain was."""
    if original.sound is None:
        return True
    start, end = span
    opened = open_at(original.source, original.info, start_ms=original.start_ms + start)
    listen = f"atrim=start=0:end={(end - start) / 1000:.3f},volumedetect"
    argv = [*_FFMPEG, "-vn", "-sn", "-dn", *opened, "-map", f"0:{original.sound}"]
    argv += ["-t", f"{(end - start) / 1000:.3f}", "-af", listen, "-f", "null", "-"]
    found = re.findall(r"max_volume: (\S+) dB", _run(original, argv)[1])
    return float(found[-1]) < MIN_AUDIBLE_DB if found else None


def _sample_frames(original: SourceRange, span: Span) -> list[bytes]:
    """Three small grey pictures of a stretch; none where the video has not got them all."""
    start, end = span
    width = sample_width(original.info)
    argv = [*_FFMPEG, "-loglevel", "error"]
    graph = []
    for number, share in enumerate((0.2, 0.5, 0.8)):
        at = original.start_ms + start + int((end - start) * share)
        argv += ["-an", "-sn", "-dn", *open_at(original.source, original.info, start_ms=at)]
        first = f"[{number}:{original.info.video.index}]fps=10:start_time=0,trim=end_frame=1"
        graph.append(f"{first},scale={width}:{HEIGHT_PX}:flags=area,format=gray[p{number}]")
    graph.append("[p0][p1][p2]vstack=inputs=3[out]")
    argv += ["-filter_complex", ";".join(graph), "-map", "[out]", "-frames:v", "1"]
    data = _run(original, [*argv, "-f", "rawvideo", "-"])[0]
    size = width * HEIGHT_PX
    return (
        [data[at : at + size] for at in range(0, 3 * size, size)] if len(data) == 3 * size else []
    )


def sample_width(info: MediaInfo) -> int:
    """How wide the small picture of a video is; at least one window, whatever its shape."""
    video = info.video
    wide = round(HEIGHT_PX * video.display_width / max(1, video.display_height))
    return min(MAX_WIDTH_PX, max(2, wide))


def is_visible_everywhere(picture: bytes) -> bool:
    """Whether every window of the picture shows something."""
    return (
        _min_window_mean(value >= VISIBLE_LUMA for value in picture) >= VISIBLE_SHARE
        if picture
        else False
    )


def is_moving_everywhere(before: bytes, after: bytes) -> bool:
    """Whether every window differs between the two."""
    return _min_window_mean(abs(a - b) for a, b in zip(before, after, strict=True)) >= MIN_MOTION


def _min_window_mean(values: Iterable[int]) -> float:
    """The smallest mean of any window, of values given row by row."""
    flat = list(values)
    width = len(flat) // HEIGHT_PX
    window = min(WINDOW_PX, width)
    columns = [sum(flat[x::width]) for x in range(width)]
    sums = [0, *accumulate(columns)]
    found = (sums[x + window] - sums[x] for x in range(width - window + 1))
    return min(found) / (window * HEIGHT_PX)


def _run(original: SourceRange, argv: Sequence[str]) -> tuple[bytes, str]:
    answer = run(
        argv,
        timeout_s=original.timeout_s,
        reads=[original.source],
        should_stop=original.should_stop,
    )
    return answer.output, answer.tail
