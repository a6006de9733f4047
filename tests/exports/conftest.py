"""What tests of exports share: a signed-in API client, and no broker that would run anything by itself."""

import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from jobs import wake
from mediakit.demo_clip import make_clip
from mediakit.info import MediaInfo
from mediakit.probe import probe
from mediakit.short import ShortSpec, render_short
from storage import files
from tests.factories import UserFactory, VideoFactory
from videos.models import Video

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def person(db) -> User:
    return UserFactory()


@pytest.fixture
def api(person: User) -> APIClient:
    """The API as that person."""
    client = APIClient()
    client.force_authenticate(person)
    return client


class Woken(list[str]):
    """The export ids that workers were woken for, in order."""


@pytest.fixture(autouse=True)
def woken(monkeypatch: pytest.MonkeyPatch) -> Woken:
    """Messages are written down here instead of being sent."""
    ids = Woken()
    monkeypatch.setattr(wake, "soon", lambda _task, pk: ids.append(str(pk)))
    monkeypatch.setattr(wake, "send", lambda _task, pk: ids.append(str(pk)))
    monkeypatch.setattr(wake, "unheard", lambda _task: 0)
    return ids


@pytest.fixture
def on_commit(django_capture_on_commit_callbacks) -> Callable:
    """Run what waits for the commit, as a real transaction would."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A real video of three seconds with sound, made once."""
    return make_clip(tmp_path_factory.mktemp("clip") / "talk.mp4", seconds=3, size=(320, 180))


@pytest.fixture(scope="session")
def clip_info(clip: Path) -> MediaInfo:
    """What the probe says about it."""
    return probe(str(clip))


@pytest.fixture(scope="session")
def short(clip: Path, clip_info: MediaInfo, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Short of its first second, made once."""
    out = tmp_path_factory.mktemp("short") / "short.mp4"
    render_short(str(clip), clip_info, ShortSpec(0, 1_000, quality="medium"), out)
    return out


@pytest.fixture
def source(clip: Path, clip_info: MediaInfo, tmp_path: Path) -> Callable[[User], Video]:
    """Makes a ready video of a person whose source lies in storage."""

    def make(owner: User) -> Video:
        video = VideoFactory(
            owner=owner, probe=clip_info.to_json(), duration_ms=clip_info.duration_ms
        )
        copy = tmp_path / f"{video.pk}.mp4"
        shutil.copyfile(clip, copy)
        files.save_file(video.source_key, copy, content_type="video/mp4")
        return video

    return make
