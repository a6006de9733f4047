"""What a refusing disk or a silent S3 server means to a person: no room, or try again later."""

import contextlib
import errno
import logging
from collections.abc import Iterator

from boto3.exceptions import Boto3Error
from botocore.exceptions import BotoCoreError, ClientError

from core.errors import CoreCode, HeimdexError
from storage.errors import StorageCode

logger = logging.getLogger(__name__)

_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_S3_NO_ROOM = {"InsufficientStorage", "QuotaExceeded", "XMinioStorageFull", "EntityTooLarge"}
_S3_MISSING = {"404", "NoSuchKey", "NotFound", "NoSuchUpload"}


@contextlib.contextmanager
def translate_errors() -> Iterator[None]:
    """Turn what storage raises into STORAGE_FULL or STORAGE_UNAVAILABLE, keeping the cause for the log."""
    try:
        yield
    except (OSError, Boto3Error, BotoCoreError, ClientError) as exc:
        raise to_heimdex_error(exc) from exc


def to_heimdex_error(error: Exception) -> HeimdexError:
    """The error a person sees for what storage raised."""
    code = CoreCode.STORAGE_FULL if _is_no_room(error) else StorageCode.STORAGE_UNAVAILABLE
    logger.warning("storage refused: %s: %s", type(error).__name__, error)
    return HeimdexError(code)


def is_missing(error: ClientError) -> bool:
    """Whether an S3 server says that the object, or the multipart upload, is not there."""
    return str(error.response.get("Error", {}).get("Code", "")) in _S3_MISSING


def _is_no_room(error: Exception) -> bool:
    if isinstance(error, ClientError):
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
        return status == 507 or error.response.get("Error", {}).get("Code") in _S3_NO_ROOM
    return isinstance(error, OSError) and error.errno in _NO_ROOM
