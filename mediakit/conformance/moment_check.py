"""Which moment of its source a Short shows: an independent check of the one thing that its own file cannot tell.

The encode reaches its range by `mediakit.ffmpeg.source_args.input_args_at`, which seeks and shifts timestamps. This
check leaves the timestamps as they stand in the file and picks frames and samples by them; in a container without an
index it reaches them by byte position, found by bisection, and not by a seek.

- Picture: at three moments, or at one where the container has an index, frames of the source from 0.8 s before to 0.8 s
  after go through the Short's own framing. Where they move, the Short's frame must be nearest to the one of its own
  moment.
- Sound: the envelope of the Short's sound is correlated with that of the source over offsets up to one second.

A still picture and a steady tone look the same at every moment; then nothing is said.
"""

import threading
from array import array
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, field

from mediakit.conformance.source_comparison import SourceRange
from mediakit.errors import ToolError
from mediakit.ffmpeg.source_args import (
    RAW_CLOCK,
    WITHOUT_INDEX,
    format_seconds,
    input_args,
    probing_args,
    thread_args,
)
from mediakit.framing.crop_filters import crop_plan_graph, still_plan
from mediakit.framing.geometry import SMART_CROP, Size, framing_graph
from mediakit.media_info import Source
from mediakit.probing.ffprobe_streams import to_ms
from mediakit.render.short import ShortSpec
from mediakit.sandbox.process import run

# The framing is drawn at a size at which rounding to whole pixels does not move it, and compared smaller.
CANVAS, SMALL = Size(216, 384), Size(54, 96)
# Source frames are taken at this distance; the middle one of the five is the moment to check.
STEP_MS = 400
FRAMES = 5
# Mean difference of luma (0 to 255), over the points that move most, from which two frames count as different moments.
MIN_MOTION = 6.0
MOVING_SHARE = 0.1
# The Short's frame must be this much nearer to its own moment than to its neighbours.
NEARER = 0.8
SAMPLE_RATE = 8_000
ENVELOPE_MS = 10
MAX_OFFSET_MS = 1_000
MIN_CORRELATION = 0.6
# A second peak of the correlation that is so high makes the first one worth nothing: the sound repeats itself.
AMBIGUOUS_SHARE = 0.9
TOLERANCE_MS = 100
LEAD_MS, INDEX_LEAD_MS = 4_000, 500
# The search for a byte ends after this many steps, or where decoding what is left costs less than another step.
BISECTIONS = 12
NEAR_BYTES = 256 * 1024
_FFMPEG = ("ffmpeg", "-nostdin", "-hide_banner", "-nostats", "-loglevel", "error")


@dataclass(frozen=True, slots=True)
class MomentMatch:
    """How well a Short's pictures and sound match the requested range of its source.

    `right` and `wrong` count the checked moments at which the Short's frame is nearest to its own moment, or nearer to
    another one. `sound_ms` is how much later the Short's sound stands in the source; None when it cannot be measured.
    """

    right: int = 0
    wrong: int = 0
    sound_ms: int | None = None

    @property
    def is_wrong(self) -> bool:
        """Whether the Short shows another moment: picture and sound may not contradict each other in that."""
        if self.sound_ms is None:
            return self.wrong > self.right
        return abs(self.sound_ms) > TOLERANCE_MS and self.wrong >= self.right

    @property
    def is_known(self) -> bool:
        """Whether picture or sound could tell."""
        return self.right + self.wrong > 0 or self.sound_ms is not None

    def __str__(self) -> str:
        """In words for the receipt: "2 of 3 frames, sound +0.01 s"."""
        frames = f"{self.right} of {self.right + self.wrong} frames"
        sound = "" if self.sound_ms is None else f", sound {self.sound_ms / 1000:+.2f} s"
        return f"{frames}{sound}"


def check_moment(short: Source, original: SourceRange, spec: ShortSpec) -> MomentMatch:
    """Compare a finished Short with its source at the moments it should show.

    Raises `StoppedError` when the range's `should_stop` says so. When a tool fails, the result is empty.
    """
    clock = _Clock(original)
    try:
        with ThreadPoolExecutor(1, "sound") as pool:
            sound = pool.submit(copy_context().run, _sound_offset, short, clock, spec)
            found = list(_pictures(short, clock, spec))
            sound_ms = sound.result()
    except ToolError:
        return MomentMatch()
    return MomentMatch(found.count(True), found.count(False), sound_ms)


def _pictures(short: Source, clock: "_Clock", spec: ShortSpec) -> Iterator[bool | None]:
    """The result of each checked moment.

    Where the container has an index, the times of its packets hold everywhere: one moment is enough if it is right.
    """
    for at_ms in _moments(spec.duration_ms):
        is_right = _picture(short, clock, spec, at_ms)
        yield is_right
        if is_right and clock.original.info.container not in WITHOUT_INDEX:
            return


def _moments(duration_ms: int) -> list[int]:
    """Times of the Short to check: the middle, then near both ends, each with its neighbours inside the range."""
    margin = STEP_MS * (FRAMES // 2)
    if duration_ms < 2 * margin:
        return [duration_ms // 2]
    return list(dict.fromkeys((duration_ms // 2, margin, duration_ms - margin)))


def _picture(short: Source, clock: "_Clock", spec: ShortSpec, at_ms: int) -> bool | None:
    """Return whether the Short's frame at a time is the source's own; None when it cannot be measured."""
    reference = _source_frames(clock, spec, at_ms)
    if len(reference) < FRAMES:
        return None
    own = FRAMES // 2
    points = _moving_points(reference)
    motion = [_difference(reference[own], frame, points) for frame in reference]
    if min(motion[:own] + motion[own + 1 :]) < MIN_MOTION:
        return None
    frame = _short_frame(short, clock.original, at_ms)
    if not frame:
        return None
    away = [_difference(frame, other, points) for other in reference]
    other = min(away[:own] + away[own + 1 :])
    if away[own] <= NEARER * other:
        return True
    return False if away[own] > other else None


def _source_frames(clock: "_Clock", spec: ShortSpec, at_ms: int) -> list[bytes]:
    """Small grey frames of the source around a time of the Short, framed as the Short is there."""
    original, info = clock.original, clock.original.info
    from_ms = spec.start_ms + at_ms - STEP_MS * (FRAMES // 2)
    clip = _clip(clock, from_ms)
    trim = f"trim=start={clip.timestamp}:duration={format_seconds(STEP_MS * FRAMES)}"
    pick = f"setpts=PTS-{clip.timestamp}/TB,fps=1000/{STEP_MS}:start_time=0:round=up,trim=end_frame={FRAMES}"
    deinterlace = "bwdif=mode=send_frame:deint=interlaced," if info.video.is_interlaced else ""
    plan = spec.plan if spec.strategy == SMART_CROP else None
    if plan is not None:
        framed = crop_plan_graph(
            info.video, still_plan(plan, at_ms), CANVAS, rate=info.video.frame_rate
        )
    else:
        framed = framing_graph(info.video, spec.strategy, CANVAS)
    graph = (
        f"[0:{info.video.index}]{deinterlace}{trim},{pick}[in];{framed};[out]{_TO_SMALL_GREY}[grey]"
    )
    argv = [*_FFMPEG, "-an", "-sn", "-dn", *clip.args, *input_args(original.source)]
    data = _output(
        original, [*argv, "-filter_complex", graph, "-map", "[grey]", *_RAW_VIDEO], original.source
    )
    return _split(data)


_RAW_VIDEO = ("-fps_mode", "passthrough", "-f", "rawvideo", "-")


def _short_frame(short: Source, original: SourceRange, at_ms: int) -> bytes:
    """The Short's frame at a time, as small as the source's."""
    argv = [
        *_FFMPEG,
        *thread_args(),
        "-ss",
        format_seconds(at_ms),
        *input_args(short),
        "-map",
        "0:v:0",
    ]
    argv += ["-vf", _TO_SMALL_GREY, "-frames:v", "1", "-f", "rawvideo", "-"]
    frames = _split(_output(original, argv, short))
    return frames[0] if frames else b""


_TO_SMALL_GREY = f"scale={SMALL}:flags=area,format=yuv420p,extractplanes=y,format=gray"


def _split(data: bytes) -> list[bytes]:
    size = SMALL.width * SMALL.height
    return [data[at : at + size] for at in range(0, len(data) - size + 1, size)]


def _moving_points(frames: Sequence[bytes]) -> list[int]:
    """The points of a frame that change most over the frames."""
    spread = [max(values) - min(values) for values in zip(*frames, strict=True)]
    ordered = sorted(range(len(spread)), key=spread.__getitem__, reverse=True)
    return ordered[: int(len(ordered) * MOVING_SHARE)]


def _difference(a: bytes, b: bytes, points: Sequence[int]) -> float:
    return sum(abs(a[point] - b[point]) for point in points) / len(points)


def _sound_offset(short: Source, clock: "_Clock", spec: ShortSpec) -> int | None:
    """Return how much later in the source the Short's sound is, in ms; None when it cannot be measured."""
    original = clock.original
    if original.audio_index is None:
        return None
    before_ms = min(MAX_OFFSET_MS, spec.start_ms)
    clip = _clip(clock, spec.start_ms - before_ms)
    length = format_seconds(before_ms + spec.duration_ms + MAX_OFFSET_MS)
    trim = f"atrim=start={clip.timestamp}:duration={length},asetpts=PTS-{clip.timestamp}/TB"
    trim += ",aresample=async=1:first_pts=0"
    argv = [*_FFMPEG, "-vn", "-sn", "-dn", *clip.args, *input_args(original.source)]
    argv += ["-map", f"0:{original.audio_index}", "-af", trim, *_RAW_AUDIO]
    source = _envelope(_output(original, argv, original.source))
    argv = [*_FFMPEG, "-vn", *input_args(short), "-map", "0:a:0", *_RAW_AUDIO]
    own = _envelope(_output(original, argv, short))
    return _best_offset(own, source, before_ms // ENVELOPE_MS)


_RAW_AUDIO = ("-ac", "1", "-ar", str(SAMPLE_RATE), "-f", "s16le", "-")


def _envelope(data: bytes) -> list[float]:
    """Mean level of each 10 ms of 16-bit sound, compressed so that loud places do not decide alone."""
    samples = array("h", data[: len(data) // 2 * 2])
    step = SAMPLE_RATE * ENVELOPE_MS // 1000
    pieces = (samples[at : at + step] for at in range(0, len(samples) - step + 1, step))
    return [(sum(map(abs, piece)) / step) ** 0.5 for piece in pieces]


def _best_offset(own: list[float], source: list[float], zero: int) -> int | None:
    """Return the offset of the best match of the envelopes, in ms from `zero`; None without a clear best match."""
    import numpy as np  # noqa: PLC0415 -- pages import this package, and never need it

    short, given = np.asarray(own), np.asarray(source)
    places = len(given) - len(short) + 1
    if len(short) < 50 or places < 2 or not short.std():
        return None
    short = (short - short.mean()) / short.std()
    scores = np.zeros(places)
    for place in range(places):
        piece = given[place : place + len(short)]
        spread = piece.std()
        scores[place] = ((piece - piece.mean()) @ short) / (len(short) * spread) if spread else 0
    best = int(scores.argmax())
    apart = np.abs(np.arange(places) - best) * ENVELOPE_MS > TOLERANCE_MS
    rival = float(scores[apart].max()) if apart.any() else 0.0
    if scores[best] < MIN_CORRELATION or rival > AMBIGUOUS_SHARE * scores[best]:
        return None
    return (best - zero) * ENVELOPE_MS


@dataclass(frozen=True, slots=True)
class _Clip:
    """ffmpeg input options that begin some way before a moment, and the moment's own timestamp in seconds."""

    args: tuple[str, ...]
    timestamp: str


def _clip(clock: "_Clock", at_ms: int) -> _Clip:
    """Reach a moment by the timestamps in the file; by bytes where the container has no index."""
    info = clock.original.info
    threads = thread_args()
    if info.container not in WITHOUT_INDEX:
        timestamp = info.origin_ms + at_ms
        # Reading begins at the keyframe before.
        seek = ("-ss", format_seconds(timestamp - INDEX_LEAD_MS)) if at_ms > INDEX_LEAD_MS else ()
        args = (*threads, "-copyts", "-seek_timestamp", "1", "-noaccurate_seek", *seek)
        return _Clip(args, format_seconds(timestamp))
    timestamp = clock.timestamp(at_ms)
    position = clock.position(timestamp - LEAD_MS, at_ms)
    skip = ("-skip_initial_bytes", str(position)) if position else ()
    return _Clip((*threads, "-copyts", *RAW_CLOCK, *skip), format_seconds(timestamp))


@dataclass(frozen=True, slots=True)
class _Clock:
    """The timestamps of a file without an index, as they stand in it; each is read once for the whole check."""

    original: SourceRange
    _known: dict[int, int | None] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def timestamp(self, at_ms: int) -> int:
        """Return the file's timestamp for a time of the video, in ms."""
        point = self.original.info.seek_point(at_ms)
        if point is not None:
            return at_ms - point.offset_ms
        first = self._first_after(0)
        return at_ms + (first if first is not None else self.original.info.origin_ms)

    def position(self, timestamp_ms: int, at_ms: int) -> int:
        """A byte before that timestamp and not far from it."""
        info = self.original.info
        point = info.seek_point(max(0, at_ms - LEAD_MS))
        if info.seek_points:
            return point.position if point else 0
        low, high = 0, info.size_bytes if at_ms > LEAD_MS else 0
        # The mean bit rate says where to look first: a second before what is near enough.
        early_ms = max(0, at_ms - LEAD_MS - LEAD_MS // 4)
        place = min(high, info.size_bytes * early_ms // max(1, info.duration_ms))
        for _ in range(BISECTIONS):
            if high - low <= NEAR_BYTES:
                break
            found = self._first_after(place)
            if found is None or found > timestamp_ms:
                high = place
            else:
                low = place
                if timestamp_ms - found < LEAD_MS:
                    break
            place = (low + high) // 2
        return low

    def _first_after(self, position: int) -> int | None:
        """The earliest timestamp of the first packets after a byte, in ms; None past the last one."""
        with self._lock:
            if position not in self._known:
                self._known[position] = self._read_after(position)
            return self._known[position]

    def _read_after(self, position: int) -> int | None:
        original = self.original
        argv = ["ffprobe", "-v", "error", "-show_entries", "packet=pts_time", "-of", "csv=p=0"]
        argv += ["-read_intervals", "%+#20", *RAW_CLOCK, "-skip_initial_bytes", str(position)]
        try:
            answer = run(
                [*argv, *probing_args(original.source)], timeout_s=60, reads=[original.source]
            )
        except ToolError:
            return None
        times = [to_ms(line.strip(",")) for line in answer.stdout.splitlines()]
        known = [time for time in times if time is not None]
        return min(known, default=None)


def _output(original: SourceRange, argv: Sequence[str], source: Source) -> bytes:
    answer = run(
        argv, timeout_s=original.timeout_s, reads=[source], should_stop=original.should_stop
    )
    return answer.output
