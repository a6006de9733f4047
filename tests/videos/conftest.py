"""Small real clips, and captions for them."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import User
from tests.clips import make_clip
from tests.factories import UserFactory, VideoFactory
from videos import services, transcript_services

SIZE = (160, 90)
SRT = """1
00:00:00,000 --> 00:00:01,400
The garden begins here.

2
00:00:01,500 --> 00:00:02,900
Plant the garden beans.
"""


def remux(source: Path, target: Path, *options: str) -> Path:
    """The same streams in another file, changed by further ffmpeg arguments."""
    argv = ["ffmpeg", "-nostdin", "-v", "error", "-y", "-i", str(source), *options, str(target)]
    subprocess.run(argv, check=True, timeout=60)
    return target


@pytest.fixture(scope="session")
def clip(tmp_path_factory) -> Path:
    """Three seconds of picture and sound."""
    return make_clip(tmp_path_factory.mktemp("clips") / "clip.mp4", seconds=3, size=SIZE)


@pytest.fixture(scope="session")
def silent_clip(tmp_path_factory) -> Path:
    """Three seconds without a sound track."""
    return make_clip(
        tmp_path_factory.mktemp("clips") / "silent.mp4", seconds=3, size=SIZE, channels=0
    )


@pytest.fixture(scope="session")
def subtitled_clip(tmp_path_factory, clip) -> Path:
    """Three seconds with a Korean and an English text track."""
    folder: Path = tmp_path_factory.mktemp("clips")
    (folder / "en.srt").write_text(SRT)
    (folder / "ko.srt").write_text("1\n00:00:00,000 --> 00:00:02,000\n안녕하세요 여러분.\n")
    options = ["-i", str(folder / "ko.srt"), "-i", str(folder / "en.srt")]
    options += ["-map", "0", "-map", "1", "-map", "2", "-c", "copy", "-c:s", "srt"]
    options += ["-metadata:s:s:0", "language=kor", "-metadata:s:s:1", "language=eng"]
    return remux(clip, folder / "subtitled.mkv", *options)


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


@pytest.fixture
def person(db) -> User:
    return UserFactory()


@pytest.fixture
def browser(client: Client, person: User) -> Client:
    """A client that is logged in as `person`."""
    client.force_login(person)
    return client


@pytest.fixture
def sent_messages(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Records the video ids in messages instead of sending them."""
    sent: list[object] = []
    monkeypatch.setattr(services, "publish", sent.append)
    monkeypatch.setattr(transcript_services, "publish", sent.append)
    return sent


@pytest.fixture(params=["local", pytest.param("s3", marks=pytest.mark.services)])
def anywhere(request: pytest.FixtureRequest) -> str:
    """The test runs once on local files and once on S3."""
    if request.param == "s3":
        request.getfixturevalue("on_s3")
    return str(request.param)


@pytest.fixture
def service_calls(monkeypatch):
    """Records the calls of a service instead of running it; it raises the error in `service_calls.refuse`, if set."""

    class ServiceCalls(list):
        refuse = None

        def replace(self, name):
            def service(*args, **kwargs):
                self.append((name, args, kwargs))
                if self.refuse:
                    raise self.refuse
                return args[0] if args else VideoFactory(owner=kwargs["owner"])

            module = transcript_services if name == "set_captions" else services
            monkeypatch.setattr(module, name, service)

    service_calls = ServiceCalls()
    for name in ("create_video", "set_captions", "request_reprocess"):
        service_calls.replace(name)
    return service_calls
