"""Stores a resumable upload piece by piece and makes it one stored file.

Call `begin`, then `append` as often as needed, then `finish`; or `abort` at any time. Between calls the caller keeps a
small JSON state together with the offset. Both always match, so a process that dies loses only the bytes that it has
not reported yet. Until the upload is complete, its bytes lie under `incoming/` or in an S3 multipart upload, to which
no video's row refers.
"""

from collections.abc import Iterator

from storage import files
from storage.local import is_local
from storage.sinks import local_sink, s3_sink
from storage.sinks.upload_stream import ProgressCallback, Received, State, Stream, UnfinishedUpload


def begin(key: str, *, size_bytes: int) -> State:
    """Start an upload of `size_bytes` bytes (0: unknown) and return its initial state."""
    return local_sink.begin(key, size_bytes) if is_local() else s3_sink.begin(key, size_bytes)


def append(
    key: str,
    state: State,
    *,
    offset: int,
    stream: Stream,
    length: int,
    on_progress: ProgressCallback,
) -> Received:
    """Store up to `length` bytes of a stream, which follow the first `offset` bytes of the file.

    A client that disconnects is no error: the received bytes count. An error of storage is in the result's
    `error`, with the bytes that it has stored for certain. `on_progress` is called often with that state; an exception
    from it ends the append at once.
    """
    append_there = local_sink.append if is_local() else s3_sink.append
    return append_there(
        key, state, offset=offset, stream=stream, length=length, on_progress=on_progress
    )


def finish(key: str, state: State, *, size_bytes: int) -> None:
    """Store the appended bytes as the file under its key. Calling it again after a success is no error."""
    if files.size(key) == size_bytes:
        return
    if is_local():
        local_sink.finish(key, size_bytes)
    else:
        s3_sink.finish(key, state, size_bytes)


def abort(key: str, state: State) -> None:
    """Delete every byte of an upload, finished or not."""
    if is_local():
        local_sink.abort(key)
    else:
        s3_sink.abort(key, state)
    files.delete(key)


def list_unfinished() -> Iterator[UnfinishedUpload]:
    """Yield the stored bytes of unfinished uploads, including those that are still running."""
    return local_sink.list_unfinished() if is_local() else s3_sink.list_unfinished()


def remove(unfinished: UnfinishedUpload) -> None:
    """Delete the unfinished uploads that `list_unfinished` found."""
    if unfinished.multipart_id:
        s3_sink.remove(unfinished)
    else:
        files.delete(unfinished.stored_key)
