"""Sound for a Short: stereo, 48 kHz, as loud as platforms play it, and never clipping.

The range is measured in quick runs that read only its sound; the chain they arrive at goes into
the one encode. ffmpeg's `loudnorm` is not used: it changes level while it listens, so a short clip
is over before it has settled.
"""

import math
import re
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from mediakit.audio import downmix
from mediakit.audio.downmix import to_stereo
from mediakit.audio.loudness_index import Heard
from mediakit.errors import ToolError, ToolLimitError
from mediakit.ffmpeg.source_args import input_args, open_at
from mediakit.media_info import AudioTrack, MediaInfo, Source
from mediakit.sandbox.process import Completed, run

RATE = downmix.RATE
TARGET_LUFS = -14.0
BIT_RATE = 256_000
PEAK_LIMIT_DB = -1.0  # what the finished file is held to
PEAK_CEILING_DB = -2.0  # before AAC, which usually adds less than 1 dB between samples
NEAR_CEILING_DB = 2.0
CLOSE_ENOUGH_LU = 0.5
SILENT_LUFS = -50.0  # quieter than this is no sound worth raising: it stays as it is
MAX_EXTRA_DB = 12.0  # what may be added to make up for the limiter
TRIALS = 4
MEASURABLE_MS = 1_000  # the meter needs several blocks of 400 ms
# The encoder's first packet is lead-in which, without an edit list, is played.
PACKET = PRIMING = 1024
UPSAMPLED = 192_000
# Fades at the ends keep their power even: long enough not to click, too short to take a word.
FADE_IN_MS, FADE_OUT_MS = 20, 100
# Between samples, sound that a microphone heard is hardly higher than this above its samples.
BETWEEN_SAMPLES_DB = 1.0
# Noise is what lies below nearly everything; less than so far below the loud parts it is no noise.
NOISE_SHARE, LOUD_SHARE, NOISE_BELOW_DB = 0.1, 0.9, 12.0
# What ffmpeg's `afftdn` takes as a floor, and by how many dB it lowers what lies below.
LOWEST_NOISE_DB, HIGHEST_NOISE_DB, NOISE_LESS_DB = -75.0, -20.0, 12
NOISE_ABOVE_FLOOR_DB = 2.0
DENOISE_DELAY = 1200  # samples at 48 kHz, measured; it does not say so itself
FFMPEG = ("ffmpeg", "-nostdin", "-hide_banner", "-nostats")


@dataclass(frozen=True, slots=True)
class Loudness:
    """Integrated loudness in LUFS and true peak in dBTP; None where there is only silence."""

    lufs: float | None
    peak_db: float | None


@dataclass(frozen=True, slots=True)
class SoundPlan:
    """What the encode does to the sound.

    `track` is None for a silent track of our own, and `reason` says why if the source has sound.
    `ceiling_db` is where the limiter holds peaks before they are encoded. `noise_db` is the level
    below which there is only noise, to be lowered; None leaves it.
    """

    track: AudioTrack | None = None
    gain_db: float = 0.0
    limit: bool = False
    ceiling_db: float = PEAK_CEILING_DB
    source: Loudness = Loudness(None, None)
    reason: str = ""
    noise_db: float | None = None


def prepare(track: AudioTrack, duration_ms: int, noise_db: float | None = None) -> str:
    """The chain that cuts and evens out a track: exactly `duration_ms` of 48 kHz stereo.

    What is missing at the end becomes silence.
    """
    samples = duration_ms * RATE // 1000
    return f"{to_stereo(track)},apad,{denoise(noise_db)}atrim=end_sample={samples}"


def denoise(noise_db: float | None) -> str:
    """The chain that lowers noise of that level without moving the sound; "" for None."""
    if noise_db is None:
        return ""
    return (
        f"afftdn=noise_reduction={NOISE_LESS_DB}:noise_floor={noise_db:.0f},"
        f"atrim=start_sample={DENOISE_DELAY},asetpts=N/SR/TB,"
    )


def encoded_samples(duration_ms: int) -> int:
    """How long the encoded sound is, lead-in and all: the whole packets that fit into the pictures.

    Sound that ends after the last picture makes the file longer than it: a Short of exactly 180 s is then none
    for players that believe the file, and every time it starts again the picture stands still for a moment.
    """
    return max(2, duration_ms * RATE // 1000 // PACKET) * PACKET


def fades(duration_ms: int) -> str:
    """Prepared sound, gently begun and ended where it is heard: behind what the encoder puts in front."""
    samples = encoded_samples(duration_ms)
    begin, end = FADE_IN_MS * RATE // 1000, FADE_OUT_MS * RATE // 1000
    return (
        f"afade=t=in:start_sample={PRIMING}:nb_samples={begin}:curve=qsin,"
        f"afade=t=out:start_sample={max(0, samples - end)}:nb_samples={end}:curve=qsin"
    )


def level(plan: SoundPlan) -> str:
    """The chain that brings prepared sound to its level; "anull" when it stays as it is.

    The limiter works at four times the rate, so that it sees the peaks between samples.
    """
    if not plan.gain_db and not plan.limit:
        return "anull"
    volume = f"volume={plan.gain_db:.2f}dB:precision=float"
    if not plan.limit:
        return volume
    ceiling = 10 ** (plan.ceiling_db / 20)
    return (
        f"{volume},aresample={UPSAMPLED},"
        f"alimiter=limit={ceiling:.5f}:attack=5:release=60:level=disabled:latency=1,"
        f"aresample={RATE},aformat=sample_fmts=fltp:channel_layouts=stereo"
    )


def chain(plan: SoundPlan, duration_ms: int) -> str:
    """Everything from the source's track to the encoder, for a planned track.

    The first samples are cut by as much as the encoder will put in front.
    """
    samples = encoded_samples(duration_ms)
    if plan.track is None:
        return f"atrim=end_sample={samples - PRIMING}"
    end = f"atrim=start_sample={PRIMING}:end_sample={samples},asetpts=N/SR/TB"
    begin = f"{prepare(plan.track, duration_ms, plan.noise_db)},{fades(duration_ms)}"
    return f"{begin},{level(plan)},{end}"


def encoder_options() -> list[str]:
    """AAC-LC as platforms want it."""
    return ["-c:a", "aac", "-b:a", str(BIT_RATE), "-ar", str(RATE), "-ac", "2"]


def plan_sound(
    source: Source,
    info: MediaInfo,
    track: AudioTrack | None,
    *,
    start_ms: int,
    duration_ms: int,
    work_dir: Path,
    timeout_s: float,
    heard: Heard | None = None,
    reduce_noise: bool = False,
    on_progress: Callable[[float], None] = lambda _: None,
    should_stop: Callable[[], bool] | None = None,
) -> SoundPlan:
    """Measure the range and decide its gain; a track that cannot be decoded becomes silence.

    What was `heard` of the range before is not measured again, unless noise is to be reduced.
    Where peaks come near the limit the sound alone is encoded and measured again, at most
    `TRIALS` times: only the encoded sound tells how high its peaks really are. Trials lie in a
    folder of their own in `work_dir`.
    """
    if track is None:
        return SoundPlan()
    reading = open_at(source, info, start_ms=start_ms)
    opened = ["-vn", "-sn", "-dn", *reading, "-map", f"0:{track.index}"]
    tell = partial(_listen, source=source, timeout_s=timeout_s, should_stop=should_stop)
    known = _known(heard, track, start_ms, duration_ms) if heard and not reduce_noise else None
    try:
        noise_db = _noise(tell, opened, track, duration_ms) if reduce_noise else None
        if known is None:
            hear = f"{prepare(track, duration_ms, noise_db)},{meter(duration_ms)}"
            known = parse_loudness(tell([*opened, "-af", hear]).tail)
    except ToolLimitError:
        raise
    except ToolError as error:
        if error.returncode is None or error.returncode < 0:
            raise
        return SoundPlan(reason="the sound track cannot be decoded")
    plan = replace(first_plan(track, known), noise_db=noise_db)
    tried: list[tuple[SoundPlan, Loudness]] = []
    with tempfile.TemporaryDirectory(prefix="sound-", dir=work_dir) as folder:
        trial = Path(folder).resolve() / "trial.m4a"
        for step in range(TRIALS if _needs_trial(plan) else 0):
            on_progress((step + 1) / (TRIALS + 1))
            # Exactly what will be encoded: other samples in front make the encoder decide otherwise.
            filters = ["-af", chain(plan, duration_ms), *encoder_options(), "-use_editlist", "0"]
            bare = ["-map_metadata", "-1", "-map_chapters", "-1"]
            encode = [*FFMPEG, "-y", *opened, *filters, *bare, f"file:{trial.name}"]
            run(
                encode,
                timeout_s=timeout_s,
                reads=[source],
                cwd=trial.parent,
                should_stop=should_stop,
            )
            again = [*input_args(str(trial)), "-af", meter(duration_ms)]
            tried.append((plan, parse_loudness(tell(again, source=str(trial)).tail)))
            corrected = corrected_plan(*tried[-1])
            if corrected == plan:
                break
            plan = corrected
    on_progress(1.0)
    return best_plan(tried) or plan


def _known(heard: Heard, track: AudioTrack, start_ms: int, duration_ms: int) -> Loudness | None:
    """The range's loudness as it was heard before; None when it has to be measured."""
    if not heard.covers(start_ms, duration_ms, track=track.index):
        return None
    lufs, peak = heard.loudness(start_ms, duration_ms)
    return Loudness(lufs, None if peak is None else peak + BETWEEN_SAMPLES_DB)


_PIECES = (
    f"asetnsamples=n={RATE // 10}:p=0,astats=metadata=1:reset=1:measure_perchannel=none"
    ":measure_overall=RMS_level,"
    "ametadata=print:key=lavfi.astats.Overall.RMS_level:file=-:direct=1"
)


def _noise(
    tell: Callable[[list[str]], Completed], opened: list[str], track: AudioTrack, duration_ms: int
) -> float | None:
    """The noise floor of the range."""
    heard = tell([*opened, "-af", f"{prepare(track, duration_ms)},{_PIECES}"])
    levels = (_number(text) for text in re.findall(r"RMS_level=(\S+)", heard.stdout))
    return noise_floor([value for value in levels if value is not None])


def noise_floor(levels_db: list[float]) -> float | None:
    """The level below which there is only noise; None where there is none to speak of.

    Where nobody pauses the quietest parts are speech: then it is well below the loud ones.
    """
    if not levels_db:
        return None
    ordered = sorted(levels_db)
    quiet = ordered[int(len(ordered) * NOISE_SHARE)]
    loud = ordered[int((len(ordered) - 1) * LOUD_SHARE)]
    floor = min(quiet, loud - NOISE_BELOW_DB) + NOISE_ABOVE_FLOOR_DB
    return None if floor < LOWEST_NOISE_DB else min(floor, HIGHEST_NOISE_DB)


def best_plan(tried: list[tuple[SoundPlan, Loudness]]) -> SoundPlan | None:
    """Of the plans that were heard, the one nearest the target that keeps its peaks.

    Where none does, the last one with its ceiling lowered by as much as it was over; None where
    nothing was tried.
    """
    if not tried:
        return None
    kept = [(plan, after) for plan, after in tried if _over(after) <= 0]
    if not kept:
        return corrected_plan(*tried[-1])
    return min(kept, key=lambda heard: abs((heard[1].lufs or TARGET_LUFS) - TARGET_LUFS))[0]


def _over(after: Loudness) -> float:
    """By how many dB the peaks pass the limit, less a little for the meter; negative if not."""
    return -math.inf if after.peak_db is None else after.peak_db - (PEAK_LIMIT_DB - 0.1)


def _listen(
    opened: list[str],
    *,
    source: Source,
    timeout_s: float,
    should_stop: Callable[[], bool] | None,
) -> Completed:
    """Run a chain over a source, for what its filters say."""
    argv = [*FFMPEG, *opened, "-f", "null", "-"]
    return run(argv, timeout_s=timeout_s, reads=[source], should_stop=should_stop)


def _needs_trial(plan: SoundPlan) -> bool:
    peak = plan.source.peak_db
    return peak is not None and peak + plan.gain_db > plan.ceiling_db - NEAR_CEILING_DB


def first_plan(track: AudioTrack, before: Loudness) -> SoundPlan:
    """The gain that reaches the target, limited where peaks would pass the ceiling."""
    if before.lufs is None or before.peak_db is None or before.lufs < SILENT_LUFS:
        return SoundPlan(track=track, source=before)
    gain = TARGET_LUFS - before.lufs
    limit = before.peak_db + gain > PEAK_CEILING_DB
    return SoundPlan(track=track, gain_db=gain, limit=limit, source=before)


def corrected_plan(plan: SoundPlan, after: Loudness) -> SoundPlan:
    """The plan set right by what its encoded sound measures; the same plan when that is fine.

    Peaks come first: where the encoder added too much, the limiter holds them lower. What the
    limiter took is given back as gain, up to a point.
    """
    over = _over(after)
    if over > 0:
        plan = replace(plan, limit=True, ceiling_db=plan.ceiling_db - over - 0.2)
    if after.lufs is None or not plan.gain_db:
        return plan
    missing = TARGET_LUFS - after.lufs
    if abs(missing) <= CLOSE_ENOUGH_LU:
        return plan
    highest = TARGET_LUFS - (plan.source.lufs or 0.0) + MAX_EXTRA_DB
    return replace(plan, gain_db=min(highest, plan.gain_db + missing))


def meter(duration_ms: int) -> str:
    """The measuring filter; sound too short to measure is heard several times over."""
    measure = "ebur128=peak=true:framelog=verbose"
    if duration_ms >= MEASURABLE_MS:
        return measure
    times = -(-MEASURABLE_MS // max(1, duration_ms))
    return f"aloop=loop={times}:size={max(1, duration_ms * RATE // 1000)},{measure}"


def parse_loudness(words: str) -> Loudness:
    """The meter's summary, read from the end of what ffmpeg said."""
    lufs = re.findall(r"^\s*I:\s+(\S+) LUFS", words, re.MULTILINE)
    peak = re.findall(r"^\s*Peak:\s+(\S+) dBFS", words, re.MULTILINE)
    loud = _number(lufs[-1]) if lufs else None
    return Loudness(
        None if loud is None or loud <= -70 else loud, _number(peak[-1]) if peak else None
    )


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
