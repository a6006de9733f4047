"""S3 clients with short timeouts, and signed URLs for browsers.

A web request must not wait for a server that does not answer: its calls give up within seconds. Background work may
wait longer and try again; it makes its calls within `background_calls`.
"""

import contextlib
import threading
from collections.abc import Iterator
from contextvars import ContextVar
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import boto3
from botocore.config import Config
from django.conf import settings
from django.core.files.storage import default_storage

from storage.s3_clock import ServerClock

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

Addressing = Literal["auto", "path", "virtual"]

CONNECT_TIMEOUT_S = 1.0
REQUEST_ATTEMPTS, BACKGROUND_ATTEMPTS = 1, 3
_in_background: ContextVar[bool] = ContextVar("in_background", default=False)
_client_lock = threading.Lock()
server_clock = ServerClock()


class Remote(NamedTuple):
    """A bucket and its client. The client may be used from any thread."""

    client: "S3Client"
    bucket: str


def remote() -> Remote:
    """Return the bucket that `settings.STORAGES` names, with a client for it."""
    storage = _storage()
    return Remote(_client(storage.endpoint_url), storage.bucket_name)


@contextlib.contextmanager
def background_calls() -> Iterator[None]:
    """Allow each call in this block STORAGE_CALL_S seconds and three attempts, for work outside of a web request."""
    token = _in_background.set(True)
    try:
        yield
    finally:
        _in_background.reset(token)


def signed_url(key: str, *, expires_s: int, content_type: str, disposition: str) -> str:
    """Return a signed URL of one object on the endpoint that browsers reach; it is valid for `expires_s` seconds."""
    storage = _storage()
    client = _client(settings.S3_PUBLIC_ENDPOINT_URL or storage.endpoint_url)
    return client.generate_presigned_url(
        "get_object",
        Params={
            "Bucket": storage.bucket_name,
            "Key": key,
            "ResponseContentType": content_type,
            "ResponseContentDisposition": disposition,
        },
        ExpiresIn=expires_s,
    )


def _storage() -> Any:
    """The configured S3Storage, whose attributes are its settings."""
    return default_storage


class _Access(NamedTuple):
    endpoint_url: str | None
    region: str | None
    access_key: str | None
    secret_key: str | None
    addressing_style: Addressing | None


def _client(endpoint_url: str | None) -> "S3Client":
    storage = _storage()
    access = _Access(
        endpoint_url,
        storage.region_name,
        storage.access_key,
        storage.secret_key,
        storage.addressing_style,
    )
    with _client_lock:  # creating clients is not thread-safe; using one is
        return _cached_client(access, in_background=_in_background.get())


@lru_cache(maxsize=8)
def _cached_client(access: _Access, *, in_background: bool) -> "S3Client":
    attempts = BACKGROUND_ATTEMPTS if in_background else REQUEST_ATTEMPTS
    client = boto3.Session().client(
        "s3",
        endpoint_url=access.endpoint_url,
        region_name=access.region,
        aws_access_key_id=access.access_key,
        aws_secret_access_key=access.secret_key,
        config=Config(
            signature_version="s3v4",
            s3={"addressing_style": access.addressing_style or "auto"},
            connect_timeout=CONNECT_TIMEOUT_S * attempts,
            read_timeout=(settings.STORAGE_CALL_S if in_background else settings.STORAGE_REQUEST_S),
            retries={"mode": "standard", "total_max_attempts": attempts},
            max_pool_connections=32,
            # Many servers that speak S3 do not know the newer checksums.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        ),
    )
    server_clock.correct(client)
    return client
