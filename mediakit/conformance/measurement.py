"""Measure a finished file independently of how it was made."""

import itertools
import json
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from typing import Any

from mediakit.conformance.decode_extracts import Extracts
from mediakit.conformance.decode_scan import DecodeScan, scan_decode
from mediakit.errors import ToolError, ToolLimitError, ToolTimeoutError
from mediakit.ffmpeg.source_args import probing_args
from mediakit.media_info import Source
from mediakit.probing.container_sniff import SourceReader
from mediakit.probing.ffprobe_streams import parse_ratio, rotation_of, to_ms
from mediakit.probing.mp4_boxes import has_edit_list, top_boxes
from mediakit.sandbox.process import run

FFPROBE_ENTRIES = (
    "format=format_name,duration,bit_rate:format_tags:stream_tags:chapter:"
    "stream=index,codec_type,codec_name,profile,width,height,sample_aspect_ratio,pix_fmt,"
    "field_order,r_frame_rate,avg_frame_rate,color_range,color_space,color_transfer,"
    "color_primaries,sample_rate,channels,bit_rate,start_time,duration:"
    "stream_side_data=rotation:"
    "packet=stream_index,pts_time,flags,size"
)
# Tags that every muxer writes; they come from no source.
MUXER_TAGS = frozenset(
    {
        *("major_brand", "minor_version", "compatible_brands", "handler_name", "vendor_id"),
        *("encoder", "language", "duration"),
    }
)


@dataclass(frozen=True, slots=True)
class VideoMeasurement:
    """The first video track. `frames` and `bytes` count its packets.

    `width` and `height` are those of the upright picture; `sar` is 0 where the file does not state it.
    `colour` is (primaries, transfer, matrix, range). `b_frames` is the longest run of consecutive B-frames.
    `open_groups` counts keyframes followed by a picture that is shown before them. `steps_ms` are the
    shortest and the longest time between two frames.
    """

    codec: str
    profile: str
    width: int
    height: int
    sar: Fraction
    pix_fmt: str
    field_order: str
    frame_rate: Fraction
    colour: tuple[str, str, str, str]
    frames: int
    bytes: int
    start_ms: int
    end_ms: int
    widest_keyframe_gap_ms: int
    b_frames: int = 0
    open_groups: int = 0
    steps_ms: tuple[int, int] = (0, 0)


@dataclass(frozen=True, slots=True)
class AudioMeasurement:
    """The first audio track. `bytes` counts its packets."""

    codec: str
    profile: str
    sample_rate: int
    channels: int
    start_ms: int
    end_ms: int
    bytes: int = 0


@dataclass(frozen=True, slots=True)
class Measurement:
    """The measured properties of a file. `video` and `audio` are None without such a track.

    `kinds` are the tracks' codec types, `boxes` the types of the MP4 file's top boxes, `foreign_tags` the
    names of metadata that came from the source.
    """

    container: str
    kinds: tuple[str, ...]
    size_bytes: int
    duration_ms: int
    boxes: tuple[str, ...]
    has_edit_list: bool
    foreign_tags: tuple[str, ...]
    video: VideoMeasurement | None
    audio: AudioMeasurement | None
    scan: DecodeScan


def measure(
    source: Source,
    *,
    timeout_s: float = 600,
    extracts: Extracts | None = None,
    on_progress: Callable[[int], None] = lambda _: None,
    should_stop: Callable[[], bool] | None = None,
) -> Measurement:
    """Probe a finished file, read its box layout, and decode all of it, writing the `extracts`.

    `on_progress` gets the number of frames decoded so far. Raises `ToolError` for an unreadable file.
    """
    reader = SourceReader(source)
    boxes = top_boxes(reader)
    decode = partial(
        scan_decode,
        source,
        timeout_s=timeout_s,
        extracts=extracts,
        on_progress=on_progress,
        should_stop=should_stop,
    )
    with ThreadPoolExecutor(1, "probe") as pool:
        probing = pool.submit(copy_context().run, _probe, source, timeout_s, should_stop)
        # A Short has both tracks: it is decoded while they are read. What another file has is known afterwards.
        scan = _scan_of_both(decode)
        found = probing.result()
    streams = found.get("streams", [])
    kinds = [stream.get("codec_type") for stream in streams]
    has_video, has_audio = "video" in kinds, "audio" in kinds
    if scan is None or not (has_video and has_audio):
        scan = decode(has_video=has_video, has_audio=has_audio)
    packets, header = found.get("packets", []), found["format"]
    container, length_ms = _container(header), to_ms(header.get("duration")) or 0
    return Measurement(
        container=container,
        kinds=tuple(str(stream.get("codec_type")) for stream in streams),
        size_bytes=reader.size,
        duration_ms=length_ms,
        boxes=tuple(box.kind for box in boxes if box.kind.isalnum() and box.kind.isascii()),
        has_edit_list=has_edit_list(reader),
        foreign_tags=_foreign_tags(found),
        video=_measure_video(streams, packets, length_ms),
        audio=_measure_audio(streams, packets, length_ms),
        scan=scan,
    )


def _probe(
    source: Source, timeout_s: float, should_stop: Callable[[], bool] | None
) -> dict[str, Any]:
    argv = ["ffprobe", "-v", "error", "-of", "json", "-show_entries", FFPROBE_ENTRIES]
    argv += probing_args(source)
    completed = run(argv, timeout_s=timeout_s, reads=[source], should_stop=should_stop)
    found: dict[str, Any] = json.loads(completed.stdout)
    return found


def _scan_of_both(decode: Callable[..., DecodeScan]) -> DecodeScan | None:
    """Decode as a file with picture and sound; None when ffmpeg finds no such tracks, or cannot read the file."""
    try:
        return decode(has_video=True, has_audio=True)
    except (ToolLimitError, ToolTimeoutError):
        raise
    except ToolError:
        return None


def _container(header: dict[str, Any]) -> str:
    """The container's name. ffprobe has one name for MP4, QuickTime and 3GP; the major brand tells them apart."""
    name = str(header["format_name"])
    if "mp4" not in name.split(","):
        return name
    brand = str(header.get("tags", {}).get("major_brand", "qt")).strip()
    if brand == "qt":
        return "mov"
    return brand if brand.startswith("3g") else name


def _foreign_tags(found: dict[str, Any]) -> tuple[str, ...]:
    """The names of tags that can only come from the source; "chapters" for chapters."""
    tagged = [found["format"], *found.get("streams", [])]
    names = {str(name).lower() for item in tagged for name in item.get("tags", {})}
    languages = {str(item.get("tags", {}).get("language", "und")) for item in tagged}
    foreign = names - MUXER_TAGS
    if languages != {"und"}:
        foreign.add("language")
    if found.get("chapters"):
        foreign.add("chapters")
    return tuple(sorted(foreign))


def _measure_video(
    streams: list[dict[str, Any]], packets: list[dict[str, Any]], length_ms: int
) -> VideoMeasurement | None:
    stream = next((s for s in streams if s.get("codec_type") == "video"), None)
    if stream is None:
        return None
    mine = _packets_of(stream, packets)
    start, end = _track_span(stream, length_ms)
    b_frames, open_groups = _b_frames_and_open_groups(mine)
    size = int(stream.get("width") or 0), int(stream.get("height") or 0)
    sar = parse_ratio(stream.get("sample_aspect_ratio")) or Fraction(0)
    if rotation_of(stream) in {90, 270}:
        size, sar = size[::-1], 1 / sar if sar else sar
    shown = sorted(time for time in (to_ms(p.get("pts_time")) for p in mine) if time is not None)
    steps = [later - sooner for sooner, later in itertools.pairwise(shown)]
    keys = sorted(to_ms(p.get("pts_time")) or 0 for p in mine if "K" in str(p.get("flags")))
    edges = [start, *keys, end]
    gaps = [later - sooner for sooner, later in itertools.pairwise(edges)]
    return VideoMeasurement(
        codec=str(stream.get("codec_name")),
        profile=str(stream.get("profile") or ""),
        width=size[0],
        height=size[1],
        sar=sar,
        pix_fmt=str(stream.get("pix_fmt")).replace("yuvj", "yuv"),  # the "j" only marks the range
        field_order=str(stream.get("field_order") or "unknown"),
        frame_rate=parse_ratio(stream.get("avg_frame_rate")) or Fraction(0),
        colour=(
            str(stream.get("color_primaries") or "unknown"),
            str(stream.get("color_transfer") or "unknown"),
            str(stream.get("color_space") or "unknown"),
            str(stream.get("color_range") or "unknown"),
        ),
        frames=len(mine),
        bytes=sum(int(p.get("size") or 0) for p in mine),
        start_ms=start,
        end_ms=end,
        widest_keyframe_gap_ms=max(gaps),
        b_frames=b_frames,
        open_groups=open_groups,
        steps_ms=(min(steps, default=0), max(steps, default=0)),
    )


def _packets_of(stream: dict[str, Any], packets: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [packet for packet in packets if packet.get("stream_index") == stream["index"]]


def _b_frames_and_open_groups(packets: Sequence[dict[str, Any]]) -> tuple[int, int]:
    """The longest run of B-frames, and the number of open groups.

    Packets are in decoding order. A picture shown before one decoded earlier is a B-frame.
    """
    longest = row = opened = 0
    highest = key = -1
    for packet in packets:
        shown = to_ms(packet.get("pts_time"))
        if shown is None:
            continue
        is_key = "K" in str(packet.get("flags"))
        row = 0 if is_key or shown > highest else row + 1
        longest, highest = max(longest, row), max(highest, shown)
        if is_key:
            key = shown
        elif shown < key:
            opened, key = opened + 1, -1
    return longest, opened


def _measure_audio(
    streams: list[dict[str, Any]], packets: list[dict[str, Any]], length_ms: int
) -> AudioMeasurement | None:
    stream = next((s for s in streams if s.get("codec_type") == "audio"), None)
    if stream is None:
        return None
    start, end = _track_span(stream, length_ms)
    return AudioMeasurement(
        codec=str(stream.get("codec_name")),
        profile=str(stream.get("profile") or ""),
        sample_rate=int(stream.get("sample_rate") or 0),
        channels=int(stream.get("channels") or 0),
        start_ms=start,
        end_ms=end,
        bytes=sum(int(packet.get("size") or 0) for packet in _packets_of(stream, packets)),
    )


def _track_span(stream: dict[str, Any], length_ms: int) -> tuple[int, int]:
    """When a track begins and ends; one without a stated duration lasts as long as the file."""
    start, duration = to_ms(stream.get("start_time")) or 0, to_ms(stream.get("duration"))
    return start, max(start, length_ms) if duration is None else start + duration
