"""The Short itself: one ffmpeg run from a frozen spec."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from mediakit.audio.loudness import BIT_RATE, RATE, SoundPlan, chain, encoder_options, plan_sound
from mediakit.audio.loudness_index import Heard
from mediakit.captions import overlay
from mediakit.captions.caption_style import BurnIn
from mediakit.errors import EncoderError, InputError, MediaErrorCode, ToolError, ToolTimeoutError
from mediakit.ffmpeg.source_args import open_at
from mediakit.framing import crop_filters
from mediakit.framing.crop_plan import Plan
from mediakit.framing.geometry import (
    BLUR,
    CANVAS,
    CENTER_CROP,
    LETTERBOX,
    SMART_CROP,
    STRATEGIES,
    Size,
    framing,
)
from mediakit.media_info import MediaInfo, Source, VideoTrack
from mediakit.probing.frame_rate import MAX_SHORT_MS, frame_count, output_rate
from mediakit.render.encoders import HIGH, MEDIUM, QUALITIES, QUALITY, X264, Encoder
from mediakit.sandbox.process import run

SIZE_SHARES = {
    CENTER_CROP: 1.0,
    SMART_CROP: 1.0,
    BLUR: 0.83,
    LETTERBOX: 0.52,
    HIGH: 1.0,
    MEDIUM: 0.47,
}


@dataclass(frozen=True, slots=True)
class ShortSpec:
    """What is asked for; `audio_index` is a stream index, None for the track a player chooses.

    `reduce_noise` lowers what is heard between words.

    `plan` is how "smart_crop" frames it; without one it is the middle of the picture.

    `drawing` is what is drawn onto the picture: captions, title, bar, logo.
    """

    start_ms: int
    end_ms: int
    strategy: str = CENTER_CROP
    quality: str = HIGH
    audio_index: int | None = None
    reduce_noise: bool = False
    plan: Plan | None = None
    drawing: BurnIn | None = None

    @property
    def duration_ms(self) -> int:
        """How long the Short is to be."""
        return self.end_ms - self.start_ms

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values, without the drawing."""
        plain = {name: getattr(self, name) for name in self.__slots__ if name != "drawing"}
        return plain | {"plan": self.plan.to_json() if self.plan else None}


def check_spec(info: MediaInfo, spec: ShortSpec) -> None:
    """Refuse what cannot be made of this source, with `InputError`.

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


def first_pictures(video: VideoTrack, *, rate: Fraction, frames: int) -> str:
    """The graph that takes exactly so many pictures from the track to `[in]`, evenly spaced.

    The picture on screen at the start is there from the first frame, however long ago it came;
    the last one stays for as long as pictures are wanted.
    """
    deinterlace = "bwdif=mode=send_frame:deint=interlaced," if video.is_interlaced else ""
    steady = f"fps={rate}:start_time=0,tpad=stop=-1:stop_mode=clone,trim=end_frame={frames}"
    return f"[0:{video.index}]{deinterlace}{steady}[in]"


def build_args(
    source: Source,
    info: MediaInfo,
    spec: ShortSpec,
    sound: SoundPlan,
    out: Path,
    *,
    encoder: Encoder = X264,
) -> list[str]:
    """The whole command line of the encode."""
    rate = output_rate(info.video)
    frames = frame_count(spec.duration_ms, rate)
    pictures = first_pictures(info.video, rate=rate, frames=frames)
    if spec.strategy == SMART_CROP and spec.plan is not None:
        framed = crop_filters.planned(info.video, spec.plan, Size(*CANVAS), rate=rate)
    else:
        framed = framing(info.video, spec.strategy, Size(*CANVAS))
    graph, shown = f"{pictures};{framed}", "[out]"
    if spec.drawing is not None and overlay.has_content(spec.drawing):
        graph, shown = f"{graph};{overlay.filter_graph(spec.drawing)}", "[drawn]"
    if encoder.upload:
        graph, shown = f"{graph};{shown}{encoder.upload}[sent]", "[sent]"
    start_ms = frame_start(info, spec.start_ms)
    picture_ms = picture_start(info, start_ms)
    inputs = open_at(source, info, start_ms=picture_ms)
    sound_from = f"0:{sound.track.index}" if sound.track else "1:a"
    if sound.track is None:
        inputs += ["-f", "lavfi", "-i", f"anullsrc=sample_rate={RATE}:channel_layout=stereo"]
    elif picture_ms != start_ms:  # the sound goes on after the last picture
        inputs += ["-vn", *open_at(source, info, start_ms=start_ms)]
        sound_from = f"1:{sound.track.index}"
    return [
        *("ffmpeg", "-nostdin", "-hide_banner", "-nostats", "-loglevel", "warning", "-y"),
        *("-progress", "pipe:1", "-stats_period", "0.5"),
        *(*encoder.opening, *inputs),
        *("-filter_complex", graph, "-map", shown),
        *("-map", sound_from, "-af", chain(sound, full_pictures_ms(info, spec))),
        *encoder.options(QUALITY[spec.quality], rate),
        *encoder_options(),
        *("-map_metadata", "-1", "-map_chapters", "-1", "-sn", "-dn"),
        *("-fflags", "+bitexact", "-flags:v", "+cgop+bitexact", "-flags:a", "+bitexact"),
        *("-use_editlist", "0", "-movflags", "+faststart+negative_cts_offsets"),
        *("-write_tmcd", "0", "-f", "mp4", f"file:{out}"),
    ]


def full_pictures_ms(info: MediaInfo, spec: ShortSpec) -> int:
    """How long the Short's pictures last, and so its sound: the range in whole pictures."""
    rate = output_rate(info.video)
    return round(Fraction(frame_count(spec.duration_ms, rate) * 1000) / rate)


def frame_start(info: MediaInfo, start_ms: int) -> int:
    """Where the Short really begins: at the source's picture nearest to the start.

    Between two pictures the first one would be shown up to half a picture early or late, and sound
    that begins at the exact start would be out of step by as much.
    """
    video = info.video
    if video.is_vfr or not video.frame_rate:
        return start_ms
    number = round(Fraction(start_ms - video.start_ms, 1000) * video.frame_rate)
    nearest = video.start_ms + round(number * 1000 / video.frame_rate)
    return nearest if 0 <= nearest < info.duration_ms else start_ms


def picture_start(info: MediaInfo, start_ms: int) -> int:
    """Where to read pictures from: the start, or the last picture when there are none after it."""
    one_frame = -(-1000 // info.video.frame_rate)
    return max(0, min(start_ms, info.video.end_ms - int(one_frame)))


def estimate_size_bytes(spec: ShortSpec, info: MediaInfo) -> int:
    """About how large the Short will be, in bytes, from how many bits the source spends on a second.

    The power and the shares were fitted on 115 Shorts of 87 real clips, nearly all of 2-3 s
    (2026-11-22), and then rounded. On those same Shorts the median is off by a factor of 1.5, nine
    in ten by at most 3.5, the worst by 92. Drawn, flat pictures come out far smaller.
    """
    source_rate = info.size_bytes * 8000 / max(1, info.duration_ms)
    share = SIZE_SHARES[spec.strategy] * SIZE_SHARES[spec.quality]
    ceiling = QUALITY[spec.quality].max_rate(output_rate(info.video))
    bits_per_s = min(ceiling, 58_000 * source_rate ** (1 / 3) * share) + BIT_RATE
    return int(bits_per_s * spec.duration_ms / 8000)


def render_short(
    source: Source,
    info: MediaInfo,
    spec: ShortSpec,
    out: Path,
    *,
    heard: Heard | None = None,
    on_progress: Callable[[str, float], None] = lambda _stage, _share: None,
    should_stop: Callable[[], bool] | None = None,
    timeout_s: float = 3600,
    encoder: Encoder = X264,
) -> SoundPlan:
    """Make the Short at `out`, which appears only when it is whole.

    What was `heard` of the source before is not measured again.
    `on_progress` gets the stages "sound" and "encode" with a share from 0 to 1. Returns what was
    done to the sound. Nothing but the folder of `out` is written to. Raises `InputError` for a spec
    that does not fit the source, and `EncoderError` when another encoder than x264 fails.
    """
    check_spec(info, spec)
    sound = plan_sound(
        source,
        info,
        info.audio_track(spec.audio_index),
        start_ms=frame_start(info, spec.start_ms),
        duration_ms=full_pictures_ms(info, spec),
        work_dir=out.parent,
        timeout_s=timeout_s,
        heard=heard,
        reduce_noise=spec.reduce_noise,
        on_progress=lambda share: on_progress("sound", share),
        should_stop=should_stop,
    )
    frames = frame_count(spec.duration_ms, output_rate(info.video))
    unfinished = out.with_name(f".{out.name}.part")
    script = out.with_name(f".{out.name}.graph")
    told: Mapping[str, str] = {}
    if spec.drawing is not None and overlay.has_content(spec.drawing):
        overlay.write_files(spec.drawing, unfinished.parent)
        told = overlay.fontconfig_environment(unfinished.parent)
    argv = build_args(source, info, spec, sound, Path(unfinished.name), encoder=encoder)
    try:
        answer = run(
            _with_script(argv, script),
            timeout_s=timeout_s,
            reads=[source],
            cwd=unfinished.parent,
            env=told,
            on_line=_progress_reader(frames, lambda share: on_progress("encode", share)),
            should_stop=should_stop,
            devices=encoder.devices,
        )
        _appear(unfinished, out, tail=answer.tail)
    except ToolError as error:
        if encoder is X264 or isinstance(error, ToolTimeoutError):
            raise
        raise EncoderError(f"{encoder}: {error}", tool=error.tool, tail=error.tail) from error
    finally:
        unfinished.unlink(missing_ok=True)
        script.unlink(missing_ok=True)
    return sound


def _appear(unfinished: Path, out: Path, *, tail: str) -> None:
    if not unfinished.exists() or not unfinished.stat().st_size:
        raise ToolError("ffmpeg wrote nothing.", tool="ffmpeg", tail=tail)
    unfinished.replace(out)


def _with_script(argv: list[str], script: Path) -> list[str]:
    """The command line, with a filter graph too long for an argument put into a file beside the output."""
    at = argv.index("-filter_complex")
    if len(argv[at + 1].encode()) <= crop_filters.LONGEST_ARGUMENT:
        return argv
    script.write_text(argv[at + 1], encoding="utf-8")
    return [*argv[:at], "-filter_complex_script", script.name, *argv[at + 2 :]]


def _progress_reader(frames: int, tell: Callable[[float], None]) -> Callable[[str], None]:
    """Turn ffmpeg's `-progress` lines into a share that only grows."""
    reached = 0.0

    def read(line: str) -> None:
        nonlocal reached
        match = re.fullmatch(r"frame=\s*(\d+)\s*", line)
        if match is not None:
            share = min(1.0, int(match[1]) / frames)
            if share > reached:
                reached = share
                tell(share)

    return read
