"""Files on a local disk, under one root folder. A file gets its final name only when it is complete."""

import contextlib
import errno
import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, TypeVar

from django.core.files.storage import FileSystemStorage, default_storage

FILE_MODE = 0o600
COPY_CHUNK_BYTES = 1024**2
_MAX_TRIES = 5

T = TypeVar("T")


def is_local() -> bool:
    """Whether `settings.STORAGES` selects the local disk."""
    return isinstance(default_storage, FileSystemStorage)


def root() -> Path:
    """Return the root folder of all stored files."""
    return Path(default_storage.path(""))


def path_of(key: str) -> Path:
    """Return the path of a key's file; raises SuspiciousFileOperation for a key that leads out of the root."""
    if not key or key.endswith("/"):
        raise ValueError(f"not a file's key: {key!r}")
    return Path(default_storage.path(key))


def save_file(key: str, path: Path) -> None:
    """Move a finished file to its key: by renaming, or by copying when it lies on another file system."""
    target = path_of(key)
    path.chmod(FILE_MODE)
    with path.open("rb") as file:
        os.fsync(file.fileno())
    try:
        rename(path, target)
    except OSError as exc:
        if exc.errno != errno.EXDEV:
            raise
        with path.open("rb") as file, atomic_write(target) as copy:
            shutil.copyfileobj(file, copy, COPY_CHUNK_BYTES)
        path.unlink()


def save_bytes(key: str, data: bytes) -> None:
    """Write bytes under a key."""
    with atomic_write(path_of(key)) as file:
        file.write(data)


@contextlib.contextmanager
def atomic_write(target: Path) -> Iterator[IO[bytes]]:
    """Yield a temporary file beside the target; it is renamed to the target on success and removed on an error."""
    temporary = target.with_name(f".{uuid.uuid4().hex}")
    try:
        with open_private(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        rename(temporary, target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def open_private(path: Path, flags: int) -> IO[bytes]:
    """Open a file for writing that only this user may read; creates missing folders. `flags` as for `os.open`."""
    number = _in_folder(path.parent, lambda: os.open(path, flags | os.O_CLOEXEC, FILE_MODE))
    return os.fdopen(number, "wb")


def rename(path: Path, target: Path) -> None:
    """Give a file its final name, replacing an existing file, and sync the folder to the disk."""
    _in_folder(target.parent, lambda: path.replace(target))
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def delete(key: str) -> None:
    """Delete a file if it exists, and the folders that are empty then."""
    path = path_of(key)
    path.unlink(missing_ok=True)
    _delete_empty_folders(path.parent)


def delete_prefix(prefix: str) -> None:
    """Delete a folder and its contents, if it exists."""
    folder = Path(default_storage.path(prefix))
    with contextlib.suppress(FileNotFoundError):
        shutil.rmtree(folder)
    _delete_empty_folders(folder.parent)


def walk(prefix: str) -> Iterator[tuple[str, os.stat_result]]:
    """Yield key and stat result of every file under a prefix that ends with a slash, also of unfinished files."""
    top = root()
    for folder, _, names in os.walk(Path(default_storage.path(prefix))):
        for name in names:
            path = Path(folder, name)
            with contextlib.suppress(FileNotFoundError):  # deleted in the meantime
                yield path.relative_to(top).as_posix(), path.lstat()


def _in_folder(folder: Path, act: Callable[[], T]) -> T:
    """Create the folder and call `act`; try again when `delete` removed the empty folder in between."""
    for _ in range(_MAX_TRIES):
        folder.mkdir(parents=True, exist_ok=True)
        try:
            return act()
        except FileNotFoundError:
            if folder.exists():
                raise
    raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(folder))


def _delete_empty_folders(folder: Path) -> None:
    top = root()
    with contextlib.suppress(OSError):  # not empty, or gone already
        while folder != top and folder.is_relative_to(top):
            folder.rmdir()
            folder = folder.parent
