"""Resumable uploads over tus 1.0, as a browser speaks it."""

import uuid
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from django.utils.http import parse_http_date

from accounts.choices import TokenScope
from accounts.models import AccessToken, User
from storage import files
from storage.sinks import upload_sink
from tests.factories import UserFactory
from tests.videos import tus_client
from videos.choices import VideoStatus
from videos.models import Upload, Video

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sent_messages")]


def test_what_is_spoken_here(client: Client):
    response = client.options("/uploads")

    assert response.status_code == 204
    assert response["Tus-Version"] == "1.0.0"
    assert response["Tus-Resumable"] == "1.0.0"
    assert set(response["Tus-Extension"].split(",")) == {"creation", "termination", "expiration"}
    assert response["Tus-Max-Size"] == str(django_settings.UPLOAD_MAX_BYTES)


@pytest.mark.usefixtures("anywhere")
def test_from_bytes_to_a_video(
    browser: Client,
    clip: Path,
    sent_messages: list[object],
    django_capture_on_commit_callbacks: Callable,
):
    size = clip.stat().st_size

    with django_capture_on_commit_callbacks(execute=True):
        address = tus_client.upload_in_pieces(
            browser,
            clip,
            piece=size // 3,
            filename="강연 — 첫째.mp4",
            title="A talk",
            language="ko",
        )

    video = Video.objects.get()
    assert (video.title, video.filename) == ("A talk", "강연 — 첫째.mp4")
    assert (video.status, video.size_bytes) == (VideoStatus.PENDING, size)
    assert video.language_wanted == "ko"
    assert files.read_bytes(video.source_key, limit=size) == clip.read_bytes()
    assert [str(pk) for pk in sent_messages] == [str(video.pk)]
    assert list(upload_sink.list_unfinished()) == []
    after = tus_client.head(browser, address)
    assert after["Upload-Offset"] == after["Upload-Length"] == str(size)
    assert after["Upload-Video"] == f"/videos/{video.pk}"


def test_the_last_answer_names_the_video(browser: Client, clip: Path):
    data = clip.read_bytes()
    address = tus_client.create(browser, len(data))["Location"]

    response = tus_client.patch(browser, address, data, 0)

    video = Video.objects.get()
    assert response["Upload-Offset"] == str(len(data))
    assert response["Upload-Video"] == f"/videos/{video.pk}"
    assert response["Upload-Video-Id"] == str(video.pk)
    assert "Upload-Expires" not in response


def test_creation_says_where_and_until_when(browser: Client):
    response = tus_client.create(browser, 1000)

    upload = Upload.objects.get()
    assert response.status_code == 201
    assert response["Location"] == f"/uploads/{upload.pk}"
    assert response["Upload-Offset"] == "0"
    until = parse_http_date(response["Upload-Expires"])
    assert abs(until - timezone.now().timestamp() - django_settings.UPLOAD_KEEP_S) < 60
    assert "no-store" in response["Cache-Control"]


@pytest.mark.parametrize(
    ("size", "facts", "status", "code"),
    [
        (0, {}, 422, "EMPTY_FILE"),
        (20 * 1024**3 + 1, {}, 413, "FILE_TOO_LARGE"),
        ("many", {}, 422, "INVALID_INPUT"),
        ("-5", {}, 422, "INVALID_INPUT"),
        ("9" * 30, {}, 422, "INVALID_INPUT"),
        (10, {"filename": ""}, 422, "FILE_NAME_INVALID"),
        (10, {"filename": "가" * 86}, 422, "FILE_NAME_INVALID"),
        (10, {"filename": "a/.."}, 422, "FILE_NAME_INVALID"),
        (10, {"language": "not a language"}, 422, "INVALID_INPUT"),
    ],
)
def test_what_cannot_be_accepted_is_refused_at_once(
    browser: Client, size: int | str, facts: dict[str, str], status: int, code: str
):
    response = tus_client.create(browser, size, **facts)

    assert response.status_code == status
    assert response.json()["error_code"] == code
    assert response["Tus-Resumable"] == "1.0.0"
    assert not Upload.objects.exists()


def test_any_name_of_255_bytes_is_taken_without_its_path(browser: Client):
    name = "가" * 83 + ".m.mp4"
    assert len(name.encode()) == 255

    tus_client.create(browser, 10, filename=f"C:\\clips/{name}")

    assert Upload.objects.get().filename == name


def test_metadata_that_is_no_base64(browser: Client):
    headers = {**tus_client.TUS, "Upload-Length": "10", "Upload-Metadata": "filename ???"}

    response = browser.post("/uploads", headers=headers)

    assert response.json()["error_code"] == "INVALID_INPUT"
    assert "Upload-Metadata" in response.json()["message"]


@pytest.mark.parametrize("version", [None, "0.2.2"])
def test_another_version_of_the_protocol(browser: Client, version: str | None):
    headers = {"Tus-Resumable": version} if version else {}

    response = browser.post("/uploads", headers={**headers, "Upload-Length": "5"})

    assert response.status_code == 412
    assert response["Tus-Version"] == "1.0.0"


def test_strangers_find_nothing(browser: Client, clip: Path):
    address = tus_client.create(browser, 10)["Location"]
    stranger = Client()

    assert tus_client.head(stranger, address).status_code == 401
    assert tus_client.create(stranger, 10).json()["error_code"] == "UNAUTHENTICATED"
    stranger.force_login(UserFactory())
    for response in (
        tus_client.head(stranger, address),
        tus_client.patch(stranger, address, b"x", 0),
        stranger.delete(address, headers=tus_client.TUS),
        stranger.post(f"{address}/captions"),
        tus_client.head(browser, f"/uploads/{uuid.uuid4()}"),
    ):
        assert response.status_code == 404
    assert Upload.objects.get().offset_bytes == 0


def test_changes_need_the_csrf_token(person: User):
    guarded = Client(enforce_csrf_checks=True)
    guarded.force_login(person)
    guarded.get("/upload")
    token = guarded.cookies["csrftoken"].value

    assert tus_client.create(guarded, 10).status_code == 403
    headers = {
        **tus_client.TUS,
        "Upload-Length": "10",
        "Upload-Metadata": tus_client.metadata(filename="a.mp4"),
    }
    created = guarded.post("/uploads", headers={**headers, "X-CSRFToken": token})
    assert created.status_code == 201
    assert tus_client.patch(guarded, created["Location"], b"x", 0).status_code == 403
    patched = tus_client.patch(guarded, created["Location"], b"x", 0, **{"X-CSRFToken": token})
    assert patched.status_code == 204


def test_bytes_at_a_wrong_offset_are_refused(browser: Client):
    address = tus_client.create(browser, 10)["Location"]
    tus_client.patch(browser, address, b"abc", 0)

    response = tus_client.patch(browser, address, b"xyz", 0)

    assert response.status_code == 409
    assert response.json()["details"] == {"offset": 3}


def test_more_bytes_than_were_announced(browser: Client):
    address = tus_client.create(browser, 10)["Location"]

    assert tus_client.patch(browser, address, b"x" * 11, 0).status_code == 422
    assert Upload.objects.get().offset_bytes == 0


def test_another_content_type(browser: Client):
    address = tus_client.create(browser, 10)["Location"]

    response = browser.patch(
        address, b"x", content_type="video/mp4", headers={**tus_client.TUS, "Upload-Offset": "0"}
    )

    assert response.status_code == 415


@pytest.mark.parametrize(("method", "where"), [("get", "list"), ("put", "list"), ("get", "item")])
def test_other_methods(browser: Client, method: str, where: str):
    address = "/uploads" if where == "list" else tus_client.create(browser, 10)["Location"]

    response = getattr(browser, method)(address, headers=tus_client.TUS)

    assert response.status_code == 405
    assert response["Allow"]
    assert response.json()["error_code"] == "METHOD_NOT_ALLOWED"


def test_a_client_that_can_only_post(browser: Client):
    address = tus_client.create(browser, 10)["Location"]

    response = browser.post(
        address,
        b"abc",
        content_type=tus_client.BYTES,
        headers={**tus_client.TUS, "Upload-Offset": "0", "X-HTTP-Method-Override": "PATCH"},
    )

    assert response["Upload-Offset"] == "3"
    assert browser.options(address).status_code == 204


def test_giving_up_leaves_nothing(browser: Client, stored: Callable[[], list[str]]):
    address = tus_client.create(browser, 10)["Location"]
    tus_client.patch(browser, address, b"abc", 0)
    assert stored() != []

    assert browser.delete(address, headers=tus_client.TUS).status_code == 204

    assert stored() == []
    assert tus_client.head(browser, address).status_code == 404


@pytest.mark.parametrize(
    ("data", "code"),
    [(b"these are words, not a video " * 50, "NOT_A_VIDEO"), (b"\0" * 5000, "NOT_A_VIDEO")],
)
def test_what_is_no_video_is_refused_and_leaves_nothing(
    browser: Client, stored: Callable[[], list[str]], data: bytes, code: str
):
    address = tus_client.create(browser, len(data))["Location"]
    srt = SimpleUploadedFile("a.srt", b"1\n00:00:00,000 --> 00:00:01,000\nWords.\n")
    assert browser.post(f"{address}/captions", {"captions": srt}).status_code == 204

    response = tus_client.patch(browser, address, data, 0)

    assert response.status_code == 422
    assert response.json()["error_code"] == code
    assert response.json()["message"]
    assert stored() == []
    assert not Upload.objects.exists()
    assert not Video.objects.exists()
    assert tus_client.head(browser, address).status_code == 404


def test_captions_travel_beside_the_video(browser: Client, clip: Path, stored: Callable):
    data = clip.read_bytes()
    address = tus_client.create(browser, len(data))["Location"]
    for name, words in (
        ("first.vtt", b"WEBVTT\n\n00:00.000 --> 00:01.000\nOld.\n"),
        ("second.srt", b"1\n00:00:00,000 --> 00:00:01,000\nWords.\n"),
    ):
        sent = SimpleUploadedFile(name, words)
        assert browser.post(f"{address}/captions", {"captions": sent}).status_code == 204
    tus_client.patch(browser, address, data, 0)

    video = Video.objects.get()
    assert video.captions_filename == "second.srt"
    assert stored() == sorted([video.source_key, video.captions_key])


def test_captions_that_come_late_are_given_to_the_video(browser: Client, clip: Path):
    address = tus_client.upload_in_pieces(browser, clip, piece=10**9)
    words = b"1\n00:00:00,000 --> 00:00:01,000\nLate.\n"

    def send() -> int:
        late = SimpleUploadedFile("late.srt", words)
        return browser.post(f"{address}/captions", {"captions": late}).status_code

    assert send() == 409  # it waits to be processed
    Video.objects.update(status=VideoStatus.READY)
    assert send() == 204
    assert Video.objects.get().captions_filename == "late.srt"
    Video.objects.all().delete()
    assert send() == 404


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("a.srt", b"1\n00:00:05,000 --> oh\nWords\n", "CAPTIONS_INVALID"),
        ("a.doc", b"words", "CAPTIONS_UNSUPPORTED"),
        ("a.srt", b"x" * (5 * 1024**2 + 1), "CAPTIONS_TOO_LARGE"),
    ],
)
def test_captions_that_cannot_be_read(browser: Client, name: str, data: bytes, code: str):
    address = tus_client.create(browser, 10)["Location"]

    sent = browser.post(f"{address}/captions", {"captions": SimpleUploadedFile(name, data)})
    none = browser.post(f"{address}/captions")

    assert sent.json()["error_code"] == code
    assert none.json()["error_code"] == "INVALID_INPUT"
    assert Upload.objects.get().captions_key == ""


def test_the_limit_is_a_setting(browser: Client, settings):
    settings.UPLOAD_MAX_BYTES = 100

    assert tus_client.create(browser, 100).status_code == 201
    too_large = tus_client.create(browser, 101)
    assert too_large.status_code == 413
    assert too_large.json()["details"]["limit_bytes"] == 100


class TestAScript:
    """What sends an access token in place of a cookie."""

    @pytest.fixture
    def script(self, person: User) -> Client:
        _, plain = AccessToken.make(user=person, name="script")
        return Client(
            enforce_csrf_checks=True, headers={"Authorization": f"Bearer {plain}", "Accept": "*/*"}
        )

    def test_uploads_in_pieces(self, script: Client, clip: Path, person: User):
        address = tus_client.upload_in_pieces(script, clip, piece=clip.stat().st_size // 2)

        video = Video.objects.get()
        assert (video.owner, video.size_bytes) == (person, clip.stat().st_size)
        assert tus_client.head(script, address)["Upload-Video-Id"] == str(video.pk)

    def test_sends_captions_and_cancels(self, script: Client):
        address = tus_client.create(script, 10)["Location"]
        srt = SimpleUploadedFile("a.srt", b"1\n00:00:00,000 --> 00:00:01,000\nHello\n")

        assert script.post(f"{address}/captions", {"captions": srt}).status_code == 204
        assert Upload.objects.get().captions_filename == "a.srt"
        assert script.delete(address, headers=tus_client.TUS).status_code == 204
        assert not Upload.objects.exists()

    def test_that_can_only_post(self, script: Client):
        address = tus_client.create(script, 10)["Location"]
        headers = {**tus_client.TUS, "Upload-Offset": "0", "X-HTTP-Method-Override": "PATCH"}

        sent = script.post(address, b"abc", content_type=tus_client.BYTES, headers=headers)

        assert (sent.status_code, sent["Upload-Offset"]) == (204, "3")

    def test_that_may_only_read_asks_for_the_offset_and_sends_nothing(
        self, script: Client, person: User
    ):
        address = tus_client.create(script, 10)["Location"]
        _, plain = AccessToken.make(user=person, name="reader", scope=TokenScope.READ)
        reader = Client(headers={"Authorization": f"Bearer {plain}"})

        assert tus_client.head(reader, address)["Upload-Offset"] == "0"
        assert tus_client.patch(reader, address, b"abc", 0).status_code == 403
        assert tus_client.create(reader, 10).status_code == 403
        assert tus_client.head(script, address)["Upload-Offset"] == "0"

    def test_with_an_unknown_token_is_asked_for_one(self):
        stranger = Client(headers={"Authorization": "Bearer hdx_wrong"})

        refused = tus_client.create(stranger, 10)

        assert (refused.status_code, refused["WWW-Authenticate"]) == (401, "Bearer")


@pytest.mark.parametrize("value", ["partial", "final;/uploads/a /uploads/b"])
def test_parts_to_be_joined_are_refused_at_the_beginning(browser: Client, value: str):
    headers = {
        **tus_client.TUS,
        "Upload-Length": "10",
        "Upload-Metadata": tus_client.metadata(filename="a.mp4"),
        "Upload-Concat": value,
    }

    refused = browser.post("/uploads", headers=headers, content_type="application/octet-stream")

    assert (refused.status_code, refused.json()["error_code"]) == (422, "INVALID_INPUT")
    assert "Upload-Concat" in refused.json()["message"]
    assert not Upload.objects.exists()
