"""The timeline of a file without an index, whose timestamps may jump, wrap or start again.

A recorder that was restarted, or two streams joined into one file, leave a clock that is no position in the file: the
same timestamp stands twice, or minutes are missing. Players show such a file from its beginning to its end, and so does
ffmpeg: wherever a timestamp jumps, it goes on from where it was. This module finds those jumps by reading the headers
of all packets once, and notes where in the file reading can start again and which time that is.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace

from mediakit.ffmpeg.source_args import JUMP_MS, PREROLL_MS, RAW_CLOCK, WITHOUT_INDEX, probing_args
from mediakit.media_info import MediaInfo, SeekPoint, Source
from mediakit.probing.ffprobe_streams import to_ms
from mediakit.sandbox.process import run

# A timestamp earlier by more than this than the packets before it is a jump as well; the figure is ffmpeg's own.
BACKWARD_JUMP_MS = 100
MAX_SEEK_POINTS = 1_000
MIN_SEEK_STEP_MS = 2_000
# Progress is reported that often.
PROGRESS_BYTES = 4 << 20
# Reading starts this long before a keyframe, since tables that name the tracks come several times a second.
LEAD_MS = 1_000
_FIELDS = "packet=stream_index,pts_time,dts_time,duration_time,pos,flags"


def with_timeline(
    source: Source,
    info: MediaInfo,
    *,
    timeout_s: float = 3600,
    on_progress: Callable[[float], None] = lambda _: None,
    should_stop: Callable[[], bool] | None = None,
) -> MediaInfo:
    """Return `info` with the length and the seek points of a file whose clock jumps or that has few keyframes.

    It is unchanged for any other file.

    Reads the whole file once when its container has no index, and nothing otherwise. `on_progress` gets a share from 0
    to 1.
    Raises `ToolError` when the packets cannot be read, `StoppedError` when `should_stop` says so.
    """
    if info.container not in WITHOUT_INDEX:
        return info
    tracks = {track.index for track in info.audio}

    def report(position: int) -> None:
        on_progress(min(1.0, position / max(1, info.size_bytes)))

    scan = scan_packets(
        source, info.video.index, tracks, timeout_s, on_position=report, should_stop=should_stop
    )
    if not scan.jumps:
        return replace(info, seek_points=scan.seek_points()) if scan.has_few_keyframes else info
    return replace(
        info,
        duration_ms=scan.duration_ms,
        video=replace(info.video, end_ms=scan.picture_ms),
        seek_points=scan.seek_points(),
        longest_gap_ms=scan.longest_gap_ms,
    )


def scan_packets(
    source: Source,
    video: int,
    audio: Collection[int],
    timeout_s: float,
    *,
    on_position: Callable[[int], None] = lambda _: None,
    should_stop: Callable[[], bool] | None = None,
) -> "PacketScan":
    """Read the headers of all packets of the picture track and the sound tracks, given by stream index.

    `on_position` gets the byte reached, about every PROGRESS_BYTES.
    Raises `ToolError` when the packets cannot be read, `StoppedError` when `should_stop` says so.
    """
    scan = PacketScan(video, audio)
    reported = 0

    def read(line: str) -> None:
        nonlocal reported
        scan.read(line)
        if scan.position - reported >= PROGRESS_BYTES:
            reported = scan.position
            on_position(reported)

    command = ["ffprobe", "-v", "error", "-show_entries", _FIELDS, "-of", "csv=p=0"]
    run(
        [*command, *RAW_CLOCK, *probing_args(source)],
        timeout_s=timeout_s,
        reads=[source],
        on_line=read,
        should_stop=should_stop,
    )
    return scan


@dataclass(slots=True)
class PacketScan:
    """The packets of a file in their order: its jumps, its length, and the positions of its keyframes.

    Repeats what ffmpeg does when it reads a file from its beginning (`ts_discontinuity_process` in its sources): the
    offset between timestamps and timeline changes wherever a packet is not where the one before it ended. Other than
    there, a gap in one track alone is none: ffmpeg is told of the longest one, and takes no gap up to it for a jump.
    """

    video: int
    audio: Collection[int]
    jumps: int = 0
    longest_gap_ms: int = 0
    position: int = 0
    _first: dict[int, int] = field(default_factory=dict)
    _end_ms: int = 0
    _picture_end_ms: int = 0
    _keyframe_ms: int | None = None
    _longest_group_ms: int = 0
    _offset_ms: int = 0
    _last_ms: int | None = None
    _next_ms: dict[int, int] = field(default_factory=dict)
    _lead: list[tuple[int, int, int]] = field(default_factory=list)
    _points: list[SeekPoint] = field(default_factory=list)

    def read(self, line: str) -> None:
        """Take in one packet; lines of ffprobe that are none are passed over."""
        values = line.split(",")
        if len(values) < 6 or not values[0].isdigit():
            return
        stream, shown, decoded = int(values[0]), to_ms(values[1]), to_ms(values[2])
        if decoded is None or (stream != self.video and stream not in self.audio):
            return
        self.position = int(values[4]) if values[4].isdigit() else self.position
        at_ms = self._on_timeline(stream, decoded)
        end_ms = at_ms + (to_ms(values[3]) or 0)
        self._next_ms[stream] = end_ms
        self._last_ms = at_ms
        shown_ms = at_ms if shown is None else at_ms + shown - decoded
        if len(self._first) < 1 + len(self.audio):
            self._first.setdefault(stream, shown_ms)
        self._end_ms = max(self._end_ms, shown_ms + end_ms - at_ms)
        if values[4].isdigit() and stream == min([self.video, *self.audio]):
            self._lead.append((at_ms, int(values[4]), self._offset_ms))
        if stream == self.video:
            self._picture_end_ms = max(self._picture_end_ms, shown_ms + end_ms - at_ms)
            if "K" in values[5]:
                self._add_point(shown_ms)

    def _on_timeline(self, stream: int, decoded_ms: int) -> int:
        """Return a packet's time on the timeline, after a jump that it may show."""
        at_ms = decoded_ms + self._offset_ms
        expected = self._next_ms.get(stream, self._last_ms)
        if expected is None:
            return at_ms
        back_ms = BACKWARD_JUMP_MS if stream in self._next_ms else JUMP_MS
        gap_ms = at_ms - expected
        # A track that was silent for a while goes on where the other one is: its clock did not jump.
        latest = max(expected, self._last_ms or expected)
        if -back_ms <= gap_ms and at_ms - latest <= JUMP_MS:
            self.longest_gap_ms = max(self.longest_gap_ms, gap_ms)
            return at_ms
        self.jumps += 1
        self._offset_ms += expected - at_ms
        self._lead.clear()
        return expected

    def _add_point(self, keyframe_ms: int) -> None:
        """Note where to start reading for a keyframe: some way before it, but after the last jump."""
        self._longest_group_ms = max(self._longest_group_ms, self._since_keyframe(keyframe_ms))
        self._keyframe_ms = keyframe_ms
        while len(self._lead) > 1 and self._lead[1][0] <= keyframe_ms - LEAD_MS:
            del self._lead[0]
        far_enough = not self._points or keyframe_ms - self._points[-1].time_ms >= MIN_SEEK_STEP_MS
        if self._lead and self._lead[0][0] <= keyframe_ms - LEAD_MS and far_enough:
            _, position, offset_ms = self._lead[0]
            self._points.append(SeekPoint(keyframe_ms, position, offset_ms))

    def _since_keyframe(self, time_ms: int) -> int:
        return 0 if self._keyframe_ms is None else time_ms - self._keyframe_ms

    @property
    def has_few_keyframes(self) -> bool:
        """Whether reading that begins `PREROLL_MS` before a time may find no keyframe on the way."""
        last_ms = self._since_keyframe(self._picture_end_ms)
        return max(self._longest_group_ms, last_ms) > PREROLL_MS - LEAD_MS

    @property
    def duration_ms(self) -> int:
        """The length of the file on its timeline."""
        return max(1, self._end_ms - self._start_ms)

    @property
    def picture_ms(self) -> int:
        """The end of the picture track on the timeline; 0 when it has no packets."""
        return max(0, self._picture_end_ms - self._start_ms)

    def seek_points(self) -> tuple[SeekPoint, ...]:
        """Return at most `MAX_SEEK_POINTS` points, evenly chosen; the file's start too if it has few keyframes."""
        step = -(-len(self._points) // MAX_SEEK_POINTS) or 1
        start = self._start_ms
        beginning = [SeekPoint(start, 0, 0)] if self.has_few_keyframes else []
        return tuple(
            replace(point, time_ms=point.time_ms - start, offset_ms=point.offset_ms - start)
            for point in [*beginning, *self._points[::step]]
        )

    @property
    def _start_ms(self) -> int:
        """The first time of any track, which is 0 on the timeline."""
        return min(self._first.values(), default=0)
