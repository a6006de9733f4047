"""Working folders and files that tell by themselves whether somebody still works on them.

The worker holds a lock on a file in its folder, or on its file. The system drops the lock with the process, however
it ends, so what can be locked is nobody's.
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
NEW_S = 60  # between making a thing and locking it a moment passes


@contextlib.contextmanager
def working_folder(name: str) -> Iterator[Path]:
    """An empty folder for one job, removed with everything in it when the block ends; `name` is for the reader."""
    with tempfile.TemporaryDirectory(prefix=f"{PREFIX}{name}-", dir=settings.WORK_DIR) as folder:
        path = Path(folder, LOCK)
        with path.open("wb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield Path(folder)


def hold(file: IO[bytes]) -> None:
    """Keep an open file of the work folder from being taken for abandoned until it is closed."""
    fcntl.flock(file, fcntl.LOCK_EX)


def abandoned() -> Iterator[Path]:
    """Working folders and uploaded files of this machine whose process is gone."""
    top = Path(settings.WORK_DIR)
    locks = {folder: folder / LOCK for folder in top.glob(f"{PREFIX}*")}
    locks |= {file: file for file in top.glob(f"*{UPLOAD_MARK}*")}
    for path, lock in locks.items():
        if _age_s(path) > NEW_S and _is_free(lock):
            yield path


def remove_abandoned() -> list[Path]:
    """Remove them; tells which."""
    gone = list(abandoned())
    for path in gone:
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    return gone


def _is_free(path: Path) -> bool:
    """Whether nobody holds a lock on it; a file that is not there is nobody's."""
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
