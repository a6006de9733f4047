"""Render a Short: one ffmpeg run from a frozen spec."""

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

from mediakit.audio.kept_sound import KeptSound
from mediakit.audio.loudness import (
    BITS_PER_S,
    LoudnessPlan,
    audio_graph,
    encoder_options,
    plan_loudness,
)
from mediakit.audio.loudness_index import LoudnessIndex
from mediakit.captions import overlay
from mediakit.captions.caption_style import BurnIn
from mediakit.cutting.cut_time import (
    MAX_DECODED_MS,
    CutTime,
    Span,
    cut_time,
    decoded_ms,
    kept_ms,
)
from mediakit.errors import EncoderError, InputError, MediaErrorCode, ToolError, ToolTimeoutError
from mediakit.ffmpeg.source_args import WITHOUT_INDEX
from mediakit.framing import crop_filters
from mediakit.framing.crop_plan import CropPlan
from mediakit.framing.geometry import (
    BLUR,
    CENTER_CROP,
    LETTERBOX,
    SMART_CROP,
    STRATEGIES,
    framing_graph,
)
from mediakit.framing.output_format import (
    ASPECT_RATIOS,
    SHORT,
    VERTICAL,
    OutputFormat,
    output_format,
)
from mediakit.media_info import MediaInfo, Source
from mediakit.probing.frame_rate import MAX_SHORT_MS, output_rate
from mediakit.render.encoders import HIGH, MEDIUM, QUALITIES, QUALITY, X264, Encoder
from mediakit.render.ffmpeg_output import progress_reader, publish
from mediakit.render.finish import NO_FINISH, Finish
from mediakit.render.kept_frames import kept_frames_graph, kept_inputs
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
    `burn_in` holds the captions, title, progress bar and logo to draw onto the picture. `ranges` are the kept ones in
    ms, from `start_ms` to `end_ms`; empty for all of it. Plan and burn-in are in cut time, and made for the picture of
    `aspect_ratio`. `finish` is what stands before, after and under all that.
    """

    start_ms: int
    end_ms: int
    strategy: str = CENTER_CROP
    quality: str = HIGH
    audio_index: int | None = None
    reduce_noise: bool = False
    plan: CropPlan | None = None
    burn_in: BurnIn | None = None
    ranges: tuple[Span, ...] = ()
    aspect_ratio: str = VERTICAL
    finish: Finish = NO_FINISH

    def format_of(self, info: MediaInfo) -> OutputFormat:
        """The format of the Short of that source."""
        return output_format(self.aspect_ratio, info.video)

    @property
    def kept_ranges(self) -> tuple[Span, ...]:
        """The ranges of the source that are kept."""
        return self.ranges or ((self.start_ms, self.end_ms),)

    @property
    def duration_ms(self) -> int:
        """The requested length, without what lies between the kept ranges, and without cards."""
        return kept_ms(self.kept_ranges)

    @property
    def whole_ms(self) -> int:
        """The requested length with its cards."""
        return self.duration_ms + self.finish.length_ms

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values, without `burn_in` and `finish`."""
        left_out = {"burn_in", "finish"}
        plain = {name: getattr(self, name) for name in self.__slots__ if name not in left_out}
        return plain | {"plan": self.plan.to_json() if self.plan else None}


def check_spec(info: MediaInfo, spec: ShortSpec) -> None:
    """Raise `InputError` if the Short cannot be rendered from this source.

    Codes: SPAN_INVALID, RANGES_INVALID, RANGES_SCATTERED, SPAN_TOO_LONG, SPAN_OUTSIDE_VIDEO, UNKNOWN_STRATEGY,
    UNKNOWN_QUALITY, UNKNOWN_ASPECT_RATIO, NO_SUCH_TRACK.
    """
    span = {"start_ms": spec.start_ms, "end_ms": spec.end_ms}
    if not 0 <= spec.start_ms < spec.end_ms:
        raise InputError(MediaErrorCode.SPAN_INVALID, "The end must be after the start.", **span)
    _check_ranges(info, spec)
    if spec.whole_ms > MAX_SHORT_MS:
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
    if spec.aspect_ratio not in ASPECT_RATIOS:
        message = "There is no such aspect ratio."
        raise InputError(
            MediaErrorCode.UNKNOWN_ASPECT_RATIO, message, aspect_ratio=spec.aspect_ratio
        )
    if spec.audio_index is not None and info.audio_track(spec.audio_index) is None:
        message = "The video has no such sound track."
        raise InputError(MediaErrorCode.NO_SUCH_TRACK, message, audio_index=spec.audio_index)


def _check_ranges(info: MediaInfo, spec: ShortSpec) -> None:
    """Raise `InputError` unless several kept ranges are in order, apart, inside the span and not too scattered."""
    ranges = spec.kept_ranges
    ordered = all(start_ms < end_ms for start_ms, end_ms in ranges)
    ordered = ordered and all(sooner[1] <= later[0] for sooner, later in pairwise(ranges))
    if not ordered or (ranges[0][0], ranges[-1][1]) != (spec.start_ms, spec.end_ms):
        message = "The kept ranges must follow one another from the start to the end."
        raise InputError(MediaErrorCode.RANGES_INVALID, message)
    if len(ranges) > 1 and decoded_ms(info, ranges) > MAX_DECODED_MS:
        message = "The kept ranges lie in too many places, too far apart."
        raise InputError(MediaErrorCode.RANGES_SCATTERED, message)


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
    rate, cut = output_rate(info.video), spec_cut_time(info, spec)
    inputs = kept_inputs(source, info, cut, loudness.track, encoded_sound=loudness.encoded)
    frames_graph = kept_frames_graph(info.video, cut, inputs.pictures)
    size = spec.format_of(info).size
    if spec.strategy == SMART_CROP and spec.plan is not None:
        framed = crop_filters.crop_plan_graph(info.video, spec.plan, size, rate=rate)
    else:
        framed = framing_graph(info.video, spec.strategy, size)
    graph, shown = f"{frames_graph};{framed}", "[out]"
    if spec.burn_in is not None and overlay.has_content(spec.burn_in):
        graph, shown = f"{graph};{overlay.filter_graph(spec.burn_in, size)}", "[drawn]"
    args, first_card = inputs.args, inputs.args.count("-i")
    cards = [card for _, card in spec.finish.cards()]
    if cards:
        joined = spec.finish.pictures_graph(shown, size, rate, first_input=first_card)
        graph, shown = f"{graph};{joined}", "[finished]"
        args = [*args, *(option for card in cards for option in card.input_args())]
    if loudness.added and not loudness.encoded:
        args = [*args, *loudness.added.input_args()]
    if encoder.upload_filter:
        graph, shown = f"{graph};{shown}{encoder.upload_filter}[sent]", "[sent]"
    if loudness.encoded is None:
        kept = KeptSound.of_cut(cut)
        sound = audio_graph(loudness, kept, inputs.sounds, first_added=first_card + len(cards))
        filters = _filter_args(info, graph, f"{sound}[sound]")
        heard, sound_options = "[sound]", encoder_options()
    else:
        heard, sound_options = inputs.sounds[0], ["-c:a", "copy"]
        filters = _one_graph(graph, f"[{heard}]anullsink")
    return [
        *("ffmpeg", "-nostdin", "-hide_banner", "-nostats", "-loglevel", "warning", "-y"),
        *("-progress", "pipe:1", "-stats_period", "0.5"),
        *(*encoder.input_options, *args),
        *filters,
        *("-map", shown, "-map", heard),
        *encoder.options(QUALITY[spec.quality], rate),
        *sound_options,
        *("-map_metadata", "-1", "-map_chapters", "-1", "-sn", "-dn"),
        *("-fflags", "+bitexact", "-flags:v", "+cgop+bitexact", "-flags:a", "+bitexact"),
        *("-use_editlist", "0", "-movflags", "+faststart+negative_cts_offsets"),
        *("-write_tmcd", "0", "-f", "mp4", f"file:{out}"),
    ]


def spec_cut_time(info: MediaInfo, spec: ShortSpec) -> CutTime:
    """The cut time of the Short of this source and spec."""
    return cut_time(info, spec.kept_ranges)


@dataclass(frozen=True, slots=True)
class CutPlace:
    """Where the cut lies in the finished file, in frames of `rate`: `lead` before it, `whole` in all."""

    rate: Fraction
    lead: int
    cut: int
    whole: int

    @property
    def lead_ms(self) -> int:
        """When it begins."""
        return round(self.lead * 1000 / self.rate)

    @property
    def span_ms(self) -> Span:
        """From when to when it is shown."""
        return self.lead_ms, round((self.lead + self.cut) * 1000 / self.rate)

    @property
    def has_cards(self) -> bool:
        """Whether anything is before or after it."""
        return self.whole > self.cut


def cut_place(info: MediaInfo, spec: ShortSpec) -> CutPlace:
    """Where the cut lies in the Short of this source and spec."""
    rate, frames = output_rate(info.video), spec_cut_time(info, spec).frames
    whole = frames + spec.finish.added_frames(rate)
    return CutPlace(rate, spec.finish.lead_frames(rate), frames, whole)


def estimate_size_bytes(spec: ShortSpec, info: MediaInfo) -> int:
    """An estimate of the Short's size in bytes from the source's bit rate.

    The exponent and the factors were fitted on 115 Shorts of 87 real clips, nearly all of 2-3 s
    (2026-11-22), and then rounded. On those same Shorts the median is off by a factor of 1.5, nine
    in ten by at most 3.5, the worst by 92. Drawn, flat pictures come out far smaller. Those Shorts were 1080x1920; of
    another size it counts in proportion to its pixels.
    """
    source_rate = info.size_bytes * 8000 / max(1, info.duration_ms)
    factor = SIZE_FACTORS[spec.strategy] * SIZE_FACTORS[spec.quality]
    factor *= spec.format_of(info).size.pixels / SHORT.size.pixels
    max_rate = QUALITY[spec.quality].max_rate(output_rate(info.video))
    bits_per_s = min(max_rate, 58_000 * source_rate ** (1 / 3) * factor) + BITS_PER_S
    return int(bits_per_s * spec.whole_ms / 8000)


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
    cut = spec_cut_time(info, spec)
    with tempfile.TemporaryDirectory(prefix="sound-", dir=out.parent) as folder:
        loudness = plan_loudness(
            source,
            info,
            info.audio_track(spec.audio_index),
            KeptSound.of_cut(cut),
            work_dir=Path(folder).resolve(),
            timeout_s=timeout_s,
            loudness_index=loudness_index,
            reduce_noise=spec.reduce_noise,
            added=spec.finish.added_sound(cut.rate) if spec.finish != NO_FINISH else None,
            on_progress=lambda share: on_progress("sound", share),
            should_stop=should_stop,
        )
        _encode(
            *(source, info, spec, loudness, out),
            encoder=encoder,
            on_progress=lambda share: on_progress("encode", share),
            should_stop=should_stop,
            timeout_s=timeout_s,
        )
    return replace(loudness, encoded=None)


def _encode(
    source: Source,
    info: MediaInfo,
    spec: ShortSpec,
    loudness: LoudnessPlan,
    out: Path,
    *,
    encoder: Encoder,
    on_progress: Callable[[float], None],
    should_stop: Callable[[], bool] | None,
    timeout_s: float,
) -> None:
    """Encode into a file beside `out`, and give it that name when it is complete."""
    unfinished = out.with_name(f".{out.name}.part")
    script = out.with_name(f".{out.name}.graph")
    environment: Mapping[str, str] = {}
    if spec.burn_in is not None and overlay.has_content(spec.burn_in):
        overlay.write_files(spec.burn_in, unfinished.parent)
        environment = overlay.fontconfig_environment(unfinished.parent)
    argv = build_args(source, info, spec, loudness, Path(unfinished.name), encoder=encoder)
    sound = [str(loudness.encoded)] if loudness.encoded else []
    try:
        completed = run(
            _with_graph_file(argv, script),
            timeout_s=timeout_s,
            reads=[source, *spec.finish.reads, *sound],
            cwd=unfinished.parent,
            env=environment,
            on_line=progress_reader(cut_place(info, spec).whole, on_progress),
            should_stop=should_stop,
            devices=encoder.devices,
        )
        publish(unfinished, out, tail=completed.tail)
    except ToolError as error:
        if encoder is X264 or isinstance(error, ToolTimeoutError):
            raise
        raise EncoderError(f"{encoder}: {error}", tool=error.tool, tail=error.tail) from error
    finally:
        unfinished.unlink(missing_ok=True)
        script.unlink(missing_ok=True)


def _filter_args(info: MediaInfo, pictures: str, sound: str) -> list[str]:
    """Return the arguments of the graphs of pictures and sound.

    Reading of a stream without an index may begin inside a sound frame, and what is decoded of it has any sample rate.
    ffmpeg 5 builds a graph anew then, unless it still waits for a picture. So sound gets a graph of its own there.
    """
    if info.container in WITHOUT_INDEX and not info.video.has_display_matrix:
        return ["-filter_complex", pictures, "-filter_complex", sound]
    return _one_graph(pictures, sound)


def _one_graph(pictures: str, sound: str) -> list[str]:
    """One graph for both: from one input alone ffmpeg 5 copies the display matrix, and players would turn again."""
    return ["-filter_complex", f"{pictures};{sound}"]


def _with_graph_file(argv: list[str], script: Path) -> list[str]:
    """The command line, with a filter graph too long for an argument moved to the file `script`."""
    at = argv.index("-filter_complex")
    if len(argv[at + 1].encode()) <= crop_filters.MAX_ARGUMENT_BYTES:
        return argv
    script.write_text(argv[at + 1], encoding="utf-8")
    return [*argv[:at], "-filter_complex_script", script.name, *argv[at + 2 :]]
