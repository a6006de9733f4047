"""Make small clips with one unusual property each."""

import functools
import shutil
import struct
import tempfile
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

from mediakit.media_info import MediaInfo
from mediakit.probing.probe import probe
from mediakit.sandbox import process

# The pictures between two cuts; neighbours differ in every pixel.
_PATTERNS = (
    "testsrc2",
    "color=c=0x1d3557",
    "smptebars",
    "color=c=0xf4a261",
    "mandelbrot",
    "color=c=0x2a9d8f",
)
_TRANSFERS = {"pq": "smpte2084", "hlg": "arib-std-b67"}
_SUBTITLE_CODECS = {".mkv": "subrip", ".webm": "webvtt"}
_AUDIO_CODECS = {".webm": "libopus", ".avi": "libmp3lame", ".mpg": "mp2", ".ogv": "libvorbis"}
# The upper left of the display matrix for a picture to be turned clockwise.
_TURNS = {90: (0, 1, -1, 0), 180: (-1, 0, 0, -1), 270: (0, -1, 1, 0)}


def make_clip(
    path: Path,
    *,
    seconds: float = 2,
    size: tuple[int, int] = (320, 180),
    fps: Fraction | int = 25,
    cuts: Sequence[float] = (),
    codec: str = "libx264",
    pix_fmt: str = "yuv420p",
    gop_s: float = 1,
    rotation: int = 0,
    sar: Fraction | int = 1,
    transfer: str = "",
    vfr: bool = False,
    channels: int = 2,
    languages: Sequence[str] = ("",),
    silence: bool = False,
    quiet: Sequence[tuple[float, float]] = (),
    subtitles: str = "",
    subtitle_codec: str = "",
    extra: Sequence[str] = (),
) -> Path:
    """Write a clip of moving test pictures and a tone; its container is that of the name.

    `cuts`: when the picture changes (s). `rotation`: clockwise degrees in the display matrix (MP4
    and MOV). `transfer`: "pq" or "hlg" tags. `channels` 0 makes no audio; `languages` are those of the
    audio tracks. `silence` and `quiet` (spans in s) mute. `subtitles`: a text track, as
    SubRip. `extra`: further ffmpeg output options.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    graph = [_picture(seconds, size, Fraction(fps), cuts, sar=Fraction(sar), vfr=vfr)]
    argv = ["ffmpeg", "-nostdin", "-v", "error", "-y"]
    maps = ["-map", "[v]"]
    if channels:
        graph.append(_sound(seconds, channels, len(languages), silence=silence, quiet=quiet))
        maps += _sound_maps(languages, path.suffix)
    with tempfile.TemporaryDirectory(prefix="heimdex-clip-") as work:
        if subtitles:
            Path(work, "text.srt").write_text(subtitles, encoding="utf-8")
            argv += ["-i", "text.srt"]
            chosen = subtitle_codec or _SUBTITLE_CODECS.get(path.suffix, "mov_text")
            maps += ["-map", "0:s", "-c:s", chosen]
        argv += ["-filter_complex", ";".join(graph), *maps]
        argv += ["-c:v", codec, *_codec_options(codec), "-pix_fmt", pix_fmt, *_colours(transfer)]
        argv += ["-g", str(max(1, round(gop_s * Fraction(fps)))), "-fps_mode", "passthrough"]
        argv += [*extra, "-t", f"{seconds:.3f}", f"file:{path.name}"]
        process.run(argv, timeout_s=120, cwd=Path(work))
        shutil.move(Path(work, path.name), path)
    if rotation:
        _turn(path, rotation)
    return path


def info_of(path: Path) -> MediaInfo:
    """What the probe finds in a file: asked once for as long as it stays the same, as a probe starts ffprobe."""
    about = path.stat()
    return _info_of(path, about.st_mtime_ns, about.st_size)


@functools.cache
def _info_of(path: Path, _mtime_ns: int, _size: int) -> MediaInfo:
    return probe(str(path))


def _picture(
    seconds: float,
    size: tuple[int, int],
    fps: Fraction,
    cuts: Sequence[float],
    *,
    sar: Fraction,
    vfr: bool,
) -> str:
    edges = [0.0, *cuts, float(seconds)]
    parts = []
    for number, (start, end) in enumerate(pairwise(edges)):
        pattern = _PATTERNS[number % len(_PATTERNS)]
        join = ":" if "=" in pattern else "="
        parts.append(
            f"{pattern}{join}s={size[0]}x{size[1]}:r={fps},trim=duration={end - start:.3f},setsar=1[p{number}]"
        )
    uneven = ",select='lt(mod(n,10),4)+eq(mod(n,10),7)'" if vfr else ""
    joined = "".join(f"[p{number}]" for number in range(len(parts)))
    return ";".join(parts) + f";{joined}concat=n={len(parts)}{uneven},setsar={sar}[v]"


def _sound(
    seconds: float,
    channels: int,
    tracks: int,
    *,
    silence: bool,
    quiet: Sequence[tuple[float, float]],
) -> str:
    """A tone that swells like speech, each track at its own pitch."""
    layout = {1: "mono", 2: "stereo", 6: "5.1"}[channels]
    muted = "+".join(f"between(t,{start},{end})" for start, end in quiet)
    parts = []
    for number in range(tracks):
        tone = f"0.25*sin(2*PI*{220 * (number + 1)}*t)*(0.6+0.4*sin(2*PI*3*t))"
        value = "0" if silence else f"({tone})*not({muted})" if muted else tone
        parts.append(
            f"aevalsrc='{value}':s=48000:d={seconds:.3f},aformat=channel_layouts={layout}"
            f",asetnsamples=960:p=0[a{number}]"
        )
    return ";".join(parts)


def _sound_maps(languages: Sequence[str], suffix: str) -> list[str]:
    argv = ["-c:a", _AUDIO_CODECS.get(suffix, "aac")]
    for number, language in enumerate(languages):
        argv += ["-map", f"[a{number}]"]
        if language:
            argv += [f"-metadata:s:a:{number}", f"language={language}"]
    return argv


def _codec_options(codec: str) -> list[str]:
    if codec in {"libx264", "libx265"}:
        return ["-preset", "ultrafast", "-bf", "0"]
    if codec.startswith("libvpx"):
        return ["-b:v", "500k", "-deadline", "realtime", "-cpu-used", "8"]
    return []


def _colours(transfer: str) -> list[str]:
    if not transfer:
        return []
    tags = ["-color_primaries", "bt2020", "-colorspace", "bt2020nc", "-color_range", "tv"]
    return [*tags, "-color_trc", _TRANSFERS[transfer]]


def _turn(path: Path, rotation: int) -> None:
    """Set the display matrix of the first track, which is the picture.

    Done in the file itself, as ffmpeg's own option for it changed its name between versions.
    """
    data = bytearray(path.read_bytes())
    matrix = data.index(b"tkhd") + 44
    a, b, c, d = (value << 16 for value in _TURNS[rotation])
    data[matrix : matrix + 36] = struct.pack(">9i", a, b, 0, c, d, 0, 0, 0, 1 << 30)
    path.write_bytes(data)
