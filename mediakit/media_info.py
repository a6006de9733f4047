"""Frozen values that describe a media file; the database stores them as JSON."""

from bisect import bisect_right
from dataclasses import asdict, dataclass
from fractions import Fraction
from typing import Any

Source = str
"""A local path, or the `http://127.0.0.1:PORT/...` address of our own ranged reader."""


@dataclass(frozen=True, slots=True)
class VideoTrack:
    """The video track that is shown. Sizes are in pixels, times in ms from the container's start.

    `width` and `height` are the coded size; `display_width` and `display_height` are the shown size,
    after the sample aspect ratio and the rotation (clockwise degrees: 0, 90, 180 or 270).
    `hdr` is "pq", "hlg" or "". `end_ms` is the end of the last picture. `decoder` names the ffmpeg
    decoder to force, "" for ffmpeg's own choice. `x264_build` is the build number of the x264 that
    encoded the pictures, which the decoder needs; 0 when unknown. `has_display_matrix` says that ffmpeg
    turns or mirrors the pictures before the first filter; True where a stored value does not say. `turn` names
    the filters that do the same, a key of `mediakit.framing.geometry.TURN_FILTERS`; "" where there are none.
    """

    index: int
    codec: str
    width: int
    height: int
    sar: Fraction
    rotation: int
    display_width: int
    display_height: int
    frame_rate: Fraction
    is_vfr: bool
    pix_fmt: str
    bit_depth: int
    color_primaries: str = ""
    color_transfer: str = ""
    color_space: str = ""
    color_range: str = ""
    hdr: str = ""
    is_interlaced: bool = False
    has_alpha: bool = False
    decoder: str = ""
    x264_build: int = 0
    start_ms: int = 0
    end_ms: int = 0
    has_display_matrix: bool = True
    turn: str = ""


@dataclass(frozen=True, slots=True)
class AudioTrack:
    """An audio track. `index` is the stream's index in the file, `sample_rate` is in Hz.

    `role` is one of `mediakit.probing.track_roles`, "" for the main sound. `is_readable` is False
    when no decoder opens it.
    """

    index: int
    codec: str
    channels: int
    sample_rate: int
    language: str = ""
    title: str = ""
    is_default: bool = False
    role: str = ""
    is_readable: bool = True


@dataclass(frozen=True, slots=True)
class SubtitleTrack:
    """A subtitle track. `is_text` is true for text and false for pictures of text.

    `role` is one of `mediakit.probing.track_roles`, "" for what is said in the video.
    """

    index: int
    codec: str
    language: str = ""
    title: str = ""
    is_text: bool = False
    is_forced: bool = False
    is_default: bool = False
    role: str = ""


@dataclass(frozen=True, slots=True)
class SeekPoint:
    """A place to start reading a file whose timestamps jump, so that they do not give positions.

    `position` is a byte offset. The first keyframe after it is shown at `time_ms` of the file's timeline. From there to
    the next jump, the time on the timeline is the file's own timestamp plus `offset_ms`.
    """

    time_ms: int
    position: int
    offset_ms: int


@dataclass(frozen=True, slots=True)
class MediaInfo:
    """A playable video file.

    Times count from a player's time 0. `origin_ms` is the file's own timestamp at that time, which is
    not 0 in broadcast streams. `title` is the title stored in the file, or empty. `seek_points` are in
    order, and empty unless the file's timestamps jump (`mediakit.probing.timeline`). `main_audio` is the
    index of the main audio track (`mediakit.probing.track_roles`); None without audio, and in values
    stored before that choice was made. `timecode` is that of the first picture as the file has it
    ("01:00:00;00"), or empty. `longest_gap_ms` is the longest time in which a track has no packets while its clock
    goes on, in a file whose timestamps jump.
    """

    container: str
    duration_ms: int
    size_bytes: int
    video: VideoTrack
    audio: tuple[AudioTrack, ...] = ()
    subtitles: tuple[SubtitleTrack, ...] = ()
    origin_ms: int = 0
    seek_points: tuple[SeekPoint, ...] = ()
    title: str = ""
    main_audio: int | None = None
    timecode: str = ""
    longest_gap_ms: int = 0

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values, with fractions as "30000/1001"."""
        data = asdict(self)
        for name in ("sar", "frame_rate"):
            data["video"][name] = str(data["video"][name])
        return data

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "MediaInfo":
        """Return the value from which `to_json` made the data."""
        video = dict(data["video"])
        for name in ("sar", "frame_rate"):
            video[name] = Fraction(video[name])
        return cls(
            container=data["container"],
            duration_ms=data["duration_ms"],
            size_bytes=data["size_bytes"],
            video=VideoTrack(**video),
            audio=tuple(AudioTrack(**track) for track in data["audio"]),
            subtitles=tuple(SubtitleTrack(**track) for track in data["subtitles"]),
            origin_ms=data["origin_ms"],
            seek_points=tuple(SeekPoint(**point) for point in data.get("seek_points", ())),
            title=data.get("title", ""),
            main_audio=data.get("main_audio"),
            timecode=data.get("timecode", ""),
            longest_gap_ms=data.get("longest_gap_ms", 0),
        )

    def seek_point(self, time_ms: int) -> SeekPoint | None:
        """Return the last seek point at or before a time; None before the first, and in a file without any."""
        before = bisect_right(self.seek_points, time_ms, key=lambda point: point.time_ms)
        return self.seek_points[before - 1] if before else None

    def audio_track(self, index: int | None = None) -> AudioTrack | None:
        """Return the audio track with a stream index, or without an index the main audio track.

        None when there is no such track.
        """
        chosen = self.main_audio if index is None else index
        if chosen is not None:
            return next((track for track in self.audio if track.index == chosen), None)
        return next((t for t in self.audio if t.is_default), self.audio[0] if self.audio else None)
