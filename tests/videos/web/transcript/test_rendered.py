"""A transcript is built once for each version, sent compressed, and not sent again to a browser that has it."""

import gzip
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from tests.factories import CueFactory, SceneFactory, VideoFactory
from videos.models import Video

pytestmark = pytest.mark.django_db

PACKED = {"Accept-Encoding": "gzip"}


@pytest.fixture
def video(person: User) -> Video:
    video = VideoFactory(owner=person, ready_at=timezone.now())
    SceneFactory(video=video)
    CueFactory.create_batch(60, video=video)
    return video


def process_again(video: Video) -> None:
    video.cues.update(text="Other words here.")
    Video.objects.filter(pk=video.pk).update(ready_at=timezone.now() + timedelta(seconds=1))


@pytest.mark.parametrize("file", ["captions.vtt", "transcript.srt", "transcript.txt"])
def test_captions_are_sent_once_for_each_version(browser: Client, video: Video, file: str):
    url = f"/videos/{video.pk}/{file}"
    first = browser.get(url)
    known = {"If-None-Match": first["ETag"]}

    again = browser.get(url, headers=known)
    process_again(video)
    after = browser.get(url, headers=known)

    assert (again.status_code, again.content) == (304, b"")
    assert again["ETag"] == first["ETag"]
    assert after.status_code == 200
    assert "Other words" in after.content.decode()


def test_captions_are_compressed_for_whoever_takes_it(browser: Client, video: Video):
    url = f"/videos/{video.pk}/captions.vtt"
    plain, packed = browser.get(url), browser.get(url, headers=PACKED)

    assert gzip.decompress(packed.content) == plain.content
    assert packed["Content-Encoding"] == "gzip"
    assert not plain.has_header("Content-Encoding")
    assert "Accept-Encoding" in packed["Vary"]
    assert len(packed.content) < len(plain.content) / 4
    assert plain["Cache-Control"] == "private, no-cache"


def test_another_user_gets_none_with_a_known_version(client: Client, browser: Client, video: Video):
    url = f"/videos/{video.pk}/captions.vtt"
    known = {"If-None-Match": browser.get(url)["ETag"]}
    other = Client()
    other.force_login(VideoFactory().owner)

    assert other.get(url, headers=known).status_code == 404


def test_a_page_is_compressed_with_padding(browser: Client, video: Video):
    url = f"/videos/{video.pk}"
    plain = browser.get(url).content.decode()
    lengths = set()
    for _ in range(12):
        response = browser.get(url, headers=PACKED)
        lengths.add(len(response.content))
        assert response["Content-Encoding"] == "gzip"

    assert gzip.decompress(response.content).decode().count("Three small words.") == 60
    assert max(lengths) < len(plain) / 3
    assert len(lengths) > 4  # BREACH: the length says nothing exact


def test_a_page_reads_the_transcript_once_for_each_version(
    browser: Client, video: Video, count_queries
):
    def visit() -> object:
        return browser.get(f"/videos/{video.pk}")

    first, second = count_queries(visit), count_queries(visit)
    korean = browser.get(f"/videos/{video.pk}", headers={"Accept-Language": "ko"}).content.decode()
    process_again(video)
    after = browser.get(f"/videos/{video.pk}").content.decode()

    assert second == first - 3
    assert "Export to Short" not in korean
    assert "Other words here." in after


def test_scenes_that_cannot_be_exported_meanwhile_say_so(browser: Client, video: Video):
    assert "data-export\n" in browser.get(f"/videos/{video.pk}").content.decode()
    Video.objects.filter(pk=video.pk).update(status="pending")

    assert "Exports wait until" in browser.get(f"/videos/{video.pk}").content.decode()


def test_the_api_compresses_details(browser: Client, video: Video):
    response = browser.get(f"/v1/videos/{video.pk}/details", headers=PACKED)

    assert response["Content-Encoding"] == "gzip"
    assert b"These are the words" in gzip.decompress(response.content)
