"""Files move between folder and bucket, and none is removed before its copy was read back and compared."""

import os
import threading
from pathlib import Path

import pytest

from core.errors import HeimdexError
from exports.retention import files as retention
from storage import files, moving
from storage.errors import StorageCode
from storage.files import Fingerprint
from storage.moving import BucketPlace, Folder, Item, Journal, Mover
from tests.services import Bucket, free_port

pytestmark = [pytest.mark.services, pytest.mark.usefixtures("on_s3")]

STORED = {
    "sources/1/a.mp4": os.urandom(9_000_000),  # more than one part
    "captions/1/a.srt": b"words",
    "exports/1/empty.mp4": b"",
}


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """A folder with the stored files, an unfinished upload and an unfinished write."""
    for key, data in {**STORED, "incoming/b": b"half", "sources/1/.moving-c": b"half"}.items():
        path = tmp_path / "here" / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return Folder(tmp_path / "here")


def run(mover: Mover) -> dict[str, bool]:
    """Move all; whether each file was moved."""
    return {item.key: is_moved for item, is_moved in mover.move(list(mover.source.listing()))}


def test_every_prefix_of_stored_files_is_moved():
    assert set(moving.PREFIXES) == set(retention._REFERENCED) - {"health/"}


def test_there_and_back(folder: Folder, on_s3: Bucket, tmp_path: Path):
    assert run(Mover(folder, to_bucket=True, journal=None)) == dict.fromkeys(STORED, True)

    assert sorted(on_s3.keys()) == sorted(STORED)
    assert on_s3.client().head_object(Bucket=on_s3.name, Key="sources/1/a.mp4")["ContentType"] == (
        "video/mp4"
    )
    left = [path.relative_to(folder.root).as_posix() for path in folder.root.rglob("*")]
    assert {name for name in left if (folder.root / name).is_file()} == {
        "incoming/b",
        "sources/1/.moving-c",
    }
    assert "captions" not in left

    back = Folder(tmp_path / "back")
    assert run(Mover(back, to_bucket=False, journal=None)) == dict.fromkeys(STORED, True)
    for key, data in STORED.items():
        assert (back.root / key).read_bytes() == data
        assert (back.root / key).stat().st_mode & 0o777 == 0o600
    assert on_s3.keys() == []


def test_several_files_move_at_once_and_none_begins_after_a_failure(folder: Folder, monkeypatch):
    items = [Item(f"sources/1/{number}", 1, "") for number in range(100)]
    together, begun = threading.Barrier(moving.THREADS, timeout=20), []

    def move(_self: Mover, item: Item) -> bool:
        begun.append(item)
        if len(begun) <= moving.THREADS:
            together.wait()  # breaks unless so many run
        if item == items[1]:
            raise HeimdexError(StorageCode.STORAGE_UNAVAILABLE)
        return True

    monkeypatch.setattr(Mover, "_move", move)
    moved = Mover(folder, to_bucket=True, journal=None).move(items)

    assert next(moved) == (items[0], True)
    with pytest.raises(HeimdexError):
        next(moved)
    assert len(begun) <= moving.AHEAD + 1


def test_a_copy_that_is_not_equal_removes_nothing(folder: Folder, monkeypatch):
    sent = BucketPlace.send

    def damage(self: BucketPlace, key: str, path: Path) -> None:
        damaged = path.with_name(".damaged")
        damaged.write_bytes(path.read_bytes()[:-1] + b"?")
        sent(self, key, damaged)

    monkeypatch.setattr(BucketPlace, "send", damage)
    key = "captions/1/a.srt"

    assert run(Mover(folder, to_bucket=True, journal=None))[key] is False

    assert folder.path(key).read_bytes() == b"words"
    monkeypatch.undo()
    assert run(Mover(folder, to_bucket=True, journal=None))[key] is True
    assert files.read_bytes(key, limit=5) == b"words"


def test_a_copy_is_compared_once_and_again_when_its_source_changed(
    folder: Folder, tmp_path: Path, monkeypatch
):
    compared: list[str] = []
    fingerprint = BucketPlace.fingerprint

    def note(self: BucketPlace, key: str) -> Fingerprint:
        compared.append(key)
        return fingerprint(self, key)

    monkeypatch.setattr(BucketPlace, "fingerprint", note)

    def copy() -> None:
        journal = Journal(tmp_path / "journal")
        journal.read()
        run(Mover(folder, to_bucket=True, journal=journal))

    copy()
    assert sorted(set(compared)) == sorted(STORED)
    assert all(folder.path(key).exists() for key in STORED)

    compared.clear()
    with (tmp_path / "journal").open("a") as journal:
        journal.write('["sources/1/a.m')  # the machine stopped while it was written
    copy()
    assert compared == []

    folder.path("captions/1/a.srt").write_bytes(b"WORDS")
    copy()
    assert files.read_bytes("captions/1/a.srt", limit=5) == b"WORDS"


def test_a_file_that_is_gone_meanwhile_is_no_error(folder: Folder):
    mover = Mover(folder, to_bucket=True, journal=None)
    items = list(mover.source.listing())
    folder.delete("captions/1/a.srt")

    assert all(is_moved for _item, is_moved in mover.move(items))


def test_a_bucket_that_does_not_answer_removes_nothing(folder: Folder, settings):
    storage = settings.STORAGES["default"]
    address = {"endpoint_url": f"http://127.0.0.1:{free_port()}"}
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {**storage, "OPTIONS": {**storage["OPTIONS"], **address}},
    }

    with pytest.raises(HeimdexError):
        run(Mover(folder, to_bucket=True, journal=None))

    assert all(folder.path(key).exists() for key in STORED)
