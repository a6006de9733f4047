"""Moves stored files between a folder and the bucket of `settings.STORAGES`; a run that was interrupted goes on.

A file counts as moved when the bytes that were read back from the target have the SHA-256 of the source's. Only then is
the source's file removed, or with `keep` noted in a journal, so that the next run does not read it again. A file that
is written has its final name only when it is complete.
"""

import contextlib
import hashlib
import json
import mimetypes
import os
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from core.errors import HeimdexError
from storage import files, local, s3
from storage.errors import StorageCode
from storage.failures import translate_errors
from storage.files import Fingerprint

PREFIXES = (
    *(
        "captions/",
        "exports/",
        "finish/",
        "logos/",
        "proxies/",
        "sources/",
        "stills/",
        "thumbnails/",
    ),
)
"""Everything that is stored for good; unfinished uploads are not."""

# Small files mostly wait for the S3 server. Each thread moves one file; boto3 sends the parts of it in up to ten more.
THREADS = 8
# How many files are begun or wait for a thread: a large one holds up the others no longer than that.
AHEAD = 4 * THREADS
_CHUNK_BYTES = 1024**2
_UNFINISHED = ".moving-"


@dataclass(frozen=True, slots=True)
class Item:
    """A file to be moved: its size in bytes, and a mark that changes with its content (a time)."""

    key: str
    size_bytes: int
    mark: str


class Place(Protocol):
    """A folder or a bucket."""

    def listing(self) -> Iterator[Item]:
        """All files that are stored for good."""

    def size(self, key: str) -> int | None:
        """The file's size in bytes; None when it does not exist."""

    def fingerprint(self, key: str) -> Fingerprint:
        """Read the file. SOURCE_MISSING when it does not exist."""

    def delete(self, key: str) -> None:
        """Delete the file if it exists."""


@dataclass(frozen=True, slots=True)
class Folder:
    """The files below a folder."""

    root: Path

    def listing(self) -> Iterator[Item]:
        """All files but those of unfinished writes, which begin with a dot."""
        for prefix in PREFIXES:
            for folder, _, names in os.walk(self.root / prefix):
                for name in sorted(names):
                    path = Path(folder, name)
                    if not name.startswith(".") and path.is_file() and not path.is_symlink():
                        facts = path.stat()
                        key = path.relative_to(self.root).as_posix()
                        yield Item(key, facts.st_size, str(facts.st_mtime_ns))

    def size(self, key: str) -> int | None:
        """The file's size in bytes; None when it does not exist."""
        path = self.path(key)
        return path.stat().st_size if path.is_file() else None

    def fingerprint(self, key: str) -> Fingerprint:
        """Read the file. SOURCE_MISSING when it does not exist."""
        try:
            return files.fingerprint_of(self.path(key))
        except FileNotFoundError:
            raise HeimdexError(StorageCode.SOURCE_MISSING) from None

    def delete(self, key: str) -> None:
        """Delete the file if it exists, and the folders that are empty then."""
        path = self.path(key)
        path.unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # not empty
            while (path := path.parent) != self.root:
                path.rmdir()

    def path(self, key: str) -> Path:
        """Where a key's file lies. ValueError for a key that leads out of the folder."""
        path = (self.root / key).resolve()
        if not path.is_relative_to(self.root.resolve()):
            raise ValueError(f"not a key below {self.root}: {key!r}")
        return path

    def fetch(self, key: str) -> Fingerprint:
        """Write the bucket's file under the same key; returns the fingerprint of what the bucket sent."""
        target = self.path(key)
        unfinished = target.with_name(f"{_UNFINISHED}{target.name}")
        digest, count = hashlib.sha256(), 0
        with local.open_private(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC) as file:
            for chunk in files.read_chunks(key):
                digest.update(chunk)
                count += len(chunk)
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        local.rename(unfinished, target)
        return Fingerprint(count, digest.hexdigest())


class BucketPlace:
    """The files of the bucket that `settings.STORAGES` names."""

    def listing(self) -> Iterator[Item]:
        """All files that are stored for good."""
        for prefix in PREFIXES:
            for file in files.listing(prefix):
                yield Item(file.key, file.size_bytes, file.modified_at.isoformat())

    def size(self, key: str) -> int | None:
        """The file's size in bytes; None when it does not exist."""
        return files.size(key)

    def fingerprint(self, key: str) -> Fingerprint:
        """Read the file. SOURCE_MISSING when it does not exist."""
        return files.fingerprint(key)

    def delete(self, key: str) -> None:
        """Delete the file if it exists."""
        files.delete(key)

    def send(self, key: str, path: Path) -> None:
        """Send a local file, after ending what an interrupted run had begun to send of it."""
        client, bucket = s3.remote()
        begun = client.list_multipart_uploads(Bucket=bucket, Prefix=key).get("Uploads", ())
        for upload in begun:
            if upload["Key"] == key:
                client.abort_multipart_upload(Bucket=bucket, Key=key, UploadId=upload["UploadId"])
        content_type = mimetypes.guess_type(key)[0] or "application/octet-stream"
        client.upload_file(str(path), bucket, key, ExtraArgs={"ContentType": content_type})


@dataclass(slots=True)
class Journal:
    """Which files were copied and compared, one JSON line each, so that the next run does not read them again."""

    path: Path
    _noted: set[tuple[str, int, str]] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def read(self) -> None:
        """Read what earlier runs noted; a line that was cut off is ignored."""
        with contextlib.suppress(FileNotFoundError):
            for line in self.path.read_text(encoding="utf-8").splitlines():
                with contextlib.suppress(ValueError):
                    key, size_bytes, mark = json.loads(line)
                    self._noted.add((key, size_bytes, mark))

    def has(self, item: Item) -> bool:
        """Whether this file, as it is now, was compared."""
        return (item.key, item.size_bytes, item.mark) in self._noted

    def note(self, item: Item) -> None:
        """Note a file that was compared."""
        line = json.dumps([item.key, item.size_bytes, item.mark], ensure_ascii=False)
        with self._lock, self.path.open("a", encoding="utf-8") as file:
            file.write(f"{line}\n")


class Mover:
    """Moves or copies files from one place to the other, THREADS at a time."""

    def __init__(self, folder: Folder, *, to_bucket: bool, journal: Journal | None) -> None:
        self._folder, self._bucket, self._to_bucket = folder, BucketPlace(), to_bucket
        self._journal = journal  # None: files are removed at the source
        self.source: Place = folder if to_bucket else self._bucket
        self.target: Place = self._bucket if to_bucket else folder

    def move(self, items: Iterable[Item]) -> Iterator[tuple[Item, bool]]:
        """Move files; yields each in their order with whether it is at the target now. A file that is gone meanwhile
        counts as moved.

        HeimdexError when a place does not answer or is full: what is begun is then ended, and nothing else begins.
        """
        running: deque[tuple[Item, Future[bool]]] = deque()
        with ThreadPoolExecutor(THREADS, "move") as pool:
            try:
                for item in items:
                    running.append((item, pool.submit(copy_context().run, self._move, item)))
                    if len(running) >= AHEAD:
                        yield _result(*running.popleft())
                while running:
                    yield _result(*running.popleft())
            finally:
                for _, future in running:
                    future.cancel()

    def _move(self, item: Item) -> bool:
        if self._journal and self._journal.has(item) and self._is_there(item):
            return True
        try:
            is_equal = self._copy(item.key, is_there=self._is_there(item))
        except HeimdexError as error:
            is_gone = error.code is StorageCode.SOURCE_MISSING
            if is_gone and self.source.size(item.key) is None:
                return True
            raise
        if is_equal and self._journal:
            self._journal.note(item)
        elif is_equal:
            self.source.delete(item.key)
        return is_equal

    def _copy(self, key: str, *, is_there: bool) -> bool:
        """Copy a file unless the target has it already; whether what is read back from the target is equal."""
        if is_there and self.target.fingerprint(key) == self.source.fingerprint(key):
            return True
        if self._to_bucket:
            wanted = self._folder.fingerprint(key)
            self._bucket.send(key, self._folder.path(key))
        else:
            wanted = self._folder.fetch(key)
        return self.target.fingerprint(key) == wanted

    def _is_there(self, item: Item) -> bool:
        return self.target.size(item.key) == item.size_bytes


def _result(item: Item, future: Future[bool]) -> tuple[Item, bool]:
    with translate_errors():
        return item, future.result()
