"""The command lines of the first pass over a video."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from mediakit.audio import level_meter
from mediakit.ffmpeg.source_args import clock_output_args, input_args_at
from mediakit.framing.geometry import (
    LETTERBOX,
    Size,
    constant_size_filters,
    fit_size,
    framing_graph,
    upright_size,
)
from mediakit.media_info import AudioTrack, MediaInfo, Source
from mediakit.scenes.frame_metadata import MS_CLOCK

# Black as a receipt has it: 98 % of the pixels are at most a tenth of white. Only black pictures get the value.
BLACK_FILTER = "blackframe=amount=98:threshold=37"
SHOTS_FILE, FRAMES_FILE = "shots.txt", "frames.txt"
MAX_WIDTH_PX = 640
MAX_HEIGHT_PX = 1280
MAX_FRAMES = 2_000
# Sharpness and brightness are measured on a smaller copy: at full width that costs as much as decoding.
MEASURED_WIDTH_PX = 320
# Clips up to this length are decoded completely, and give this many thumbnail candidates.
SHORT_CLIP_MS = 30_000
SHORT_CLIP_FRAMES = 15
# The shortest time between two thumbnail candidates.
MIN_FRAME_STEP_MS = 2_000
SAMPLE_STEP_MS = 1_000


class Mode(StrEnum):
    """Which pictures are decoded.

    All of them; keyframes; keyframes, where the demuxer drops all other packets unread; or about one a second.
    """

    WHOLE = "whole"
    KEYS = "keys"
    DEMUXED_KEYS = "demuxed keys"
    SAMPLED = "sampled"


# Codecs whose decoders decode every picture, whatever they are told to skip.
UNSKIPPABLE_CODECS = ("vp9", "av1")
KEYS_FILE = "keys.mkv"

_SKIP = {
    Mode.WHOLE: (),
    Mode.KEYS: ("-skip_frame:v", "nokey"),
    Mode.DEMUXED_KEYS: ("-skip_frame:v", "nokey", "-discard:v", "nokey"),
    Mode.SAMPLED: ("-skip_frame:v", "noref"),
}


@dataclass(frozen=True, slots=True)
class Pass:
    """The parameters of one pass; `audio` None skips the audio. `on_progress` gets a share from 0 to 1."""

    source: Source
    info: MediaInfo
    work_dir: Path
    mode: Mode
    audio: AudioTrack | None
    on_progress: Callable[[float], None]
    should_stop: Callable[[], bool] | None
    timeout_s: float


def input_args(run: Pass, *, reports: bool = True) -> list[str]:
    """The command line up to the input. It reports its progress on standard output, unless pictures go there."""
    argv = ["ffmpeg", "-nostdin", "-hide_banner", "-v", "error", "-nostats", "-y"]
    argv += [*(("-progress", "pipe:1") if reports else ()), "-max_error_rate", "1"]
    return [*argv, *_skip_args(run), *input_args_at(run.source, run.info, steady=True)]


def _skip_args(run: Pass) -> tuple[str, ...]:
    """Decoder options: what to leave out. Blocks that are not smoothed cannot be seen at half the size."""
    video = run.info.video
    is_shrunk = video.display_width >= 2 * MAX_WIDTH_PX or video.display_height >= 2 * MAX_HEIGHT_PX
    is_keys = run.mode in {Mode.KEYS, Mode.DEMUXED_KEYS}
    unsmoothed = ("-skip_loop_filter:v", "all") if is_shrunk and is_keys else ()
    return (*_SKIP[run.mode], *unsmoothed)


def keyframe_copy_args(run: Pass) -> list[str]:
    """The command line that copies the keyframes, at their times, into KEYS_FILE."""
    argv = ["ffmpeg", "-nostdin", "-hide_banner", "-v", "error", "-nostats", "-y"]
    argv += ["-progress", "pipe:1", *input_args_at(run.source, run.info)]
    argv += ["-map", f"0:{run.info.video.index}", "-c", "copy", "-bsf:v", "noise=drop=not(key)"]
    return [*argv, "-map_metadata", "-1", "-map_chapters", "-1", "-f", "matroska", KEYS_FILE]


def video_output_args(run: Pass) -> list[str]:
    """The pictures' output. No complex graph: for one ffmpeg resets what the demuxer shall drop."""
    argv = ["-map", f"0:{run.info.video.index}", "-vf", _video_filters(run)]
    argv += ["-an", "-sn", "-dn", "-fps_mode", "passthrough"]
    argv += ["-c:v", "mjpeg", "-q:v", "4", "-map_metadata", "-1"]
    return [*argv, "-map_chapters", "-1", "-f", "image2", "frame%06d.jpg"]


def audio_output_args(run: Pass, track: AudioTrack) -> list[str]:
    """The audio output: speech audio; the filters write the levels to files."""
    argv = ["-map", f"0:{track.index}", "-vn", "-sn", "-dn"]
    argv += ["-af", level_meter.meter_filters(track)]
    argv += ["-map_metadata", "-1", "-map_chapters", "-1", "-c:a", "pcm_s16le"]
    return [*argv, "-f", "wav", level_meter.SPEECH_FILE, *clock_output_args(run.info)]


def _video_filters(run: Pass) -> str:
    """The filters to small upright pictures: a score for each, statistics and a JPEG for some."""
    video = run.info.video
    size, sar = upright_size(video)
    box = Size(min(MAX_WIDTH_PX, max(2, video.display_width // 2 * 2)), MAX_HEIGHT_PX)
    small = framing_graph(video, LETTERBOX, fit_size(size, sar, box))
    chosen = select_every(SAMPLE_STEP_MS) if run.mode is Mode.SAMPLED else "null"
    return (
        f"{chosen},{MS_CLOCK},{constant_size_filters(video)}[in];{small};"
        f"[out]scdet=threshold=100,{BLACK_FILTER},metadata=print:file={SHOTS_FILE},"
        f"{select_every(frame_step_ms(run.info.duration_ms))},split[shown][measured];"
        f"[measured]scale={MEASURED_WIDTH_PX}:-2:flags=area,blurdetect=block_width=32:block_height=32,"
        f"signalstats,metadata=print:file={FRAMES_FILE},nullsink;"
        "[shown]scale=in_range=tv:out_range=pc,format=yuvj420p"
    )


def frame_step_ms(duration_ms: int) -> int:
    """The time between two thumbnail candidates."""
    if duration_ms <= SHORT_CLIP_MS:
        return max(1, duration_ms // SHORT_CLIP_FRAMES)
    return max(MIN_FRAME_STEP_MS, -(-duration_ms // MAX_FRAMES))


def select_every(step_ms: int) -> str:
    """The filter that passes a frame on once that time went by since the last one."""
    return f"select='isnan(prev_selected_t)+gte(t-prev_selected_t\\,{step_ms / 1000:.3f})'"
