"""Where a resumable upload's bytes go, piece by piece, and how they become one stored file.

`begin`, then `append` as often as needed, then `finish`; or `abort` at any time. Between calls, everything needed to
go on is a small JSON state that the caller keeps together with the offset. Both always fit each other, so a process
that dies in the middle costs only what it had not told yet. Until they are whole, bytes lie under `incoming/` or in
an S3 multipart upload, where no row of a video points.
"""

from collections.abc import Iterator

from storage import files
from storage.local import is_local
from storage.sinks import local_sink, s3_sink
from storage.sinks.upload_stream import ProgressCallback, Received, State, Stream, UnfinishedUpload


def begin(key: str, *, size_bytes: int) -> State:
    """Make ready for `size_bytes` bytes under a key, 0 for nobody knows; the state to go on with."""
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
    """Take up to `length` bytes from a stream, which follow the first `offset` bytes of the file.

    A client that goes away in the middle is no error: what arrived counts. What storage refuses is in the answer's
    `error`, beside what it has for certain. `on_progress` is called often with how far that is; what it raises ends the
    append at once.
    """
    append_there = local_sink.append if is_local() else s3_sink.append
    return append_there(
        key, state, offset=offset, stream=stream, length=length, on_progress=on_progress
    )


def finish(key: str, state: State, *, size_bytes: int) -> None:
    """Make all that was appended the file under its key. Calling it again after it worked is no error."""
    if files.size(key) == size_bytes:
        return
    if is_local():
        local_sink.finish(key, size_bytes)
    else:
        s3_sink.finish(key, state, size_bytes)


def abort(key: str, state: State) -> None:
    """Remove every byte of an upload, finished or not."""
    if is_local():
        local_sink.abort(key)
    else:
        s3_sink.abort(key, state)
    files.delete(key)


def list_unfinished() -> Iterator[UnfinishedUpload]:
    """Bytes in storage of uploads that are not finished, those still going on among them."""
    return local_sink.list_unfinished() if is_local() else s3_sink.list_unfinished()


def remove(leftover: UnfinishedUpload) -> None:
    """Remove what `leftovers` found."""
    if leftover.multipart_id:
        s3_sink.remove(leftover)
    else:
        files.delete(leftover.stored_key)
