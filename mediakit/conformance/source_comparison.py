"""Compare black, frozen and silent spans of a Short with the source, by a few small samples.

A Short may be black, frozen or silent because its source is. The source counts as different only if
that holds for every window of it that has the Short's shape, so the framing need not be known.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from mediakit.conformance.decode_scan import DecodeScan
from mediakit.cutting.cut_time import CutTime, Span
from mediakit.errors import ToolError
from mediakit.ffmpeg.source_args import clock_output_args, input_args_at, sound_input_args
from mediakit.framing.geometry import Size
from mediakit.framing.output_format import SHORT
from mediakit.media_info import MediaInfo, Source
from mediakit.sandbox.process import run

HEIGHT_PX = 36
MAX_WIDTH_PX = 4 * HEIGHT_PX
MAX_SPANS = 3  # only the longest ones are compared
# The lowest brightness (0 to 255) of a visible pixel, and the smallest share of visible pixels.
VISIBLE_LUMA, VISIBLE_SHARE = 48, 0.05
MIN_MOTION = 3.0  # the smallest mean difference of two different moments
MIN_AUDIBLE_DB = -20.0
_Holds = Callable[["SourceRange", Span], bool | None]
_FFMPEG = ("ffmpeg", "-nostdin", "-hide_banner", "-nostats")


@dataclass(frozen=True, slots=True)
class SourceRange:
    """The kept ranges of a video that a Short of a `size` in px was made from; `audio_index` is None for a silent
    Short.
    """

    source: Source
    info: MediaInfo
    cut: CutTime
    audio_index: int | None
    timeout_s: float = 60
    should_stop: Callable[[], bool] | None = None
    size: Size = SHORT.size


@dataclass(frozen=True, slots=True)
class SourceMatch:
    """Whether the source is black, frozen or silent where its Short is; None where unknown."""

    black: bool | None = None
    frozen: bool | None = None
    silent: bool | None = None


def compare_with_source(
    original: SourceRange, scan: DecodeScan, *, lead_ms: int = 0
) -> SourceMatch:
    """Compare the source with the Short's black, frozen and silent spans; runs nothing if there are none.

    The spans count from the start of a file that has `lead_ms` before the cut.
    """

    def compared(spans: Sequence[Span], holds: _Holds) -> bool | None:
        in_cut = [(start - lead_ms, end - lead_ms) for start, end in spans]
        return _holds_for_longest(in_cut, lambda span: holds(original, span))

    return SourceMatch(
        black=compared(scan.black_ms, _is_dark),
        frozen=compared(scan.frozen_ms, _is_still),
        silent=compared(scan.silent_ms, _is_silent),
    )


def _holds_for_longest(spans: Sequence[Span], holds: Callable[[Span], bool | None]) -> bool | None:
    """Whether it holds in all of the longest spans; False if one differs, None if one is unknown."""
    longest = sorted(spans, key=lambda span: span[0] - span[1])[:MAX_SPANS]
    answers = []
    for span in longest:
        try:
            answers.append(holds(span))
        except ToolError:
            answers.append(None)
    if False in answers:
        return False
    return True if answers and None not in answers else None


def _is_dark(original: SourceRange, span: Span) -> bool | None:
    """False when every window shows something at three moments; None without pictures."""
    pictures = _sample_frames(original, span)
    if not pictures:
        return None
    return not all(is_visible_everywhere(picture, original.size) for picture in pictures)


def _is_still(original: SourceRange, span: Span) -> bool | None:
    """False when every window changes between three moments; None without pictures."""
    pictures = _sample_frames(original, span)
    if not pictures:
        return None
    return not all(is_moving_everywhere(a, b, original.size) for a, b in pairwise(pictures))


def _is_silent(original: SourceRange, span: Span) -> bool | None:
    """False when the source is clearly audible, whatever the Short's gain was; None if not measured."""
    if original.audio_index is None:
        return True
    kept = sorted(original.cut.source_spans_ms(*span), key=lambda part: part[0] - part[1])
    found = [_max_volume_db(original, part) for part in kept[:MAX_SPANS]]
    if not found or None in found:
        return None
    return all(level is not None and level < MIN_AUDIBLE_DB for level in found)


def _max_volume_db(original: SourceRange, span: Span) -> float | None:
    """The loudest sample of a range of the source in dBFS; None if not measured."""
    start, end = span
    source_args = sound_input_args(original.source, original.info, start_ms=start)
    filters = f"atrim=start=0:end={(end - start) / 1000:.3f},volumedetect"
    argv = [*_FFMPEG, *source_args, "-map", f"0:{original.audio_index}"]
    argv += ["-t", f"{(end - start) / 1000:.3f}", "-af", filters, "-f", "null", "-"]
    argv += clock_output_args(original.info, length_ms=end - start)
    found = re.findall(r"max_volume: (\S+) dB", _run(original, argv)[1])
    return float(found[-1]) if found else None


def _sample_frames(original: SourceRange, span: Span) -> list[bytes]:
    """Three small grey pictures of a span, row by row; [] unless the source has all three."""
    start, end = span
    width = sample_width(original.info)
    argv = [*_FFMPEG, "-loglevel", "error"]
    graph = []
    for number, share in enumerate((0.2, 0.5, 0.8)):
        at = original.cut.to_source_ms(start + int((end - start) * share))
        argv += ["-an", "-sn", "-dn", *input_args_at(original.source, original.info, start_ms=at)]
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
    """The width of the small pictures in pixels."""
    video = info.video
    wide = round(HEIGHT_PX * video.display_width / max(1, video.display_height))
    return min(MAX_WIDTH_PX, max(2, wide))


def is_visible_everywhere(picture: bytes, shape: Size) -> bool:
    """Whether every window of that shape in the picture has enough visible pixels."""
    if not picture:
        return False
    lowest = _min_window_mean([value >= VISIBLE_LUMA for value in picture], shape)
    return lowest >= VISIBLE_SHARE


def is_moving_everywhere(before: bytes, after: bytes, shape: Size) -> bool:
    """Whether every window of that shape differs between the two pictures."""
    changes = [abs(a - b) for a, b in zip(before, after, strict=True)]
    return _min_window_mean(changes, shape) >= MIN_MOTION


def _min_window_mean(values: Sequence[int], shape: Size) -> float:
    """The smallest mean of the largest window of a shape, rounded up, over values given row by row."""
    width = len(values) // HEIGHT_PX
    wide = -(-HEIGHT_PX * shape.width // shape.height)
    if wide < width:
        lines = [sum(values[x::width]) for x in range(width)]
        return _min_mean(lines, length=wide, across=HEIGHT_PX)
    tall = min(HEIGHT_PX, -(-width * shape.height // shape.width))
    lines = [sum(values[y * width : (y + 1) * width]) for y in range(HEIGHT_PX)]
    return _min_mean(lines, length=tall, across=width)


def _min_mean(lines: Sequence[int], *, length: int, across: int) -> float:
    """The smallest mean of so many neighbouring lines, given the sum of each line of `across` values."""
    sums = [0, *accumulate(lines)]
    found = (sums[at + length] - sums[at] for at in range(len(lines) - length + 1))
    return min(found) / (length * across)


def _run(original: SourceRange, argv: Sequence[str]) -> tuple[bytes, str]:
    completed = run(
        argv,
        timeout_s=original.timeout_s,
        reads=[original.source],
        should_stop=original.should_stop,
    )
    return completed.output, completed.tail
