"""The first pass over a video: thumbnails and shots from keyframes, loudness and silences from the audio.

Decoding only keyframes takes seconds for an hour of video. If keyframes are too sparse, pictures are
sampled; a short clip is decoded completely.
"""

import re
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path

from mediakit.audio import level_meter
from mediakit.audio.loudness_index import LoudnessIndex
from mediakit.errors import (
    FATAL_ERRORS,
    ToolError,
)
from mediakit.media_info import AudioTrack, MediaInfo, Source
from mediakit.probing.keyframe_times import mp4_keyframes
from mediakit.sandbox import process
from mediakit.sandbox.source_file import is_remote
from mediakit.scenes import first_pass_args
from mediakit.scenes.first_pass_args import FRAMES_FILE, SHOTS_FILE, Mode, Pass
from mediakit.scenes.frame_metadata import read_metadata
from mediakit.scenes.thumbnail_candidates import MIN_LUMA, FrameStat, read_candidates

# Keyframes farther apart than this, on average or once, are too sparse.
MAX_MEAN_GAP_MS, MAX_GAP_MS = 12_000, 30_000
# The share of the work after which it is known whether keyframes are enough.
KEYS_SHARE = 0.9
# The smallest mean change of brightness (percent of its range) at a cut. Between neighbouring frames it is
# the increase over the change before, because motion is steady. Frames seconds apart differ by 2 to 5
# within a shot of a talk, and by 8 to 40 across a cut.
CUT_PERCENT = 8.0
NEIGHBOURS_MS = 500
MIN_SHOT_MS = 500
# Pictures that differ by less (percent of brightness) are the same one, encoded again.
STILL_PERCENT, STILL_NEIGHBOURS_PERCENT, MIN_STILL_MS = 0.1, 0.02, 2_000


@dataclass(frozen=True, slots=True)
class FirstPass:
    """The result of the first pass. `loudness_lufs` is None for silence or no audio.

    `loudness_index` is that of the track a player would choose. `speech_wav` is 16 kHz mono, sample 0 at
    time 0; None without audio. `dark_ms` are times of decoded pictures that show nothing, `still_ms` ranges
    between decoded pictures that do not differ.
    """

    shots_ms: tuple[int, ...]
    silences_ms: tuple[tuple[int, int], ...]
    loudness_lufs: float | None
    frames: tuple[FrameStat, ...]
    speech_wav: Path | None
    loudness_index: LoudnessIndex
    dark_ms: tuple[int, ...] = ()
    still_ms: tuple[tuple[int, int], ...] = ()


def run_first_pass(
    source: Source,
    info: MediaInfo,
    work_dir: Path,
    *,
    on_progress: Callable[[float], None] = lambda _: None,
    should_stop: Callable[[], bool] | None = None,
    timeout_s: float = 3 * 3600,
) -> FirstPass:
    """Decode the video once; files are left in `work_dir`.

    `on_progress` gets a share from 0 to 1, which grows with the slower of picture and sound. A damaged audio track is
    ignored, and undecodable pictures are skipped. Raises `ToolError` when nothing could be decoded, and each of
    FATAL_ERRORS.
    """
    run = Pass(
        source=source if is_remote(source) else str(Path(source).absolute()),
        info=info,
        work_dir=work_dir,
        mode=Mode.WHOLE if info.duration_ms <= first_pass_args.SHORT_CLIP_MS else Mode.KEYS,
        audio=info.audio_track(),
        on_progress=on_progress,
        should_stop=should_stop,
        timeout_s=timeout_s,
    )
    decoded = _decode_tracks(run)
    levels = (
        level_meter.read_levels(work_dir, run.audio)
        if decoded.has_levels and run.audio
        else level_meter.NO_AUDIO
    )
    wav = work_dir / level_meter.SPEECH_FILE
    on_progress(1.0)
    shot_frames, candidates = (
        list(_read_frames(work_dir / name, decoded.times_ms)) for name in (SHOTS_FILE, FRAMES_FILE)
    )
    frames = tuple(read_candidates(work_dir, candidates))
    black = [time_ms for time_ms, values in shot_frames if "blackframe.pblack" in values]
    return FirstPass(
        dark_ms=tuple(sorted({*black, *(f.time_ms for f in frames if f.luma < MIN_LUMA)})),
        still_ms=tuple(_still_ranges(shot_frames)),
        shots_ms=tuple(_shots(shot_frames, info.duration_ms)),
        silences_ms=levels.silences_ms,
        loudness_lufs=levels.loudness_lufs,
        loudness_index=levels.loudness_index,
        frames=frames,
        speech_wav=wav if decoded.has_levels and wav.exists() else None,
    )


@dataclass(frozen=True, slots=True)
class _Decoded:
    """Whether the audio was decoded, and the right time of each picture whose time ffmpeg gives wrongly (ms)."""

    has_levels: bool = False
    times_ms: Mapping[int, int] = field(default_factory=dict)


def _decode_tracks(run: Pass) -> _Decoded:
    """Decode video and audio.

    They run in parallel, because each uses one core. A remote source is decoded in one run, because
    two would fetch it twice.
    """
    if run.audio is None:
        return _Decoded(times_ms=_decode_pictures(run))
    if not is_remote(run.source):
        return _decode_in_parallel(run, run.audio)
    has_levels = _decode_in_one_run(run)
    _sample_where_sparse(run)
    return _Decoded(has_levels)


def _decode_in_one_run(run: Pass) -> bool:
    """Decode both tracks in one run, and again without audio if that fails."""
    try:
        _decode_video(run)
    except FATAL_ERRORS:
        raise
    except ToolError:
        _decode_video(replace(run, audio=None))
        return False
    return True


def _decode_in_parallel(run: Pass, track: AudioTrack) -> _Decoded:
    """Decode each track in its own run; if the video fails, the audio is stopped."""
    failed = threading.Event()
    slower = _SlowerShare(run.on_progress)

    def should_stop() -> bool:
        return failed.is_set() or (run.should_stop is not None and run.should_stop())

    with ThreadPoolExecutor(1, "audio") as pool:
        audio_run = replace(run, should_stop=should_stop, on_progress=slower.reporter("audio"))
        decoded = pool.submit(copy_context().run, _decode_audio, audio_run, track)
        try:
            times_ms = _decode_pictures(
                replace(run, audio=None, on_progress=slower.reporter("video"))
            )
        except BaseException:
            failed.set()
            raise
        return _Decoded(decoded.result(), times_ms)


class _SlowerShare:
    """Reports the smaller share of two runs that go on at the same time."""

    def __init__(self, on_progress: Callable[[float], None]) -> None:
        self._on_progress = on_progress
        self._shares = {"audio": 0.0, "video": 0.0}
        self._lock = threading.Lock()

    def reporter(self, track: str) -> Callable[[float], None]:
        """The `on_progress` of one of the runs."""

        def report(share: float) -> None:
            with self._lock:
                self._shares[track] = share
                self._on_progress(min(self._shares.values()))

        return report


def _decode_audio(run: Pass, track: AudioTrack) -> bool:
    """Decode the audio alone; False if it cannot be decoded."""
    argv = [*first_pass_args.input_args(run), *first_pass_args.audio_output_args(run, track)]
    try:
        _run_ffmpeg(run, argv)
    except FATAL_ERRORS:
        raise
    except ToolError:
        return False
    finally:
        run.on_progress(1.0)
    return True


def _decode_pictures(run: Pass) -> Mapping[int, int]:
    """Decode the video alone; returns the right times of pictures as `_Decoded` does."""
    keyframes = mp4_keyframes(run.source, run.info) if run.mode is Mode.KEYS else None
    times_ms: Mapping[int, int] | None = None
    if keyframes is not None:
        _decode_video(replace(run, mode=Mode.DEMUXED_KEYS))
        times_ms = keyframes.corrected_times(_frame_times(run.work_dir))
    if times_ms is None:
        _decode_video(_with_keyframes_alone(run))
    is_sampled = _sample_where_sparse(run)
    run.on_progress(1.0)
    return {} if is_sampled else times_ms or {}


def _with_keyframes_alone(run: Pass) -> Pass:
    """The pass over a copy of the keyframes, where the decoder would decode all pictures to show these; else the same.

    Demuxers other than MP4's drop nothing, so the packets are copied first: reading them all costs little.
    """
    codec = run.info.video.codec
    if run.mode is not Mode.KEYS or codec not in first_pass_args.UNSKIPPABLE_CODECS:
        return run
    try:
        _run_ffmpeg(
            replace(run, on_progress=lambda _: None), first_pass_args.keyframe_copy_args(run)
        )
    except FATAL_ERRORS:
        raise
    except ToolError:
        return run
    video = replace(run.info.video, index=0)
    info = replace(run.info, container="matroska", origin_ms=0, seek_points=(), video=video)
    return replace(run, source=str(run.work_dir / first_pass_args.KEYS_FILE), info=info)


def _sample_where_sparse(run: Pass) -> bool:
    """Replace the decoded keyframes by samples where they are too sparse; returns whether that was so."""
    length_ms = run.info.video.end_ms or run.info.duration_ms
    if run.mode is Mode.WHOLE or not _are_too_sparse(_frame_times(run.work_dir), length_ms):
        return False
    _decode_video(replace(run, mode=Mode.SAMPLED, audio=None))
    return True


def _decode_video(run: Pass) -> None:
    """Decode the video, and the audio if the pass has one. An error is ignored if any picture was written."""
    for old in run.work_dir.glob("frame*.jpg"):
        old.unlink()
    argv = [*first_pass_args.input_args(run), *first_pass_args.video_output_args(run)]
    if run.audio is not None:
        argv += first_pass_args.audio_output_args(run, run.audio)
    try:
        _run_ffmpeg(run, argv)
    except FATAL_ERRORS:
        raise
    except ToolError:
        if run.audio is not None or not (run.work_dir / "frame000001.jpg").exists():
            raise


def _run_ffmpeg(run: Pass, argv: Sequence[str]) -> None:
    process.run(
        argv,
        timeout_s=run.timeout_s,
        reads=[run.source],
        cwd=run.work_dir,
        on_line=_progress_reader(run),
        should_stop=run.should_stop,
    )


def _progress_reader(run: Pass) -> Callable[[str], None]:
    """A reader of ffmpeg's progress lines that reports a growing share.

    Sampled pictures are the last tenth: only after the keyframes it is known that they are needed.
    """
    reported = 0.0
    first, last = (KEYS_SHARE, 1.0) if run.mode is Mode.SAMPLED else (0.0, KEYS_SHARE)

    def read(line: str) -> None:
        nonlocal reported
        match = re.match(r"out_time_(?:us|ms)=(\d+)", line)
        if match:
            share = min(1.0, int(match[1]) / 1000 / max(1, run.info.duration_ms))
            reported = max(reported, first + (last - first) * share)
            run.on_progress(reported)

    return read


def _are_too_sparse(times_ms: Sequence[int], duration_ms: int) -> bool:
    """Whether pictures are too far apart for thumbnails and shots."""
    edges = [0, *times_ms, duration_ms]
    widest = max(after - before for before, after in pairwise(edges))
    return len(times_ms) * MAX_MEAN_GAP_MS < duration_ms or widest > MAX_GAP_MS


def _frame_times(work_dir: Path) -> list[int]:
    return [time_ms for time_ms, _ in read_metadata(work_dir / SHOTS_FILE)]


def _read_frames(path: Path, times_ms: Mapping[int, int]) -> Iterator[tuple[int, dict[str, float]]]:
    """(time in ms, values by key) of each frame, at its right time."""
    for time_ms, values in read_metadata(path):
        yield times_ms.get(time_ms, time_ms), values


def _still_ranges(frames: Sequence[tuple[int, Mapping[str, float]]]) -> Iterator[tuple[int, int]]:
    """The ranges of at least MIN_STILL_MS in which no picture differs from the one before."""
    start = end = frames[0][0] if frames else 0
    for time_ms, values in frames[1:]:
        are_near = time_ms - end < NEIGHBOURS_MS
        limit = STILL_NEIGHBOURS_PERCENT if are_near else STILL_PERCENT
        if values.get("scd.mafd", 100.0) >= limit:
            if end - start >= MIN_STILL_MS:
                yield start, end
            start = time_ms
        end = time_ms
    if end - start >= MIN_STILL_MS:
        yield start, end


def _shots(frames: Iterable[tuple[int, Mapping[str, float]]], duration_ms: int) -> Iterator[int]:
    """The times at which new shots begin, except the video's start and end."""
    before, last = 0, 0
    for time_ms, values in frames:
        change = values.get("scd.score" if time_ms - before < NEIGHBOURS_MS else "scd.mafd", 0.0)
        before = time_ms
        long_enough = last + MIN_SHOT_MS <= time_ms <= duration_ms - MIN_SHOT_MS
        if long_enough and change >= CUT_PERCENT:
            last = time_ms
            yield time_ms
