"""Small clips made by ffmpeg, and ways to inspect a file without `mediakit`."""

import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from mediakit.remote import http_service
from mediakit.sandbox import config
from tests.mediakit.http_server import Service, serving

RGB = tuple[int, int, int]
WAIT_TIMEOUT_S = 30

# Red, green above blue, white: any turn, flip or stretch shows in the corners.
CORNERS = (
    "color=c=0x{0}:s={w}x{h},format=rgb24[a];color=c=0x{1}:s={w}x{h},format=rgb24[b];"
    "color=c=0x{2}:s={w}x{h},format=rgb24[c];color=c=0x{3}:s={w}x{h},format=rgb24[d];"
    "[a][b]hstack[top];[c][d]hstack[low];[top][low]vstack"
)


@pytest.fixture(autouse=True)
def _own_folders() -> None:
    """Override the project's fixture: `mediakit` knows no settings, so a test's folder stays empty."""


@pytest.fixture
def python_is_a_tool() -> Iterator[None]:
    """Allow a Python child, whose library lies outside ffmpeg's paths."""
    before = config.current()
    config.configure(replace(before, tool_paths=(sys.base_prefix,)))
    yield
    config.configure(before)


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """A job's working folder."""
    path = tmp_path / "work"
    path.mkdir()
    return path


def is_running(pid: int) -> bool:
    """Whether the process is alive; a zombie is not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):  # it ended before or during the check
        return False
    return state != "Z"


def wait_until(holds: Callable[[], object]) -> None:
    """Wait until the condition holds; fail after WAIT_TIMEOUT_S."""
    deadline = time.monotonic() + WAIT_TIMEOUT_S
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def python_argv(code: str) -> list[str]:
    """The command line that runs this Python code."""
    return [os.path.realpath(sys.executable), "-I", "-S", "-c", code]


def ffmpeg(*args: object) -> bytes:
    """Run ffmpeg without any of our code; returns what it wrote to standard output."""
    argv = ["ffmpeg", "-nostdin", "-v", "error", "-y", *map(str, args)]
    return subprocess.run(argv, check=True, capture_output=True, timeout=120).stdout


def ffprobe(path: Path) -> Any:
    """The streams and format of a file as ffprobe's JSON."""
    argv = ["ffprobe", "-v", "error", "-of", "json", "-show_streams", "-show_format", str(path)]
    return json.loads(subprocess.run(argv, check=True, capture_output=True, timeout=60).stdout)


def pixel_reader(path: Path, *, at_s: float = 0.0, matrix: str = "bt709") -> Callable:
    """A function from (x, y), fractions of width and height, to the RGB colour there."""
    scale = f"scale=in_color_matrix={matrix}:flags=accurate_rnd+full_chroma_int,format=rgb24"
    seek = ("-ss", at_s) if at_s else ()
    ppm = ("-frames:v", 1, "-vf", scale, "-c:v", "ppm", "-f", "image2pipe", "-")
    _, size, _, raw = ffmpeg(*seek, "-i", path, *ppm).split(b"\n", 3)
    width, height = map(int, size.split())

    def colour(x: float, y: float) -> RGB:
        at = (int(y * (height - 1)) * width + int(x * (width - 1))) * 3
        red, green, blue = raw[at : at + 3]
        return red, green, blue

    return colour


def colours_match(colour: RGB, expected: RGB, within: int = 24) -> bool:
    """Whether two colours differ by at most `within` in each channel."""
    return all(abs(a - b) <= within for a, b in zip(colour, expected, strict=True))


@dataclass(frozen=True)
class Clips:
    """Makes a clip once per session and hands out its path."""

    folder: Path

    def make(self, name: str, *args: object) -> Path:
        """The clip made by these ffmpeg arguments. One of the same name with other arguments is another clip."""
        made_by = hashlib.sha256(repr([str(arg) for arg in args]).encode()).hexdigest()[:12]
        path = self.folder / made_by / name
        if not path.exists():
            path.parent.mkdir(exist_ok=True)
            ffmpeg(*args, path)
        return path

    def plain(
        self,
        name: str,
        *,
        size: str = "320x180",
        rate: str = "25",
        seconds: float = 1.0,
        sound: Sequence[object] = ("-f", "lavfi", "-i", "sine=f=440:r=48000"),
        picture: str = "testsrc2",
        options: Sequence[object] = (),
    ) -> Path:
        """A moving test picture, with a tone unless `sound` is empty."""
        return self.make(
            name,
            *("-f", "lavfi", "-i", f"{picture}=s={size}:r={rate}"),
            *sound,
            *("-t", seconds, "-pix_fmt", "yuv420p", "-preset", "ultrafast", *options),
        )

    def corners(
        self,
        name: str,
        *,
        size: tuple[int, int] = (320, 180),
        seconds: float = 0.6,
        filters: str = "null",
        options: Sequence[object] = (),
    ) -> Path:
        """Four flat colours, one in each corner, tagged as BT.709."""
        graph = CORNERS.format(
            *("C02020", "20C020", "2020C0", "E0E0E0"), w=size[0] // 2, h=size[1] // 2
        )
        to_709 = "scale=out_color_matrix=bt709:out_range=tv,format=yuv420p"
        tags = ("-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709")
        return self.make(
            name,
            *("-f", "lavfi", "-i", f"{graph},{to_709},{filters}", "-t", seconds),
            *(*tags, "-color_range", "tv", "-preset", "ultrafast", *options),
        )

    def rotated(self, flat: Path, clockwise: int) -> Path:
        """The same clip with a display matrix that rotates it clockwise."""
        path = flat.with_name(f"{flat.stem}-rotated{clockwise}.mp4")
        if not path.exists():
            data = bytearray(flat.read_bytes())
            at = data.rfind(b"tkhd", 0, data.find(b"vmhd")) + 4 + 40
            cos, sin = {90: (0, 1), 180: (-1, 0), 270: (0, -1)}[clockwise]
            for offset, value in ((0, cos), (4, sin), (12, -sin), (16, cos)):
                word = (value << 16).to_bytes(4, "big", signed=True)
                data[at + offset : at + offset + 4] = word
            path.write_bytes(data)
        return path


@pytest.fixture(scope="session")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Clips:
    """The maker of test clips."""
    return Clips(tmp_path_factory.mktemp("clips"))


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    """A local HTTP server for clients of remote services, which wait only shortly between attempts."""
    monkeypatch.setattr(http_service, "FIRST_WAIT_S", 0.01)
    with serving() as running:
        yield running
