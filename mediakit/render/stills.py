"""Single pictures out of a video: as it is, and as a Short would frame it."""

from fractions import Fraction
from pathlib import Path

from mediakit.captions import overlay
from mediakit.captions.caption_style import BurnIn
from mediakit.errors import InputError, MediaErrorCode
from mediakit.ffmpeg.source_args import open_at
from mediakit.framing import crop_filters
from mediakit.framing.crop_plan import Plan
from mediakit.framing.geometry import (
    CANVAS,
    LETTERBOX,
    TAGS,
    Size,
    even,
    fit_into,
    framing,
    upright,
)
from mediakit.media_info import MediaInfo, Source
from mediakit.render.short import first_pictures, picture_start
from mediakit.sandbox.process import run

TIMEOUT_S = 60.0
JPEG_QUALITY = "4"
# JPEG knows one matrix only, and no tag that browsers would read.
TO_JPEG = (
    "scale=in_color_matrix=bt709:out_color_matrix=bt601:in_range=tv:out_range=pc,"
    "setparams=range=pc:colorspace=bt470bg,format=yuvj420p"
)
FROM_JPEG = (
    "flags=bicubic:in_color_matrix=bt601:out_color_matrix=bt709:in_range=pc:out_range=tv,"
    f"format=yuv420p,setsar=1,{TAGS}"
)
# Past the last picture ffmpeg ends well and writes nothing; then an earlier one is looked for.
STEPS_BACK_MS = (0, 100, 1_000, 10_000)


def framing_still(
    source: Source,
    info: MediaInfo,
    *,
    time_ms: int,
    strategy: str,
    out: Path,
    plan: Plan | None = None,
    height: int = 480,
    timeout_s: float = TIMEOUT_S,
) -> None:
    """Write a JPEG of the upright framing at that time, by the very graph the Short is made with.

    `plan` is the crop plan of a single picture (`mediakit.framing.crop_filters.still_plan`). A time past the last
    picture gives the last picture.
    """
    canvas = Size(even(Fraction(height * CANVAS[0], CANVAS[1]), at_most=CANVAS[0]), height)
    if plan is not None:
        graph = crop_filters.planned(info.video, plan, canvas, rate=info.video.frame_rate)
    else:
        graph = framing(info.video, strategy, canvas)
    _write(source, info, graph=graph, time_ms=time_ms, out=out, timeout_s=timeout_s)


def drawn_still(
    framed: Path,
    what: BurnIn,
    *,
    time_ms: int,
    out: Path,
    height: int = 960,
    timeout_s: float = TIMEOUT_S,
) -> None:
    """Write a JPEG of a framing still with what is drawn on the Short at that time of it.

    `framed` is a still of `framing_still` of any size, in the folder of `out`. Script and filters are those
    of the file itself.
    """
    canvas = (even(Fraction(height * CANVAS[0], CANVAS[1]), at_most=CANVAS[0]), height)
    overlay.write_files(what, out.parent)
    late = f"setpts=PTS+{time_ms}/1000/TB"
    graph = (
        f"[0:v]scale={canvas[0]}:{canvas[1]}:{FROM_JPEG},{late}[out];{overlay.filter_graph(what, canvas)};"
        f"[drawn]{TO_JPEG},setpts=PTS-STARTPTS[jpeg]"
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
    """Write a JPEG of the whole picture at that time, at most `width` pixels wide and upright.

    A picture narrower than that is not enlarged. A time past the last picture gives the last one.
    """
    size, sar = upright(info.video)
    widest = even(min(width, max(2, info.video.display_width)), at_most=max(2, width // 2 * 2))
    box = Size(widest, 100_000)
    graph = framing(info.video, LETTERBOX, fit_into(size, sar, box))
    _write(source, info, graph=graph, time_ms=time_ms, out=out, timeout_s=timeout_s)


def _write(
    source: Source, info: MediaInfo, *, graph: str, time_ms: int, out: Path, timeout_s: float
) -> None:
    start = first_pictures(info.video, rate=info.video.frame_rate, frames=1)
    full = f"{graph};[out]{TO_JPEG}[jpeg]"
    unfinished = out.with_name(f".{out.name}.part")
    last_ms = picture_start(info, max(0, time_ms))
    try:
        for at_ms in sorted({max(0, last_ms - back) for back in STEPS_BACK_MS}, reverse=True):
            run(
                [
                    *("ffmpeg", "-nostdin", "-hide_banner", "-nostats", "-loglevel", "error", "-y"),
                    *open_at(source, info, start_ms=at_ms),
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
