"""Stills of a video: the whole picture, as a Short frames it, and with the burned-in overlay."""

from pathlib import Path

from mediakit.captions import overlay
from mediakit.captions.caption_style import BurnIn
from mediakit.errors import InputError, MediaErrorCode
from mediakit.ffmpeg.source_args import input_args_at
from mediakit.framing import crop_filters
from mediakit.framing.crop_plan import CropPlan
from mediakit.framing.geometry import (
    BT709_TAGS,
    LETTERBOX,
    Size,
    fit_size,
    framing_graph,
    round_to_even,
    upright_size,
)
from mediakit.framing.output_format import SHORT, OutputFormat
from mediakit.media_info import MediaInfo, Source
from mediakit.render.kept_frames import decode_start_ms, first_frame_graph
from mediakit.sandbox.process import run

TIMEOUT_S = 60.0
JPEG_QUALITY = "4"
# JPEG has one matrix only, and no colour tag that browsers read.
TO_JPEG_FILTERS = (
    "scale=in_color_matrix=bt709:out_color_matrix=bt601:in_range=tv:out_range=pc,"
    "setparams=range=pc:colorspace=bt470bg,format=yuvj420p"
)
FROM_JPEG_FILTERS = (
    "flags=bicubic:in_color_matrix=bt601:out_color_matrix=bt709:in_range=pc:out_range=tv,"
    f"format=yuv420p,setsar=1,{BT709_TAGS}"
)
# The short side in px of a still of a framing, and of one with an overlay, whose letters must be read.
STILL_SHORT_SIDE_PX, OVERLAY_SHORT_SIDE_PX = 270, 540
# After the last picture ffmpeg succeeds and writes nothing; an earlier time is then tried.
RETRY_EARLIER_MS = (0, 100, 1_000, 10_000)


def framing_still(
    source: Source,
    info: MediaInfo,
    *,
    time_ms: int,
    strategy: str,
    out: Path,
    plan: CropPlan | None = None,
    output: OutputFormat = SHORT,
    timeout_s: float = TIMEOUT_S,
) -> None:
    """Write a JPEG of the Short's framing at a time, made by the same filter graph as the Short.

    `plan` is the crop plan of a single picture (`mediakit.framing.crop_filters.still_plan`), made for the `output`
    format. A time past the last picture gives the last picture.
    """
    canvas = output.scaled(short_side=STILL_SHORT_SIDE_PX)
    if plan is not None:
        graph = crop_filters.crop_plan_graph(info.video, plan, canvas, rate=info.video.frame_rate)
    else:
        graph = framing_graph(info.video, strategy, canvas)
    _write(source, info, graph=graph, time_ms=time_ms, out=out, timeout_s=timeout_s)


def overlay_still(
    framed: Path,
    burn_in: BurnIn,
    *,
    time_ms: int,
    out: Path,
    output: OutputFormat = SHORT,
    timeout_s: float = TIMEOUT_S,
) -> None:
    """Write a JPEG of a framing still with the overlay that the Short shows at that time.

    `framed` is a still by `framing_still` in the same `output` format, in the folder of `out`. ASS script and filters
    are the same as the Short's.
    """
    size = output.scaled(short_side=OVERLAY_SHORT_SIDE_PX)
    overlay.write_files(burn_in, out.parent)
    shifted = f"setpts=PTS+{time_ms}/1000/TB"
    graph = (
        f"[0:v]scale={size}:{FROM_JPEG_FILTERS},{shifted}[out];"
        f"{overlay.filter_graph(burn_in, size)};[drawn]{TO_JPEG_FILTERS},setpts=PTS-STARTPTS[jpeg]"
    )
    unfinished = out.with_name(f".{out.name}.part")
    run(
        [
            *("ffmpeg", "-nostdin", "-hide_banner", "-nostats", "-loglevel", "error", "-y"),
            *("-f", "jpeg_pipe", "-i", f"file:{framed.name}"),
            *("-filter_complex", graph, "-map", "[jpeg]", "-frames:v", "1"),
            *("-c:v", "mjpeg", "-q:v", JPEG_QUALITY),
            *("-fflags", "+bitexact", "-flags:v", "+bitexact"),
            *("-f", "image2", "-update", "1", f"file:{unfinished.name}"),
        ],
        timeout_s=timeout_s,
        cwd=out.parent,
        env=overlay.fontconfig_environment(out.parent),
    )
    unfinished.replace(out)


def frame_still(
    source: Source,
    info: MediaInfo,
    *,
    time_ms: int,
    out: Path,
    width: int,
    timeout_s: float = TIMEOUT_S,
) -> None:
    """Write a JPEG of the whole upright picture at a time, at most `width` pixels wide.

    A picture narrower than that is not enlarged. A time past the last picture gives the last one.
    """
    size, sar = upright_size(info.video)
    widest = round_to_even(
        min(width, max(2, info.video.display_width)), maximum=max(2, width // 2 * 2)
    )
    box = Size(widest, 100_000)
    graph = framing_graph(info.video, LETTERBOX, fit_size(size, sar, box))
    _write(source, info, graph=graph, time_ms=time_ms, out=out, timeout_s=timeout_s)


def _write(
    source: Source, info: MediaInfo, *, graph: str, time_ms: int, out: Path, timeout_s: float
) -> None:
    start = first_frame_graph(info.video)
    full = f"{graph};[out]{TO_JPEG_FILTERS}[jpeg]"
    unfinished = out.with_name(f".{out.name}.part")
    last_ms = decode_start_ms(info, max(0, time_ms))
    try:
        for at_ms in sorted({max(0, last_ms - back) for back in RETRY_EARLIER_MS}, reverse=True):
            run(
                [
                    *("ffmpeg", "-nostdin", "-hide_banner", "-nostats", "-loglevel", "error", "-y"),
                    *input_args_at(source, info, start_ms=at_ms, steady=True),
                    *("-filter_complex", f"{start};{full}", "-map", "[jpeg]", "-frames:v", "1"),
                    *("-c:v", "mjpeg", "-q:v", JPEG_QUALITY),
                    *("-map_metadata", "-1", "-map_chapters", "-1"),
                    *("-fflags", "+bitexact", "-flags:v", "+bitexact"),
                    *("-f", "image2", "-update", "1", f"file:{unfinished.name}"),
                ],
                timeout_s=timeout_s,
                reads=[source],
                cwd=out.parent,
            )
            if unfinished.exists():
                unfinished.replace(out)
                return
        raise InputError(
            MediaErrorCode.TRUNCATED_FILE, "There is no picture near that time.", time_ms=time_ms
        )
    finally:
        unfinished.unlink(missing_ok=True)
