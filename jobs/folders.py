"""Working folders that tell by themselves whether somebody still works in them.

The worker holds a lock on a file in its folder. The system drops the lock with the process, however it ends, so a
folder whose lock can be taken is nobody's, at once and without a clock.
"""

import contextlib
import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

PREFIX = "job-"
LOCK = ".lock"
NEW_S = 60  # between a folder and the lock in it a moment passes


@contextlib.contextmanager
def working_folder(name: str) -> Iterator[Path]:
    """An empty folder for one job, removed with everything in it when the block ends; `name` is for the reader."""
    with tempfile.TemporaryDirectory(prefix=f"{PREFIX}{name}-", dir=settings.WORK_DIR) as folder:
        path = Path(folder, LOCK)
        with path.open("wb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield Path(folder)


def abandoned() -> Iterator[Path]:
    """Working folders of this machine whose process is gone."""
    for folder in Path(settings.WORK_DIR).glob(f"{PREFIX}*"):
        if _is_abandoned(folder):
            yield folder


def remove_abandoned() -> list[Path]:
    """Remove them; tells which."""
    gone = list(abandoned())
    for folder in gone:
        shutil.rmtree(folder, ignore_errors=True)
    return gone


def _is_abandoned(folder: Path) -> bool:
    try:
        lock = os.open(folder / LOCK, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return _age_s(folder) > NEW_S
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
