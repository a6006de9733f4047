"""The demo: one account whose login every start can show, and one talk while the library is empty."""

import stat
from functools import partial
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from accounts.models import User
from heimdex import demo
from mediakit.demo import make_talk
from tests.factories import VideoFactory
from videos.models import Video

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _short_talk(monkeypatch, settings):
    settings.DATA_DIR.mkdir()
    monkeypatch.setattr(demo, "make_talk", partial(make_talk, seconds=6, size=(320, 180)))


def run_demo() -> str:
    out = StringIO()
    call_command("demo", stdout=out, stderr=StringIO())
    return out.getvalue().strip()


def test_an_empty_library_gets_a_talk_with_its_captions():
    first = run_demo()

    video = Video.objects.get()
    assert (video.title, video.owner.username) == (demo.TITLE, "demo")
    assert video.captions_filename == "talk.vtt"
    assert first == f"Demo login: demo / {demo.password()}"
    assert User.objects.get().check_password(demo.password())


def test_doing_it_again_changes_nothing():
    assert run_demo() == run_demo()
    assert Video.objects.count() == 1


def test_a_library_that_has_a_video_is_left_alone():
    mine = VideoFactory()

    run_demo()

    assert Video.objects.get() == mine


def test_the_password_is_for_its_owner_only_and_never_shown_once_changed(settings):
    user = demo.make_account()
    file = Path(settings.DATA_DIR) / "demo-password"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600

    user.set_password("another pass phrase 42")
    user.save()

    assert demo.password() == ""
    VideoFactory()
    assert run_demo() == "Demo login: demo / (the password was changed)"
