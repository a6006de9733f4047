"""Resumable uploads on a local disk: one growing file under `incoming/`, renamed when it is whole."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from core.errors import CoreCode, HeimdexError
from storage import files, local
from storage.errors import StorageCode
from storage.failures import to_heimdex_error, translate_errors
from storage.sinks.upload_stream import (
    INCOMING,
    ProgressCallback,
    Received,
    State,
    Stream,
    UnfinishedUpload,
    chunks,
    folder,
    key_of,
)


def begin(_key: str, size_bytes: int) -> State:
    """STORAGE_FULL when the disk has no room for it."""
    free = files.free_bytes()
    if free is not None and free < size_bytes:
        raise HeimdexError(CoreCode.STORAGE_FULL)
    return {}


def append(
    key: str,
    state: State,
    *,
    offset: int,
    stream: Stream,
    length: int,
    on_progress: ProgressCallback,
) -> Received:
    """Write what arrives behind the first `offset` bytes, over what an earlier try may have left there."""
    try:
        file = local.open_private(_growing(key), os.O_WRONLY | os.O_CREAT)
    except OSError as exc:
        return Received(offset, state, to_heimdex_error(exc))
    with file:
        there = os.fstat(file.fileno()).st_size
        if there < offset:  # the machine lost power before the disk had all of it
            return Received(there, state, HeimdexError(StorageCode.UPLOAD_OFFSET_MISMATCH))
        for chunk in chunks(stream, length):
            on_progress(offset, state)
            try:
                _write(file, chunk, at=offset)
            except OSError as exc:
                return Received(offset, state, to_heimdex_error(exc))
            offset += len(chunk)
    return Received(offset, state)


def finish(key: str, size_bytes: int) -> None:
    """Have the disk keep every byte, and give the file its name."""
    with translate_errors():
        path = _growing(key)
        with path.open("r+b") as file:
            file.truncate(size_bytes)
            os.fsync(file.fileno())
        local.rename(path, local.path_of(key))
        local.delete_prefix(folder(key))


def abort(key: str) -> None:
    """Remove what has arrived."""
    files.delete_prefix(folder(key))


def list_unfinished() -> Iterator[UnfinishedUpload]:
    """The growing files of all uploads."""
    for file in files.listing(INCOMING):
        yield UnfinishedUpload(key_of(file.key), file.modified_at, file.size_bytes, file.key)


def _growing(key: str) -> Path:
    return local.path_of(f"{folder(key)}bytes")


def _write(file: IO[bytes], chunk: bytes, *, at: int) -> None:
    view = memoryview(chunk)
    while view:
        done = os.pwrite(file.fileno(), view, at)
        view, at = view[done:], at + done
