"""Stored files by key, with one interface for a local disk and for S3; `settings.STORAGES["default"]` selects it.

No stored file is publicly readable. A file appears under its key only when it is complete. Every function raises
HeimdexError STORAGE_FULL or STORAGE_UNAVAILABLE when the disk or the S3 server fails.
"""

import contextlib
import hashlib
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, cast

from botocore.exceptions import ClientError

from core.errors import HeimdexError
from storage import local, s3
from storage.errors import StorageCode
from storage.failures import is_missing, to_heimdex_error, translate_errors
from storage.local import is_local

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import ObjectIdentifierTypeDef

_DELETE_BATCH = 1000
_CHUNK_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class StoredFile:
    """One stored file of a listing; `modified_at` is in UTC."""

    key: str
    size_bytes: int
    modified_at: datetime


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """Identifies a file's content: its size in bytes and its SHA-256 in hexadecimal."""

    size_bytes: int
    sha256: str


def save_file(
    key: str, path: Path, *, content_type: str, on_bytes: Callable[[int], None] | None = None
) -> None:
    """Store a finished file under a key. Local storage moves the file, so `path` may not exist afterwards.

    `on_bytes` is called with the number of bytes of each piece that was sent, possibly from another thread.
    """
    report = on_bytes or (lambda _count: None)
    with translate_errors():
        if is_local():
            report(path.stat().st_size)
            local.save_file(key, path)
            return
        client, bucket = s3.remote()
        client.upload_file(
            str(path), bucket, key, ExtraArgs={"ContentType": content_type}, Callback=report
        )


def save_bytes(key: str, data: bytes, *, content_type: str) -> None:
    """Store bytes under a key."""
    with translate_errors():
        if is_local():
            local.save_bytes(key, data)
            return
        client, bucket = s3.remote()
        client.put_object(Bucket=bucket, Key=key, Body=data, ContentType=content_type)


def read_bytes(key: str, *, limit: int) -> bytes:
    """Read a whole file. Raises SOURCE_MISSING when it does not exist, ValueError when it exceeds `limit` bytes."""
    with translate_errors():
        data = _read(key, limit + 1)
    if data is None:
        raise HeimdexError(StorageCode.SOURCE_MISSING)
    if len(data) > limit:
        raise ValueError(f"{key} is larger than {limit} bytes")
    return data


def read_chunks(key: str) -> Iterator[bytes]:
    """Yield the bytes of a file, which is opened when the first is asked for. SOURCE_MISSING when it does not exist."""
    with translate_errors(), contextlib.ExitStack() as stack:
        try:
            if is_local():
                body: IO[bytes] = stack.enter_context(local.path_of(key).open("rb"))
            else:
                client, bucket = s3.remote()
                found = client.get_object(Bucket=bucket, Key=key)["Body"]
                body = cast("IO[bytes]", stack.enter_context(contextlib.closing(found)))
        except FileNotFoundError:
            raise HeimdexError(StorageCode.SOURCE_MISSING) from None
        except ClientError as exc:
            if not is_missing(exc):
                raise
            raise HeimdexError(StorageCode.SOURCE_MISSING) from None
        while chunk := body.read(_CHUNK_BYTES):
            yield chunk


def fingerprint_of(path: Path) -> Fingerprint:
    """Return the fingerprint of a local file."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Fingerprint(path.stat().st_size, digest)


def fingerprint(key: str) -> Fingerprint:
    """Read a stored file and return its fingerprint; raises SOURCE_MISSING when it does not exist."""
    with translate_errors():
        if is_local():
            path = local.path_of(key)
            if path.is_file():
                return fingerprint_of(path)
        else:
            found = _remote_fingerprint(key)
            if found is not None:
                return found
    raise HeimdexError(StorageCode.SOURCE_MISSING)


def size(key: str) -> int | None:
    """Return the file's size in bytes; None when it does not exist."""
    with translate_errors():
        if is_local():
            path = local.path_of(key)
            return path.stat().st_size if path.is_file() else None
        client, bucket = s3.remote()
        try:
            return client.head_object(Bucket=bucket, Key=key)["ContentLength"]
        except ClientError as exc:
            if is_missing(exc):
                return None
            raise


def delete(*keys: str) -> None:
    """Delete files. Ignores empty keys and files that do not exist."""
    nonempty = [key for key in keys if key]
    with translate_errors():
        if is_local():
            for key in nonempty:
                local.delete(key)
        elif len(nonempty) == 1:
            client, bucket = s3.remote()
            client.delete_object(Bucket=bucket, Key=nonempty[0])
        else:
            _delete_many(nonempty)


def delete_prefix(prefix: str) -> None:
    """Delete every file under a folder; `prefix` ends with a slash."""
    _check_folder(prefix)
    with translate_errors():
        if is_local():
            local.delete_prefix(prefix)
        else:
            _delete_many([file.key for file in _remote_listing(prefix)])


def listing(prefix: str) -> Iterator[StoredFile]:
    """List every file under a folder, in no defined order; `prefix` ends with a slash.

    Includes temporary files of unfinished local writes, whose names no database row has.
    """
    _check_folder(prefix)
    with translate_errors():
        yield from _local_listing(prefix) if is_local() else _remote_listing(prefix)


def free_bytes() -> int | None:
    """Return the free space of the disk in bytes; None on S3, where it is not known."""
    if not is_local():
        return None
    with translate_errors():
        folder = local.root()
        folder.mkdir(parents=True, exist_ok=True)
        return shutil.disk_usage(folder).free


def _check_folder(prefix: str) -> None:
    if not prefix.strip("/") or not prefix.endswith("/"):
        raise ValueError(f"not a folder's prefix: {prefix!r}")


def _read(key: str, max_bytes: int) -> bytes | None:
    if is_local():
        with contextlib.suppress(FileNotFoundError), local.path_of(key).open("rb") as file:
            return file.read(max_bytes)
        return None
    client, bucket = s3.remote()
    try:
        with client.get_object(Bucket=bucket, Key=key)["Body"] as body:
            return body.read(max_bytes)
    except ClientError as exc:
        if is_missing(exc):
            return None
        raise


def _remote_fingerprint(key: str) -> Fingerprint | None:
    client, bucket = s3.remote()
    digest, count = hashlib.sha256(), 0
    try:
        with client.get_object(Bucket=bucket, Key=key)["Body"] as body:
            while chunk := body.read(_CHUNK_BYTES):
                digest.update(chunk)
                count += len(chunk)
    except ClientError as exc:
        if is_missing(exc):
            return None
        raise
    return Fingerprint(count, digest.hexdigest())


def _delete_many(keys: list[str]) -> None:
    client, bucket = s3.remote()
    for start in range(0, len(keys), _DELETE_BATCH):
        objects: list[ObjectIdentifierTypeDef] = [
            {"Key": key} for key in keys[start : start + _DELETE_BATCH]
        ]
        response = client.delete_objects(Bucket=bucket, Delete={"Objects": objects, "Quiet": True})
        for error in response.get("Errors", ()):
            raise to_heimdex_error(OSError(f"{error.get('Key')}: {error.get('Code')}"))


def _local_listing(prefix: str) -> Iterator[StoredFile]:
    for key, facts in local.walk(prefix):
        yield StoredFile(key, facts.st_size, datetime.fromtimestamp(facts.st_mtime, UTC))


def _remote_listing(prefix: str) -> Iterator[StoredFile]:
    client, bucket = s3.remote()
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    for page in pages:
        for item in page.get("Contents", ()):
            yield StoredFile(item["Key"], item["Size"], item["LastModified"].astimezone(UTC))
