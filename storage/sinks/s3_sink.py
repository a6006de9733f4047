"""Resumable uploads to S3: parts of one multipart upload, sent while the bytes arrive.

S3 accepts no part under 5 MiB except the last. The end of a request that does not fill a part (the tail) is therefore
stored as an object under `incoming/` and read back with the next request. The state's offset is always
`len(parts) * part_size + tail`.
"""

import mimetypes
from collections.abc import Iterator
from datetime import UTC
from typing import TYPE_CHECKING

from boto3.exceptions import Boto3Error
from botocore.exceptions import BotoCoreError, ClientError

from core.errors import HeimdexError
from storage import files, s3
from storage.errors import StorageCode
from storage.failures import is_missing, to_heimdex_error, translate_errors
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

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef

MIN_PART_BYTES = 8 * 1024**2
MAX_PARTS = 9_000  # S3 allows 10,000


def begin(key: str, size_bytes: int) -> State:
    """Start the multipart upload and return the initial state."""
    client, bucket = s3.remote()
    kind = mimetypes.guess_type(key)[0] or "application/octet-stream"
    with translate_errors():
        response = client.create_multipart_upload(Bucket=bucket, Key=key, ContentType=kind)
    part_size = max(MIN_PART_BYTES, -(-size_bytes // MAX_PARTS))
    return {
        "upload_id": response["UploadId"],
        "size": size_bytes,
        "part_size": part_size,
        "parts": [],
        "tail": 0,
        "stale": "",
    }


def append(
    key: str,
    state: State,
    *,
    offset: int,
    stream: Stream,
    length: int,
    on_progress: ProgressCallback,
) -> Received:
    """Send the stream to S3 in parts. On an error the result holds the bytes that S3 has certainly stored."""
    stored = Received(offset, state)
    try:
        files.delete(state["stale"])
        buffer = bytearray(_read_tail(key, state, offset))
        for chunk in chunks(stream, length):
            on_progress(stored.offset, stored.state)
            buffer += chunk
            offset += len(chunk)
            while len(buffer) >= state["part_size"] or (buffer and offset == state["size"]):
                stored = _send_part(key, stored, buffer)
        return _store_tail(key, stored, buffer, offset) if offset > stored.offset else stored
    except (OSError, Boto3Error, BotoCoreError, ClientError) as exc:
        return Received(stored.offset, stored.state, _translate_error(exc))
    except HeimdexError as exc:
        return Received(stored.offset, stored.state, exc)


def finish(key: str, state: State, size_bytes: int) -> None:
    """Send the tail as the last part and complete the multipart upload. Calling it twice is no error."""
    client, bucket = s3.remote()
    if state["tail"]:
        state = _send_tail(key, state, size_bytes)
    parts: list[CompletedPartTypeDef] = [
        {"PartNumber": number, "ETag": etag} for number, etag in enumerate(state["parts"], 1)
    ]
    try:
        client.complete_multipart_upload(
            Bucket=bucket, Key=key, UploadId=state["upload_id"], MultipartUpload={"Parts": parts}
        )
    except ClientError as exc:
        if not is_missing(exc) or files.size(key) != size_bytes:
            raise _translate_error(exc) from exc
    except (OSError, BotoCoreError) as exc:
        raise to_heimdex_error(exc) from exc
    files.delete_prefix(folder(key))


def abort(key: str, state: State) -> None:
    """Abort the multipart upload and delete the tail."""
    if state:
        _abort(key, state["upload_id"])
    files.delete_prefix(folder(key))


def list_unfinished() -> Iterator[UnfinishedUpload]:
    """Yield stored tails and unfinished multipart uploads, which no listing of objects shows."""
    for file in files.listing(INCOMING):
        yield UnfinishedUpload(key_of(file.key), file.modified_at, file.size_bytes, file.key)
    client, bucket = s3.remote()
    with translate_errors():
        for page in client.get_paginator("list_multipart_uploads").paginate(Bucket=bucket):
            for item in page.get("Uploads", ()):
                since = item["Initiated"].astimezone(UTC)
                yield UnfinishedUpload(item["Key"], since, multipart_id=item["UploadId"])


def remove(unfinished: UnfinishedUpload) -> None:
    """Abort an unfinished multipart upload."""
    _abort(unfinished.key, unfinished.multipart_id)


def _abort(key: str, upload_id: str) -> None:
    client, bucket = s3.remote()
    with translate_errors():
        try:
            client.abort_multipart_upload(Bucket=bucket, Key=key, UploadId=upload_id)
        except ClientError as exc:
            if not is_missing(exc):
                raise


def _read_tail(key: str, state: State, offset: int) -> bytes:
    if not state["tail"]:
        return b""
    try:
        return files.read_bytes(_tail_key(key, offset), limit=state["part_size"])
    except HeimdexError as exc:
        if exc.code == StorageCode.SOURCE_MISSING:
            raise HeimdexError(StorageCode.UPLOAD_NOT_FOUND) from exc
        raise


def _tail_key(key: str, offset: int) -> str:
    """Return the tail's key; it holds the offset, so that a new tail never replaces one that is still needed."""
    return f"{folder(key)}tail-{offset}"


def _send_part(key: str, stored: Received, buffer: bytearray) -> Received:
    """Send one part from the start of the buffer; a part number that was sent before is replaced."""
    state = stored.state
    client, bucket = s3.remote()
    part = bytes(buffer[: state["part_size"]])
    response = client.upload_part(
        Bucket=bucket,
        Key=key,
        UploadId=state["upload_id"],
        PartNumber=len(state["parts"]) + 1,
        Body=part,
    )
    del buffer[: len(part)]
    parts = [*state["parts"], response["ETag"]]
    offset = (len(parts) - 1) * state["part_size"] + len(part)
    return Received(offset, {**state, "parts": parts, "tail": 0, "stale": _stale(key, stored)})


def _store_tail(key: str, stored: Received, buffer: bytearray, offset: int) -> Received:
    client, bucket = s3.remote()
    client.put_object(Bucket=bucket, Key=_tail_key(key, offset), Body=bytes(buffer))
    return Received(offset, {**stored.state, "tail": len(buffer), "stale": _stale(key, stored)})


def _send_tail(key: str, state: State, size_bytes: int) -> State:
    """Send the tail of a file of unknown size as the last part; return the new state."""
    try:
        buffer = bytearray(_read_tail(key, state, size_bytes))
        return _send_part(key, Received(size_bytes - len(buffer), state), buffer).state
    except (OSError, Boto3Error, BotoCoreError, ClientError) as exc:
        raise _translate_error(exc) from exc


def _stale(key: str, before: Received) -> str:
    """Return the key of the tail that the new state replaces; the next append deletes it."""
    return _tail_key(key, before.offset) if before.state["tail"] else before.state["stale"]


def _translate_error(error: Exception) -> HeimdexError:
    if isinstance(error, ClientError) and is_missing(error):
        return HeimdexError(StorageCode.UPLOAD_NOT_FOUND)
    return to_heimdex_error(error)
