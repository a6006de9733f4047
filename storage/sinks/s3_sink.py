"""Resumable uploads on S3: parts of one multipart upload, sent while the bytes arrive.

S3 takes no part under 5 MiB but the last, so the end of a request that fills no part is kept as a small object under
`incoming/` and read back when more arrives. The state's offset is always `len(parts) * part_size + tail`.
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
    """Open the multipart upload."""
    client, bucket = s3.remote()
    kind = mimetypes.guess_type(key)[0] or "application/octet-stream"
    with translate_errors():
        answer = client.create_multipart_upload(Bucket=bucket, Key=key, ContentType=kind)
    part_size = max(MIN_PART_BYTES, -(-size_bytes // MAX_PARTS))
    return {
        "upload_id": answer["UploadId"],
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
    """Send what arrives on to S3. On an error the answer says what S3 has for certain."""
    safe = Received(offset, state)
    try:
        files.delete(state["stale"])
        buffer = bytearray(_read_tail(key, state, offset))
        for chunk in chunks(stream, length):
            on_progress(safe.offset, safe.state)
            buffer += chunk
            offset += len(chunk)
            while len(buffer) >= state["part_size"] or (buffer and offset == state["size"]):
                safe = _send_part(key, safe, buffer)
        return _store_tail(key, safe, buffer, offset) if offset > safe.offset else safe
    except (OSError, Boto3Error, BotoCoreError, ClientError) as exc:
        return Received(safe.offset, safe.state, _translate_error(exc))
    except HeimdexError as exc:
        return Received(safe.offset, safe.state, exc)


def finish(key: str, state: State, size_bytes: int) -> None:
    """Have S3 put the parts together, with the kept end as the last. Doing it twice is no error."""
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
    """Have S3 forget the parts, and remove the kept end."""
    if state:
        _abort(key, state["upload_id"])
    files.delete_prefix(folder(key))


def list_unfinished() -> Iterator[UnfinishedUpload]:
    """Kept ends, and every multipart upload that is not finished: no listing of objects shows those."""
    for file in files.listing(INCOMING):
        yield UnfinishedUpload(key_of(file.key), file.modified_at, file.size_bytes, file.key)
    client, bucket = s3.remote()
    with translate_errors():
        for page in client.get_paginator("list_multipart_uploads").paginate(Bucket=bucket):
            for item in page.get("Uploads", ()):
                since = item["Initiated"].astimezone(UTC)
                yield UnfinishedUpload(item["Key"], since, multipart_id=item["UploadId"])


def remove(leftover: UnfinishedUpload) -> None:
    """Have S3 forget a multipart upload."""
    _abort(leftover.key, leftover.multipart_id)


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
    """Named after the offset, so that a tail never replaces the one an earlier state still needs."""
    return f"{folder(key)}tail-{offset}"


def _send_part(key: str, safe: Received, buffer: bytearray) -> Received:
    """Send one part from the front of the buffer; sending a part's number again replaces it."""
    state = safe.state
    client, bucket = s3.remote()
    part = bytes(buffer[: state["part_size"]])
    answer = client.upload_part(
        Bucket=bucket,
        Key=key,
        UploadId=state["upload_id"],
        PartNumber=len(state["parts"]) + 1,
        Body=part,
    )
    del buffer[: len(part)]
    parts = [*state["parts"], answer["ETag"]]
    offset = (len(parts) - 1) * state["part_size"] + len(part)
    return Received(offset, {**state, "parts": parts, "tail": 0, "stale": _stale(key, safe)})


def _store_tail(key: str, safe: Received, buffer: bytearray, offset: int) -> Received:
    client, bucket = s3.remote()
    client.put_object(Bucket=bucket, Key=_tail_key(key, offset), Body=bytes(buffer))
    return Received(offset, {**safe.state, "tail": len(buffer), "stale": _stale(key, safe)})


def _send_tail(key: str, state: State, size_bytes: int) -> State:
    """The end of a file whose size nobody knew before, sent as its last part."""
    try:
        buffer = bytearray(_read_tail(key, state, size_bytes))
        return _send_part(key, Received(size_bytes - len(buffer), state), buffer).state
    except (OSError, Boto3Error, BotoCoreError, ClientError) as exc:
        raise _translate_error(exc) from exc


def _stale(key: str, before: Received) -> str:
    """The tail that nothing needs any more once the new state is kept; the next append removes it."""
    return _tail_key(key, before.offset) if before.state["tail"] else before.state["stale"]


def _translate_error(error: Exception) -> HeimdexError:
    if isinstance(error, ClientError) and is_missing(error):
        return HeimdexError(StorageCode.UPLOAD_NOT_FOUND)
    return to_heimdex_error(error)
