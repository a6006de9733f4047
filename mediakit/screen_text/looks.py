"""Looks at a whole video: grey pictures some seconds apart, mostly its keyframes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np

from mediakit.errors import (
    FATAL_ERRORS,
    ToolError,
)
from mediakit.framing.geometry import (
    LETTERBOX,
    Size,
    constant_size_filters,
    fit_size,
    framing_graph,
    upright_size,
)
from mediakit.media_info import MediaInfo
from mediakit.probing.keyframe_times import mp4_keyframes
from mediakit.sandbox import process
from mediakit.scenes import first_pass_args
from mediakit.scenes.first_pass_args import Mode, Pass
from mediakit.scenes.frame_metadata import MS_CLOCK, read_metadata

Pixels = np.ndarray[Any, np.dtype[np.uint8]]

LONG_SIDE_PX, STEP_MS = 1280, 2_500
TIMES_FILE = "looks.txt"
# Keyframes farther apart than this on average are too sparse: then the pictures between them are decoded as well.
MAX_MEAN_GAP_MS = 12_000


def look_size(info: MediaInfo) -> Size:
    """The size of a look: upright, with square pixels, no larger than the picture."""
    size, sar = upright_size(info.video)
    sides = (info.video.display_width, info.video.display_height)
    largest = max(2, min(LONG_SIDE_PX, max(sides)) // 2 * 2)
    return fit_size(size, sar, Size(largest, largest))


def take_looks(run: Pass, make_taker: Callable[[], Callable[[Pixels], None]]) -> list[int]:
    """Hand each look to a taker in order; returns their times in ms.

    When it turns out that keyframes are too sparse, all begins anew with another taker, which gets a look about every
    STEP_MS. Raises `ToolError` when no picture could be decoded, and each of FATAL_ERRORS.
    """
    if run.mode is Mode.WHOLE:
        return _times(_decode(run, make_taker()), {})
    keyframes = mp4_keyframes(run.source, run.info)
    mode = Mode.KEYS if keyframes is None else Mode.DEMUXED_KEYS
    found = _decode(_of_keyframes(replace(run, mode=mode)), make_taker())
    if len(found) * MAX_MEAN_GAP_MS < run.info.duration_ms:
        return _times(_decode(replace(run, mode=Mode.SAMPLED), make_taker()), {})
    right = keyframes.corrected_times(found) if keyframes else None
    return _times(found, right or {})


def _times(found: Sequence[int], right: Mapping[int, int]) -> list[int]:
    """The right times, which never go back."""
    times = [right.get(time_ms, time_ms) for time_ms in found]
    for at, (before, after) in enumerate(pairwise(times)):
        times[at + 1] = max(before, after)
    return times


def _of_keyframes(run: Pass) -> Pass:
    """The pass over a copy of the keyframes, for decoders that decode every picture; else the same."""
    codec = run.info.video.codec
    if codec not in first_pass_args.UNSKIPPABLE_CODECS or run.mode is Mode.DEMUXED_KEYS:
        return run
    process.run(
        first_pass_args.keyframe_copy_args(run),
        timeout_s=run.timeout_s,
        reads=[run.source],
        cwd=run.work_dir,
        on_line=lambda _: None,
        should_stop=run.should_stop,
    )
    video = replace(run.info.video, index=0)
    info = replace(run.info, container="matroska", origin_ms=0, seek_points=(), video=video)
    return replace(run, source=str(run.work_dir / first_pass_args.KEYS_FILE), info=info)


def _decode(run: Pass, take: Callable[[Pixels], None]) -> list[int]:
    """Decode the pictures of a pass; returns the times that ffmpeg gives them. Damaged ones are left out."""
    size = look_size(run.info)
    expected = max(1, run.info.duration_ms // STEP_MS)

    def take_and_report(look: Pixels) -> None:
        take(look)
        run.on_progress(min(1.0, cutter.count / expected))

    cutter = _Cutter(size, take_and_report)
    (run.work_dir / TIMES_FILE).unlink(missing_ok=True)
    try:
        process.run(
            [*first_pass_args.input_args(run, reports=False), *_output_args(run, size)],
            timeout_s=run.timeout_s,
            reads=[run.source],
            cwd=run.work_dir,
            on_bytes=cutter.feed,
            should_stop=run.should_stop,
        )
    except FATAL_ERRORS:
        raise
    except ToolError:
        if not cutter.count:
            raise
    return [time for time, _ in read_metadata(run.work_dir / TIMES_FILE)][: cutter.count]


def _output_args(run: Pass, size: Size) -> list[str]:
    """No complex graph: for one ffmpeg resets what the demuxer shall drop."""
    video = run.info.video
    filters = (
        f"{first_pass_args.select_every(STEP_MS)},{MS_CLOCK},{constant_size_filters(video)}[in];"
        f"{framing_graph(video, LETTERBOX, size)};"
        f"[out]metadata=mode=add:key=look:value=1,metadata=print:file={TIMES_FILE},format=gray"
    )
    argv = ["-map", f"0:{video.index}", "-vf", filters, "-an", "-sn", "-dn"]
    return [*argv, "-fps_mode", "passthrough", "-f", "rawvideo", "-"]


class _Cutter:
    """Cuts a byte stream into pictures."""

    def __init__(self, size: Size, take: Callable[[Pixels], None]) -> None:
        self.count = 0
        self._shape = (size.height, size.width)
        self._take = take
        self._pending = bytearray()

    def feed(self, data: bytes) -> None:
        """Take the next bytes of the pipe."""
        self._pending += data
        length = self._shape[0] * self._shape[1]
        while len(self._pending) >= length:
            picture: Pixels = np.frombuffer(bytes(self._pending[:length]), np.uint8)
            del self._pending[:length]
            self._take(picture.reshape(self._shape))
            self.count += 1
