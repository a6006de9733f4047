"""Small real clips, and captions for them."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from mediakit import process

SRT = """1
00:00:00,000 --> 00:00:01,400
The garden begins here.

2
00:00:01,500 --> 00:00:02,900
Plant the garden beans.
"""


def make_clip(path: Path, *options: str, seconds: float = 3, sound: bool = True) -> Path:
    """A moving 160x90 picture with a tone; further ffmpeg options go before the output."""
    argv = ["ffmpeg", "-nostdin", "-v", "error", "-y"]
    argv += ["-f", "lavfi", "-i", f"testsrc2=s=160x90:r=25:d={seconds}"]
    if sound:
        argv += ["-f", "lavfi", "-i", f"sine=f=330:d={seconds}"]
    argv += ["-preset", "ultrafast", "-g", "25", "-pix_fmt", "yuv420p", *options, str(path)]
    process.run(argv, timeout_s=60)
    return path


@pytest.fixture(scope="session")
def clip(tmp_path_factory) -> Path:
    """Three seconds of picture and sound."""
    return make_clip(tmp_path_factory.mktemp("clips") / "clip.mp4")


@pytest.fixture(scope="session")
def silent_clip(tmp_path_factory) -> Path:
    """Three seconds without a sound track."""
    return make_clip(tmp_path_factory.mktemp("clips") / "silent.mp4", sound=False)


@pytest.fixture(scope="session")
def subtitled_clip(tmp_path_factory) -> Path:
    """Three seconds with a Korean and an English text track."""
    folder: Path = tmp_path_factory.mktemp("clips")
    (folder / "en.srt").write_text(SRT)
    (folder / "ko.srt").write_text("1\n00:00:00,000 --> 00:00:02,000\n안녕하세요 여러분.\n")
    argv = ["ffmpeg", "-nostdin", "-v", "error", "-y", "-i", str(make_clip(folder / "plain.mp4"))]
    argv += ["-i", str(folder / "ko.srt"), "-i", str(folder / "en.srt")]
    argv += ["-map", "0", "-map", "1", "-map", "2", "-c", "copy", "-c:s", "srt"]
    argv += ["-metadata:s:s:0", "language=kor", "-metadata:s:s:1", "language=eng"]
    process.run([*argv, str(folder / "subtitled.mkv")], timeout_s=60)
    return folder / "subtitled.mkv"


@pytest.fixture
def upload() -> Callable[..., SimpleUploadedFile]:
    """Makes an uploaded file out of a path or bytes."""

    def make(content: Path | bytes, name: str = "clip.mp4") -> SimpleUploadedFile:
        data = content if isinstance(content, bytes) else content.read_bytes()
        return SimpleUploadedFile(name, data, content_type="video/mp4")

    return make


@pytest.fixture
def stored(settings) -> Callable[[], list[str]]:
    """The keys of everything that lies in storage now."""

    def keys() -> list[str]:
        root = Path(settings.STORAGES["default"]["OPTIONS"]["location"])
        found = root.rglob("*") if root.exists() else []
        return sorted(str(path.relative_to(root)) for path in found if path.is_file())

    return keys
