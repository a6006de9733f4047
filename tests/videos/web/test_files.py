"""Files of a video for its owner's browser; other users get none."""

import uuid

import httpx
import pytest
from django.test import Client

from accounts.models import User
from storage import files
from tests.factories import CueFactory, SceneFactory, UserFactory, VideoFactory
from tests.services import Bucket
from videos.models import Video
from videos.web.files import playback_content_type

pytestmark = pytest.mark.django_db

DATA = bytes(range(256)) * 8


@pytest.fixture
def video(person: User) -> Video:
    """A video with files for its source, thumbnail and scene."""
    video = VideoFactory(owner=person, title="강연: 첫째", thumbnail_key="thumbnails/1/a/b/0.jpg")
    scene = SceneFactory(video=video, thumbnail_key="thumbnails/1/a/b/1.jpg")
    CueFactory(video=video, text="First <b>words</b> & more.", speaker="Ada", words_estimated=True)
    CueFactory(video=video, text="Second line here.")
    files.save_bytes(video.source_key, DATA, content_type="video/mp4")
    files.save_bytes(video.thumbnail_key, b"jpeg", content_type="image/jpeg")
    files.save_bytes(scene.thumbnail_key, b"scene jpeg", content_type="image/jpeg")
    return video


def _urls(video: Video) -> list[str]:
    scene = video.scenes.get()
    return [
        f"/videos/{video.pk}/source",
        f"/videos/{video.pk}/thumbnail",
        f"/scenes/{scene.pk}/thumbnail",
        f"/videos/{video.pk}/captions.vtt",
        *(f"/videos/{video.pk}/transcript.{kind}" for kind in ("txt", "srt", "vtt")),
    ]


def _body(response) -> bytes:
    return b"".join(response) if response.streaming else response.content


def test_the_player_can_seek(browser: Client, video: Video):
    address = f"/videos/{video.pk}/source"

    part = browser.get(address, headers={"Range": "bytes=100-199"})
    whole = browser.get(address)

    assert part.status_code == 206
    assert _body(part) == DATA[100:200]
    assert part["Content-Range"] == "bytes 100-199/2048"
    assert (whole.status_code, _body(whole)) == (200, DATA)
    assert whole["Content-Type"] == "video/mp4"
    assert whole["Cache-Control"].startswith("private")
    assert whole["X-Content-Type-Options"] == "nosniff"
    assert browser.head(address)["Content-Length"] == "2048"
    outside = browser.get(address, headers={"Range": "bytes=4000-"})
    assert outside.status_code == 416


@pytest.mark.services
def test_on_s3_the_player_is_redirected_to_the_bucket(on_s3: Bucket, browser: Client, video: Video):
    response = browser.get(f"/videos/{video.pk}/source")

    assert response.status_code == 302
    assert response["Cache-Control"] == "no-store"
    assert f"X-Amz-Expires={2 * 120 + 300}&" in response["Location"]
    part = httpx.get(response["Location"], headers={"Range": "bytes=0-9"})
    assert (part.status_code, part.content) == (206, DATA[:10])
    picture = browser.get(f"/videos/{video.pk}/thumbnail")
    assert httpx.get(picture["Location"]).content == b"jpeg"


def test_thumbnails(browser: Client, video: Video):
    scene = video.scenes.get()

    assert _body(browser.get(f"/videos/{video.pk}/thumbnail")) == b"jpeg"
    response = browser.get(f"/scenes/{scene.pk}/thumbnail")
    assert _body(response) == b"scene jpeg"
    assert response["Content-Type"] == "image/jpeg"


def test_a_missing_thumbnail_is_not_found(browser: Client, person: User):
    scene = SceneFactory(video__owner=person)

    for address in (f"/videos/{scene.video_id}/thumbnail", f"/scenes/{scene.pk}/thumbnail"):
        response = browser.get(address)
        assert response.status_code == 404
        assert response.json()["error_code"] == "NOT_FOUND"


def test_captions_for_the_player(browser: Client, video: Video):
    response = browser.get(f"/videos/{video.pk}/captions.vtt")

    text = response.content.decode()
    assert response["Content-Type"] == "text/vtt; charset=utf-8"
    assert text.startswith("WEBVTT\n")
    assert "<v Ada>First &lt;b&gt;words&lt;/b&gt; &amp; more." in text
    assert "00:00:03.000 --> 00:00:06.000" in text


@pytest.mark.parametrize(
    ("kind", "content_type", "words"),
    [
        ("txt", "text/plain", "Ada: First <b>words</b> & more.\nSecond line here.\n"),
        ("srt", "application/x-subrip", "2\n00:00:03,000 --> 00:00:06,000\nSecond line here."),
        ("vtt", "text/vtt", "Second <00:00:04.000>line <00:00:05.000>here."),
    ],
)
def test_the_transcript_as_a_file(
    browser: Client, video: Video, kind: str, content_type: str, words: str
):
    response = browser.get(f"/videos/{video.pk}/transcript.{kind}")

    assert response.status_code == 200
    assert response["Content-Type"] == f"{content_type}; charset=utf-8"
    assert response["Content-Disposition"].startswith("attachment; filename=")
    assert "filename*=UTF-8''%EA%B0%95%EC%97%B0" in response["Content-Disposition"]
    assert response["X-Content-Type-Options"] == "nosniff"
    assert words in response.content.decode().replace("<c>", "").replace("</c>", "")


def test_a_transcript_of_another_kind(browser: Client, video: Video):
    assert browser.get(f"/videos/{video.pk}/transcript.exe").status_code == 404


@pytest.mark.parametrize("file", ["captions.vtt", "transcript.txt"])
def test_a_video_without_words(browser: Client, person: User, file: str):
    video = VideoFactory(owner=person)

    response = browser.get(f"/videos/{video.pk}/{file}")

    assert response.status_code == 404
    assert response.json()["error_code"] == "NO_TRANSCRIPT"


def test_a_missing_source_file(browser: Client, person: User):
    video = VideoFactory(owner=person)

    response = browser.get(f"/videos/{video.pk}/source")

    assert response.status_code == 410
    assert response.json()["error_code"] == "SOURCE_MISSING"


def test_other_users_get_no_file(video: Video):
    stranger, passer_by = Client(), Client()
    stranger.force_login(UserFactory(is_staff=True))

    for address in _urls(video):
        assert stranger.get(address).status_code == 404
        login = passer_by.get(address)
        assert login.status_code == 302
        assert login["Location"].startswith("/account/")


def test_another_users_video_is_answered_like_a_missing_one(video: Video):
    stranger = Client()
    stranger.force_login(UserFactory())

    foreign = stranger.get(f"/videos/{video.pk}/source")
    missing = stranger.get(f"/videos/{uuid.uuid4()}/source")

    assert foreign.json() == missing.json()
    assert foreign.json()["error_code"] == "VIDEO_NOT_FOUND"


def test_files_answer_only_get_and_head(browser: Client, video: Video):
    for address in _urls(video):
        assert browser.post(address).status_code == 405


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        ("a/b.mp4", "video/mp4"),
        ("a/b.mov", "video/mp4"),
        ("a/b.webm", "video/webm"),
        ("a/b.mkv", "video/x-matroska"),
        ("a/b.ts", "video/mp2t"),
        ("a/b.html", "video/mp4"),
        ("a/b", "video/mp4"),
    ],
)
def test_a_source_is_never_served_as_a_page(key: str, kind: str):
    assert playback_content_type(key) == kind


def test_the_number_of_queries_does_not_grow(
    browser: Client, video: Video, django_assert_num_queries
):
    for _ in range(5):
        CueFactory(video=video)

    with django_assert_num_queries(4):  # session, person, video, cues
        browser.get(f"/videos/{video.pk}/transcript.srt")
