"""Translates errors of the disk and of the S3 server into public errors: storage full, or not available."""

import contextlib
import errno
import logging
from collections.abc import Iterator

from boto3.exceptions import Boto3Error
from botocore.exceptions import BotoCoreError, ClientError

from core.errors import CoreCode, HeimdexError
from storage.errors import StorageCode

logger = logging.getLogger(__name__)

_OUT_OF_SPACE = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_S3_OUT_OF_SPACE = {"InsufficientStorage", "QuotaExceeded", "XMinioStorageFull", "EntityTooLarge"}
_S3_MISSING = {"404", "NoSuchKey", "NotFound", "NoSuchUpload"}


@contextlib.contextmanager
def translate_errors() -> Iterator[None]:
    """Translate errors of disk and S3 in this block; raises HeimdexError as `to_heimdex_error`, with its cause."""
    try:
        yield
    except (OSError, Boto3Error, BotoCoreError, ClientError) as exc:
        raise to_heimdex_error(exc) from exc


def to_heimdex_error(error: Exception) -> HeimdexError:
    """Return STORAGE_FULL or STORAGE_UNAVAILABLE for an error of disk or S3, and log the error."""
    code = CoreCode.STORAGE_FULL if _is_out_of_space(error) else StorageCode.STORAGE_UNAVAILABLE
    logger.warning("storage refused: %s: %s", type(error).__name__, error)
    return HeimdexError(code)


def is_missing(error: ClientError) -> bool:
    """Whether the S3 server reports that the object or the multipart upload does not exist."""
    return str(error.response.get("Error", {}).get("Code", "")) in _S3_MISSING


def _is_out_of_space(error: Exception) -> bool:
    if isinstance(error, ClientError):
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
        return status == 507 or error.response.get("Error", {}).get("Code") in _S3_OUT_OF_SPACE
    return isinstance(error, OSError) and error.errno in _OUT_OF_SPACE
