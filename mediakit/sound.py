"""Sound for a Short: stereo, 48 kHz, as loud as platforms play it, and never clipping.

The range is measured in quick runs that read only its sound; the chain they arrive at goes into
the one encode. ffmpeg's `loudnorm` is not used: it changes level while it listens, so a short clip
is over before it has settled.
"""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from mediakit.errors import ToolError
from mediakit.info import AudioTrack, MediaInfo, Source
from mediakit.inputs import open_at
from mediakit.process import run

RATE = 48_000
TARGET_LUFS = -14.0
PEAK_CEILING_DB = -2.0  # before AAC, which adds up to about 1 dB between samples
CLOSE_ENOUGH_LU = 0.3
SILENT_LUFS = -50.0  # quieter than this is no sound worth raising: it stays as it is
MAX_EXTRA_DB = 12.0  # what may be added to make up for the limiter
LIMIT_RUNS = 3
MEASURABLE_MS = 1_000  # the meter needs several blocks of 400 ms
# The encoder's first packet is 1024 samples of lead-in which, without an edit list, are played.
PRIMING = 1024
UPSAMPLED = 192_000


@dataclass(frozen=True, slots=True)
class Loudness:
    """Integrated loudness in LUFS and true peak in dBTP; None where there is only silence."""

    lufs: float | None
    peak_db: float | None


@dataclass(frozen=True, slots=True)
class SoundPlan:
    """What the encode does to the sound.

    `track` is None for a silent track of our own, and `reason` says why if the source has sound.
    """

    track: AudioTrack | None = None
    gain_db: float = 0.0
    limit: bool = False
    source: Loudness = Loudness(None, None)
    reason: str = ""


def prepare(track: AudioTrack, duration_ms: int) -> str:
    """The chain that cuts and evens out a track: exactly `duration_ms` of 48 kHz stereo.

    Holes become silence, sound from before the start is dropped, a missing end is filled.
    """
    samples = duration_ms * RATE // 1000
    stereo = "pan=stereo|c0=c0|c1=c1," if track.channels > 8 else ""
    return (
        f"atrim=start=0,{stereo}aresample={RATE}:async=1000:first_pts=0:ochl=stereo,"
        f"aformat=sample_fmts=fltp:channel_layouts=stereo,apad,atrim=end_sample={samples}"
    )


def level(plan: SoundPlan) -> str:
    """The chain that brings prepared sound to its level; "anull" when it stays as it is.

    The limiter works at four times the rate, so that it sees the peaks between samples.
    """
    if not plan.gain_db:
        return "anull"
    volume = f"volume={plan.gain_db:.2f}dB:precision=float"
    if not plan.limit:
        return volume
    ceiling = 10 ** (PEAK_CEILING_DB / 20)
    return (
        f"{volume},aresample={UPSAMPLED},"
        f"alimiter=limit={ceiling:.5f}:attack=5:release=60:level=disabled:latency=1,"
        f"aresample={RATE},aformat=sample_fmts=fltp:channel_layouts=stereo"
    )


def chain(plan: SoundPlan, duration_ms: int) -> str:
    """Everything from the source's track to the encoder, for a planned track.

    The first samples are cut by as much as the encoder will put in front.
    """
    if plan.track is None:
        return f"atrim=end_sample={duration_ms * RATE // 1000}"
    end = f"atrim=start_sample={PRIMING},asetpts=N/SR/TB"
    return f"{prepare(plan.track, duration_ms)},{level(plan)},{end}"


def plan_sound(
    source: Source,
    info: MediaInfo,
    track: AudioTrack | None,
    *,
    start_ms: int,
    duration_ms: int,
    timeout_s: float,
    on_progress: Callable[[float], None] = lambda _: None,
    should_stop: Callable[[], bool] | None = None,
) -> SoundPlan:
    """Measure the range and decide its gain, by at most `1 + LIMIT_RUNS` runs over the sound.

    A track that cannot be decoded at all is replaced by silence.
    """
    if track is None:
        return SoundPlan()

    def measured(plan: SoundPlan, share: float) -> Loudness:
        filters = f"{prepare(track, duration_ms)},{level(plan)},{meter(duration_ms)}"
        argv = [
            *("ffmpeg", "-nostdin", "-hide_banner", "-nostats", "-vn", "-sn", "-dn"),
            *open_at(source, info, start_ms=start_ms),
            *("-map", f"0:{track.index}", "-af", filters, "-f", "null", "-"),
        ]
        answer = run(argv, timeout_s=timeout_s, should_stop=should_stop)
        on_progress(share)
        return parse_loudness(answer.tail)

    try:
        before = measured(SoundPlan(track=track), 0.4)
    except ToolError as error:
        if error.returncode is None or error.returncode < 0:
            raise
        return SoundPlan(reason="the sound track cannot be decoded")
    plan = first_plan(track, before)
    for step in range(LIMIT_RUNS if plan.limit else 0):
        corrected = corrected_plan(plan, measured(plan, 0.4 + 0.2 * (step + 1)))
        if corrected == plan:
            break
        plan = corrected
    on_progress(1.0)
    return plan


def first_plan(track: AudioTrack, before: Loudness) -> SoundPlan:
    """The gain that reaches the target, limited where peaks would pass the ceiling."""
    if before.lufs is None or before.peak_db is None or before.lufs < SILENT_LUFS:
        return SoundPlan(track=track, source=before)
    gain = TARGET_LUFS - before.lufs
    limit = before.peak_db + gain > PEAK_CEILING_DB
    return SoundPlan(track=track, gain_db=gain, limit=limit, source=before)


def corrected_plan(plan: SoundPlan, after: Loudness) -> SoundPlan:
    """The plan with its gain raised by what the limiter took; the same plan when that is little."""
    if after.lufs is None:
        return plan
    missing = TARGET_LUFS - after.lufs
    gain = min(plan.gain_db + missing, TARGET_LUFS - (plan.source.lufs or 0.0) + MAX_EXTRA_DB)
    if abs(missing) <= CLOSE_ENOUGH_LU or gain == plan.gain_db:
        return plan
    return replace(plan, gain_db=gain)


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
