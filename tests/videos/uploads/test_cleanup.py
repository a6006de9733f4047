"""Abandoned uploads are removed with all their bytes, and nothing else is."""

import io
from datetime import timedelta
from typing import Self

import pytest
import time_machine
from django.core.management import call_command

from core.errors import HeimdexError
from jobs.clock import database_now
from storage import files
from storage.errors import StorageCode
from storage.sinks import upload_sink
from tests.factories import UploadFactory, UserFactory, VideoFactory
from tests.services import Bucket
from videos import resumable_uploads, services, tasks
from videos.models import Upload, Video
from videos.uploads import cleanup
from videos.uploads.upload_lease import UploadLease

pytestmark = pytest.mark.django_db


def _begun(*, filename: str = "talk.mp4", data: bytes = b"x" * 1_000) -> Upload:
    """An upload of 5,000 bytes of which some have arrived."""
    upload = resumable_uploads.begin_upload(
        owner=UserFactory(), filename=filename, size_bytes=5_000
    )
    resumable_uploads.receive(upload, offset=0, stream=io.BytesIO(data), length=len(data))
    return Upload.objects.get(pk=upload.pk)


def _age(upload: Upload, *, hours: float) -> None:
    Upload.objects.filter(pk=upload.pk).update(updated_at=database_now() - timedelta(hours=hours))


def test_an_abandoned_upload_goes_with_its_bytes(anywhere: str):
    old, young = _begun(filename="old.mp4"), _begun(filename="young.mp4")
    captions = "captions/1/a.srt"
    files.save_bytes(captions, b"words", content_type="text/plain")
    Upload.objects.filter(pk=old.pk).update(captions_key=captions)
    _age(old, hours=24.1)
    _age(young, hours=23.9)

    removed = cleanup.remove_abandoned_uploads(at=database_now())

    assert removed == [cleanup.RemovedItem("old.mp4", 1_000)]
    assert list(Upload.objects.all()) == [young]
    assert {found.key for found in upload_sink.list_unfinished()} == {young.storage_key}
    assert files.size(captions) is None


def test_progress_keeps_an_upload(anywhere: str):
    upload = _begun()
    _age(upload, hours=30)

    resumable_uploads.receive(upload, offset=1_000, stream=io.BytesIO(b"y"), length=1)

    assert cleanup.remove_abandoned_uploads(at=database_now()) == []


def test_a_leased_upload_stays():
    upload = _begun()
    _age(upload, hours=30)

    with UploadLease(upload.pk):
        assert cleanup.remove_abandoned_uploads(at=database_now()) == []

    assert len(cleanup.remove_abandoned_uploads(at=database_now())) == 1


@pytest.mark.parametrize("is_recorded", [True, False])
def test_the_video_made_of_an_upload_stays(is_recorded: bool):
    """Also when the process died after making the video and before saying so in the upload's row."""
    upload = UploadFactory(captions_key="captions/1/a.srt")
    Upload.objects.update(finished_at=database_now() if is_recorded else None)
    VideoFactory(id=upload.pk, owner=upload.owner, source_key=upload.storage_key)
    for key in (upload.storage_key, upload.captions_key):
        files.save_bytes(key, b"video", content_type="video/mp4")
    _age(upload, hours=25)

    cleanup.remove_abandoned_uploads(at=database_now())

    assert not Upload.objects.exists()
    assert Video.objects.count() == 1
    assert files.size(upload.storage_key) == files.size(upload.captions_key) == len(b"video")


def test_bytes_without_an_upload_go_after_a_while(anywhere: str):
    upload = _begun()
    Upload.objects.all().delete()

    assert cleanup.remove_abandoned_uploads(at=database_now()) == []
    later = database_now() + timedelta(minutes=61)
    removed = cleanup.remove_abandoned_uploads(at=later)

    assert removed
    assert all(upload.storage_key in item.name for item in removed)
    assert list(upload_sink.list_unfinished()) == []


@pytest.mark.services
def test_orphaned_s3_multipart_uploads_are_removed_too(on_s3: Bucket):
    client = on_s3.client()
    client.create_multipart_upload(Bucket=on_s3.name, Key="sources/1/half.mp4")

    cleanup.remove_abandoned_uploads(at=database_now() + timedelta(hours=2))

    assert client.list_multipart_uploads(Bucket=on_s3.name).get("Uploads", []) == []


def test_the_upload_of_a_request_whose_process_died_is_removed(anywhere: str):
    """The bytes of a video that came whole cannot be gone on with."""
    upload = _begun()
    Upload.objects.update(resumable=False, created_at=database_now() - timedelta(minutes=1))
    with UploadLease(upload.pk):
        assert cleanup.remove_abandoned_uploads(at=database_now()) == []

    assert len(cleanup.remove_abandoned_uploads(at=database_now())) == 1

    assert list(upload_sink.list_unfinished()) == []
    assert not Upload.objects.exists()


def test_a_request_that_is_just_beginning_is_left_alone(clip, upload, monkeypatch):
    """Between the insert of its row and its lease, an upload is unleased."""

    class Late(UploadLease):
        def __enter__(self) -> Self:
            assert cleanup.remove_abandoned_uploads(at=database_now()) == []
            return super().__enter__()

    monkeypatch.setattr(services, "UploadLease", Late)

    assert services.create_video(owner=UserFactory(), file=upload(clip)).source_key


def test_a_dry_run_only_tells(anywhere: str):
    upload = _begun()
    _age(upload, hours=25)

    removed = cleanup.remove_abandoned_uploads(at=database_now(), dry_run=True)

    assert removed == [cleanup.RemovedItem("talk.mp4", 1_000)]
    assert Upload.objects.count() == 1
    assert list(upload_sink.list_unfinished())


def test_a_storage_failure_does_not_stop_the_other_removals(monkeypatch: pytest.MonkeyPatch):
    stuck, fine = _begun(filename="stuck.mp4"), _begun(filename="fine.mp4")
    for upload in (stuck, fine):
        _age(upload, hours=25)
    abort = upload_sink.abort

    def refuse(key: str, state: dict[str, object]) -> None:
        if key == stuck.storage_key:
            raise HeimdexError(StorageCode.STORAGE_UNAVAILABLE)
        abort(key, state)

    with monkeypatch.context() as patch:
        patch.setattr(upload_sink, "abort", refuse)
        removed = cleanup.remove_abandoned_uploads(at=database_now())

    assert [item.name for item in removed] == ["fine.mp4"]
    assert [item.name for item in cleanup.remove_abandoned_uploads(at=database_now())] == [
        "stuck.mp4"
    ]


def test_the_command_and_the_schedule_do_the_same(capsys: pytest.CaptureFixture[str]):
    upload = _begun()
    _age(upload, hours=25)

    call_command("remove_abandoned_uploads", "--dry-run")
    assert "talk.mp4\t1000 bytes" in capsys.readouterr().out
    assert Upload.objects.count() == 1
    call_command("remove_abandoned_uploads")
    assert "removed: 1" in capsys.readouterr().out
    tasks.remove_abandoned_uploads()
    assert not Upload.objects.exists()


def test_only_the_databases_clock_decides():
    _begun()

    with time_machine.travel("2099-01-01 00:00:00+00:00"):
        assert cleanup.remove_abandoned_uploads(at=database_now()) == []
