"""The S3 side of storage: one client with short timeouts, and links people may follow for a while."""

import threading
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import boto3
from botocore.config import Config
from django.conf import settings
from django.core.files.storage import default_storage

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

Addressing = Literal["auto", "path", "virtual"]

CONNECT_TIMEOUT_S = 5
READ_TIMEOUT_S = 30
ATTEMPTS = 3
_making = threading.Lock()


class Remote(NamedTuple):
    """A bucket and the client that reaches it. The client may be used from any thread."""

    client: "S3Client"
    bucket: str


def remote() -> Remote:
    """The bucket that `settings.STORAGES` names."""
    storage = _storage()
    return Remote(_client(storage.endpoint_url), storage.bucket_name)


def link(key: str, *, seconds: int, content_type: str, disposition: str) -> str:
    """A signed address of one object, on the endpoint browsers reach, that works for `seconds`."""
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
        ExpiresIn=seconds,
    )


def _storage() -> Any:
    """The configured S3Storage, whose attributes are its settings."""
    return default_storage


def _client(endpoint_url: str | None) -> "S3Client":
    storage = _storage()
    with _making:  # making a client is not safe in two threads at once; using one is
        return _made(
            endpoint_url,
            storage.region_name,
            storage.access_key,
            storage.secret_key,
            storage.addressing_style,
        )


@lru_cache(maxsize=8)
def _made(
    endpoint_url: str | None,
    region: str | None,
    access_key: str | None,
    secret_key: str | None,
    addressing_style: Addressing | None,
) -> "S3Client":
    return boto3.Session().client(
        "s3",
        endpoint_url=endpoint_url,
        region_name=region,
        aws_access_key_id=access_key,
        aws_secret_access_key=secret_key,
        config=Config(
            signature_version="s3v4",
            s3={"addressing_style": addressing_style or "auto"},
            connect_timeout=CONNECT_TIMEOUT_S,
            read_timeout=READ_TIMEOUT_S,
            retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
            max_pool_connections=32,
            # Many servers that speak S3 do not know the newer checksums.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        ),
    )
