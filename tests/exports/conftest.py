"""What tests of exports share: a signed-in API client, and no broker that would run anything by itself."""

import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from exports.models import Export
from exports.rendering import attempt as attempts
from jobs import notify
from mediakit.conformance.verification import Receipt
from mediakit.errors import StoppedError
from mediakit.media_info import MediaInfo
from mediakit.probing.probe import probe
from mediakit.render.short import ShortSpec, render_short
from storage import files
from tests.clips import make_clip
from tests.exports.render_runs import Quick
from tests.factories import ExportFactory, UserFactory, VideoFactory
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


class SentMessages(list[str]):
    """The export ids that workers were sent_messages for, in order."""


@pytest.fixture(autouse=True)
def sent_messages(monkeypatch: pytest.MonkeyPatch) -> SentMessages:
    """Records messages instead of sending them."""
    ids = SentMessages()
    monkeypatch.setattr(notify, "send_later", lambda _task, pk: ids.append(str(pk)))
    monkeypatch.setattr(notify, "send", lambda _task, pk: ids.append(str(pk)))
    monkeypatch.setattr(notify, "queued_messages", lambda _task: 0)
    return ids


@pytest.fixture
def on_commit(django_capture_on_commit_callbacks) -> Callable:
    """Runs the on-commit callbacks, as a real transaction would."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A real video of three seconds with sound, made once."""
    return make_clip(tmp_path_factory.mktemp("clip") / "talk.mp4", seconds=3, size=(320, 180))


@pytest.fixture(scope="session")
def clip_info(clip: Path) -> MediaInfo:
    """The probe result of `clip`."""
    return probe(str(clip))


@pytest.fixture(scope="session")
def short(clip: Path, clip_info: MediaInfo, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Short of its first second, made once."""
    out = tmp_path_factory.mktemp("short") / "short.mp4"
    render_short(str(clip), clip_info, ShortSpec(0, 1_000, quality="medium"), out)
    return out


@pytest.fixture
def source(clip: Path, clip_info: MediaInfo, tmp_path: Path) -> Callable[[User], Video]:
    """Makes a user's READY video whose source is in storage."""

    def make(owner: User) -> Video:
        video = VideoFactory(
            owner=owner, probe=clip_info.to_json(), duration_ms=clip_info.duration_ms
        )
        copy = tmp_path / f"{video.pk}.mp4"
        shutil.copyfile(clip, copy)
        files.save_file(video.source_key, copy, content_type="video/mp4")
        return video

    return make


@pytest.fixture
def export(source) -> Export:
    return ExportFactory(video=source(UserFactory()), start_ms=500, end_ms=1_300)


@pytest.fixture
def quick(monkeypatch) -> Quick:
    """A renderer and a check that take no time, for stories about everything around them."""

    def render(
        _source, _info, _spec, out: Path, *, on_progress, should_stop, timeout_s, **_more
    ) -> None:
        assert timeout_s > 0
        on_progress("sound", 1.0)
        if should_stop():
            raise StoppedError("stopped")
        on_progress("encode", 0.5)
        out.write_bytes(b"a short file")

    def verify(source, _info, spec, *, on_progress, should_stop, timeout_s, **_more) -> Receipt:
        assert timeout_s > 0
        on_progress(0.5)
        if should_stop():
            raise StoppedError("stopped")
        return Receipt(
            size_bytes=Path(source).stat().st_size,
            duration_ms=spec.duration_ms,
            width=1080,
            height=1920,
            frame_rate=Fraction(25),
            video_bit_rate=1,
            loudness_lufs=None,
            true_peak_db=None,
            rules=(),
        )

    monkeypatch.setattr(attempts, "render_short", render)
    monkeypatch.setattr(attempts, "verify_short", verify)
    return Quick(render, verify)


@pytest.fixture
def me(client) -> User:
    user = UserFactory.create()
    client.force_login(user)
    return user


@pytest.fixture
def video(me):
    return VideoFactory.create(owner=me)
