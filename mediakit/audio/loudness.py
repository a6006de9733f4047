"""Loudness normalisation of a Short: 48 kHz stereo at TARGET_LUFS, without clipping.

Quick runs over the range's audio alone determine the filters for the one encode. ffmpeg's `loudnorm`
is not used: it adapts its gain while it measures, so a short clip ends before it has settled.
"""

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from mediakit.audio import added_sound, downmix
from mediakit.audio.added_sound import AddedSound
from mediakit.audio.kept_sound import KeptSound, kept_sound_graph
from mediakit.audio.loudness_index import LoudnessIndex
from mediakit.audio.noise_floor import RMS_METER, noise_floor_of
from mediakit.errors import InputError, MediaErrorCode, ToolError, ToolLimitError
from mediakit.ffmpeg.source_args import input_args, input_args_at
from mediakit.media_info import AudioTrack, MediaInfo, Source
from mediakit.sandbox.process import Completed, run

SAMPLE_RATE = downmix.SAMPLE_RATE
TARGET_LUFS = added_sound.TARGET_LUFS
BITS_PER_S = 256_000
MAX_TRUE_PEAK_DB = -1.0  # of the finished file
LIMITER_CEILING_DB = -2.0  # AAC usually adds less than 1 dB of intersample peak
NEAR_CEILING_DB = 2.0
LOUDNESS_TOLERANCE_LU = 0.5
SILENT_LUFS = -50.0  # quieter audio is left unchanged
MAX_MAKEUP_GAIN_DB = 12.0  # compensates for the limiter
MAX_TRIAL_ENCODES = 4
MIN_MEASURABLE_MS = 1_000  # the meter needs several blocks of 400 ms
# The encoder's first packet is priming, which is played because there is no edit list.
PACKET_SAMPLES = PRIMING_SAMPLES = 1024
UPSAMPLED_RATE = 192_000
# Equal-power fades at the ends: long enough not to click, too short to swallow a word.
FADE_IN_MS, FADE_OUT_MS = 20, 100
# The true peak of a microphone recording is rarely this far above its sample peak.
INTERSAMPLE_PEAK_DB = 1.0
FFMPEG = ("ffmpeg", "-nostdin", "-hide_banner", "-nostats")
# The sound of a trial may become that of the Short: without an edit list, and with nothing of the source's metadata.
TRIAL_OPTIONS = (
    *("-use_editlist", "0", "-map_metadata", "-1", "-map_chapters", "-1"),
    *("-flags:a", "+bitexact"),
)


@dataclass(frozen=True, slots=True)
class Loudness:
    """Integrated loudness in LUFS and true peak in dBTP; None for silence."""

    lufs: float | None
    peak_db: float | None


@dataclass(frozen=True, slots=True)
class LoudnessPlan:
    """How the encode processes the audio.

    `track` is None for a generated silent track, of a source without audio.
    `ceiling_db` is the limiter's ceiling before encoding. `noise_db` is the noise floor to reduce; None
    for no noise reduction. `source` is the loudness before processing. `added` is what is added to the kept sound,
    which `cut_gain_db` brings to TARGET_LUFS before; `source` and the other values are then of all of it. `encoded` is
    the file of a trial that encoded the whole sound in this way; None when none did.
    """

    track: AudioTrack | None = None
    gain_db: float = 0.0
    limit: bool = False
    ceiling_db: float = LIMITER_CEILING_DB
    source: Loudness = Loudness(None, None)
    noise_db: float | None = None
    added: AddedSound | None = None
    cut_gain_db: float = 0.0
    encoded: Path | None = None


def encoded_samples(duration_ms: int) -> int:
    """The length of the encoded audio with its priming: the whole packets that fit the video's length.

    Audio that ends after the last picture would make the file longer than the video. A Short of exactly 180 s
    would then exceed the limit, and the picture would freeze briefly at every loop.
    """
    return max(2, duration_ms * SAMPLE_RATE // 1000 // PACKET_SAMPLES) * PACKET_SAMPLES


def fade_filters(duration_ms: int) -> str:
    """The filters that fade in after the encoder's priming, and fade out at the end."""
    samples = encoded_samples(duration_ms)
    fade_in, fade_out = FADE_IN_MS * SAMPLE_RATE // 1000, FADE_OUT_MS * SAMPLE_RATE // 1000
    return (
        f"afade=t=in:start_sample={PRIMING_SAMPLES}:nb_samples={fade_in}:curve=qsin,"
        f"afade=t=out:start_sample={max(0, samples - fade_out)}:nb_samples={fade_out}:curve=qsin"
    )


def gain_filters(plan: LoudnessPlan) -> str:
    """The filters that apply the plan's gain and limiter; "anull" for neither.

    The limiter runs at four times the sample rate, so that it sees intersample peaks.
    """
    if not plan.gain_db and not plan.limit:
        return "anull"
    volume = f"volume={plan.gain_db:.2f}dB:precision=float"
    if not plan.limit:
        return volume
    ceiling = 10 ** (plan.ceiling_db / 20)
    return (
        f"{volume},aresample={UPSAMPLED_RATE},"
        f"alimiter=limit={ceiling:.5f}:attack=5:release=60:level=disabled:latency=1,"
        f"aresample={SAMPLE_RATE},aformat=sample_fmts=fltp:channel_layouts=stereo"
    )


def audio_graph(
    plan: LoudnessPlan, kept: KeptSound, inputs: Sequence[str], *, first_added: int = 0
) -> str:
    """The graph from the source's track to the encoder; its last output has no label yet.

    `inputs` are the labels of the track in the input of each group, or of the silence, and `first_added` the number of
    the first input of what is added. As many samples are cut from the start as the encoder's priming adds.
    """
    length_ms = whole_ms(kept, plan.added)
    samples = encoded_samples(length_ms)
    if plan.track is None and plan.added is None:
        return f"[{inputs[0]}]atrim=end_sample={samples - PRIMING_SAMPLES}"
    trimmed = f"atrim=start_sample={PRIMING_SAMPLES}:end_sample={samples},asetpts=N/SR/TB"
    sound = _whole_sound(plan, kept, inputs, first_added)
    return f"{sound},{fade_filters(length_ms)},{gain_filters(plan)},{trimmed}"


def whole_ms(kept: KeptSound, added: AddedSound | None) -> int:
    """The length of the kept sound with what is added."""
    return kept.duration_ms + (added.samples * 1000 // SAMPLE_RATE if added else 0)


def _whole_sound(
    plan: LoudnessPlan, kept: KeptSound, inputs: Sequence[str], first_added: int
) -> str:
    """The graph of the kept sound with what is added, before fades and gain."""
    cut = kept_sound_graph(plan.track, kept, inputs, plan.noise_db) if plan.track else ""
    if plan.added is None:
        return cut
    samples = kept.duration_ms * SAMPLE_RATE // 1000
    return plan.added.graph(cut, samples, gain_db=plan.cut_gain_db, first_input=first_added)


def encoder_options() -> list[str]:
    """AAC-LC at the rate that platforms recommend."""
    return ["-c:a", "aac", "-b:a", str(BITS_PER_S), "-ar", str(SAMPLE_RATE), "-ac", "2"]


def plan_loudness(
    source: Source,
    info: MediaInfo,
    track: AudioTrack | None,
    kept: KeptSound,
    *,
    work_dir: Path,
    timeout_s: float,
    loudness_index: LoudnessIndex | None = None,
    reduce_noise: bool = False,
    added: AddedSound | None = None,
    on_progress: Callable[[float], None] = lambda _: None,
    should_stop: Callable[[], bool] | None = None,
) -> LoudnessPlan:
    """Measure the kept ranges and plan their gain; a source without audio gets silence.

    With `added` all of the sound is measured too, with the kept ranges at TARGET_LUFS.

    They are not measured again if `loudness_index` covers each of them, unless noise is to be reduced. Where
    peaks come near the ceiling the audio is encoded and measured up to MAX_TRIAL_ENCODES times, because
    only encoded audio shows its true peaks. The plan names the encoded file; trial files stay in `work_dir`.
    `on_progress` gets a share from 0 to 1. Raises `InputError` (SOUND_UNREADABLE) for a track that cannot be
    decoded, `ToolLimitError`, and `ToolError` when ffmpeg did not start, was stopped or was killed.
    """
    if track is None and added is None:
        return LoudnessPlan()
    groups = kept.groups if track else ()
    inputs = [
        option
        for group in groups
        for option in ("-vn", "-sn", "-dn", *input_args_at(source, info, start_ms=group.start_ms))
    ]
    labels = [f"{number}:{track.index}" for number in range(len(groups))] if track else []
    reads = [source, *map(str, added.paths if added else ())]
    measure = partial(_run_filters, reads=reads, timeout_s=timeout_s, should_stop=should_stop)
    plan = LoudnessPlan()
    if track is not None:
        plan = _plan_of_cut(
            measure, track, kept, inputs, labels, index=loudness_index, reduce_noise=reduce_noise
        )
    if added is not None:
        inputs += added.input_args()
        mix = LoudnessPlan(track, added=added, cut_gain_db=plan.gain_db, noise_db=plan.noise_db)
        heard = _whole_sound(mix, kept, labels, len(groups))
        meter = loudness_meter_filters(whole_ms(kept, added))
        mixed = parse_loudness(measure([*inputs, *_filtered(f"{heard},{meter}")]).tail)
        plan = initial_plan(mix, mixed)
    length_ms = whole_ms(kept, added)
    tried: list[tuple[LoudnessPlan, Loudness]] = []
    for step in range(MAX_TRIAL_ENCODES if _needs_trial(plan) else 0):
        on_progress((step + 1) / (MAX_TRIAL_ENCODES + 1))
        trial = work_dir / f"trial{step}.m4a"
        filters = _filtered(audio_graph(plan, kept, labels, first_added=len(groups)))
        options = [*filters, *encoder_options(), *TRIAL_OPTIONS]
        run(
            [*FFMPEG, "-y", *inputs, *options, f"file:{trial.name}"],
            timeout_s=timeout_s,
            reads=reads,
            cwd=work_dir,
            should_stop=should_stop,
        )
        encoded = [*input_args(str(trial)), "-af", loudness_meter_filters(length_ms)]
        after = parse_loudness(measure(encoded, reads=[str(trial)]).tail)
        tried.append((replace(plan, encoded=trial), after))
        corrected = corrected_plan(plan, after)
        if corrected == plan:
            break
        plan = corrected
    on_progress(1.0)
    return best_plan(tried) or plan


def _plan_of_cut(
    measure: Callable[[list[str]], Completed],
    track: AudioTrack,
    kept: KeptSound,
    inputs: list[str],
    labels: Sequence[str],
    *,
    index: LoudnessIndex | None,
    reduce_noise: bool,
) -> LoudnessPlan:
    """The plan of the kept sound alone, before any trial."""
    before = None if reduce_noise else _indexed_loudness(index, track, kept)
    noise_db = None
    try:
        if reduce_noise:
            heard = kept_sound_graph(track, kept, labels)
            levels = measure([*inputs, *_filtered(f"{heard},{RMS_METER}")]).stdout
            noise_db = noise_floor_of(levels)
        if before is None:
            heard = kept_sound_graph(track, kept, labels, noise_db)
            meter = loudness_meter_filters(kept.duration_ms)
            before = parse_loudness(measure([*inputs, *_filtered(f"{heard},{meter}")]).tail)
    except ToolLimitError:
        raise
    except ToolError as error:
        if error.returncode is None or error.returncode < 0:
            raise
        raise InputError(
            MediaErrorCode.SOUND_UNREADABLE,
            "The audio track cannot be decoded.",
            audio_index=track.index,
        ) from error
    return initial_plan(LoudnessPlan(track, noise_db=noise_db), before)


def _filtered(graph: str) -> list[str]:
    """The options that send a graph's last output to the encoder, and nothing else."""
    return ["-filter_complex", f"{graph}[sound]", "-map", "[sound]"]


def _indexed_loudness(
    index: LoudnessIndex | None, track: AudioTrack, kept: KeptSound
) -> Loudness | None:
    """The loudness from the index; None if there is none or it does not cover each kept range."""
    ranges = kept.ranges_ms
    if index is None or not all(index.covers(*range_ms, track=track.index) for range_ms in ranges):
        return None
    lufs, peak_db = index.range_loudness(*ranges)
    return Loudness(lufs, None if peak_db is None else peak_db + INTERSAMPLE_PEAK_DB)


def best_plan(tried: list[tuple[LoudnessPlan, Loudness]]) -> LoudnessPlan | None:
    """The tried plan nearest the target loudness whose peaks are within the limit.

    If none is, the last plan with its ceiling lowered by the excess. None if nothing was tried.
    """
    if not tried:
        return None
    kept = [(plan, after) for plan, after in tried if _peak_excess_db(after) <= 0]
    if not kept:
        plan, after = tried[-1]
        return corrected_plan(replace(plan, encoded=None), after)
    return min(kept, key=lambda trial: abs((trial[1].lufs or TARGET_LUFS) - TARGET_LUFS))[0]


def _peak_excess_db(after: Loudness) -> float:
    """By how many dB the peaks exceed the limit, with 0.1 dB tolerance for the meter; negative if not."""
    return -math.inf if after.peak_db is None else after.peak_db - (MAX_TRUE_PEAK_DB - 0.1)


def _run_filters(
    args: list[str],
    *,
    reads: Sequence[Source],
    timeout_s: float,
    should_stop: Callable[[], bool] | None,
) -> Completed:
    """Run filters over files for the values that they print."""
    argv = [*FFMPEG, *args, "-f", "null", "-"]
    return run(argv, timeout_s=timeout_s, reads=reads, should_stop=should_stop)


def _needs_trial(plan: LoudnessPlan) -> bool:
    peak = plan.source.peak_db
    return peak is not None and peak + plan.gain_db > plan.ceiling_db - NEAR_CEILING_DB


def initial_plan(plan: LoudnessPlan, before: Loudness) -> LoudnessPlan:
    """The plan with the gain that reaches the target, limited where peaks would pass the ceiling."""
    if before.lufs is None or before.peak_db is None or before.lufs < SILENT_LUFS:
        return replace(plan, source=before)
    gain = TARGET_LUFS - before.lufs
    limit = before.peak_db + gain > LIMITER_CEILING_DB
    return replace(plan, gain_db=gain, limit=limit, source=before)


def corrected_plan(plan: LoudnessPlan, after: Loudness) -> LoudnessPlan:
    """The plan corrected by the loudness of its encoded audio; the same plan if that is fine.

    Peaks come first: if the encoder raised them too far, the limiter's ceiling is lowered. Loudness lost
    to the limiter is compensated with gain, up to MAX_MAKEUP_GAIN_DB.
    """
    excess_db = _peak_excess_db(after)
    if excess_db > 0:
        plan = replace(plan, limit=True, ceiling_db=plan.ceiling_db - excess_db - 0.2)
    if after.lufs is None or not plan.gain_db:
        return plan
    missing_lu = TARGET_LUFS - after.lufs
    if abs(missing_lu) <= LOUDNESS_TOLERANCE_LU:
        return plan
    max_gain_db = TARGET_LUFS - (plan.source.lufs or 0.0) + MAX_MAKEUP_GAIN_DB
    return replace(plan, gain_db=min(max_gain_db, plan.gain_db + missing_lu))


def loudness_meter_filters(duration_ms: int) -> str:
    """The loudness meter; audio too short to measure is looped."""
    measure = "ebur128=peak=true:framelog=verbose"
    if duration_ms >= MIN_MEASURABLE_MS:
        return measure
    times = -(-MIN_MEASURABLE_MS // max(1, duration_ms))
    return f"aloop=loop={times}:size={max(1, duration_ms * SAMPLE_RATE // 1000)},{measure}"


def parse_loudness(output: str) -> Loudness:
    """The meter's summary at the end of ffmpeg's output."""
    lufs = re.findall(r"^\s*I:\s+(\S+) LUFS", output, re.MULTILINE)
    peak = re.findall(r"^\s*Peak:\s+(\S+) dBFS", output, re.MULTILINE)
    integrated = _number(lufs[-1]) if lufs else None
    return Loudness(
        None if integrated is None or integrated <= -70 else integrated,
        _number(peak[-1]) if peak else None,
    )


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
