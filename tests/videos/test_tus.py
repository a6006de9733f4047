"""Resumable uploads over tus 1.0, as a browser speaks it."""

import base64
import errno
import threading
import uuid
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.utils import timezone
from django.utils.http import parse_http_date

from accounts.models import User
from heimdex.errors import HeimdexError
from storage import files, sink
from tests.factories import UserFactory, VideoFactory
from tests.services import Bucket
from videos import services, upload_lease, uploads
from videos.choices import VideoStatus
from videos.models import Upload, Video
from videos.upload_lease import UploadLease

pytestmark = pytest.mark.django_db

TUS = {"Tus-Resumable": "1.0.0"}
BYTES = "application/offset+octet-stream"


@pytest.fixture(autouse=True)
def woken(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """The ids a message was sent for."""
    sent: list[object] = []
    monkeypatch.setattr(services, "publish", sent.append)
    return sent


@pytest.fixture
def person() -> User:
    return UserFactory()


@pytest.fixture
def browser(client: Client, person: User) -> Client:
    client.force_login(person)
    return client


def _metadata(**facts: str) -> str:
    return ",".join(f"{k} {base64.b64encode(v.encode()).decode()}" for k, v in facts.items())


def _create(browser: Client, size: int | str, *, filename: str = "talk.mp4", **facts: str):
    headers = {
        **TUS,
        "Upload-Length": str(size),
        "Upload-Metadata": _metadata(filename=filename, **facts),
    }
    return browser.post("/uploads", headers=headers, content_type="application/octet-stream")


def _patch(browser: Client, address: str, data: bytes, offset: int, **headers: str):
    headers = {**TUS, "Upload-Offset": str(offset), **headers}
    return browser.patch(address, data, content_type=BYTES, headers=headers)


def _head(browser: Client, address: str):
    return browser.head(address, headers=TUS)


def test_what_is_spoken_here(client: Client):
    response = client.options("/uploads")

    assert response.status_code == 204
    assert response["Tus-Version"] == "1.0.0"
    assert response["Tus-Resumable"] == "1.0.0"
    assert set(response["Tus-Extension"].split(",")) == {"creation", "termination", "expiration"}
    assert response["Tus-Max-Size"] == str(django_settings.UPLOAD_MAX_BYTES)


def _upload_in_pieces(browser: Client, clip: Path, *, piece: int, **facts: str) -> str:
    data = clip.read_bytes()
    address = str(_create(browser, len(data), **facts)["Location"])
    for offset in range(0, len(data), piece):
        assert _head(browser, address)["Upload-Offset"] == str(offset)
        response = _patch(browser, address, data[offset : offset + piece], offset)
        assert response.status_code == 204, response.content
    return address


@pytest.fixture(params=["local", pytest.param("s3", marks=pytest.mark.services)])
def anywhere(request: pytest.FixtureRequest) -> None:
    """The test runs once on local files and once on S3."""
    if request.param == "s3":
        request.getfixturevalue("on_s3")


@pytest.mark.usefixtures("anywhere")
def test_from_bytes_to_a_video(
    browser: Client, clip: Path, woken: list[object], django_capture_on_commit_callbacks: Callable
):
    size = clip.stat().st_size

    with django_capture_on_commit_callbacks(execute=True):
        address = _upload_in_pieces(
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
    assert [str(pk) for pk in woken] == [str(video.pk)]
    assert list(sink.leftovers()) == []
    after = _head(browser, address)
    assert after["Upload-Offset"] == after["Upload-Length"] == str(size)
    assert after["Upload-Video"] == f"/videos/{video.pk}"


def test_the_last_answer_names_the_video(browser: Client, clip: Path):
    data = clip.read_bytes()
    address = _create(browser, len(data))["Location"]

    response = _patch(browser, address, data, 0)

    video = Video.objects.get()
    assert response["Upload-Offset"] == str(len(data))
    assert response["Upload-Video"] == f"/videos/{video.pk}"
    assert response["Upload-Video-Id"] == str(video.pk)
    assert "Upload-Expires" not in response


def test_creation_says_where_and_until_when(browser: Client):
    response = _create(browser, 1000)

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
    response = _create(browser, size, **facts)

    assert response.status_code == status
    assert response.json()["error_code"] == code
    assert response["Tus-Resumable"] == "1.0.0"
    assert not Upload.objects.exists()


def test_any_name_of_255_bytes_is_taken_without_its_path(browser: Client):
    name = "가" * 83 + ".m.mp4"
    assert len(name.encode()) == 255

    _create(browser, 10, filename=f"C:\\clips/{name}")

    assert Upload.objects.get().filename == name


def test_metadata_that_is_no_base64(browser: Client):
    headers = {**TUS, "Upload-Length": "10", "Upload-Metadata": "filename ???"}

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
    address = _create(browser, 10)["Location"]
    stranger = Client()

    assert _head(stranger, address).status_code == 401
    assert _create(stranger, 10).json()["error_code"] == "UNAUTHENTICATED"
    stranger.force_login(UserFactory())
    for response in (
        _head(stranger, address),
        _patch(stranger, address, b"x", 0),
        stranger.delete(address, headers=TUS),
        stranger.post(f"{address}/captions"),
        _head(browser, f"/uploads/{uuid.uuid4()}"),
    ):
        assert response.status_code == 404
    assert Upload.objects.get().offset_bytes == 0


def test_changes_need_the_csrf_token(person: User):
    guarded = Client(enforce_csrf_checks=True)
    guarded.force_login(person)
    guarded.get("/upload")
    token = guarded.cookies["csrftoken"].value

    assert _create(guarded, 10).status_code == 403
    headers = {**TUS, "Upload-Length": "10", "Upload-Metadata": _metadata(filename="a.mp4")}
    created = guarded.post("/uploads", headers={**headers, "X-CSRFToken": token})
    assert created.status_code == 201
    assert _patch(guarded, created["Location"], b"x", 0).status_code == 403
    patched = _patch(guarded, created["Location"], b"x", 0, **{"X-CSRFToken": token})
    assert patched.status_code == 204


def test_bytes_in_the_wrong_place(browser: Client):
    address = _create(browser, 10)["Location"]
    _patch(browser, address, b"abc", 0)

    response = _patch(browser, address, b"xyz", 0)

    assert response.status_code == 409
    assert response.json()["details"] == {"offset": 3}


def test_more_bytes_than_were_announced(browser: Client):
    address = _create(browser, 10)["Location"]

    assert _patch(browser, address, b"x" * 11, 0).status_code == 422
    assert Upload.objects.get().offset_bytes == 0


def test_another_content_type(browser: Client):
    address = _create(browser, 10)["Location"]

    response = browser.patch(
        address, b"x", content_type="video/mp4", headers={**TUS, "Upload-Offset": "0"}
    )

    assert response.status_code == 415


@pytest.mark.parametrize(("method", "where"), [("get", "list"), ("put", "list"), ("get", "item")])
def test_other_methods(browser: Client, method: str, where: str):
    address = "/uploads" if where == "list" else _create(browser, 10)["Location"]

    response = getattr(browser, method)(address, headers=TUS)

    assert response.status_code == 405
    assert response["Allow"]
    assert response.json()["error_code"] == "METHOD_NOT_ALLOWED"


def test_a_client_that_can_only_post(browser: Client):
    address = _create(browser, 10)["Location"]

    response = browser.post(
        address,
        b"abc",
        content_type=BYTES,
        headers={**TUS, "Upload-Offset": "0", "X-HTTP-Method-Override": "PATCH"},
    )

    assert response["Upload-Offset"] == "3"
    assert browser.options(address).status_code == 204


def test_giving_up_leaves_nothing(browser: Client, stored: Callable[[], list[str]]):
    address = _create(browser, 10)["Location"]
    _patch(browser, address, b"abc", 0)
    assert stored() != []

    assert browser.delete(address, headers=TUS).status_code == 204

    assert stored() == []
    assert _head(browser, address).status_code == 404


@pytest.mark.parametrize(
    ("data", "code"),
    [(b"these are words, not a film " * 50, "NOT_A_VIDEO"), (b"\0" * 5000, "NOT_A_VIDEO")],
)
def test_what_is_no_video_is_refused_and_leaves_nothing(
    browser: Client, stored: Callable[[], list[str]], data: bytes, code: str
):
    address = _create(browser, len(data))["Location"]
    srt = SimpleUploadedFile("a.srt", b"1\n00:00:00,000 --> 00:00:01,000\nWords.\n")
    assert browser.post(f"{address}/captions", {"captions": srt}).status_code == 204

    response = _patch(browser, address, data, 0)

    assert response.status_code == 422
    assert response.json()["error_code"] == code
    assert response.json()["message"]
    assert stored() == []
    assert not Upload.objects.exists()
    assert not Video.objects.exists()
    assert _head(browser, address).status_code == 404


def test_captions_travel_beside_the_video(browser: Client, clip: Path, stored: Callable):
    data = clip.read_bytes()
    address = _create(browser, len(data))["Location"]
    for name, words in (
        ("first.vtt", b"WEBVTT\n\n00:00.000 --> 00:01.000\nOld.\n"),
        ("second.srt", b"1\n00:00:00,000 --> 00:00:01,000\nWords.\n"),
    ):
        sent = SimpleUploadedFile(name, words)
        assert browser.post(f"{address}/captions", {"captions": sent}).status_code == 204
    _patch(browser, address, data, 0)

    video = Video.objects.get()
    assert video.captions_filename == "second.srt"
    assert stored() == sorted([video.source_key, video.captions_key])


def test_captions_that_come_late_are_given_to_the_video(browser: Client, clip: Path):
    address = _upload_in_pieces(browser, clip, piece=10**9)
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
        ("a.txt", b"words", "CAPTIONS_UNSUPPORTED"),
        ("a.srt", b"x" * (5 * 1024**2 + 1), "CAPTIONS_TOO_LARGE"),
    ],
)
def test_captions_that_cannot_be_read(browser: Client, name: str, data: bytes, code: str):
    address = _create(browser, 10)["Location"]

    sent = browser.post(f"{address}/captions", {"captions": SimpleUploadedFile(name, data)})
    none = browser.post(f"{address}/captions")

    assert sent.json()["error_code"] == code
    assert none.json()["error_code"] == "INVALID_INPUT"
    assert Upload.objects.get().captions_key == ""


def test_a_full_disk_is_told_and_the_upload_can_go_on(
    browser: Client, clip: Path, monkeypatch: pytest.MonkeyPatch
):
    data = clip.read_bytes()
    address = _create(browser, len(data))["Location"]
    _patch(browser, address, data[:100], 0)

    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "no room")

    with monkeypatch.context() as patch:
        patch.setattr("storage.sink_local.os.pwrite", full)
        response = _patch(browser, address, data[100:], 100)

    assert response.status_code == 507
    assert response.json()["error_code"] == "STORAGE_FULL"
    assert _head(browser, address)["Upload-Offset"] == "100"
    assert _patch(browser, address, data[100:], 100).status_code == 204
    assert Video.objects.count() == 1


def test_a_storage_without_room_refuses_at_once(browser: Client, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(files, "free_bytes", lambda: 9)

    response = _create(browser, 10)

    assert response.status_code == 507
    assert not Upload.objects.exists()


def test_an_unforeseen_error_has_the_same_shape(browser: Client, monkeypatch: pytest.MonkeyPatch):
    def fail(**_: object) -> None:
        raise RuntimeError("a secret detail")

    monkeypatch.setattr(uploads, "begin_upload", fail)

    response = _create(browser, 10)

    assert response.status_code == 500
    assert response.json()["error_code"] == "INTERNAL_ERROR"
    assert b"secret" not in response.content


def test_a_lost_answer_does_not_make_two_videos(browser: Client, clip: Path):
    """The last request worked but its answer never came: the client asks again and learns of the video."""
    address = _upload_in_pieces(browser, clip, piece=10**9)

    again = _patch(browser, address, b"x", clip.stat().st_size)

    assert again.status_code == 409
    assert _head(browser, address)["Upload-Video"] == f"/videos/{Video.objects.get().pk}"
    Video.objects.all().delete()
    assert _head(browser, address).status_code == 404


def test_a_crash_before_the_video_was_made_is_made_good(
    browser: Client, clip: Path, monkeypatch: pytest.MonkeyPatch
):
    """Every byte was stored, then the process died: the client sends the end again, and the video is made."""
    data = clip.read_bytes()
    address = _create(browser, len(data))["Location"]
    _patch(browser, address, data[:100], 0)

    def die(**_: object) -> None:
        raise HeimdexError("TOOL_MISSING")

    with monkeypatch.context() as patch:
        patch.setattr(services, "accept_source", die)
        assert _patch(browser, address, data[100:], 100).status_code == 503
    assert files.size(Upload.objects.get().storage_key) == len(data)
    assert _head(browser, address)["Upload-Offset"] == "100"

    assert _patch(browser, address, data[100:], 100).status_code == 204
    assert Video.objects.count() == 1


@pytest.mark.services
def test_an_upload_that_s3_forgot_starts_again(browser: Client, on_s3: Bucket):
    address = _create(browser, 1000)["Location"]
    upload = Upload.objects.get()
    sink.abort(upload.storage_key, upload.sink_state)

    response = _patch(browser, address, b"x" * 1000, 0)

    assert response.status_code == 404
    assert not Upload.objects.exists()


def test_one_request_writes_at_a_time(browser: Client):
    address = _create(browser, 10)["Location"]
    upload = Upload.objects.get()

    with UploadLease(upload.pk):
        busy = _patch(browser, address, b"abc", 0)
        deleting = browser.delete(address, headers=TUS)
        assert _head(browser, address).status_code == 200
    assert (busy.status_code, busy.json()["error_code"]) == (423, "UPLOAD_BUSY")
    assert deleting.status_code == 423
    assert _patch(browser, address, b"abc", 0).status_code == 204


def test_a_request_that_died_is_taken_over(browser: Client, monkeypatch: pytest.MonkeyPatch):
    address = _create(browser, 10)["Location"]
    upload = Upload.objects.get()
    monkeypatch.setattr(upload_lease, "LEASE", timedelta(seconds=-1))
    slow = UploadLease(upload.pk).__enter__()
    monkeypatch.undo()

    assert _patch(browser, address, b"abc", 0).status_code == 204

    with pytest.raises(HeimdexError, match="UPLOAD_BUSY"):
        slow.save(offset=9, state={})
    assert _head(browser, address)["Upload-Offset"] == "3"


def test_progress_is_kept_while_bytes_arrive(person: User, monkeypatch: pytest.MonkeyPatch):
    """A process killed in the middle of a long request costs at most two seconds of it."""
    monkeypatch.setattr(upload_lease, "TELL_S", 0)
    upload = uploads.begin_upload(owner=person, filename="talk.mp4", size_bytes=1_000_000)
    seen: list[int] = []

    class Slow:
        def read(self, size: int, /) -> bytes:
            seen.append(Upload.objects.get(pk=upload.pk).offset_bytes)
            return b"x" * min(size, 100_000)

    uploads.receive(upload, offset=0, stream=Slow(), length=400_000)

    assert seen == [0, 0, 100_000, 200_000]
    assert Upload.objects.get().offset_bytes == 400_000


def test_a_taken_over_request_stops_writing(person: User, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(upload_lease, "TELL_S", 0)
    upload = uploads.begin_upload(owner=person, filename="talk.mp4", size_bytes=1_000_000)

    class Robbed:
        def read(self, size: int, /) -> bytes:
            Upload.objects.update(lease_token=uuid.uuid4())
            return b"x" * size

    with pytest.raises(HeimdexError, match="UPLOAD_BUSY"):
        uploads.receive(upload, offset=0, stream=Robbed(), length=900_000)

    assert Upload.objects.get().offset_bytes == 0


def test_a_client_that_leaves_keeps_what_arrived(browser: Client, person: User):
    upload = uploads.begin_upload(owner=person, filename="talk.mp4", size_bytes=1_000)

    class Leaving:
        def __init__(self) -> None:
            self.chunks = [b"x" * 300]

        def read(self, _size: int, /) -> bytes:
            if not self.chunks:
                raise OSError(errno.ECONNRESET, "gone")
            return self.chunks.pop()

    progress = uploads.receive(upload, offset=0, stream=Leaving(), length=1_000)

    assert progress == uploads.Progress(300)
    assert _head(browser, f"/uploads/{upload.pk}")["Upload-Offset"] == "300"


@pytest.mark.django_db(transaction=True)
def test_a_slow_upload_blocks_nobody_elses_write(person: User):
    """While bytes trickle in, another connection writes to the database at once."""
    upload = uploads.begin_upload(owner=person, filename="talk.mp4", size_bytes=1_000)
    reading, written = threading.Event(), threading.Event()

    class Trickle:
        def read(self, _size: int, /) -> bytes:
            reading.set()
            assert written.wait(20)
            return b""

    def receive() -> None:
        uploads.receive(upload, offset=0, stream=Trickle(), length=1_000)
        connection.close()

    thread = threading.Thread(target=receive)
    thread.start()
    assert reading.wait(20)
    VideoFactory()
    written.set()
    thread.join()

    assert Video.objects.count() == 1


def test_the_limit_is_a_setting(browser: Client, settings):
    settings.UPLOAD_MAX_BYTES = 100

    assert _create(browser, 100).status_code == 201
    too_large = _create(browser, 101)
    assert too_large.status_code == 413
    assert too_large.json()["details"]["limit_bytes"] == 100
