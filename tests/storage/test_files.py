"""Stored files: the same promises on a local disk and on a real S3 server."""

import errno
import shutil
import stat
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.exceptions import SuspiciousFileOperation
from django.utils import timezone

from core.errors import HeimdexError
from storage import files, local
from tests.services import Bucket, free_port


def _put(key: str, data: bytes = b"words") -> None:
    files.save_bytes(key, data, content_type="text/plain")


def test_bytes_come_back(anywhere: str):
    _put("captions/1/a.srt", b"one")
    _put("captions/1/a.srt", b"two")

    assert files.read_bytes("captions/1/a.srt", limit=3) == b"two"
    assert files.size("captions/1/a.srt") == 3


def test_a_file_is_moved_in(anywhere: str, tmp_path: Path):
    made = tmp_path / "made.mp4"
    made.write_bytes(b"x" * 9_000_000)

    files.save_file("exports/1/a.mp4", made, content_type="video/mp4")

    assert files.size("exports/1/a.mp4") == 9_000_000


def test_what_is_not_there(anywhere: str):
    assert files.size("sources/1/none.mp4") is None
    files.delete("sources/1/none.mp4", "", "sources/1/neither.mp4")
    files.delete_prefix("thumbnails/1/none/")
    assert list(files.listing("thumbnails/")) == []
    with pytest.raises(HeimdexError, match="SOURCE_MISSING"):
        files.read_bytes("sources/1/none.mp4", limit=10)


def test_a_larger_file_than_expected_is_not_read(anywhere: str):
    _put("captions/1/a.srt", b"12345")

    with pytest.raises(ValueError, match="larger than 4 bytes"):
        files.read_bytes("captions/1/a.srt", limit=4)


def test_delete_and_listing(anywhere: str):
    for number in range(3):
        _put(f"thumbnails/1/video/run/{number}.jpg", b"jpg")
    _put("thumbnails/1/video2/run/0.jpg")
    _put("stills/1/other.jpg")

    listed = list(files.listing("thumbnails/"))
    assert sorted(f.key for f in listed) == [
        *(f"thumbnails/1/video/run/{number}.jpg" for number in range(3)),
        "thumbnails/1/video2/run/0.jpg",
    ]
    assert {f.size_bytes for f in listed} == {3, 5}
    assert all(abs(f.modified_at - timezone.now()) < timedelta(minutes=1) for f in listed)
    files.delete("thumbnails/1/video/run/0.jpg")
    assert len(list(files.listing("thumbnails/1/video/"))) == 2
    files.delete_prefix("thumbnails/1/video/")
    assert [f.key for f in files.listing("thumbnails/")] == ["thumbnails/1/video2/run/0.jpg"]
    assert files.size("stills/1/other.jpg") == 5


@pytest.mark.parametrize("prefix", ["", "/", "thumbnails"])
def test_only_folders_are_listed_or_removed_whole(prefix: str):
    with pytest.raises(ValueError, match="prefix"):
        files.delete_prefix(prefix)
    with pytest.raises(ValueError, match="prefix"):
        list(files.listing(prefix))


def test_a_local_file_is_private_and_leaves_no_empty_folders():
    _put("exports/7/a.mp4")

    path = local.path_of("exports/7/a.mp4")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    files.delete("exports/7/a.mp4")
    assert not path.parent.parent.exists()
    assert local.root().exists()


@pytest.mark.parametrize("key", ["../outside.txt", "/etc/passwd", "exports/../../outside"])
def test_a_key_cannot_lead_outside(key: str):
    with pytest.raises(SuspiciousFileOperation):
        _put(key)


def test_a_file_from_another_disk_is_copied(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    made = tmp_path / "made.mp4"
    made.write_bytes(b"video")
    replace = Path.replace

    def across_disks(self: Path, target: Path) -> Path:
        if self == made:
            raise OSError(errno.EXDEV, "other disk")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", across_disks)

    files.save_file("exports/1/a.mp4", made, content_type="video/mp4")

    assert files.read_bytes("exports/1/a.mp4", limit=10) == b"video"
    assert not made.exists()


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (errno.ENOSPC, "STORAGE_FULL"),
        (errno.EDQUOT, "STORAGE_FULL"),
        (errno.EACCES, "STORAGE_UNAVAILABLE"),
        (errno.EIO, "STORAGE_UNAVAILABLE"),
    ],
)
def test_a_refusing_disk_is_told_and_leaves_nothing(
    monkeypatch: pytest.MonkeyPatch, number: int, code: str
):
    def refuse(_descriptor: int) -> None:
        raise OSError(number, "refused")

    monkeypatch.setattr("storage.local.os.fsync", refuse)

    with pytest.raises(HeimdexError, match=code):
        _put("exports/1/a.mp4")

    assert list(files.listing("exports/")) == []


def test_a_root_that_cannot_be_written_is_told(tmp_path: Path):
    blocked = local.root()
    blocked.parent.mkdir(parents=True, exist_ok=True)
    blocked.write_bytes(b"a file where the folder should be")

    with pytest.raises(HeimdexError, match="STORAGE_UNAVAILABLE"):
        _put("exports/1/a.mp4")


def test_a_folder_removed_in_between_is_made_again(monkeypatch: pytest.MonkeyPatch):
    made = Path.mkdir
    spoiled = iter([True, False, False, False])

    def spoil(self: Path, *args: object, **options: object) -> None:
        made(self, parents=True, exist_ok=True)
        if next(spoiled, False):
            shutil.rmtree(self)

    monkeypatch.setattr(Path, "mkdir", spoil)

    _put("exports/1/a.mp4")

    assert files.size("exports/1/a.mp4") == 5


def test_free_room_is_known_locally():
    room = files.free_bytes()

    assert room is not None
    assert room > 0


@pytest.mark.services
def test_s3_files_are_private_and_keep_their_type(on_s3: Bucket):
    files.save_bytes("exports/1/a.mp4", b"video", content_type="video/mp4")

    head = on_s3.client().head_object(Bucket=on_s3.name, Key="exports/1/a.mp4")
    assert head["ContentType"] == "video/mp4"
    assert files.free_bytes() is None
    assert not local.is_local()


@pytest.mark.services
def test_many_objects_go_in_batches(on_s3: Bucket, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(files, "_DELETE_BATCH", 2)
    keys = [f"stills/1/{number}.jpg" for number in range(5)]
    for key in keys:
        _put(key)

    files.delete(*keys, "stills/1/missing.jpg")

    assert on_s3.keys() == []


def test_an_s3_server_that_is_away_is_told(settings):
    away = Bucket(f"http://127.0.0.1:{free_port()}", "heimdex", "test:tester", "secret")
    settings.STORAGES = {**settings.STORAGES, "default": away.storage()}

    for attempt in (
        lambda: _put("a/b.txt"),
        lambda: files.size("a/b.txt"),
        lambda: files.read_bytes("a/b.txt", limit=5),
        lambda: files.delete("a/b.txt"),
        lambda: list(files.listing("a/")),
    ):
        with pytest.raises(HeimdexError, match="STORAGE_UNAVAILABLE"):
            attempt()


@pytest.mark.services
def test_a_wrong_secret_is_told(settings, s3_server: Bucket):
    storage = s3_server.storage()
    storage["OPTIONS"]["secret_key"] = "another"
    settings.STORAGES = {**settings.STORAGES, "default": storage}

    with pytest.raises(HeimdexError, match="STORAGE_UNAVAILABLE"):
        files.size("a/b.txt")
