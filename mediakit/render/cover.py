"""The cover of a finished Short: its sharpest well-lit picture on which eyes are open, as a JPEG of its full size."""

import statistics
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from mediakit.cutting.cut_time import Span
from mediakit.errors import InputError, MediaErrorCode
from mediakit.ffmpeg.source_args import format_seconds, input_args, thread_args
from mediakit.media_info import MediaInfo, Source
from mediakit.render.stills import JPEG_QUALITY, TIMEOUT_S, TO_JPEG_FILTERS
from mediakit.sandbox.process import run
from mediakit.scenes.frame_metadata import MS_CLOCK, read_metadata
from mediakit.scenes.thumbnail_candidates import FrameStat, best_frame, read_candidates, sharpest

CANDIDATES = 24
# Eyes are looked at in the sharpest ones only: each costs about as much as a picture's decode.
LOOKED_AT = 12
# Eyes that are less open than this share of what is usual in the Short count as shut: people differ in their eyes.
OPEN_SHARE = 0.85
# With a face on so many of the pictures that are looked at, the Short is about people, and a sharp wall is no cover.
FACES_SHARE = 1 / 3
SHORT_SIDE_PX = 320
_STATISTICS = "statistics.txt"
# From one keyframe to the one before it is longer than this.
_EARLY_MS = 5

# How far the eyes in a picture are open, in any unit; None where no face is.
EyeMeter = Callable[[Path], float | None]


def candidates_graph(label: str, span: Span) -> str:
    """The graph from a label to "[stills]": small pictures of up to CANDIDATES keyframes of a span in ms."""
    start_s, end_s = (ms / 1000 for ms in span)
    step_s = max(0.1, (end_s - start_s) / CANDIDATES)
    return (
        f"[{label}]{MS_CLOCK},select='eq(pict_type\\,I)*gte(t\\,{start_s:.3f})*lt(t\\,{end_s:.3f})"
        f"*(isnan(prev_selected_t)+gte(t-prev_selected_t\\,{step_s:.3f}))',"
        f"scale={SHORT_SIDE_PX}:{SHORT_SIDE_PX}:force_original_aspect_ratio=increase:"
        f"force_divisible_by=2:flags=area,blurdetect=block_width=32:block_height=32,"
        f"signalstats,metadata=print:file={_STATISTICS},{TO_JPEG_FILTERS}[stills]"
    )


def candidates_output() -> list[str]:
    """The output options of `candidates_graph`: they write into the folder in which ffmpeg runs."""
    return ["-map", "[stills]", "-fps_mode", "passthrough", *_JPEG, "frame%06d.jpg"]


_JPEG = (
    *("-c:v", "mjpeg", "-q:v", JPEG_QUALITY, "-map_metadata", "-1", "-map_chapters", "-1"),
    *("-fflags", "+bitexact", "-flags:v", "+bitexact", "-f", "image2"),
)


def choose_cover(folder: Path, eyes: EyeMeter | None = None) -> int | None:
    """When the cover is shown, in ms, of the candidates in a folder; None when there is none."""
    frames = list(read_candidates(folder, read_metadata(folder / _STATISTICS)))
    if eyes is not None:
        frames = _with_open_eyes(frames, eyes)
    best = best_frame(frames, 0, frames[-1].time_ms + 1) if frames else None
    return None if best is None else best.time_ms


def _with_open_eyes(frames: Sequence[FrameStat], eyes: EyeMeter) -> list[FrameStat]:
    """The sharpest ones without those on which eyes are less open than usual; all of them without a face.

    Where faces are usual, those without a face are left out too.
    """
    looked_at = sharpest(frames, LOOKED_AT)
    measured = [(frame, eyes(frame.path)) for frame in looked_at]
    known = [value for _, value in measured if value is not None]
    if not known:
        return list(frames)
    least = OPEN_SHARE * statistics.median(known)
    is_of_people = len(known) >= FACES_SHARE * len(looked_at)
    return [
        frame
        for frame, value in measured
        if (not is_of_people if value is None else value >= least)
    ]


def write_cover(
    short: Source,
    info: MediaInfo,
    *,
    out: Path,
    span: Span | None = None,
    eyes: EyeMeter | None = None,
    timeout_s: float = TIMEOUT_S,
) -> None:
    """Write the cover of a Short, from up to CANDIDATES of its keyframes, with what is drawn on them.

    Only pictures in `span` (ms) are looked at: a card is no cover, and a title is drawn on the first seconds only.
    Raises `InputError` TRUNCATED_FILE when no picture can be read.
    """
    with tempfile.TemporaryDirectory(dir=out.parent) as name:
        folder = Path(name)
        graph = candidates_graph(f"0:{info.video.index}", span or (0, info.duration_ms))
        run(
            [
                *_FFMPEG,
                *thread_args(),
                *("-skip_frame", "nokey", *input_args(short)),
                *("-filter_complex", graph, *candidates_output()),
            ],
            timeout_s=timeout_s,
            reads=[short],
            cwd=folder,
        )
        time_ms = choose_cover(folder, eyes)
    write_picture(short, time_ms or 0, out=out, timeout_s=timeout_s)


def write_picture(short: Source, time_ms: int, *, out: Path, timeout_s: float = TIMEOUT_S) -> None:
    """Write the picture that a Short shows at a time as a JPEG of its full size.

    Raises `InputError` TRUNCATED_FILE when it cannot be read.
    """
    run(
        [
            *_FFMPEG,
            *(*thread_args(), "-ss", format_seconds(max(0, time_ms - _EARLY_MS))),
            *(*input_args(short), "-map", "0:v:0", "-frames:v", "1", "-vf", TO_JPEG_FILTERS),
            *(*_JPEG, "-update", "1", f"file:{out.name}"),
        ],
        timeout_s=timeout_s,
        reads=[short],
        cwd=out.parent,
    )
    if not out.exists():
        raise InputError(MediaErrorCode.TRUNCATED_FILE, "The Short has no picture.")


_FFMPEG = ("ffmpeg", "-nostdin", "-hide_banner", "-nostats", "-loglevel", "error", "-y")
