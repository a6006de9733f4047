"""The main sound of a file of several tracks: chosen under *Process again*, heard, and used from then on."""

import pytest
from django.urls import reverse
from rest_framework.test import APIClient

from storage import files
from tests.clips import info_of, make_clip
from tests.factories import CueFactory, SceneFactory, UserFactory, VideoFactory
from tests.mediakit.cut_lists.sources import KINDS
from videos import policy, services
from videos.choices import TranscriptSource, VideoStatus
from videos.models import TranscriptPiece, Video
from videos.processing import pipeline

pytestmark = pytest.mark.django_db


@pytest.fixture
def video() -> Video:
    """A ready video of three sound tracks, of which nothing tells which one is meant and one cannot be read."""
    probe = KINDS["25"].to_json()
    track = {**probe["audio"][0], "is_default": False}
    probe["audio"] = [
        track,
        {**track, "index": 2},
        {**track, "index": 3, "is_readable": False, "codec": "unknown"},
    ]
    probe["main_audio"] = 1
    made = VideoFactory(owner=UserFactory(), probe=probe)
    made.transcript_source = TranscriptSource.SPEECH
    made.save()
    CueFactory(video=made)
    SceneFactory(video=made)
    return made


@pytest.fixture
def api(video: Video) -> APIClient:
    client = APIClient()
    client.force_authenticate(video.owner)
    return client


def test_a_chosen_track_is_the_main_sound(tmp_path, monkeypatch):
    clip = make_clip(tmp_path / "two.mkv", seconds=2, size=(160, 90), languages=("", ""))
    first, second = info_of(clip).audio
    video = VideoFactory(pending=True, audio_track_wanted=second.index)

    files.save_bytes(video.source_key, clip.read_bytes(), content_type="video/x-matroska")

    outcome = pipeline.process(
        video, progress=pipeline.Progress(lambda *_: None), should_stop=lambda: False
    )

    assert outcome.columns["probe"]["main_audio"] == second.index != first.index


def test_choosing_begins_the_hearing_anew(video):
    Video.objects.filter(pk=video.pk).update(status=VideoStatus.FAILED, heard_ms=20_000)
    video.refresh_from_db()
    TranscriptPiece.objects.create(video=video, start_ms=0, end_ms=20_000)
    services.request_reprocess(video)
    assert video.pieces.exists()  # the same sound: what was heard stays
    Video.objects.filter(pk=video.pk).update(status=VideoStatus.FAILED)
    video.refresh_from_db()

    services.request_reprocess(video, audio_track="2")

    assert video.audio_track_wanted == 2
    assert not video.pieces.exists()
    assert policy.is_main_sound_clear(video)


def test_a_script_chooses_and_takes_it_back(api, video):
    address = f"/v1/videos/{video.pk}/reprocess"
    for wrong in (3, 9, -1, "x"):
        assert api.post(address, {"audio_track": wrong}, format="json").status_code == 422
    assert api.post(address, {"audio_track": 2}, format="json").status_code == 202
    video.refresh_from_db()
    assert video.audio_track_wanted == 2
    Video.objects.filter(pk=video.pk).update(status=VideoStatus.READY)
    assert api.post(address, {}, format="json").status_code == 202
    video.refresh_from_db()
    assert video.audio_track_wanted == 2
    Video.objects.filter(pk=video.pk).update(status=VideoStatus.READY)
    assert api.post(address, {"audio_track": None}, format="json").status_code == 202
    video.refresh_from_db()
    assert video.audio_track_wanted is None


def test_the_page_lets_people_hear_and_choose(client, video):
    client.force_login(video.owner)
    html = client.get(reverse("videos:page", args=[video.pk])).content.decode()

    assert "nothing in it tells which one is the main one" in html
    assert html.count("<audio") == 2  # the third cannot be read
    assert f"/videos/{video.pk}/listen/2/0.m4a" in html
    form = {"transcript": "auto", "language": "", "audio_track": "2"}
    client.post(reverse("videos:reprocess", args=[video.pk]), form)
    video.refresh_from_db()
    assert video.audio_track_wanted == 2
    Video.objects.filter(pk=video.pk).update(status=VideoStatus.READY)
    html = client.get(reverse("videos:page", args=[video.pk])).content.decode()
    assert "nothing in it tells" not in html


def test_one_track_is_no_choice(client, video):
    Video.objects.filter(pk=video.pk).update(probe=KINDS["25"].to_json())
    client.force_login(video.owner)

    html = client.get(reverse("videos:page", args=[video.pk])).content.decode()

    assert "<audio" not in html
