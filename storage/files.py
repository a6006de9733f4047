"""Stored files by key, the same for a local disk and for S3. `settings.STORAGES["default"]` says which.

Nothing here is publicly readable. A file appears under its key only when it is whole. What the disk or the S3
server refuses is raised as HeimdexError STORAGE_FULL or STORAGE_UNAVAILABLE.
"""

import contextlib
import hashlib
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from core.errors import HeimdexError
from storage import local, s3
from storage.errors import StorageCode
from storage.failures import is_missing, to_heimdex_error, translate_errors
from storage.local import is_local

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import ObjectIdentifierTypeDef

__all__ = [
    "Fingerprint",
    "StoredFile",
    "delete",
    "delete_prefix",
    "fingerprint",
    "fingerprint_of",
    "free_bytes",
    "is_local",
    "listing",
    "read_bytes",
    "save_bytes",
    "save_file",
    "size",
]

_BATCH = 1000
_CHUNK = 256 * 1024


@dataclass(frozen=True, slots=True)
class StoredFile:
    """One stored file, as a listing shows it."""

    key: str
    size_bytes: int
    modified_at: datetime


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What tells a file from any other: its size in bytes, and the SHA-256 of them all in hex."""

    size_bytes: int
    sha256: str


def save_file(
    key: str, path: Path, *, content_type: str, on_bytes: Callable[[int], None] | None = None
) -> None:
    """Put a finished file in storage; a local file is moved there, so `path` may be gone afterwards.

    `on_bytes` is told, from any thread, of each piece of that many bytes that is on its way.
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
    """Put a few bytes in storage."""
    with translate_errors():
        if is_local():
            local.save_bytes(key, data)
            return
        client, bucket = s3.remote()
        client.put_object(Bucket=bucket, Key=key, Body=data, ContentType=content_type)


def read_bytes(key: str, *, limit: int) -> bytes:
    """A whole small file; SOURCE_MISSING when it is not there, ValueError when it is larger than `limit` bytes."""
    with translate_errors():
        data = _read(key, limit + 1)
    if data is None:
        raise HeimdexError(StorageCode.SOURCE_MISSING)
    if len(data) > limit:
        raise ValueError(f"{key} is larger than {limit} bytes")
    return data


def fingerprint_of(path: Path) -> Fingerprint:
    """The fingerprint of a file on this machine."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Fingerprint(path.stat().st_size, digest)


def fingerprint(key: str) -> Fingerprint:
    """The fingerprint of the bytes that storage has, all of them read; SOURCE_MISSING when it is not there."""
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
    """The file's size in bytes; None when it is not there."""
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
    """Remove files. One that is not there is no error; an empty key is left out."""
    wanted = [key for key in keys if key]
    with translate_errors():
        if is_local():
            for key in wanted:
                local.delete(key)
        elif len(wanted) == 1:
            client, bucket = s3.remote()
            client.delete_object(Bucket=bucket, Key=wanted[0])
        else:
            _delete_many(wanted)


def delete_prefix(prefix: str) -> None:
    """Remove every file under a folder; `prefix` ends with a slash."""
    _check_folder(prefix)
    with translate_errors():
        if is_local():
            local.delete_prefix(prefix)
        else:
            _delete_many([file.key for file in _remote_listing(prefix)])


def listing(prefix: str) -> Iterator[StoredFile]:
    """Every file under a folder, in no certain order; `prefix` ends with a slash.

    Half-written local files are among them, under names that no row knows.
    """
    _check_folder(prefix)
    with translate_errors():
        yield from _local_listing(prefix) if is_local() else _remote_listing(prefix)


def free_bytes() -> int | None:
    """How much more fits on the disk; None where nobody knows (S3)."""
    if not is_local():
        return None
    with translate_errors():
        folder = local.root()
        folder.mkdir(parents=True, exist_ok=True)
        return shutil.disk_usage(folder).free


def _check_folder(prefix: str) -> None:
    if not prefix.strip("/") or not prefix.endswith("/"):
        raise ValueError(f"not a folder's prefix: {prefix!r}")


def _read(key: str, most: int) -> bytes | None:
    if is_local():
        with contextlib.suppress(FileNotFoundError), local.path_of(key).open("rb") as file:
            return file.read(most)
        return None
    client, bucket = s3.remote()
    try:
        with client.get_object(Bucket=bucket, Key=key)["Body"] as body:
            return body.read(most)
    except ClientError as exc:
        if is_missing(exc):
            return None
        raise


def _remote_fingerprint(key: str) -> Fingerprint | None:
    client, bucket = s3.remote()
    digest, count = hashlib.sha256(), 0
    try:
        with client.get_object(Bucket=bucket, Key=key)["Body"] as body:
            while chunk := body.read(_CHUNK):
                digest.update(chunk)
                count += len(chunk)
    except ClientError as exc:
        if is_missing(exc):
            return None
        raise
    return Fingerprint(count, digest.hexdigest())


def _delete_many(keys: list[str]) -> None:
    client, bucket = s3.remote()
    for start in range(0, len(keys), _BATCH):
        objects: list[ObjectIdentifierTypeDef] = [
            {"Key": key} for key in keys[start : start + _BATCH]
        ]
        answer = client.delete_objects(Bucket=bucket, Delete={"Objects": objects, "Quiet": True})
        for error in answer.get("Errors", ()):
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
