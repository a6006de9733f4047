"""Probes a file: describes it, or refuses it with a reason.

Headers can be wrong, so some pictures near the start and near the end are decoded: a file that
cannot be shown is refused here and not an hour later.
"""

import json
import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, replace
from typing import Any

from mediakit.errors import (
    InputError,
    MediaErrorCode,
    SandboxError,
    ToolError,
    ToolLimitError,
    ToolMissingError,
    ToolTimeoutError,
)
from mediakit.ffmpeg.source_args import PREROLL_MS, WITHOUT_INDEX, format_seconds, probing_args
from mediakit.media_info import AudioTrack, MediaInfo, Source, SubtitleTrack, VideoTrack
from mediakit.probing.container_sniff import SourceReader, media_kind
from mediakit.probing.ffprobe_streams import (
    Stream,
    audio_tracks,
    stream_tag,
    subtitle_tracks,
    timecode_of,
    to_ms,
    video_track,
    x264_build,
)
from mediakit.probing.timeline import scan_packets
from mediakit.probing.track_roles import (
    main_video,
    streams_of_program,
    unreadable_codec,
    with_main_audio,
)
from mediakit.probing.truncation import is_cut_off
from mediakit.sandbox import config
from mediakit.sandbox.process import run

__all__ = ["AudioTrack", "MediaInfo", "Source", "SubtitleTrack", "VideoTrack", "probe"]

HEAD_PACKETS = 400
HEAD_FRAMES = 24
MAX_HEAD_FRAMES = 400
TAIL_MS = 3000
FIRST_PACKET_BYTES = 2048
MAX_TITLE_CHARS = 1_000
# Errors that tell nothing about the file.
INCONCLUSIVE_ERRORS = (SandboxError, ToolLimitError, ToolMissingError, ToolTimeoutError)
# Containers whose timestamps a player shows as they are; in the others the first one counts as 0.
ABSOLUTE_TIMESTAMPS = ("mov", "matroska")
# A first timestamp that is later than this is the clock of a recorder that ran before, not a pause that is meant.
LATE_START_MS = 1_000
# Bare pictures, without a container: their packets have no times.
RAW_STREAMS = ("h264", "hevc", "obu", "m4v", "mpegvideo")
# To prove that a picture can be decoded, no more than this is decoded.
LONGEST_DECODED_MS = 120_000
# Reading of these can start at any byte.
BYTE_SEEKABLE = ("mpegts", "mpeg")
PACKET_FIELDS = "packet=stream_index,pts_time,dts_time,duration_time,flags"
FRAME_FIELDS = (
    "frame=best_effort_timestamp_time,width,height,pix_fmt,interlaced_frame,"
    "color_range,color_space,color_transfer,color_primaries"
)


@dataclass(frozen=True, slots=True)
class _Packet:
    stream: int
    end_ms: int


def _packet(found: Stream) -> _Packet | None:
    """A packet with a time that is shown; edit lists leave some that only decoders need."""
    start = to_ms(found.get("pts_time"))
    if start is None:  # AVI knows decoding times only
        start = to_ms(found.get("dts_time"))
    if start is None or "D" in str(found.get("flags")):
        return None
    return _Packet(int(found["stream_index"]), start + (to_ms(found.get("duration_time")) or 0))


def _shown(found: Sequence[Stream]) -> list[_Packet]:
    return [packet for packet in map(_packet, found) if packet is not None]


@dataclass(frozen=True, slots=True)
class _Ffprobe:
    """ffprobe on one source, with the time limit of each run in seconds."""

    source: Source
    timeout_s: float

    def query(self, *options: str, decoded: int | None = None) -> dict[str, Any]:
        argv = ["ffprobe", "-v", "error", "-of", "json", *options]
        command = [*argv, *probing_args(self.source, decoded=decoded)]
        answer = run(command, timeout_s=self.timeout_s, reads=[self.source])
        data: dict[str, Any] = json.loads(answer.stdout or "{}")
        return data

    def packets(self, interval: str = "", *, stream: int | None = None) -> list[_Packet]:
        """Return the packets with a shown time in a read interval; empty if there are none."""
        options = ["-show_entries", PACKET_FIELDS]
        if interval:
            options += ["-read_intervals", interval]
        if stream is not None:
            options += ["-select_streams", str(stream)]
        try:
            found = self.query(*options).get("packets", [])
        except INCONCLUSIVE_ERRORS:
            raise
        except ToolError:
            return []
        return _shown(found)

    def frames(self, stream: int, interval: str, *, from_byte: int = 0) -> list[Stream]:
        """Return the pictures that decode in a read interval; empty if none does. `from_byte`: where reading starts."""
        options = ["-select_streams", str(stream), "-read_intervals", interval]
        if from_byte:
            options += ["-skip_initial_bytes", str(from_byte)]
        try:
            answer = self.query(*options, "-show_entries", FRAME_FIELDS, decoded=stream)
        except INCONCLUSIVE_ERRORS:
            raise
        except ToolError:
            return []
        return [f for f in answer.get("frames", []) if f.get("width")]


def probe(source: Source, *, timeout_s: float = 60, proves_later: bool = True) -> MediaInfo:
    """Describe a playable video; raises `InputError` for any other file.

    Without `proves_later` only pictures near the start are decoded: for a caller that decodes itself what it needs.

    Codes: EMPTY_FILE, NOT_A_VIDEO, NO_VIDEO_STREAM, UNSUPPORTED_CODEC (param `codec`),
    TRUNCATED_FILE (incomplete, or damaged so that no picture can be decoded), RAW_STREAM (pictures without times).
    """
    reader = SourceReader(source)
    if not reader.size:
        raise InputError(MediaErrorCode.EMPTY_FILE, "The file is empty.")
    ffprobe = _Ffprobe(source, timeout_s)
    found = _header(ffprobe, reader)
    streams = found.get("streams", [])
    stream = main_video(streams, found.get("packets", ()))
    if stream is not None:
        streams = found["streams"] = streams_of_program(streams, found.get("programs", ()), stream)
    if stream is None and not is_cut_off(
        reader
    ):  # if it is cut off, the missing part may hold the picture
        raise InputError(MediaErrorCode.NO_VIDEO_STREAM, "The file has no video track.")
    if stream is None or is_cut_off(reader):
        raise InputError(MediaErrorCode.TRUNCATED_FILE, "The end of the file is missing.")
    container = str(found["format"]["format_name"])
    origin = _origin(container, found["format"])
    with ThreadPoolExecutor(1, "probe") as pool:  # both wait for ffprobe, each for runs of its own
        decoded = pool.submit(copy_context().run, _video, ffprobe, reader, found, stream)
        try:
            duration, end = _length(ffprobe, found, stream, origin)
            index = int(stream["index"])
            # Of a shorter file the first pictures, which are decoded beside this, are the later ones as well.
            if (
                proves_later
                and end > TAIL_MS
                and not _has_later_pictures(
                    ffprobe, index, end, origin, container=container, size_bytes=reader.size
                )
            ):
                raise InputError(
                    MediaErrorCode.TRUNCATED_FILE, "Most of the file cannot be decoded."
                )
        finally:
            video = decoded.result()  # what it refuses comes first
    start = max(0, (to_ms(stream.get("start_time")) or 0) - origin)
    video = replace(video, start_ms=min(start, end), end_ms=end)
    info = MediaInfo(
        container=container,
        duration_ms=duration,
        size_bytes=reader.size,
        video=video,
        audio=audio_tracks(streams),
        subtitles=subtitle_tracks(streams),
        origin_ms=origin,
        title=stream_tag(found["format"], "title")[:MAX_TITLE_CHARS],
        timecode=timecode_of([stream, *streams, found["format"]]),
    )
    return with_main_audio(info)


def _header(ffprobe: _Ffprobe, reader: SourceReader) -> dict[str, Any]:
    """Return format, streams and first packets; raises `InputError` when there are none."""
    try:
        return ffprobe.query(
            *("-show_format", "-show_streams", "-show_programs"),
            *("-show_entries", f"{PACKET_FIELDS},pos"),
            *("-read_intervals", f"%+#{HEAD_PACKETS}"),
        )
    except INCONCLUSIVE_ERRORS:
        raise
    except ToolError as error:
        if error.returncode is None or error.returncode < 0:
            raise
        _check_error_message(error)
        if "max_streams" in error.tail:
            raise InputError(
                MediaErrorCode.TOO_MANY_TRACKS, "The file has too many tracks."
            ) from error
        kind = media_kind(reader.read(0, 512))
        if kind == "audio":
            raise InputError(
                MediaErrorCode.NO_VIDEO_STREAM, "The file holds only sound."
            ) from error
        if kind == "video":
            message = "The file is incomplete or damaged."
            raise InputError(MediaErrorCode.TRUNCATED_FILE, message) from error
        raise InputError(MediaErrorCode.NOT_A_VIDEO, "The file is not a video.") from error


def _video(
    ffprobe: _Ffprobe, reader: SourceReader, found: dict[str, Any], stream: Stream
) -> VideoTrack:
    """Return the picture track, after some of its pictures were decoded."""
    index = int(stream["index"])
    _check_size(stream)
    codec = unreadable_codec(stream)
    if codec:
        raise InputError(
            MediaErrorCode.UNSUPPORTED_CODEC, f"The codec {codec} cannot be read.", codec=codec
        )
    frames = ffprobe.frames(index, f"%+#{HEAD_FRAMES}")
    frames = frames or ffprobe.frames(index, f"%+#{MAX_HEAD_FRAMES}")
    if not frames:
        raise InputError(MediaErrorCode.TRUNCATED_FILE, "No picture of the file can be decoded.")
    packets = [p for p in found.get("packets", ()) if p["stream_index"] == index]
    shown = (to_ms(p.get("pts_time", p.get("dts_time"))) for p in packets)
    times = [time for time in shown if time is not None]
    track = video_track(stream, frames, times)
    if track.codec == "h264" and packets and str(packets[0].get("pos", "")).isdigit():
        first = reader.read(int(packets[0]["pos"]), FIRST_PACKET_BYTES)
        track = replace(track, x264_build=x264_build(first))
    return track


def _check_error_message(error: ToolError) -> None:
    """Refuse a picture that the decoder itself found too large."""
    found = re.search(r"Picture size (\d+)x(\d+) exceeds", error.tail)
    if found is not None:
        raise _too_large(int(found[1]), int(found[2])) from error


def _too_large(width: int, height: int) -> InputError:
    return InputError(
        MediaErrorCode.VIDEO_TOO_LARGE,
        "The picture is too large.",
        width=width,
        height=height,
        limit=config.current().max_pixels,
    )


def _check_size(stream: Stream) -> None:
    """Refuse a picture of more pixels than the limit, before it is decoded."""
    width, height = (int(stream.get(side) or 0) for side in ("width", "height"))
    if width * height > config.current().max_pixels:
        raise _too_large(width, height)


def _origin(container: str, header: Stream) -> int:
    """The timestamp that counts as 0."""
    start = to_ms(header.get("start_time")) or 0
    return 0 if container.startswith(ABSOLUTE_TIMESTAMPS) and start < LATE_START_MS else start


def _length(
    ffprobe: _Ffprobe, found: dict[str, Any], stream: Stream, origin: int
) -> tuple[int, int]:
    """Return the length of the file and the end of its picture track, in ms.

    The header's values are used when its tracks agree and there are packets near the claimed end;
    otherwise all packets are read.
    """
    index = int(stream["index"])
    played = [s for s in found["streams"] if s is stream or s.get("codec_type") == "audio"]
    ends = [_claimed_end(track, origin) for track in played]
    claimed = to_ms(found["format"].get("duration"))
    if claimed is not None and str(found["format"]["format_name"]).startswith(ABSOLUTE_TIMESTAMPS):
        claimed -= origin  # their length counts from 0
    if claimed is not None:
        longest = max((end if end is not None else claimed for end in ends), default=claimed)
        claimed = min(claimed, longest)
        picture_claim = min(_claimed_end(stream, origin) or claimed, claimed)
        from_ms = max(0, picture_claim - TAIL_MS) + origin
        tail = _tail(ffprobe, found, index, from_ms)
        real = max((packet.end_ms for packet in tail), default=0) - origin
        if tail and abs(real - picture_claim) <= TAIL_MS:
            return max(claimed, real), real
    indexes = {int(track["index"]) for track in played}
    if found["format"]["format_name"] in WITHOUT_INDEX:  # timestamps that jump are no length
        scan = scan_packets(ffprobe.source, index, indexes - {index}, ffprobe.timeout_s)
        if not scan.picture_ms:
            if found["format"]["format_name"] in RAW_STREAMS:
                message = "The file holds pictures without times; put it into a container first."
                raise InputError(MediaErrorCode.RAW_STREAM, message)
            raise InputError(MediaErrorCode.TRUNCATED_FILE, "The file is incomplete or damaged.")
        return scan.duration_ms, scan.picture_ms
    packets = [packet for packet in ffprobe.packets() if packet.stream in indexes]
    pictures = [packet.end_ms - origin for packet in packets if packet.stream == index]
    if not pictures:
        raise InputError(MediaErrorCode.TRUNCATED_FILE, "The file is incomplete or damaged.")
    return max(1, *(packet.end_ms - origin for packet in packets)), max(1, *pictures)


def _tail(ffprobe: _Ffprobe, found: dict[str, Any], index: int, from_ms: int) -> list[_Packet]:
    """Return the packets of a track from a timestamp on; a file of few packets has been read already."""
    first = [packet for packet in _shown(found.get("packets", ())) if packet.stream == index]
    read_whole = len(found.get("packets", ())) < HEAD_PACKETS
    if read_whole and any(packet.end_ms > from_ms for packet in first):
        return first
    return ffprobe.packets(f"{format_seconds(from_ms)}%", stream=index)


def _claimed_end(stream: Stream, origin: int) -> int | None:
    """Return the end of a track by its header, in ms; None when it has none."""
    tagged = to_ms(stream_tag(stream, "duration"))
    if tagged is not None:
        return tagged - origin
    duration = to_ms(stream.get("duration"))
    if duration is None:
        return None
    return duration + (to_ms(stream.get("start_time")) or 0) - origin


def _has_later_pictures(
    ffprobe: _Ffprobe, index: int, end_ms: int, origin: int, *, container: str, size_bytes: int
) -> bool:
    """Whether pictures past the middle decode.

    A damaged end alone is no reason to refuse a file: most of it can still be used. Without an index reading begins
    between two keyframes, and nothing can be decoded before the next one: then it has to begin earlier.
    """
    half = end_ms // 2
    if container in BYTE_SEEKABLE and ffprobe.frames(
        index, f"%+#{HEAD_FRAMES}", from_byte=size_bytes // 2
    ):
        return True
    for at_ms in (max(0, end_ms - TAIL_MS), half):
        if ffprobe.frames(index, f"{format_seconds(at_ms + origin)}%+#{HEAD_FRAMES}"):
            return True
    past = f"%{format_seconds(half + 1_000 + origin)}"
    before = format_seconds(half - PREROLL_MS + origin) if half > PREROLL_MS else ""
    if _reaches(ffprobe.frames(index, f"{before}{past}"), half + origin):
        return True
    return container in BYTE_SEEKABLE and _has_pictures_at_points(ffprobe, index, half, origin)


def _has_pictures_at_points(ffprobe: _Ffprobe, index: int, half: int, origin: int) -> bool:
    """Whether pictures decode from a keyframe to the middle: a stream may have one in minutes, or only its first.

    Or from the keyframe after it, where the picture pauses in the middle.
    """
    points = scan_packets(ffprobe.source, index, (), ffprobe.timeout_s).seek_points()
    point = next((p for p in reversed(points) if p.time_ms <= half), None)
    if point is None or half - point.time_ms > LONGEST_DECODED_MS:
        return point is not None
    past = f"%{format_seconds(half + 1_000 + origin)}"
    if _reaches(ffprobe.frames(index, past, from_byte=point.position), half + origin):
        return True
    later = next((p for p in points if p.time_ms > half), None)
    whole = f"%+#{MAX_HEAD_FRAMES}"
    return later is not None and bool(ffprobe.frames(index, whole, from_byte=later.position))


def _reaches(frames: list[Stream], time_ms: int) -> bool:
    """Whether a frame is shown at that timestamp or later."""
    times = (to_ms(frame.get("best_effort_timestamp_time")) for frame in frames)
    return any(time is not None and time >= time_ms for time in times)
