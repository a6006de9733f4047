"""Files on a disk of this machine, under one root folder. Names become visible only when the bytes are whole."""

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
COPY_CHUNK = 1024**2
_TRIES = 5

T = TypeVar("T")


def is_local() -> bool:
    """Whether files lie on a disk of this machine, by `settings.STORAGES`."""
    return isinstance(default_storage, FileSystemStorage)


def root() -> Path:
    """The folder everything lies under."""
    return Path(default_storage.path(""))


def path_of(key: str) -> Path:
    """Where a key's file lies; a key that leads out of the root is refused (SuspiciousFileOperation)."""
    if not key or key.endswith("/"):
        raise ValueError(f"not a file's key: {key!r}")
    return Path(default_storage.path(key))


def save_file(key: str, path: Path) -> None:
    """Move a finished file to its key: renamed where that is possible, else copied under another name first."""
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
            shutil.copyfileobj(file, copy, COPY_CHUNK)
        path.unlink()


def save_bytes(key: str, data: bytes) -> None:
    """Write bytes to a key."""
    with atomic_write(path_of(key)) as file:
        file.write(data)


@contextlib.contextmanager
def atomic_write(target: Path) -> Iterator[IO[bytes]]:
    """A file beside the target that takes its name when the block ends well, and is removed when it does not."""
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
    """Open a file that only this user may read, its folders made where they are missing; `flags` as for `os.open`."""
    number = _in_folder(path.parent, lambda: os.open(path, flags | os.O_CLOEXEC, FILE_MODE))
    return os.fdopen(number, "wb")


def rename(path: Path, target: Path) -> None:
    """Give a file its final name, replacing what had it, and have the disk remember the name."""
    _in_folder(target.parent, lambda: path.replace(target))
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def delete(key: str) -> None:
    """Remove a file if it is there, and the folders it leaves empty."""
    path = path_of(key)
    path.unlink(missing_ok=True)
    _drop_empty(path.parent)


def delete_prefix(prefix: str) -> None:
    """Remove a folder with everything in it, if it is there."""
    folder = Path(default_storage.path(prefix))
    with contextlib.suppress(FileNotFoundError):
        shutil.rmtree(folder)
    _drop_empty(folder.parent)


def walk(prefix: str) -> Iterator[tuple[str, os.stat_result]]:
    """Key and facts of every file under a prefix that ends with a slash, half-written ones too."""
    top = root()
    for folder, _, names in os.walk(Path(default_storage.path(prefix))):
        for name in names:
            path = Path(folder, name)
            with contextlib.suppress(FileNotFoundError):  # gone meanwhile
                yield path.relative_to(top).as_posix(), path.lstat()


def _in_folder(folder: Path, act: Callable[[], T]) -> T:
    """Make the folder and act; once more when `delete` removed the folder, empty as it was, in between."""
    for _ in range(_TRIES):
        folder.mkdir(parents=True, exist_ok=True)
        try:
            return act()
        except FileNotFoundError:
            if folder.exists():
                raise
    raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(folder))


def _drop_empty(folder: Path) -> None:
    top = root()
    with contextlib.suppress(OSError):  # not empty, or gone already
        while folder != top and folder.is_relative_to(top):
            folder.rmdir()
            folder = folder.parent
