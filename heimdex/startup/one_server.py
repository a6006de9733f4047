"""One `manage.py serve` for each data folder: a second one would take the first one's jobs and write its files."""

import fcntl
import os
from pathlib import Path
from typing import IO

from heimdex.startup.private_files import make_private_file, make_private_folder

NAME = "serve.lock"


class AlreadyServedError(Exception):
    """Another process serves this data folder; the text says which."""


def holder_of(folder: Path) -> str:
    """Which process serves the data folder now; empty when none does."""
    try:
        hold_data_folder(folder, address="").close()
    except AlreadyServedError as exc:
        return str(exc)
    return ""


def hold_data_folder(folder: Path, *, address: str) -> IO[str]:
    """Lock the data folder for as long as the returned file is open. Raises AlreadyServedError.

    The system releases the lock when the process ends, however it ends.
    """
    make_private_folder(folder)
    path = folder / NAME
    make_private_file(path)
    file = path.open("a+", encoding="utf-8")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.seek(0)
        holder = file.read().strip()
        file.close()
        raise AlreadyServedError(holder) from None
    file.truncate(0)
    file.write(f"process {os.getpid()}, {address}")
    file.flush()
    return file
