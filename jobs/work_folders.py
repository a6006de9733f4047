"""Work folders of jobs, and temporary files of uploads, that are recognisably in use or abandoned.

A worker holds a lock on a file inside its folder, or on its file. The system releases the lock when the process ends,
however it ends, so a folder or file that can be locked is abandoned.
"""

import contextlib
import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from django.conf import settings

PREFIX = "job-"
UPLOAD_MARK = ".upload"  # Django's own, in the names of its temporary files
LOCK = ".lock"
GRACE_S = 60  # a new folder or file exists for a moment before it is locked


@contextlib.contextmanager
def work_folder(name: str) -> Iterator[Path]:
    """Make an empty folder for one job and remove it at the end; `name` becomes part of the folder's name."""
    with tempfile.TemporaryDirectory(prefix=f"{PREFIX}{name}-", dir=settings.WORK_DIR) as folder:
        path = Path(folder, LOCK)
        with path.open("wb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield Path(folder)


def lock_file(file: IO[bytes]) -> None:
    """Lock an open file of the work folder, so that it does not count as abandoned until it is closed."""
    fcntl.flock(file, fcntl.LOCK_EX)


def abandoned() -> Iterator[Path]:
    """Yield the work folders and uploaded files of this machine whose process has ended."""
    top = Path(settings.WORK_DIR)
    locks = {folder: folder / LOCK for folder in top.glob(f"{PREFIX}*")}
    locks |= {file: file for file in top.glob(f"*{UPLOAD_MARK}*")}
    for path, lock in locks.items():
        if _age_s(path) > GRACE_S and _is_unlocked(lock):
            yield path


def remove_abandoned() -> list[Path]:
    """Remove abandoned folders and files; return their paths."""
    gone = list(abandoned())
    for path in gone:
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    return gone


def _is_unlocked(path: Path) -> bool:
    """Return whether no process holds a lock on the file; true for a missing file."""
    try:
        lock = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return True
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(lock)
    return True


def _age_s(folder: Path) -> float:
    try:
        return time.time() - folder.stat().st_mtime
    except FileNotFoundError:  # its owner has just removed it
        return 0.0
