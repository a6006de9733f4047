"""Converts ffprobe's JSON to our values; pure functions that start no process."""

import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from mediakit.media_info import AudioTrack, SubtitleTrack, VideoTrack
from mediakit.probing import track_roles

Stream = Mapping[str, Any]

STANDARD_RATES = (
    *(Fraction(n, 1001) for n in (24000, 30000, 48000, 60000, 120000)),
    *(Fraction(n) for n in (24, 25, 30, 48, 50, 60, 100, 120)),
)
REORDERED_PACKETS = 16
TEXT_SUBTITLES = ("subrip", "srt", "ass", "ssa", "mov_text", "webvtt", "text")
TRANSFERS = {"smpte2084": "pq", "arib-std-b67": "hlg"}
ALPHA = re.compile(r"^(yuva|gbrap|rgba|argb|bgra|abgr|ya\d|pal8)")
DEPTH = re.compile(r"p(9|10|12|14|16)(le|be)$|(?:gray|rgba?|bgra?|p0)(10|12|48|64)")
_TIMECODE = re.compile(r"\d\d:[0-5]\d:[0-5]\d[:;]\d\d")
INTERLACED_ORDERS = ("tt", "bb", "tb", "bt")


def parse_ratio(text: object) -> Fraction | None:
    """A positive fraction from "30000/1001" or "4:3"; None for anything else."""
    match = re.fullmatch(r"(\d+)[/:](\d+)", str(text or ""))
    if match is None or not int(match[1]) or not int(match[2]):
        return None
    return Fraction(int(match[1]), int(match[2]))


def to_ms(text: object) -> int | None:
    """Milliseconds from "12.345678" or "00:00:12.345678901"; None for anything else."""
    match = re.fullmatch(r"(-?)(?:(\d+):(\d+):)?(\d+(?:\.\d+)?)", str(text or ""))
    if match is None:
        return None
    sign, hours, minutes, secs = match.groups()
    total = (int(hours or 0) * 60 + int(minutes or 0)) * 60 + Fraction(secs)
    return round(total * (-1000 if sign else 1000))


def rotation_of(stream: Stream) -> int:
    """Return the clockwise rotation for display in degrees, rounded to a quarter turn."""
    for data in stream.get("side_data_list", ()):
        if "rotation" in data:
            return round(-float(data["rotation"]) / 90) % 4 * 90
    return 0


def turn_of(stream: Stream) -> str:
    """Return how ffmpeg turns and mirrors the pictures by the display matrix, as its own `ffmpeg_filter.c` does.

    "" without a matrix, and for an angle that is no quarter turn.
    """
    for data in stream.get("side_data_list", ()):
        cells = [
            int(cell)
            for cell in re.findall(r"(?<!\S)-?\d+(?!\S)", str(data.get("displaymatrix", "")))
        ]
        if "rotation" not in data or len(cells) != 9:
            continue
        angle = -float(data["rotation"]) % 360
        quarter = round(angle / 90) % 4
        if abs(angle - round(angle / 90) * 90) >= 1:
            return ""
        if quarter == 0:
            return "vflip" if cells[4] < 0 else "none"
        if quarter == 2:
            return {(1, 1): "half", (1, 0): "hflip", (0, 1): "vflip"}.get(
                (int(cells[0] < 0), int(cells[4] < 0)), "none"
            )
        is_mirrored = cells[3] > 0 if quarter == 1 else cells[3] < 0
        return {(1, False): "clock", (1, True): "cclock_flip", (3, True): "clock_flip"}.get(
            (quarter, is_mirrored), "cclock"
        )
    return ""


def sar_of(stream: Stream, width: int, height: int) -> Fraction:
    """Return the sample aspect ratio; 1 when it is missing or implausible."""
    sar = parse_ratio(stream.get("sample_aspect_ratio")) or Fraction(1)
    return sar if Fraction(1, 8) < sar < 8 and width and height else Fraction(1)


def snap_to_standard_rate(rate: Fraction) -> Fraction:
    """Return the standard frame rate within 0.2 % of a rate, or the rate itself when there is none."""
    best = min(STANDARD_RATES, key=lambda standard: abs(standard - rate))
    return best if abs(best - rate) / best < Fraction(1, 500) else rate.limit_denominator(1001)


def sampled_rate(times_ms: Sequence[int]) -> tuple[Fraction | None, bool]:
    """Return the mean frame rate of the first pictures, and whether their distances vary.

    Containers round timestamps to 1 ms, so a difference of 3 ms is still even.
    """
    ordered = sorted(set(times_ms))
    if len(ordered) > 2 * REORDERED_PACKETS:
        ordered = ordered[
            :-REORDERED_PACKETS
        ]  # packets come in decoding order: the last ones have holes
    if len(ordered) < 3:
        return None, False
    gaps = [later - sooner for sooner, later in itertools.pairwise(ordered)]
    mean = Fraction(sum(gaps), len(gaps))
    return 1000 / mean, max(gaps) - min(gaps) > max(Fraction(3), mean / 5)


def frame_rate_of(stream: Stream, times_ms: Sequence[int]) -> tuple[Fraction, bool]:
    """Return the nominal frame rate, and whether the real rate varies.

    `avg` counts pictures over the whole length; `r` is the finest grid the timestamps fit. They
    agree in a file of constant rate; where they do not, the first pictures decide.
    """
    grid, average = (
        parse_ratio(stream.get("r_frame_rate")),
        parse_ratio(stream.get("avg_frame_rate")),
    )
    sampled, uneven = sampled_rate(times_ms)
    if average is not None and grid is not None and average > grid * Fraction(102, 100):
        average = None  # more pictures than the grid has places: the header is wrong
    if grid is not None and average == grid:
        return snap_to_standard_rate(grid), False
    rate = average or sampled or grid or Fraction(25)
    if grid is not None and abs(grid - rate) / grid < Fraction(1, 50):
        return snap_to_standard_rate(rate if uneven else grid), uneven
    return snap_to_standard_rate(rate), uneven or average is not None


def bit_depth_of(pix_fmt: str) -> int:
    """Bits per sample of the decoded picture."""
    match = DEPTH.search(pix_fmt)
    if match is None:
        return 8
    bits = int(match[1] or match[3])
    return {48: 16, 64: 16}.get(bits, bits)


def display_size(width: int, height: int, sar: Fraction, rotation: int) -> tuple[int, int]:
    """Return the displayed width and height in px, after stretching one side for square pixels and rotating."""
    shown = (max(1, round(width * sar)), height) if sar >= 1 else (width, round(height / sar))
    return (shown[1], shown[0]) if rotation in (90, 270) else shown


def video_track(stream: Stream, frames: Sequence[Stream], times_ms: Sequence[int]) -> VideoTrack:
    """Return the video track. Values of decoded pictures take precedence over the container's header."""
    frame = frames[0] if frames else {}

    def tag(name: str) -> str:
        value = str(frame.get(name) or stream.get(name) or "")
        return "" if value in ("unknown", "reserved", "unspecified") else value

    width, height = int(stream.get("width") or 0), int(stream.get("height") or 0)
    if frame.get("width") and frame.get("height"):
        width, height = int(frame["width"]), int(frame["height"])
    sar, rotation = sar_of(stream, width, height), rotation_of(stream)
    shown = display_size(width, height, sar, rotation)
    rate, is_vfr = frame_rate_of(stream, times_ms)
    pix_fmt = str(frame.get("pix_fmt") or stream.get("pix_fmt") or "")
    has_alpha = bool(ALPHA.match(pix_fmt)) or stream_tag(stream, "alpha_mode") == "1"
    return VideoTrack(
        index=int(stream["index"]),
        codec=str(stream.get("codec_name") or ""),
        width=width,
        height=height,
        sar=sar,
        rotation=rotation,
        display_width=shown[0],
        display_height=shown[1],
        frame_rate=rate,
        is_vfr=is_vfr,
        pix_fmt=pix_fmt,
        bit_depth=bit_depth_of(pix_fmt),
        color_primaries=tag("color_primaries"),
        color_transfer=tag("color_transfer"),
        color_space=tag("color_space"),
        color_range="pc" if pix_fmt.startswith("yuvj") else tag("color_range"),
        hdr=TRANSFERS.get(tag("color_transfer"), ""),
        is_interlaced=is_interlaced(stream, frames),
        has_alpha=has_alpha,
        decoder=forced_decoder(stream),
        has_display_matrix=any("rotation" in data for data in stream.get("side_data_list", ())),
        turn=turn_of(stream),
    )


def is_interlaced(stream: Stream, frames: Sequence[Stream]) -> bool:
    """Return whether a decoded picture is interlaced, or without pictures whether the header says so."""
    if frames:
        return any(int(frame.get("interlaced_frame") or 0) for frame in frames)
    return stream.get("field_order") in INTERLACED_ORDERS


def forced_decoder(stream: Stream) -> str:
    """Return the decoder to force where ffmpeg's own choice is not enough; "" elsewhere.

    Only the library decoders decode the transparency of VP8 and VP9.
    """
    if stream_tag(stream, "alpha_mode") == "1":
        return {"vp9": "libvpx-vp9", "vp8": "libvpx"}.get(str(stream.get("codec_name")), "")
    return ""


def x264_build(first_packet: bytes) -> int:
    """Return the build number of the x264 that encoded the pictures; 0 when unknown.

    Only the first packet contains it. Old builds encoded 4:4:4 differently, so a decoder that starts
    in the middle of the file needs the number.
    """
    match = re.search(rb"x264 - core (\d{1,4})", first_packet)
    return int(match[1]) if match else 0


def stream_tag(stream: Stream, name: str) -> str:
    """Return a stream's tag, with its name in any case; "" without one."""
    for key, value in stream.get("tags", {}).items():
        if str(key).lower() == name:
            return str(value)
    return ""


def timecode_of(places: Iterable[Stream]) -> str:
    """Return the first time code among the tags of streams and format, as "01:00:00:00" or "01:00:00;00"; or ""."""
    found = (_TIMECODE.fullmatch(stream_tag(place, "timecode").strip()) for place in places)
    return next((match[0] for match in found if match), "")


def audio_tracks(streams: Sequence[Stream]) -> tuple[AudioTrack, ...]:
    """All sound tracks in the file's order."""
    return tuple(
        AudioTrack(
            index=int(stream["index"]),
            codec=str(stream.get("codec_name") or ""),
            channels=int(stream.get("channels") or 0),
            sample_rate=int(stream.get("sample_rate") or 0),
            language=language_of(stream),
            title=stream_tag(stream, "title"),
            is_default=bool(stream.get("disposition", {}).get("default")),
            role=track_roles.audio_role(stream),
            is_readable=track_roles.is_readable_audio(stream),
        )
        for stream in streams
        if stream.get("codec_type") == "audio"
    )


def subtitle_tracks(streams: Sequence[Stream]) -> tuple[SubtitleTrack, ...]:
    """All subtitle tracks in the file's order."""
    return tuple(
        SubtitleTrack(
            index=int(stream["index"]),
            codec=str(stream.get("codec_name") or ""),
            language=language_of(stream),
            title=stream_tag(stream, "title"),
            is_text=stream.get("codec_name") in TEXT_SUBTITLES,
            is_forced=bool(stream.get("disposition", {}).get("forced")),
            is_default=bool(stream.get("disposition", {}).get("default")),
            role=track_roles.subtitle_role(stream),
        )
        for stream in streams
        if stream.get("codec_type") == "subtitle"
    )


def language_of(stream: Stream) -> str:
    """The track's language code as the file has it; "" when it says it does not know."""
    language = stream_tag(stream, "language").lower()
    return "" if language in ("und", "unk", "mis", "zxx") else language
