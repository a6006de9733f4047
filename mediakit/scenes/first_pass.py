"""The first pass over a video: thumbnails and shots from keyframes, loudness and silences from the audio.

Decoding only keyframes takes seconds for an hour of video. If keyframes are too sparse, pictures are
sampled; a short clip is decoded completely.
"""

import math
import re
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

from mediakit.audio import level_meter
from mediakit.audio.loudness_index import LoudnessIndex
from mediakit.errors import (
    SandboxError,
    ToolError,
    ToolLimitError,
    ToolMissingError,
    ToolTimeoutError,
)
from mediakit.ffmpeg.source_args import input_args_at
from mediakit.framing.geometry import (
    LETTERBOX,
    Size,
    constant_size_filters,
    fit_size,
    framing_graph,
    upright_size,
)
from mediakit.media_info import AudioTrack, MediaInfo, Source
from mediakit.sandbox import process
from mediakit.sandbox.source_file import is_remote

MAX_WIDTH_PX = 640
MAX_HEIGHT_PX = 1280
MAX_FRAMES = 2_000
# Clips up to this length are decoded completely, and give this many thumbnail candidates.
SHORT_CLIP_MS = 30_000
SHORT_CLIP_FRAMES = 15
# The shortest time between two thumbnail candidates.
MIN_FRAME_STEP_MS = 2_000
# Keyframes farther apart than this, on average or once, are too sparse.
MAX_MEAN_GAP_MS, MAX_GAP_MS = 12_000, 30_000
SAMPLE_STEP_MS = 1_000
# The smallest mean change of brightness (percent of its range) at a cut. Between neighbouring frames it is
# the increase over the change before, because motion is steady. Frames seconds apart differ by 2 to 5
# within a shot of a talk, and by 8 to 40 across a cut.
CUT_PERCENT = 8.0
NEIGHBOURS_MS = 500
MIN_SHOT_MS = 500
# A frame whose mean brightness (0 to 1) is outside these shows nothing.
MIN_LUMA, MAX_LUMA = 0.06, 0.95
WELL_LIT_LUMA = (0.22, 0.75)
# Frames this near a cut may belong to a transition.
CUT_MARGIN_MS = 700
# Errors that neither a retry without audio nor a partial result can fix.
FATAL_ERRORS = (SandboxError, ToolLimitError, ToolMissingError, ToolTimeoutError)


@dataclass(frozen=True, slots=True)
class FrameStat:
    """A thumbnail candidate: a JPEG at most 640 px wide.

    `sharpness` is near 0 for a flat or blurred picture and grows with clear edges. `luma` is the mean
    brightness from 0 to 1.
    """

    time_ms: int
    path: Path
    sharpness: float
    luma: float


@dataclass(frozen=True, slots=True)
class FirstPass:
    """The result of the first pass. `loudness_lufs` is None for silence or no audio.

    `loudness_index` is that of the track a player would choose. `speech_wav` is 16 kHz mono, sample 0 at
    time 0; None without audio or if it was not requested.
    """

    shots_ms: tuple[int, ...]
    silences_ms: tuple[tuple[int, int], ...]
    loudness_lufs: float | None
    frames: tuple[FrameStat, ...]
    speech_wav: Path | None
    loudness_index: LoudnessIndex


@dataclass(frozen=True, slots=True)
class _Pass:
    """The parameters of one pass. `mode` is "whole", "keys" or "sampled"; `audio` None skips the audio."""

    source: Source
    info: MediaInfo
    work_dir: Path
    mode: str
    audio: AudioTrack | None
    want_speech: bool
    on_progress: Callable[[float], None]
    should_stop: Callable[[], bool] | None
    timeout_s: float


def run_first_pass(
    source: Source,
    info: MediaInfo,
    work_dir: Path,
    *,
    on_progress: Callable[[float], None] = lambda _: None,
    should_stop: Callable[[], bool] | None = None,
    timeout_s: float = 3 * 3600,
    want_speech: bool = False,
) -> FirstPass:
    """Decode the video once; files are left in `work_dir`.

    `on_progress` gets a share from 0 to 1. A damaged audio track is ignored, and undecodable pictures are
    skipped. Raises `ToolError` when nothing could be decoded, and each of FATAL_ERRORS.
    """
    whole = info.duration_ms <= SHORT_CLIP_MS
    run = _Pass(
        source=source if is_remote(source) else str(Path(source).absolute()),
        info=info,
        work_dir=work_dir,
        mode="whole" if whole else "keys",
        audio=info.audio_track(),
        want_speech=want_speech,
        on_progress=on_progress,
        should_stop=should_stop,
        timeout_s=timeout_s,
    )
    has_levels = _decode_tracks(run)
    if not whole and _are_too_sparse(_frame_times(work_dir), info.video.end_ms or info.duration_ms):
        _decode_video(replace(run, mode="sampled", audio=None))
    levels = (
        level_meter.read_levels(work_dir, run.audio)
        if has_levels and run.audio
        else level_meter.NO_AUDIO
    )
    wav = work_dir / level_meter.SPEECH_FILE
    on_progress(1.0)
    return FirstPass(
        shots_ms=tuple(_read_shots(work_dir, info.duration_ms)),
        silences_ms=levels.silences_ms,
        loudness_lufs=levels.loudness_lufs,
        loudness_index=levels.loudness_index,
        frames=tuple(_read_frames(work_dir)),
        speech_wav=wav if has_levels and want_speech and wav.exists() else None,
    )


def _decode_tracks(run: _Pass) -> bool:
    """Decode video and audio; True if the audio was decoded.

    They run in parallel, because each uses one core. A remote source is decoded in one run, because
    two would fetch it twice.
    """
    if run.audio is None:
        _decode_video(run)
        return False
    return _decode_in_one_run(run) if is_remote(run.source) else _decode_in_parallel(run, run.audio)


def _decode_in_one_run(run: _Pass) -> bool:
    """Decode both tracks in one run, and again without audio if that fails."""
    try:
        _decode_video(run)
    except FATAL_ERRORS:
        raise
    except ToolError:
        _decode_video(replace(run, audio=None))
        return False
    return True


def _decode_in_parallel(run: _Pass, track: AudioTrack) -> bool:
    """Decode each track in its own run; if the video fails, the audio is stopped."""
    failed = threading.Event()

    def should_stop() -> bool:
        return failed.is_set() or (run.should_stop is not None and run.should_stop())

    with ThreadPoolExecutor(1, "audio") as pool:
        audio_run = replace(run, should_stop=should_stop)
        decoded = pool.submit(copy_context().run, _decode_audio, audio_run, track)
        try:
            _decode_video(replace(run, audio=None))
        except BaseException:
            failed.set()
            raise
        return decoded.result()


def _decode_audio(run: _Pass, track: AudioTrack) -> bool:
    """Decode the audio alone; False if it cannot be decoded."""
    try:
        _run_ffmpeg(run, [*_input_args(run), *_audio_output_args(run, track)])
    except FATAL_ERRORS:
        raise
    except ToolError:
        return False
    return True


def _decode_video(run: _Pass) -> None:
    """Decode the video, and the audio if the pass has one. An error is ignored if any picture was written."""
    for old in run.work_dir.glob("frame*.jpg"):
        old.unlink()
    argv = [*_input_args(run), *_video_output_args(run)]
    if run.audio is not None:
        argv += _audio_output_args(run, run.audio)
    try:
        _run_ffmpeg(run, argv, on_line=_progress_reader(run))
    except FATAL_ERRORS:
        raise
    except ToolError:
        if run.audio is not None or not (run.work_dir / "frame000001.jpg").exists():
            raise


def _run_ffmpeg(
    run: _Pass, argv: Sequence[str], *, on_line: Callable[[str], None] | None = None
) -> None:
    process.run(
        argv,
        timeout_s=run.timeout_s,
        reads=[run.source],
        cwd=run.work_dir,
        on_line=on_line,
        should_stop=run.should_stop,
    )


def _input_args(run: _Pass) -> list[str]:
    """The command line up to the input."""
    skip = {"keys": ["-skip_frame:v", "nokey"], "sampled": ["-skip_frame:v", "noref"]}
    argv = ["ffmpeg", "-nostdin", "-hide_banner", "-v", "error", "-nostats", "-y"]
    argv += ["-progress", "pipe:1", "-max_error_rate", "1"]
    return [*argv, *skip.get(run.mode, []), *input_args_at(run.source, run.info)]


def _video_output_args(run: _Pass) -> list[str]:
    argv = ["-filter_complex", _video_graph(run), "-map", "[jpeg]", "-fps_mode", "passthrough"]
    argv += ["-c:v", "mjpeg", "-q:v", "4", "-map_metadata", "-1"]
    return [*argv, "-map_chapters", "-1", "-f", "image2", "frame%06d.jpg"]


def _audio_output_args(run: _Pass, track: AudioTrack) -> list[str]:
    """The audio output: speech audio if requested; the filters write the levels to files."""
    argv = [
        "-map",
        f"0:{track.index}",
        "-vn",
        "-sn",
        "-dn",
        "-af",
        level_meter.meter_filters(track),
    ]
    argv += ["-map_metadata", "-1", "-map_chapters", "-1", "-c:a", "pcm_s16le"]
    return [
        *argv,
        *(["-f", "wav", level_meter.SPEECH_FILE] if run.want_speech else ["-f", "null", "-"]),
    ]


def _video_graph(run: _Pass) -> str:
    """The graph of small upright pictures: a score for each, statistics and a JPEG for some."""
    video = run.info.video
    size, sar = upright_size(video)
    box = Size(min(MAX_WIDTH_PX, max(2, video.display_width // 2 * 2)), MAX_HEIGHT_PX)
    small = framing_graph(video, LETTERBOX, fit_size(size, sar, box))
    first = _select_every(SAMPLE_STEP_MS) if run.mode == "sampled" else "null"
    return (
        f"[0:{video.index}]{first},{constant_size_filters(video)}[in];{small};"
        "[out]scdet=threshold=100,metadata=print:file=shots.txt,"
        f"{_select_every(_frame_step_ms(run.info.duration_ms))},blurdetect=block_width=32:block_height=32,"
        "signalstats,metadata=print:file=frames.txt,"
        "scale=in_range=tv:out_range=pc,format=yuvj420p[jpeg]"
    )


def _frame_step_ms(duration_ms: int) -> int:
    """The time between two thumbnail candidates."""
    if duration_ms <= SHORT_CLIP_MS:
        return max(1, duration_ms // SHORT_CLIP_FRAMES)
    return max(MIN_FRAME_STEP_MS, -(-duration_ms // MAX_FRAMES))


def _select_every(step_ms: int) -> str:
    return f"select='isnan(prev_selected_t)+gte(t-prev_selected_t\\,{step_ms / 1000:.3f})'"


def _progress_reader(run: _Pass) -> Callable[[str], None]:
    """A reader of ffmpeg's progress lines that reports a growing share."""
    reported = 0.0

    def read(line: str) -> None:
        nonlocal reported
        match = re.match(r"out_time_(?:us|ms)=(\d+)", line)
        if match:
            reported = max(reported, min(1.0, int(match[1]) / 1000 / max(1, run.info.duration_ms)))
            run.on_progress(reported)

    return read


def _are_too_sparse(times_ms: Sequence[int], duration_ms: int) -> bool:
    """Whether pictures are too far apart for thumbnails and shots."""
    edges = [0, *times_ms, duration_ms]
    widest = max(after - before for before, after in pairwise(edges))
    return len(times_ms) * MAX_MEAN_GAP_MS < duration_ms or widest > MAX_GAP_MS


def read_metadata(path: Path) -> Iterator[tuple[int, dict[str, float]]]:
    """(time in ms, values by key) of each frame written by `metadata=print`; NaN for a value that is not a number."""
    if not path.exists():
        return
    time_ms: int | None = None
    values: dict[str, float] = {}
    with path.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            if line.startswith("frame:"):
                if time_ms is not None:
                    yield time_ms, values
                seconds = parse_number(line.rpartition("pts_time:")[2])
                time_ms, values = (None if math.isnan(seconds) else round(seconds * 1000)), {}
            else:
                key, _, value = line.partition("=")
                values[key.removeprefix("lavfi.")] = parse_number(value)
    if time_ms is not None:
        yield time_ms, values


def parse_number(text: str) -> float:
    """A number as printed by ffmpeg; NaN for anything else."""
    try:
        return float(text)
    except ValueError:
        return math.nan


def _frame_times(work_dir: Path) -> list[int]:
    return [time_ms for time_ms, _ in read_metadata(work_dir / "shots.txt")]


def _read_shots(work_dir: Path, duration_ms: int) -> Iterator[int]:
    """The times at which new shots begin, except the video's start and end."""
    before, last = 0, 0
    for time_ms, values in read_metadata(work_dir / "shots.txt"):
        change = values.get("scd.score" if time_ms - before < NEIGHBOURS_MS else "scd.mafd", 0.0)
        before = time_ms
        long_enough = last + MIN_SHOT_MS <= time_ms <= duration_ms - MIN_SHOT_MS
        if long_enough and change >= CUT_PERCENT:
            last = time_ms
            yield time_ms


def _read_frames(work_dir: Path) -> Iterator[FrameStat]:
    """The written pictures with their statistics."""
    for index, (time_ms, values) in enumerate(read_metadata(work_dir / "frames.txt"), start=1):
        path = work_dir / f"frame{index:06d}.jpg"
        if path.exists():
            # Slides are mostly one colour, so the extremes count as well as the middle range.
            full_range = values.get("signalstats.YMAX", 0) - values.get("signalstats.YMIN", 0)
            middle_range = values.get("signalstats.YHIGH", 0) - values.get("signalstats.YLOW", 0)
            contrast = max(0.0, (full_range + middle_range) / 510)
            blur = values.get("blur", math.nan)
            sharpness = contrast / blur if blur > 0 else 0.0
            yield FrameStat(
                max(0, time_ms), path, sharpness, values.get("signalstats.YAVG", 0) / 255
            )


def best_frame(frames: Sequence[FrameStat], start_ms: int, end_ms: int) -> FrameStat | None:
    """The sharpest well-lit picture of a span, preferably away from its cuts.

    The brightest one if all are dark, None if the span has no picture.
    """
    inside = [frame for frame in frames if start_ms <= frame.time_ms < end_ms]
    margin = min(CUT_MARGIN_MS, (end_ms - start_ms) // 10)
    inner = [f for f in inside if start_ms + margin <= f.time_ms < end_ms - margin]
    shown = [frame for frame in inner or inside if _exposure(frame.luma)]
    # `max` returns the first of equals.
    return max(shown or inner or inside, key=_thumbnail_score, default=None)


def _thumbnail_score(frame: FrameStat) -> tuple[float, float]:
    """The sort key of thumbnails: sharpness in good light, then distance from black and white."""
    return frame.sharpness * _exposure(frame.luma), min(frame.luma, 1 - frame.luma)


def _exposure(luma: float) -> float:
    """1 for a well-lit picture, 0 for one that shows nothing."""
    if not MIN_LUMA < luma < MAX_LUMA:
        return 0.0
    low, high = WELL_LIT_LUMA
    if luma < low:
        return (luma - MIN_LUMA) / (low - MIN_LUMA)
    return 1.0 if luma <= high else (MAX_LUMA - luma) / (MAX_LUMA - high)
