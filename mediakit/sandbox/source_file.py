"""Kinds of sources: a plain file that is reached through no symbolic link, or the address of our own reader."""

import errno
import os
import re
import stat
from pathlib import PurePath

from mediakit.errors import InputError, MediaErrorCode
from mediakit.media_info import Source

_OUR_READER = re.compile(r"http://127\.0\.0\.1:\d+/")


def is_remote(source: Source) -> bool:
    """Whether the source is our own reader's address; any other string is a file's path."""
    return _OUR_READER.match(source) is not None


def absolute(path: str) -> str:
    """Return the absolute path, since children run in folders of their own; ".." is not resolved."""
    return os.path.join(os.getcwd(), path)  # noqa: PTH109, PTH118


def open_plain(path: str) -> int:
    """Open a plain file that is reached through no symbolic link, and return a descriptor for reading.

    Raises `InputError` SOURCE_NOT_PLAIN for a link anywhere on the way, "..", a folder or a device;
    FileNotFoundError when there is nothing.
    """
    parts = PurePath(absolute(path)).parts
    folder = os.open(parts[0], os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for part in parts[1:-1]:
            inner = _open_in(folder, part, _PATH_ONLY | os.O_DIRECTORY)
            os.close(folder)
            folder = inner
        # Opening a pipe would block until a writer opens it.
        found = _open_in(folder, parts[-1], os.O_RDONLY | os.O_NONBLOCK)
    finally:
        os.close(folder)
    if not stat.S_ISREG(os.fstat(found).st_mode):
        os.close(found)
        raise _not_plain()
    return found


_PATH_ONLY = getattr(os, "O_PATH", os.O_RDONLY)


def _open_in(folder: int, name: str, flags: int) -> int:
    if name == "..":
        raise _not_plain()
    try:
        return os.open(name, flags | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
    except OSError as error:
        if error.errno in {errno.ELOOP, errno.ENOTDIR, errno.ENXIO}:
            raise _not_plain() from error
        raise


def _not_plain() -> InputError:
    return InputError(MediaErrorCode.SOURCE_NOT_PLAIN, "The source is not a plain file.")
