"""A playback proxy: a small copy of a whole video that every browser plays, seeks and steps through.

Nothing else is ever made from a proxy: Shorts and previews read the source.
"""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

from mediakit.audio.downmix import stereo_filters
from mediakit.ffmpeg.source_args import format_seconds, input_args_at
from mediakit.framing.geometry import (
    LETTERBOX,
    Size,
    constant_size_filters,
    fit_size,
    framing_graph,
    upright_size,
)
from mediakit.media_info import MediaInfo, Source
from mediakit.probing.frame_rate import output_rate
from mediakit.render.ffmpeg_output import progress_reader, publish
from mediakit.sandbox.process import run

# What all browsers of today decode (Safari on older phones: no AV1): 8 bit 4:2:0, no larger than phones manage.
BROWSER_VIDEO = {"mov": frozenset({"h264"}), "matroska": frozenset({"vp8", "vp9"})}
BROWSER_AUDIO = {
    "mov": frozenset({"aac", "mp3"}),
    "matroska": frozenset({"opus", "vorbis"}),
}
BROWSER_PIX_FMTS = frozenset({"yuv420p", "yuvj420p"})
LATE_MS = 1_000
MAX_BROWSER_PIXELS = 2560 * 1440

LONG_SIDE_PX, SHORT_SIDE_PX = 1280, 720
KEYFRAME_EVERY_S = 2  # how far a seek decodes at most
CRF = 26
AUDIO_BITS_PER_S = 128_000
MAX_RATE_BITS_PER_S = 2_500_000
MAX_FILE_BYTES = 3_000_000_000  # the rate of many hours is lower


def plays_in_browsers(info: MediaInfo, *, suffix: str = "") -> bool:
    """Whether every browser plays picture and sound of a file. `suffix` is its name's ending with the dot.

    Players choose the first sound track, count an MP4's time from the file's own clock until it plays (`LATE_MS`), and
    play Matroska files only as WebM.
    """
    video, container = info.video, info.container.partition(",")[0]
    if container == "matroska" and suffix.lower() != ".webm":
        return False
    codecs = BROWSER_VIDEO.get(container, frozenset())
    sounds = BROWSER_AUDIO.get(container, frozenset())
    main = info.audio_track()
    is_first = not info.audio or main == info.audio[0]
    return (
        video.codec in codecs
        and video.pix_fmt in BROWSER_PIX_FMTS
        and video.width * video.height <= MAX_BROWSER_PIXELS
        and is_first
        and (main is None or main.codec in sounds)
        and not info.seek_points
        and (container != "mov" or info.origin_ms < LATE_MS)
    )


def proxy_size(info: MediaInfo) -> Size:
    """The proxy's size in px: the whole upright picture in at most 1280 x 720, or 720 x 1280; never enlarged."""
    size, sar = upright_size(info.video)
    shown = fit_size(size, sar, Size(*_even(info.video.display_width, info.video.display_height)))
    is_upright = shown.height > shown.width
    box = Size(SHORT_SIDE_PX, LONG_SIDE_PX) if is_upright else Size(LONG_SIDE_PX, SHORT_SIDE_PX)
    if shown.width <= box.width and shown.height <= box.height:
        return shown
    return fit_size(size, sar, box)


def max_rate_bits_per_s(info: MediaInfo) -> int:
    """The highest rate of the picture, over some seconds."""
    whole = MAX_FILE_BYTES * 8000 // max(1, info.duration_ms) - AUDIO_BITS_PER_S
    return max(100_000, min(MAX_RATE_BITS_PER_S, whole))


def most_bytes(info: MediaInfo) -> int:
    """What a proxy takes at most, in bytes."""
    return (max_rate_bits_per_s(info) + AUDIO_BITS_PER_S) * info.duration_ms // 8000


def _even(width: int, height: int) -> tuple[int, int]:
    return max(2, width // 2 * 2), max(2, height // 2 * 2)


def build_args(source: Source, info: MediaInfo, out: Path) -> list[str]:
    """The command line of the encode. The proxy's time 0 is the source's first picture."""
    rate, track = output_rate(info.video), info.audio_track()
    most = max_rate_bits_per_s(info)
    whole = framing_graph(info.video, LETTERBOX, proxy_size(info))
    graph = f"[0:{info.video.index}]{constant_size_filters(info.video)},fps={rate}:start_time=0[in];{whole}"
    maps = ["-map", "[out]"]
    if track is not None:
        graph += f";[0:{track.index}]{stereo_filters(track)}[sound]"
        maps += ["-map", "[sound]", "-c:a", "aac", "-b:a", str(AUDIO_BITS_PER_S)]
    return [
        *("ffmpeg", "-nostdin", "-hide_banner", "-nostats", "-loglevel", "warning", "-y"),
        *("-progress", "pipe:1", "-stats_period", "0.5", "-max_error_rate", "1"),
        *input_args_at(source, info, steady=True),
        *("-filter_complex", graph, *maps, "-t", format_seconds(info.duration_ms)),
        *("-c:v", "libx264", "-preset", "veryfast", "-crf", str(CRF), "-pix_fmt", "yuv420p"),
        *("-maxrate", str(most), "-bufsize", str(2 * most)),
        *("-g", str(_keyframe_interval(rate)), "-profile:v", "high"),
        *("-map_metadata", "-1", "-map_chapters", "-1", "-sn", "-dn", "-movflags", "+faststart"),
        *("-max_muxing_queue_size", "4096", "-f", "mp4", f"file:{out}"),
    ]


def _keyframe_interval(rate: Fraction) -> int:
    return max(1, round(rate * KEYFRAME_EVERY_S))


def make_proxy(
    source: Source,
    info: MediaInfo,
    out: Path,
    *,
    on_progress: Callable[[float], None] = lambda _: None,
    should_stop: Callable[[], bool] | None = None,
    timeout_s: float = 48 * 3600,
) -> None:
    """Encode the proxy to `out`, which appears only when it is complete.

    `on_progress` gets a growing share from 0 to 1. Only the folder of `out` is written to. Raises `ToolError`,
    `ToolTimeoutError`, and `StoppedError` when `should_stop` returned True.
    """
    unfinished = out.with_name(f".{out.name}.part")
    frames = max(1, int(info.duration_ms * output_rate(info.video) / 1000))
    try:
        completed = run(
            build_args(source, info, Path(unfinished.name)),
            timeout_s=timeout_s,
            reads=[source],
            cwd=unfinished.parent,
            on_line=progress_reader(frames, on_progress),
            should_stop=should_stop,
        )
        publish(unfinished, out, tail=completed.tail)
    finally:
        unfinished.unlink(missing_ok=True)
