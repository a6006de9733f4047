"""Folders and database files that only the product's own user may read."""

from contextlib import suppress
from pathlib import Path


def make_private_folder(folder: Path) -> None:
    """Create the folder with mode 0700, and give that to one that is there."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with suppress(OSError):  # another user's, which is theirs to protect
        folder.chmod(0o700)


def make_private_file(file: Path) -> None:
    """Create the file with mode 0600, and give that to one that is there, and to SQLite's files beside it."""
    with suppress(OSError):  # a folder that cannot be written: opening the database says so
        file.touch(mode=0o600)
        file.chmod(0o600)
    for suffix in ("-wal", "-shm"):
        with suppress(OSError):
            file.with_name(file.name + suffix).chmod(0o600)
