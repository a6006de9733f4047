"""The cover of a finished Short: its sharpest well-lit picture, as a JPEG of its full size."""

import tempfile
from pathlib import Path

from mediakit.errors import InputError, MediaErrorCode
from mediakit.ffmpeg.source_args import input_args_at
from mediakit.media_info import MediaInfo, Source
from mediakit.render.stills import JPEG_QUALITY, TIMEOUT_S, TO_JPEG_FILTERS
from mediakit.sandbox.process import run
from mediakit.scenes.frame_metadata import MS_CLOCK, read_metadata
from mediakit.scenes.thumbnail_candidates import best_frame, read_candidates

CANDIDATES = 24
_STATISTICS = "statistics.txt"


def write_cover(
    short: Source,
    info: MediaInfo,
    *,
    out: Path,
    from_ms: int = 0,
    before_ms: int | None = None,
    timeout_s: float = TIMEOUT_S,
) -> None:
    """Write the cover of a Short, from up to CANDIDATES of its keyframes, with what is drawn on them.

    Only pictures from `from_ms` on and before `before_ms` are looked at, as far as there are any: a card is no cover,
    and a title is drawn on the first seconds only. Raises `InputError` TRUNCATED_FILE when no picture can be read.
    """
    end_ms = min(info.duration_ms, before_ms or info.duration_ms)
    with tempfile.TemporaryDirectory(dir=out.parent) as name:
        folder = Path(name)
        run(
            _command(short, info, from_ms=from_ms, end_ms=end_ms),
            timeout_s=timeout_s,
            reads=[short],
            cwd=folder,
        )
        frames = list(read_candidates(folder, read_metadata(folder / _STATISTICS)))
        best = best_frame(frames, 0, info.duration_ms)
        if best is None:
            raise InputError(MediaErrorCode.TRUNCATED_FILE, "The Short has no picture.")
        best.path.replace(out)


def _command(short: Source, info: MediaInfo, *, from_ms: int, end_ms: int) -> list[str]:
    """The candidates as full pictures, and their statistics. Keyframes are decoded alone: two a second are there."""
    length_s = max(0.1, (end_ms - from_ms) / 1000)
    step_s = max(0.1, length_s / CANDIDATES)
    graph = (
        f"[0:{info.video.index}]trim=start=0,{MS_CLOCK},select='isnan(prev_selected_t)+gte(t-prev_selected_t\\,{step_s:.3f})',"
        "split[shown][measured];"
        "[measured]scale=320:-2:flags=area,blurdetect=block_width=32:block_height=32,"
        f"signalstats,metadata=print:file={_STATISTICS},nullsink;"
        f"[shown]{TO_JPEG_FILTERS}[jpeg]"
    )
    return [
        *("ffmpeg", "-nostdin", "-hide_banner", "-nostats", "-loglevel", "error", "-y"),
        *("-skip_frame", "nokey", *input_args_at(short, info, start_ms=from_ms)),
        *("-filter_complex", graph, "-map", "[jpeg]"),
        *("-t", f"{length_s:.3f}", "-frames:v", str(CANDIDATES), "-fps_mode", "passthrough"),
        *("-c:v", "mjpeg", "-q:v", JPEG_QUALITY, "-map_metadata", "-1", "-map_chapters", "-1"),
        *("-fflags", "+bitexact", "-flags:v", "+bitexact", "-f", "image2", "frame%06d.jpg"),
    ]
