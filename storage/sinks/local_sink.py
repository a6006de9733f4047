"""Resumable uploads to a local disk: one growing file under `incoming/`, renamed when it is complete."""

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
    """Return the initial state; raises STORAGE_FULL when the disk has less free space than `size_bytes`."""
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
    """Write the stream from `offset` on, over bytes that an earlier attempt may have left there."""
    try:
        file = local.open_private(_partial_path(key), os.O_WRONLY | os.O_CREAT)
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
    """Sync the file to the disk and give it its final name."""
    with translate_errors():
        path = _partial_path(key)
        with path.open("r+b") as file:
            file.truncate(size_bytes)
            os.fsync(file.fileno())
        local.rename(path, local.path_of(key))
        local.delete_prefix(folder(key))


def abort(key: str) -> None:
    """Delete the received bytes."""
    files.delete_prefix(folder(key))


def list_unfinished() -> Iterator[UnfinishedUpload]:
    """Yield the growing files of all uploads."""
    for file in files.listing(INCOMING):
        yield UnfinishedUpload(key_of(file.key), file.modified_at, file.size_bytes, file.key)


def _partial_path(key: str) -> Path:
    return local.path_of(f"{folder(key)}bytes")


def _write(file: IO[bytes], chunk: bytes, *, at: int) -> None:
    view = memoryview(chunk)
    while view:
        done = os.pwrite(file.fileno(), view, at)
        view, at = view[done:], at + done
