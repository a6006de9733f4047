"""Only expired and deleted exports lose their file, and orphaned files are removed."""

import os
from datetime import timedelta
from io import StringIO
from uuid import uuid4

import pytest
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.utils import timezone

from core.errors import HeimdexError
from exports import tasks
from exports.choices import ExportStatus
from exports.models import Export
from exports.retention import files as retention
from exports.storage_keys import attempt_key, parse_attempt_key
from jobs import work_folders
from jobs.clock import database_now
from jobs.work_folders import LOCK, work_folder
from storage import files, s3
from storage.errors import StorageCode
from tests.factories import ExportFactory, SceneFactory, UploadFactory, VideoFactory
from videos.storage_keys import new_thumbnails_folder

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def store(key: str, *, age: timedelta = timedelta()) -> str:
    files.save_bytes(key, b"bytes", content_type="video/mp4")
    then = (timezone.now() - age).timestamp()
    os.utime(default_storage.path(key), (then, then))
    return key


def run(command: str, *args: str) -> str:
    out = StringIO()
    call_command(command, *args, stdout=out)
    return out.getvalue()


@pytest.fixture
def two():
    """An expired export and one that is not expired, both with files."""
    over = ExportFactory(completed=True, expires_at=timezone.now() - HOUR)
    fresh = ExportFactory(completed=True)
    store(over.file_key)
    store(fresh.file_key)
    return over, fresh


def test_expiry_removes_the_file_and_keeps_the_row(two):
    over, fresh = two

    tasks.expire_exports()

    assert not default_storage.exists(over.file_key)
    assert default_storage.exists(fresh.file_key)
    row = Export.objects.get(pk=over.pk)
    assert (row.status, row.file_key) == (ExportStatus.COMPLETED, "")
    assert row.is_expired(at=timezone.now())


def test_expiry_can_be_run_twice(two):
    tasks.expire_exports()
    tasks.expire_exports()

    assert retention.remove_expired_files(at=database_now()) == []


def test_expiry_takes_no_more_queries_for_more_files(count_queries):
    def expire(count: int) -> int:
        for export in ExportFactory.create_batch(
            count, completed=True, expires_at=timezone.now() - HOUR
        ):
            store(export.file_key)
        return count_queries(tasks.expire_exports)

    assert expire(1) == expire(40)
    assert not Export.objects.exclude(file_key="").exists()


def test_expiry_by_command(two):
    over, _fresh = two

    dry = run("expire_exports", "--dry-run")
    assert over.file_key in dry
    assert "would be removed: 1" in dry
    assert default_storage.exists(over.file_key)

    assert "removed: 1" in run("expire_exports")
    assert not default_storage.exists(over.file_key)


def test_one_file_that_cannot_be_removed_keeps_no_other(two, monkeypatch):
    over, _fresh = two
    other = ExportFactory(completed=True, expires_at=timezone.now() - HOUR)
    store(other.file_key)
    delete = files.delete

    def stubborn(*keys: str) -> None:
        if over.file_key in keys:
            raise HeimdexError(StorageCode.STORAGE_UNAVAILABLE)
        delete(*keys)

    monkeypatch.setattr(files, "delete", stubborn)

    tasks.expire_exports()

    assert Export.objects.get(pk=over.pk).file_key
    assert not default_storage.exists(other.file_key)


@pytest.fixture
def named() -> list[str]:
    """An old file for every column that names one."""
    scene = SceneFactory(thumbnail_key="thumbnails/1/v/a/1.jpg")
    video = VideoFactory(captions_key="captions/1/v.srt", thumbnail_key="thumbnails/1/v/a/0.jpg")
    upload = UploadFactory(captions_key="captions/1/u.srt")
    export = ExportFactory(completed=True)
    keys = [scene.thumbnail_key, video.captions_key, video.thumbnail_key, upload.captions_key]
    keys += [video.source_key, upload.storage_key, export.file_key]
    keys.append(f"stills/1/{video.pk}/blur-100.jpg")
    return [store(key, age=5 * HOUR) for key in keys]


def test_orphans_are_removed_and_named_files_stay(named):
    lost = [
        store(f"{folder}/{uuid4()}{suffix}", age=2 * HOUR)
        for folder, suffix in (
            ("exports/1", f".{uuid4().hex}.mp4"),
            ("exports/1", ".mp4"),
            ("sources/1", ".mp4"),
            ("captions/1", ".srt"),
            ("thumbnails/1/v/b", ".jpg"),
            (f"stills/1/{uuid4()}", ".jpg"),
            ("stills/1/no-id", ".jpg"),
            ("health", ""),
        )
    ]
    young = store(f"sources/1/{uuid4()}.mp4", age=HOUR / 30)
    elsewhere = store("incoming/1/part", age=5 * HOUR)

    tasks.remove_orphaned_files()

    assert not [key for key in lost if default_storage.exists(key)]
    assert all(default_storage.exists(key) for key in [*named, young, elsewhere])


def test_stills_are_a_cache_of_a_day():
    video = VideoFactory()
    stale = store(f"stills/1/{video.pk}/blur-0.jpg", age=25 * HOUR)

    tasks.remove_orphaned_files()

    assert not default_storage.exists(stale)


def test_each_user_keeps_the_newest_stills(monkeypatch):
    monkeypatch.setattr(retention, "STILLS_PER_USER", 2)
    video = VideoFactory()
    mine = [store(f"stills/1/{video.pk}/blur-{n}.jpg", age=timedelta(minutes=n)) for n in range(4)]
    other = store(f"stills/2/{video.pk}/blur-9.jpg", age=timedelta(minutes=9))

    tasks.remove_orphaned_files()

    assert [default_storage.exists(key) for key in mine] == [True, True, False, False]
    assert default_storage.exists(other)


def test_orphans_by_command(named):
    lost = store("exports/1/lost.mp4", age=2 * HOUR)

    dry = run("remove_orphaned_files", "--dry-run")
    assert lost in dry
    assert "would be removed: 1" in dry
    assert default_storage.exists(lost)

    assert "removed: 1" in run("remove_orphaned_files")
    assert not default_storage.exists(lost)


def test_folders_of_killed_workers_are_removed(settings, monkeypatch):
    monkeypatch.setattr(work_folders, "GRACE_S", -1)
    lost = settings.WORK_DIR / "job-export-lost"
    lost.mkdir()
    (lost / LOCK).touch()

    with work_folder("export") as used:
        dry = run("remove_orphaned_files", "--dry-run")
        assert f"{lost}\n" in dry
        assert "working folders would be removed: 1" in dry
        assert "working folders removed: 1" in run("remove_orphaned_files")
        assert list(settings.WORK_DIR.iterdir()) == [used]


def test_only_a_running_attempts_file_is_left_alone():
    export = ExportFactory(processing=True, claim_token=uuid4())
    going_on = store(attempt_key(export, export.claim_token), age=HOUR)
    superseded = store(attempt_key(export, uuid4()), age=timedelta())
    ended = ExportFactory(failed=True)
    failed = store(attempt_key(ended, uuid4()), age=timedelta())

    tasks.remove_orphaned_files()

    there = [default_storage.exists(key) for key in (going_on, superseded, failed)]
    assert there == [True, False, False]


def test_an_attempt_that_ends_well_between_two_questions_keeps_its_file(monkeypatch):
    export = ExportFactory(processing=True, claim_token=uuid4())
    key = store(attempt_key(export, export.claim_token), age=HOUR)

    def finish_first(key: str):
        Export.objects.filter(pk=export.pk).update(
            status="completed",
            claim_token=None,
            file_key=key,
            file_size_bytes=5,
            duration_ms=1,
            completed_at=timezone.now(),
        )
        return parse_attempt_key(key)

    monkeypatch.setattr(retention, "parse_attempt_key", finish_first)

    tasks.remove_orphaned_files()

    assert default_storage.exists(key)


@pytest.mark.services
def test_uploads_in_parts_of_dead_attempts_are_removed(on_s3):
    export = ExportFactory(processing=True, claim_token=uuid4())
    keys = {
        "going on": attempt_key(export, export.claim_token),
        "dead": attempt_key(export, uuid4()),
    }
    client, bucket = s3.remote()
    for key in keys.values():
        client.create_multipart_upload(Bucket=bucket, Key=key)

    tasks.remove_orphaned_files()

    left = client.list_multipart_uploads(Bucket=bucket).get("Uploads", [])
    assert [item["Key"] for item in left] == [keys["going on"]]
    export.delete()
    tasks.remove_orphaned_files()
    assert "Uploads" not in client.list_multipart_uploads(Bucket=bucket)


def test_thumbnails_of_a_running_import_are_left_alone():
    video = VideoFactory(processing=True, claim_token=uuid4())
    folder = new_thumbnails_folder(video)
    going_on = store(f"{folder}0.jpg", age=5 * HOUR)
    superseded = store(f"thumbnails/{video.owner_id}/{video.pk}/{uuid4().hex}/0.jpg", age=HOUR)

    tasks.remove_orphaned_files()

    assert [default_storage.exists(key) for key in (going_on, superseded)] == [True, False]


def test_many_files_are_looked_up_in_batches(monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(retention, "BATCH_ROWS", 2)
    for number in range(5):
        store(f"exports/1/{number}.mp4", age=2 * HOUR)

    with django_assert_num_queries(3):
        assert len(retention.remove_orphaned_files(at=timezone.now())) == 5


def test_an_orphan_that_cannot_be_removed_waits_for_the_next_run(monkeypatch):
    lost = store("exports/1/lost.mp4", age=2 * HOUR)

    def refuse(*_keys: str) -> None:
        raise HeimdexError(StorageCode.STORAGE_UNAVAILABLE)

    monkeypatch.setattr(files, "delete", refuse)

    assert retention.remove_orphaned_files(at=timezone.now()) == []
    assert default_storage.exists(lost)
