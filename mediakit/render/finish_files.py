"""The files that finish Shorts: an uploaded picture, clip or piece of music is made anew by the confined ffmpeg.

What is kept is plain: a PNG, an MP4 as a Short is one, or AAC in MP4. Nothing else of the uploaded file is left.
"""

from dataclasses import dataclass
from pathlib import Path

from mediakit.audio.loudness import (
    SAMPLE_RATE,
    loudness_meter_filters,
    parse_loudness,
)
from mediakit.captions.logo import redraw_picture
from mediakit.errors import InputError, MediaErrorCode, ToolError
from mediakit.ffmpeg.source_args import DECODERS, input_args, thread_args
from mediakit.framing.geometry import CENTER_CROP
from mediakit.framing.output_format import AS_SOURCE, LONG_SIDE_PX
from mediakit.media_info import MediaInfo
from mediakit.probing.probe import probe
from mediakit.render.finish import CARD_LENGTHS_MS
from mediakit.render.short import ShortSpec, render_short
from mediakit.sandbox.process import run

PICTURE, CLIP, MUSIC = KINDS = ("picture", "clip", "music")
MAX_PICTURE_BYTES, MAX_BYTES = 8 << 20, 15 << 20
MAX_MUSIC_MS, MIN_MUSIC_MS = 10 * 60_000, 1_000
# A codec counts as silent what no one hears.
MIN_LUFS = -50.0
TIMEOUT_S = 120.0
_PICTURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF")
_MUSIC_DEMUXERS = (
    "mp3",
    "wav",
    "flac",
    "aac",
    "ogg",
    "aiff",
    "mov,mp4,m4a,3gp,3g2,mj2",
    "matroska,webm",
)


@dataclass(frozen=True, slots=True)
class FinishFile:
    """A file that was made. `kind` is one of KINDS; `duration_ms` is 0 for a picture, `width` and `height` are 0 for
    music. `lufs` is the loudness of its sound; None without any.
    """

    path: Path
    kind: str
    duration_ms: int = 0
    width: int = 0
    height: int = 0
    lufs: float | None = None


def make_finish_file(upload: Path, folder: Path, *, timeout_s: float = TIMEOUT_S) -> FinishFile:
    """Make the file that an uploaded one is kept as, in the (empty) folder.

    A picture (PNG, JPEG, WebP) and a clip fit LONG_SIDE_PX; a clip is a card of at most CARD_LENGTHS_MS, music at most
    MAX_MUSIC_MS long. Raises `InputError` FINISH_FILE_INVALID, FINISH_FILE_TOO_LARGE or FINISH_FILE_TOO_LONG (`max_s`),
    and `ToolError`.
    """
    size = upload.stat().st_size
    with upload.open("rb") as file:
        head = file.read(12)
    is_picture = head.startswith(_PICTURES) and not (head[:4] == b"RIFF" and head[8:12] != b"WEBP")
    limit = MAX_PICTURE_BYTES if is_picture else MAX_BYTES
    if size > limit:
        raise InputError(
            MediaErrorCode.FINISH_FILE_TOO_LARGE, "The file is too large.", max_mb=limit >> 20
        )
    if is_picture:
        return _picture(upload, folder)
    try:
        info = probe(str(upload))
    except InputError as error:
        if error.code != MediaErrorCode.NO_VIDEO_STREAM:
            raise _invalid() from error
        return _music(upload, folder, timeout_s=timeout_s)
    return _clip(upload, info, folder, timeout_s=timeout_s)


def _invalid() -> InputError:
    return InputError(MediaErrorCode.FINISH_FILE_INVALID, "This file cannot be used.")


def _too_long(max_ms: int) -> InputError:
    message = f"It is at most {max_ms // 1000} s long."
    return InputError(MediaErrorCode.FINISH_FILE_TOO_LONG, message, max_s=max_ms // 1000)


def _picture(upload: Path, folder: Path) -> FinishFile:
    try:
        path = redraw_picture(
            upload.read_bytes(), folder, name="card.png", max_side_px=LONG_SIDE_PX, on_black=True
        )
    except InputError as error:
        raise _invalid() from error
    header = path.read_bytes()[16:24]  # of a PNG: its width and height
    width, height = int.from_bytes(header[:4], "big"), int.from_bytes(header[4:], "big")
    return FinishFile(path, PICTURE, width=width, height=height)


def _clip(upload: Path, info: MediaInfo, folder: Path, *, timeout_s: float) -> FinishFile:
    """A clip of its own shape, with its sound at a Short's loudness."""
    longest = CARD_LENGTHS_MS[-1]
    if info.duration_ms > longest + 500:  # an encoder's last packet
        raise _too_long(longest)
    length_ms = min(info.duration_ms, info.video.end_ms, longest)
    if length_ms < CARD_LENGTHS_MS[0]:
        raise _invalid()
    path = folder / "card.mp4"
    spec = ShortSpec(0, length_ms, strategy=CENTER_CROP, aspect_ratio=AS_SOURCE)
    try:
        plan = render_short(str(upload), info, spec, path, timeout_s=timeout_s)
    except InputError as error:
        raise _invalid() from error
    size = spec.format_of(info).size
    heard = _loudness(path, length_ms, timeout_s=timeout_s) if plan.track else None
    return FinishFile(path, CLIP, length_ms, size.width, size.height, heard)


def _music(upload: Path, folder: Path, *, timeout_s: float) -> FinishFile:
    path = folder / "music.m4a"
    opened = input_args(str(upload), demuxers=_MUSIC_DEMUXERS, decoders=DECODERS)
    longest_s = MAX_MUSIC_MS // 1000
    argv = [
        *("ffmpeg", "-nostdin", "-hide_banner", "-nostats", "-loglevel", "error", "-y"),
        *(*thread_args(), "-vn", "-sn", "-dn", *opened),
        *("-map", "0:a:0", "-t", str(longest_s + 1), "-ac", "2", "-ar", str(SAMPLE_RATE)),
        *("-c:a", "aac", "-b:a", "192k", "-map_metadata", "-1", "-map_chapters", "-1"),
        *("-fflags", "+bitexact", "-flags:a", "+bitexact", "-f", "mp4", f"file:{path.name}"),
    ]
    try:
        run(argv, timeout_s=timeout_s, reads=[str(upload)], cwd=folder)
    except ToolError as error:
        if error.returncode is None or error.returncode < 0:
            raise
        raise _invalid() from error
    length_ms, lufs = _measured(path, timeout_s=timeout_s)
    if length_ms > MAX_MUSIC_MS:
        raise _too_long(MAX_MUSIC_MS)
    if length_ms < MIN_MUSIC_MS or lufs is None:
        raise InputError(MediaErrorCode.FINISH_FILE_INVALID, "Nothing is heard in this file.")
    return FinishFile(path, MUSIC, length_ms, lufs=lufs)


def _loudness(path: Path, length_ms: int, *, timeout_s: float) -> float | None:
    """The loudness of a file in LUFS; None for silence."""
    filters = ["-vn", "-af", loudness_meter_filters(length_ms), "-f", "null", "-"]
    argv = ["ffmpeg", "-nostdin", "-hide_banner", "-nostats", *input_args(str(path)), *filters]
    lufs = parse_loudness(run(argv, timeout_s=timeout_s, reads=[str(path)]).tail).lufs
    return lufs if lufs is not None and lufs > MIN_LUFS else None


def _measured(path: Path, *, timeout_s: float) -> tuple[int, float | None]:
    """The length of music in ms, and its loudness."""
    argv = ["ffprobe", "-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0"]
    found = run([*argv, *input_args(str(path))], timeout_s=timeout_s, reads=[str(path)]).stdout
    length_ms = round(float(found.strip() or 0) * 1000)
    return length_ms, _loudness(path, max(1, length_ms), timeout_s=timeout_s)
