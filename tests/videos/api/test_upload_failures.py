"""Uploads in pieces when something goes wrong: full disks, lost answers, dead requests, slow clients."""

import errno
import threading
import uuid
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client

from accounts.models import User
from core.errors import CoreCode, HeimdexError
from storage import files
from storage.sinks import upload_sink
from tests.factories import VideoFactory
from tests.services import Bucket
from tests.videos import tus_client
from videos import resumable_uploads, services
from videos.models import Upload, Video
from videos.uploads import upload_lease
from videos.uploads.upload_lease import UploadLease

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sent_messages")]


def test_a_full_disk_is_reported_and_the_upload_can_be_resumed(
    browser: Client, clip: Path, monkeypatch: pytest.MonkeyPatch
):
    data = clip.read_bytes()
    address = tus_client.create(browser, len(data))["Location"]
    tus_client.patch(browser, address, data[:100], 0)

    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "no room")

    with monkeypatch.context() as patch:
        patch.setattr("storage.sinks.local_sink.os.pwrite", full)
        response = tus_client.patch(browser, address, data[100:], 100)

    assert response.status_code == 507
    assert response.json()["error_code"] == "STORAGE_FULL"
    assert tus_client.head(browser, address)["Upload-Offset"] == "100"
    assert tus_client.patch(browser, address, data[100:], 100).status_code == 204
    assert Video.objects.count() == 1


def test_a_storage_without_room_refuses_at_once(browser: Client, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(files, "free_bytes", lambda: 9)

    response = tus_client.create(browser, 10)

    assert response.status_code == 507
    assert not Upload.objects.exists()


def test_an_unforeseen_error_has_the_same_shape(browser: Client, monkeypatch: pytest.MonkeyPatch):
    def fail(**_: object) -> None:
        raise RuntimeError("a secret detail")

    monkeypatch.setattr(resumable_uploads, "begin_upload", fail)

    response = tus_client.create(browser, 10)

    assert response.status_code == 500
    assert response.json()["error_code"] == "INTERNAL_ERROR"
    assert b"secret" not in response.content


def test_a_lost_answer_does_not_make_two_videos(browser: Client, clip: Path):
    """The last request worked but its answer never came: the client asks again and learns of the video."""
    address = tus_client.upload_in_pieces(browser, clip, piece=10**9)

    again = tus_client.patch(browser, address, b"x", clip.stat().st_size)

    assert again.status_code == 409
    assert tus_client.head(browser, address)["Upload-Video"] == f"/videos/{Video.objects.get().pk}"
    Video.objects.all().delete()
    assert tus_client.head(browser, address).status_code == 404


def test_a_crash_before_the_video_was_made_is_made_good(
    browser: Client, clip: Path, monkeypatch: pytest.MonkeyPatch
):
    """Every byte was stored, then the process died: the client sends the end again, and the video is made."""
    data = clip.read_bytes()
    address = tus_client.create(browser, len(data))["Location"]
    tus_client.patch(browser, address, data[:100], 0)

    def die(**_: object) -> None:
        raise HeimdexError(CoreCode.TOOL_MISSING)

    with monkeypatch.context() as patch:
        patch.setattr(services, "accept_source", die)
        assert tus_client.patch(browser, address, data[100:], 100).status_code == 503
    assert files.size(Upload.objects.get().storage_key) == len(data)
    assert tus_client.head(browser, address)["Upload-Offset"] == "100"

    assert tus_client.patch(browser, address, data[100:], 100).status_code == 204
    assert Video.objects.count() == 1


@pytest.mark.services
def test_an_upload_that_s3_forgot_starts_again(browser: Client, on_s3: Bucket):
    address = tus_client.create(browser, 1000)["Location"]
    upload = Upload.objects.get()
    upload_sink.abort(upload.storage_key, upload.sink_state)

    response = tus_client.patch(browser, address, b"x" * 1000, 0)

    assert response.status_code == 404
    assert not Upload.objects.exists()


def test_one_request_writes_at_a_time(browser: Client):
    address = tus_client.create(browser, 10)["Location"]
    upload = Upload.objects.get()

    with UploadLease(upload.pk):
        busy = tus_client.patch(browser, address, b"abc", 0)
        deleting = browser.delete(address, headers=tus_client.TUS)
        assert tus_client.head(browser, address).status_code == 200
    assert (busy.status_code, busy.json()["error_code"]) == (423, "UPLOAD_BUSY")
    assert deleting.status_code == 423
    assert tus_client.patch(browser, address, b"abc", 0).status_code == 204


def test_a_request_that_died_is_taken_over(browser: Client, monkeypatch: pytest.MonkeyPatch):
    address = tus_client.create(browser, 10)["Location"]
    upload = Upload.objects.get()
    monkeypatch.setattr(upload_lease, "LEASE_TIME", timedelta(seconds=-1))
    slow = UploadLease(upload.pk).__enter__()
    monkeypatch.undo()

    assert tus_client.patch(browser, address, b"abc", 0).status_code == 204

    with pytest.raises(HeimdexError, match="UPLOAD_BUSY"):
        slow.save(offset=9, state={})
    assert tus_client.head(browser, address)["Upload-Offset"] == "3"


def test_progress_is_kept_while_bytes_arrive(person: User, monkeypatch: pytest.MonkeyPatch):
    """A process killed in the middle of a long request costs at most two seconds of it."""
    monkeypatch.setattr(upload_lease, "SAVE_INTERVAL_S", 0)
    upload = resumable_uploads.begin_upload(owner=person, filename="talk.mp4", size_bytes=1_000_000)
    offsets: list[int] = []

    class Slow:
        def read(self, size: int, /) -> bytes:
            offsets.append(Upload.objects.get(pk=upload.pk).offset_bytes)
            return b"x" * min(size, 100_000)

    resumable_uploads.receive(upload, offset=0, stream=Slow(), length=400_000)

    assert offsets == [0, 0, 100_000, 200_000]
    assert Upload.objects.get().offset_bytes == 400_000


def test_a_taken_over_request_stops_writing(person: User, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(upload_lease, "SAVE_INTERVAL_S", 0)
    upload = resumable_uploads.begin_upload(owner=person, filename="talk.mp4", size_bytes=1_000_000)

    class Robbed:
        def read(self, size: int, /) -> bytes:
            Upload.objects.update(lease_token=uuid.uuid4())
            return b"x" * size

    with pytest.raises(HeimdexError, match="UPLOAD_BUSY"):
        resumable_uploads.receive(upload, offset=0, stream=Robbed(), length=900_000)

    assert Upload.objects.get().offset_bytes == 0


def test_a_client_that_leaves_keeps_what_arrived(browser: Client, person: User):
    upload = resumable_uploads.begin_upload(owner=person, filename="talk.mp4", size_bytes=1_000)

    class Leaving:
        def __init__(self) -> None:
            self.chunks = [b"x" * 300]

        def read(self, _size: int, /) -> bytes:
            if not self.chunks:
                raise OSError(errno.ECONNRESET, "gone")
            return self.chunks.pop()

    progress = resumable_uploads.receive(upload, offset=0, stream=Leaving(), length=1_000)

    assert progress == resumable_uploads.Progress(300)
    assert tus_client.head(browser, f"/uploads/{upload.pk}")["Upload-Offset"] == "300"


@pytest.mark.django_db(transaction=True)
def test_a_slow_upload_does_not_block_other_writes(person: User):
    """While bytes trickle in, another connection writes to the database at once."""
    upload = resumable_uploads.begin_upload(owner=person, filename="talk.mp4", size_bytes=1_000)
    reading, written = threading.Event(), threading.Event()

    class Trickle:
        def read(self, _size: int, /) -> bytes:
            reading.set()
            assert written.wait(20)
            return b""

    def receive() -> None:
        resumable_uploads.receive(upload, offset=0, stream=Trickle(), length=1_000)
        connection.close()

    thread = threading.Thread(target=receive)
    thread.start()
    assert reading.wait(20)
    VideoFactory()
    written.set()
    thread.join()

    assert Video.objects.count() == 1
