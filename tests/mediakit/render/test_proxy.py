"""Playback proxies: which files need one, and that it shows what the source shows, when the source shows it."""

import json
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from mediakit.media_info import MediaInfo
from mediakit.render.proxy import make_proxy, most_bytes, plays_in_browsers, proxy_size
from tests.clips import info_of, make_clip

FLASH_S = 3  # the picture is white from here on, and the tone begins


def made(path: Path, codec: str, *extra: str, size: str = "320x180", audio: str = "aac") -> Path:
    """A black clip of 5 s that turns white and sounds at FLASH_S."""
    argv = [
        *("ffmpeg", "-v", "error", "-y", "-f", "lavfi"),
        *("-i", f"color=black:s={size}:r=25:d=5,drawbox=t=fill:c=white:enable='gte(t,{FLASH_S})'"),
        *("-f", "lavfi", "-i", f"sine=f=440:d=5,volume='gte(t,{FLASH_S})':eval=frame"),
        *("-c:v", codec, "-c:a", audio, "-g", "25", *extra, str(path)),
    ]
    subprocess.run(argv, check=True)
    return path


def brightness(path: Path, at_s: float) -> int:
    """The mean luma of the picture at a time."""
    argv = ["ffmpeg", "-v", "error", "-ss", str(at_s), "-i", str(path), "-frames:v", "1"]
    argv += ["-vf", "scale=1:1:flags=area,format=gray", "-f", "rawvideo", "-"]
    return subprocess.run(argv, check=True, capture_output=True).stdout[0]


def loudness(path: Path, at_s: float) -> float:
    """The peak of 0.2 s of the sound at a time, 0 to 1."""
    argv = ["ffmpeg", "-v", "error", "-ss", str(at_s), "-t", "0.2", "-i", str(path)]
    argv += ["-ac", "1", "-f", "s16le", "-"]
    raw = subprocess.run(argv, check=True, capture_output=True).stdout
    samples = memoryview(raw).cast("h")
    return max(map(abs, samples), default=0) / 32768


def streams(path: Path) -> list[dict[str, object]]:
    """What ffprobe says of a file's streams."""
    argv = ["ffprobe", "-v", "error", "-show_streams", "-of", "json", str(path)]
    found = subprocess.run(argv, check=True, capture_output=True).stdout
    return list(json.loads(found)["streams"])


CASES = {
    "hevc.mp4": ("libx265", ("-x265-params", "log-level=error")),
    "ten_bit.mkv": ("libx264", ("-pix_fmt", "yuv420p10le")),
    "old.avi": ("mpeg4", ()),
    "broadcast.ts": ("mpeg2video", ()),
    "late.mkv": ("libx264", ("-output_ts_offset", "3600")),
    "prores.mov": ("prores_ks", ()),
}


@pytest.mark.parametrize("name", CASES)
def test_a_proxy_plays_everywhere_and_keeps_the_time(tmp_path: Path, name: str):
    codec, extra = CASES[name]
    source = made(tmp_path / name, codec, *extra, audio="mp2" if name.endswith(".ts") else "aac")
    info = info_of(source)
    assert not plays_in_browsers(info, suffix=source.suffix)
    shares: list[float] = []
    out = tmp_path / "proxy" / "proxy.mp4"
    out.parent.mkdir()

    make_proxy(str(source), info, out, on_progress=shares.append)

    proxy = info_of(out)
    assert plays_in_browsers(proxy, suffix=".mp4")
    assert proxy.origin_ms < 50
    assert abs(proxy.duration_ms - info.duration_ms) <= 80
    assert brightness(out, FLASH_S - 0.1) < 40
    assert brightness(out, FLASH_S + 0.1) > 200
    assert loudness(out, FLASH_S - 0.4) < 0.01
    assert loudness(out, FLASH_S + 0.2) > 0.05
    assert shares == sorted(shares)
    assert shares[-1] > 0.9
    assert [path.name for path in out.parent.iterdir()] == ["proxy.mp4"]


def test_a_turned_4k_picture_becomes_upright_and_small(tmp_path: Path):
    wide = made(tmp_path / "wide.mp4", "libx264", size="640x360")
    turned = tmp_path / "turned.mov"
    argv = ["ffmpeg", "-v", "error", "-display_rotation", "90", "-i", str(wide), "-c", "copy"]
    try:
        subprocess.run([*argv, str(turned)], check=True, stderr=subprocess.DEVNULL)
    except subprocess.CalledProcessError:  # an ffmpeg before 6 writes the matrix itself
        argv = [
            "ffmpeg",
            "-v",
            "error",
            "-i",
            str(wide),
            "-c",
            "copy",
            "-metadata:s:v",
            "rotate=90",
        ]
        subprocess.run([*argv, str(turned)], check=True)
    info = info_of(turned)
    out = tmp_path / "proxy.mp4"

    make_proxy(str(turned), info, out)

    video = next(stream for stream in streams(out) if stream["codec_type"] == "video")
    assert (video["width"], video["height"]) == (360, 640)


def info_with(clip: Path, **video: object) -> MediaInfo:
    """What is known of a clip, with other facts about its picture."""
    info = info_of(clip)
    return replace(info, video=replace(info.video, **video))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An MP4 that plays everywhere."""
    return make_clip(tmp_path_factory.mktemp("proxy") / "plain.mp4", seconds=2)


def test_what_every_browser_plays_needs_no_proxy(plain: Path):
    info = info_of(plain)

    assert plays_in_browsers(info, suffix=".mp4")
    assert not plays_in_browsers(replace(info, container="matroska,webm"), suffix=".mkv")
    assert not plays_in_browsers(replace(info, origin_ms=3_600_000), suffix=".mp4")
    assert not plays_in_browsers(info_with(plain, pix_fmt="yuv420p10le"))
    assert not plays_in_browsers(info_with(plain, codec="hevc"))
    assert not plays_in_browsers(info_with(plain, width=3840, height=2160))


def test_a_main_sound_that_is_not_the_first_needs_a_proxy(plain: Path):
    info = info_of(plain)
    (sound,) = info.audio
    other = replace(sound, index=sound.index + 1)

    assert plays_in_browsers(replace(info, audio=(sound, other), main_audio=sound.index))
    assert not plays_in_browsers(replace(info, audio=(sound, other), main_audio=other.index))


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        ((1920, 1080), (1280, 720)),
        ((1080, 1920), (720, 1280)),
        ((3840, 1600), (1280, 534)),
        ((321, 181), (320, 180)),
        ((1000, 1000), (720, 720)),
    ],
)
def test_a_proxy_is_at_most_720p_and_never_enlarged(
    plain: Path, shown: tuple[int, int], expected: tuple[int, int]
):
    width, height = shown
    info = info_with(plain, width=width, height=height, display_width=width, display_height=height)

    size = proxy_size(info)

    assert abs(size.width - expected[0]) <= 2
    assert abs(size.height - expected[1]) <= 2
    assert size.width % 2 == size.height % 2 == 0


def test_hours_fit_into_the_largest_file(plain: Path):
    info = replace(info_of(plain), duration_ms=12 * 3600 * 1000)

    assert most_bytes(info) <= 3_000_000_000
