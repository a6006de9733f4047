"""The demo: one account whose login every start can print, and the shipped talk if the installation has no video."""

import stat
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from accounts.models import User
from heimdex.startup import demo
from mediakit.probing.probe import probe
from mediakit.subtitles.formats import parse_captions
from storage import files
from tests.demo_maker.talk import TALK
from tests.factories import VideoFactory
from videos import tasks
from videos.choices import TranscriptSource, VideoStatus
from videos.models import Video

pytestmark = pytest.mark.django_db


MAX_BYTES = 3_000_000  # it is in every clone and every image


@pytest.fixture(autouse=True)
def _data_folder(settings):
    settings.DATA_DIR.mkdir()


def run_demo() -> str:
    out = StringIO()
    call_command("demo", stdout=out, stderr=StringIO())
    return out.getvalue().strip()


def test_an_empty_library_gets_a_talk_with_its_captions():
    first = run_demo()

    video = Video.objects.get()
    assert (video.title, video.owner.username) == (demo.TITLE, "demo")
    assert video.captions_filename == "talk.vtt"
    assert files.size(video.source_key) == demo.VIDEO.stat().st_size
    assert files.size(video.captions_key) == demo.CAPTIONS.stat().st_size
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


def test_the_shipped_talk_is_small_and_speaks_every_sentence_of_its_maker():
    """Fails when the maker's text changed and `python -m tests.demo_maker` was not run."""
    info = probe(str(demo.VIDEO))
    cues = parse_captions(demo.CAPTIONS.read_bytes(), filename=demo.CAPTIONS.name)

    assert demo.VIDEO.stat().st_size < MAX_BYTES
    assert abs(info.duration_ms - 90_000) < 100
    assert (info.video.width, info.video.height, info.video.codec) == (1280, 720, "h264")
    assert (info.video.frame_rate, info.audio[0].codec, info.audio[0].channels) == (25, "aac", 2)
    assert [cue.text for cue in cues] == [text for _, sentences in TALK for text in sentences]
    assert not any(word.estimated for cue in cues for word in cue.words)
    assert cues[-1].end_ms < info.duration_ms


@pytest.mark.django_db(transaction=True)  # another thread renews the claim meanwhile
def test_the_shipped_talk_is_processed_like_an_upload():
    run_demo()

    tasks.process_video()

    video = Video.objects.get()
    assert video.status == VideoStatus.READY
    assert video.transcript_source == TranscriptSource.CAPTIONS
    assert video.cues.count() == 20
    assert video.scenes.count() == 3
    assert video.loudness_lufs is not None
    assert -20 < video.loudness_lufs < -12


def test_a_short_of_the_shipped_talk_passes_every_rule(tmp_path):
    out = tmp_path / "short.mp4"

    call_command(
        *("make_short", str(demo.VIDEO), "--start", "4", "--end", "10", "-o", str(out)),
        *("--transcript", str(demo.CAPTIONS), "-v", "0"),
        stdout=StringIO(),
    )

    made = probe(str(out))
    assert (made.video.width, made.video.height) == (1080, 1920)
