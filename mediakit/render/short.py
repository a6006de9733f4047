"""Render a Short: one ffmpeg run from a frozen spec."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from mediakit.audio.loudness import (
    BITS_PER_S,
    SAMPLE_RATE,
    LoudnessPlan,
    audio_filters,
    encoder_options,
    plan_loudness,
)
from mediakit.audio.loudness_index import LoudnessIndex
from mediakit.captions import overlay
from mediakit.captions.caption_style import BurnIn
from mediakit.errors import EncoderError, InputError, MediaErrorCode, ToolError, ToolTimeoutError
from mediakit.ffmpeg.source_args import input_args_at
from mediakit.framing import crop_filters
from mediakit.framing.crop_plan import CropPlan
from mediakit.framing.geometry import (
    BLUR,
    CANVAS,
    CENTER_CROP,
    LETTERBOX,
    SMART_CROP,
    STRATEGIES,
    Size,
    constant_size_filters,
    framing_graph,
)
from mediakit.media_info import MediaInfo, Source, VideoTrack
from mediakit.probing.frame_rate import MAX_SHORT_MS, frame_count, output_rate
from mediakit.render.encoders import HIGH, MEDIUM, QUALITIES, QUALITY, X264, Encoder
from mediakit.sandbox.process import run

# Relative file sizes, fitted as `estimate_size_bytes` says.
SIZE_FACTORS = {
    CENTER_CROP: 1.0,
    SMART_CROP: 1.0,
    BLUR: 0.83,
    LETTERBOX: 0.52,
    HIGH: 1.0,
    MEDIUM: 0.47,
}


@dataclass(frozen=True, slots=True)
class ShortSpec:
    """The settings of one Short to render.

    `audio_index` is a stream index, None for the track a player chooses. `reduce_noise` lowers the
    noise between words. `plan` is the crop plan of "smart_crop"; without one the crop is centred.
    `burn_in` holds the captions, title, progress bar and logo to draw onto the picture.
    """

    start_ms: int
    end_ms: int
    strategy: str = CENTER_CROP
    quality: str = HIGH
    audio_index: int | None = None
    reduce_noise: bool = False
    plan: CropPlan | None = None
    burn_in: BurnIn | None = None

    @property
    def duration_ms(self) -> int:
        """The requested length."""
        return self.end_ms - self.start_ms

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values, without `burn_in`."""
        plain = {name: getattr(self, name) for name in self.__slots__ if name != "burn_in"}
        return plain | {"plan": self.plan.to_json() if self.plan else None}


def check_spec(info: MediaInfo, spec: ShortSpec) -> None:
    """Raise `InputError` if the Short cannot be rendered from this source.

    Codes: SPAN_INVALID, SPAN_TOO_LONG, SPAN_OUTSIDE_VIDEO, UNKNOWN_STRATEGY, UNKNOWN_QUALITY,
    NO_SUCH_TRACK.
    """
    span = {"start_ms": spec.start_ms, "end_ms": spec.end_ms}
    if not 0 <= spec.start_ms < spec.end_ms:
        raise InputError(MediaErrorCode.SPAN_INVALID, "The end must be after the start.", **span)
    if spec.duration_ms > MAX_SHORT_MS:
        message = f"A Short is at most {MAX_SHORT_MS // 1000} seconds long."
        raise InputError(MediaErrorCode.SPAN_TOO_LONG, message, max_ms=MAX_SHORT_MS, **span)
    if spec.end_ms > info.duration_ms:
        message = "The range goes beyond the end of the video."
        raise InputError(
            MediaErrorCode.SPAN_OUTSIDE_VIDEO, message, duration_ms=info.duration_ms, **span
        )
    if spec.strategy not in STRATEGIES:
        raise InputError(
            MediaErrorCode.UNKNOWN_STRATEGY, "There is no such framing.", strategy=spec.strategy
        )
    if spec.quality not in QUALITIES:
        raise InputError(
            MediaErrorCode.UNKNOWN_QUALITY, "There is no such quality.", quality=spec.quality
        )
    if spec.audio_index is not None and info.audio_track(spec.audio_index) is None:
        message = "The video has no such sound track."
        raise InputError(MediaErrorCode.NO_SUCH_TRACK, message, audio_index=spec.audio_index)


def input_frames_graph(video: VideoTrack, *, rate: Fraction, frames: int) -> str:
    """The graph that gives exactly `frames` evenly spaced frames of the track, labelled `[in]`.

    The first frame is the picture on screen at the start, however old it is. The last picture is
    repeated until there are enough frames.
    """
    deinterlace = "bwdif=mode=send_frame:deint=interlaced," if video.is_interlaced else ""
    steady = f"fps={rate}:start_time=0,tpad=stop=-1:stop_mode=clone,trim=end_frame={frames}"
    return f"[0:{video.index}]{constant_size_filters(video)},{deinterlace}{steady}[in]"


def build_args(
    source: Source,
    info: MediaInfo,
    spec: ShortSpec,
    loudness: LoudnessPlan,
    out: Path,
    *,
    encoder: Encoder = X264,
) -> list[str]:
    """The command line of the encode."""
    rate = output_rate(info.video)
    frames = frame_count(spec.duration_ms, rate)
    frames_graph = input_frames_graph(info.video, rate=rate, frames=frames)
    if spec.strategy == SMART_CROP and spec.plan is not None:
        framed = crop_filters.crop_plan_graph(info.video, spec.plan, Size(*CANVAS), rate=rate)
    else:
        framed = framing_graph(info.video, spec.strategy, Size(*CANVAS))
    graph, shown = f"{frames_graph};{framed}", "[out]"
    if spec.burn_in is not None and overlay.has_content(spec.burn_in):
        graph, shown = f"{graph};{overlay.filter_graph(spec.burn_in)}", "[drawn]"
    if encoder.upload_filter:
        graph, shown = f"{graph};{shown}{encoder.upload_filter}[sent]", "[sent]"
    start_ms = nearest_frame_ms(info, spec.start_ms)
    picture_ms = decode_start_ms(info, start_ms)
    inputs = input_args_at(source, info, start_ms=picture_ms, steady=True)
    sound_from = f"0:{loudness.track.index}" if loudness.track else "1:a"
    if loudness.track is None:
        inputs += ["-f", "lavfi", "-i", f"anullsrc=sample_rate={SAMPLE_RATE}:channel_layout=stereo"]
    elif picture_ms != start_ms:  # the sound goes on after the last picture
        inputs += ["-vn", *input_args_at(source, info, start_ms=start_ms)]
        sound_from = f"1:{loudness.track.index}"
    sound_filters = audio_filters(loudness, whole_frames_ms(info, spec))
    return [
        *("ffmpeg", "-nostdin", "-hide_banner", "-nostats", "-loglevel", "warning", "-y"),
        *("-progress", "pipe:1", "-stats_period", "0.5"),
        *(*encoder.input_options, *inputs),
        # One graph for both: from one input alone ffmpeg 5 copies the display matrix, and players would turn again.
        *("-filter_complex", f"{graph};[{sound_from}]{sound_filters}[sound]"),
        *("-map", shown, "-map", "[sound]"),
        *encoder.options(QUALITY[spec.quality], rate),
        *encoder_options(),
        *("-map_metadata", "-1", "-map_chapters", "-1", "-sn", "-dn"),
        *("-fflags", "+bitexact", "-flags:v", "+cgop+bitexact", "-flags:a", "+bitexact"),
        *("-use_editlist", "0", "-movflags", "+faststart+negative_cts_offsets"),
        *("-write_tmcd", "0", "-f", "mp4", f"file:{out}"),
    ]


def whole_frames_ms(info: MediaInfo, spec: ShortSpec) -> int:
    """The length of the Short's video and audio: the range rounded to whole frames."""
    rate = output_rate(info.video)
    return round(Fraction(frame_count(spec.duration_ms, rate) * 1000) / rate)


def nearest_frame_ms(info: MediaInfo, start_ms: int) -> int:
    """The time of the source's frame nearest to the start, where the Short really begins.

    From a start between two frames the first frame would be shown up to half a frame early or late,
    and audio from the exact start would be out of sync by as much.
    """
    video = info.video
    if video.is_vfr or not video.frame_rate:
        return start_ms
    number = round(Fraction(start_ms - video.start_ms, 1000) * video.frame_rate)
    nearest = video.start_ms + round(number * 1000 / video.frame_rate)
    return nearest if 0 <= nearest < info.duration_ms else start_ms


def decode_start_ms(info: MediaInfo, start_ms: int) -> int:
    """Where to start decoding video: the start, or the last picture when none follows the start."""
    one_frame = -(-1000 // info.video.frame_rate)
    return max(0, min(start_ms, info.video.end_ms - int(one_frame)))


def estimate_size_bytes(spec: ShortSpec, info: MediaInfo) -> int:
    """An estimate of the Short's size in bytes from the source's bit rate.

    The exponent and the factors were fitted on 115 Shorts of 87 real clips, nearly all of 2-3 s
    (2026-11-22), and then rounded. On those same Shorts the median is off by a factor of 1.5, nine
    in ten by at most 3.5, the worst by 92. Drawn, flat pictures come out far smaller.
    """
    source_rate = info.size_bytes * 8000 / max(1, info.duration_ms)
    factor = SIZE_FACTORS[spec.strategy] * SIZE_FACTORS[spec.quality]
    max_rate = QUALITY[spec.quality].max_rate(output_rate(info.video))
    bits_per_s = min(max_rate, 58_000 * source_rate ** (1 / 3) * factor) + BITS_PER_S
    return int(bits_per_s * spec.duration_ms / 8000)


def render_short(
    source: Source,
    info: MediaInfo,
    spec: ShortSpec,
    out: Path,
    *,
    loudness_index: LoudnessIndex | None = None,
    on_progress: Callable[[str, float], None] = lambda _stage, _share: None,
    should_stop: Callable[[], bool] | None = None,
    timeout_s: float = 3600,
    encoder: Encoder = X264,
) -> LoudnessPlan:
    """Render the Short to `out`, which appears only when it is complete.

    With the source's `loudness_index` its loudness is not measured again. `on_progress` gets the
    stages "sound" and "encode" with a share from 0 to 1. Returns the applied loudness plan. Only the
    folder of `out` is written to. Raises `InputError` for a spec that does not fit the source,
    `EncoderError` when an encoder other than x264 fails, `ToolError` when x264 fails, and `ToolTimeoutError`.
    """
    check_spec(info, spec)
    loudness = plan_loudness(
        source,
        info,
        info.audio_track(spec.audio_index),
        start_ms=nearest_frame_ms(info, spec.start_ms),
        duration_ms=whole_frames_ms(info, spec),
        work_dir=out.parent,
        timeout_s=timeout_s,
        loudness_index=loudness_index,
        reduce_noise=spec.reduce_noise,
        on_progress=lambda share: on_progress("sound", share),
        should_stop=should_stop,
    )
    frames = frame_count(spec.duration_ms, output_rate(info.video))
    unfinished = out.with_name(f".{out.name}.part")
    script = out.with_name(f".{out.name}.graph")
    environment: Mapping[str, str] = {}
    if spec.burn_in is not None and overlay.has_content(spec.burn_in):
        overlay.write_files(spec.burn_in, unfinished.parent)
        environment = overlay.fontconfig_environment(unfinished.parent)
    argv = build_args(source, info, spec, loudness, Path(unfinished.name), encoder=encoder)
    try:
        completed = run(
            _with_graph_file(argv, script),
            timeout_s=timeout_s,
            reads=[source],
            cwd=unfinished.parent,
            env=environment,
            on_line=_progress_reader(frames, lambda share: on_progress("encode", share)),
            should_stop=should_stop,
            devices=encoder.devices,
        )
        _publish(unfinished, out, tail=completed.tail)
    except ToolError as error:
        if encoder is X264 or isinstance(error, ToolTimeoutError):
            raise
        raise EncoderError(f"{encoder}: {error}", tool=error.tool, tail=error.tail) from error
    finally:
        unfinished.unlink(missing_ok=True)
        script.unlink(missing_ok=True)
    return loudness


def _publish(unfinished: Path, out: Path, *, tail: str) -> None:
    if not unfinished.exists() or not unfinished.stat().st_size:
        raise ToolError("ffmpeg wrote nothing.", tool="ffmpeg", tail=tail)
    unfinished.replace(out)


def _with_graph_file(argv: list[str], script: Path) -> list[str]:
    """The command line, with a filter graph too long for an argument moved to the file `script`."""
    at = argv.index("-filter_complex")
    if len(argv[at + 1].encode()) <= crop_filters.MAX_ARGUMENT_BYTES:
        return argv
    script.write_text(argv[at + 1], encoding="utf-8")
    return [*argv[:at], "-filter_complex_script", script.name, *argv[at + 2 :]]


def _progress_reader(frames: int, on_progress: Callable[[float], None]) -> Callable[[str], None]:
    """A reader of ffmpeg's `-progress` lines that reports a growing share of the frames."""
    reached = 0.0

    def read(line: str) -> None:
        nonlocal reached
        match = re.fullmatch(r"frame=\s*(\d+)\s*", line)
        if match is not None:
            share = min(1.0, int(match[1]) / frames)
            if share > reached:
                reached = share
                on_progress(share)

    return read
