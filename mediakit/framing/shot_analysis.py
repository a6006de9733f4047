"""One look at a range of a video: where shots change, where black bars are, where faces are.

One ffmpeg run over that range only; small pictures come through a pipe and are looked at here.
"""

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from mediakit.errors import (
    SandboxError,
    ToolError,
    ToolLimitError,
    ToolMissingError,
    ToolTimeoutError,
)
from mediakit.ffmpeg.source_args import open_at, seconds
from mediakit.framing.crop_plan import WHOLE, Analysis, Box, Face, Sample
from mediakit.framing.face_detection import Detector, Pixels
from mediakit.framing.geometry import LETTERBOX, Size, fit_into, framing, upright
from mediakit.media_info import MediaInfo, Source
from mediakit.sandbox import process

RATE = 5  # pictures a second in which faces are looked for
# With nobody in sight for a second, only every fourth of them is looked at closely.
GLANCES = 4
LOOK_PIXELS = 100_000  # their size: 420 by 236 for a wide picture
SCORE_SIDE = 320
# A change of shot: so much of the picture differs (percent) from the one before, less what differed
# between the two before, and no more within this time. It is a scene score of 0.20 in `select`'s scale.
CUT_SCORE = 20 / 2.56
CUT_APART_US = 400_000
# Bars are as wide on both sides, to this share of the side, and neither thinner nor wider than:
BAR_TOLERANCE = 0.02
THINNEST_BAR, WIDEST_BAR = 0.02, 0.4
DARK = 24  # a line whose mean brightness is below this (of 255) may be a bar
# What was seen before one of these is no look at the range: it would be kept as if nobody were in the rest.
FATAL = (SandboxError, ToolLimitError, ToolMissingError, ToolTimeoutError)
_SCORES, _BARS = "scores.txt", "bars.txt"


def watch(
    source: Source,
    info: MediaInfo,
    *,
    start_ms: int,
    end_ms: int,
    detector: Detector | None,
    work_dir: Path,
    on_progress: Callable[[float], None] = lambda _: None,
    should_stop: Callable[[], bool] | None = None,
    timeout_s: float = 600,
) -> Analysis:
    """Look at `start_ms..end_ms` once. `work_dir` is the caller's and is written to.

    Without a detector there are no faces, but shots and bars. What cannot be decoded is passed over:
    ToolError only when nothing at all could be seen, ToolTimeoutError when the time is up before the end.
    """
    shape = look_size(info)
    seen = _Seen(shape, detector, start_ms, max(1, (end_ms - start_ms) * RATE // 1000), on_progress)
    try:
        process.run(
            build_args(source, info, start_ms=start_ms, end_ms=end_ms),
            timeout_s=timeout_s,
            reads=[source],
            cwd=work_dir,
            on_bytes=seen.take,
            should_stop=should_stop,
        )
    except FATAL:
        raise
    except ToolError:
        if not seen.samples:
            raise
    return Analysis(
        start_ms=start_ms,
        end_ms=end_ms,
        detector=detector.name if detector else "",
        area=_area(work_dir / _BARS, shape),
        cuts_us=tuple(cuts(_values(work_dir / _SCORES, "scd.score"), start_ms, end_ms)),
        samples=tuple(seen.samples),
    )


def look_size(info: MediaInfo) -> Size:
    """The size of the pictures that are looked at: upright, square pixels."""
    size, sar = upright(info.video)
    wide, high = max(2, info.video.display_width), max(2, info.video.display_height)
    share = min(1.0, math.sqrt(LOOK_PIXELS / (wide * high)))
    return fit_into(size, sar, Size(_even(wide * share), _even(high * share)))


def _even(value: float) -> int:
    return max(2, round(value / 2) * 2)


def build_args(source: Source, info: MediaInfo, *, start_ms: int, end_ms: int) -> list[str]:
    """The command line; scores of every picture go to a file, every fifth of a second to the pipe."""
    video = info.video
    size, sar = upright(video)
    score_size = fit_into(size, sar, Size(SCORE_SIDE, SCORE_SIDE))
    length = seconds(end_ms - start_ms)
    deinterlace = "bwdif=mode=send_frame:deint=interlaced," if video.is_interlaced else ""
    graph = (
        f"[0:{video.index}]{deinterlace}trim=end={length},split=2[all][some];"
        f"[all]scale={score_size}:flags=fast_bilinear,format=yuv420p,settb=1/1000000,"
        f"scdet=threshold=100,metadata=print:key=lavfi.scd.score:file={_SCORES},nullsink;"
        f"[some]fps={RATE}:start_time=0:round=up,trim=end={length}[in];"
        f"{framing(video, LETTERBOX, look_size(info))};"
        f"[out]cropdetect=limit={DARK}:round=2:reset=0,metadata=print:file={_BARS},"
        "format=yuv420p[look]"
    )
    return [
        *("ffmpeg", "-nostdin", "-hide_banner", "-v", "error", "-nostats", "-y"),
        # Without deblocking the picture is good enough to look at, and a fifth cheaper.
        *("-max_error_rate", "1", "-skip_loop_filter:v", "all"),
        *open_at(source, info, start_ms=start_ms),
        *("-filter_complex", graph, "-map", "[look]", "-fps_mode", "passthrough"),
        *("-f", "rawvideo", "-"),
    ]


class _Seen:
    """Takes in bytes, makes pictures of them, finds faces in each."""

    def __init__(
        self,
        size: Size,
        detector: Detector | None,
        start_ms: int,
        expected: int,
        tell: Callable[[float], None],
    ) -> None:
        self.samples: list[Sample] = []
        self._shape = (size.height * 3 // 2, size.width)
        self._bytes = size.width * size.height * 3 // 2
        self._kept = bytearray()
        self._before: Pixels | None = None
        self._empty = 0  # pictures in a row without anybody
        self._detector = detector
        self._start_ms = start_ms
        self._expected = expected
        self._tell = tell

    def take(self, data: bytes) -> None:
        """Take in a piece of the pipe."""
        self._kept += data
        while len(self._kept) >= self._bytes:
            planes: Pixels = np.frombuffer(bytes(self._kept[: self._bytes]), np.uint8)
            del self._kept[: self._bytes]
            self._look(planes.reshape(self._shape))

    def _look(self, planes: Pixels) -> None:
        closely = self._empty < RATE or self._empty % GLANCES == 0
        faces = self._detector.find(planes, closely) if self._detector else []
        self._empty = 0 if faces else self._empty + 1
        if self._before is not None:
            before = self._before
            faces = [replace(face, motion=_motion(face, before, planes)) for face in faces]
        self._before = planes
        time_ms = self._start_ms + len(self.samples) * 1000 // RATE
        self.samples.append(Sample(time_ms, tuple(faces)))
        self._tell(min(1.0, len(self.samples) / self._expected))


def _motion(face: Face, before: Pixels, now: Pixels) -> float:
    """How much the lower half of a face has changed, from 0 to 1."""
    height, width = now.shape[0] * 2 // 3, now.shape[1]
    box = face.box
    rows = slice(int((box.top + box.height / 2) * height), int((box.top + box.height) * height) + 1)
    columns = slice(int(box.left * width), int(box.right * width) + 1)
    old, new = before[:height][rows, columns], now[:height][rows, columns]
    if not new.size:
        return 0.0
    return float(np.abs(new.astype(np.int16) - old).mean() / 255)


def cuts(scores: Sequence[tuple[int, float]], start_ms: int, end_ms: int) -> list[int]:
    """Times (µs from the video's start) where a shot begins, from (µs, score) of every picture.

    A cut is a score of at least CUT_SCORE that none nearby exceeds. The range's own edges are none.
    """
    strong = [(time, score) for time, score in scores if score >= CUT_SCORE and time > 0]
    length = (end_ms - start_ms) * 1000
    found: list[tuple[int, float]] = []
    for time, score in strong:
        if found and time - found[-1][0] < CUT_APART_US:
            if score > found[-1][1]:
                found[-1] = (time, score)
        else:
            found.append((time, score))
    return [start_ms * 1000 + time for time, _ in found if time < length]


def _area(path: Path, size: Size) -> Box:
    """The picture without its black bars; the whole where what is dark is no bar."""
    last: dict[str, float] = {}
    for values in _blocks(path):
        if "lavfi.cropdetect.w" in values:
            last = values
    if not last:
        return WHOLE
    x, y, w, h = (last.get(f"lavfi.cropdetect.{name}", 0.0) for name in "xywh")
    left, width = _without_bars(x, w, size.width)
    top, height = _without_bars(y, h, size.height)
    return Box(left, top, width, height)


def _without_bars(start: float, length: float, whole: int) -> tuple[float, float]:
    """(start, length) as shares of a side; (0, 1) unless both ends have the same bar."""
    first, second = start / whole, (whole - start - length) / whole
    thin, wide = sorted((first, second))
    if length <= 0 or thin < THINNEST_BAR or wide > WIDEST_BAR or wide - thin > BAR_TOLERANCE:
        return 0.0, 1.0
    pixel = 1 / whole  # the edge itself may be half black
    return first + pixel, 1 - first - second - 2 * pixel


def _blocks(path: Path) -> list[dict[str, float]]:
    """What `metadata=print` wrote, frame by frame; "pts" is the frame's time."""
    found: list[dict[str, float]] = []
    if not path.exists():
        return found
    with path.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            head = re.match(r"frame:\d+\s+pts:(-?\d+)", line)
            if head:
                found.append({"pts": float(head[1])})
            elif found and line.startswith("lavfi."):
                name, _, value = line.strip().partition("=")
                found[-1][name] = _number(value)
    return found


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0


def _values(path: Path, name: str) -> list[tuple[int, float]]:
    return [(int(v["pts"]), v[f"lavfi.{name}"]) for v in _blocks(path) if f"lavfi.{name}" in v]
