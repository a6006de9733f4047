"""The `Idempotency-Key` header of the API (draft-ietf-httpapi-idempotency-key-header)."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from core.errors import CoreCode, HeimdexError
from core.idempotency import MAX_LENGTH, IdempotencyKey

# What is read of each end of a file for the fingerprint: a second request with the same name and size, but another
# file, differs there, and files of gigabytes are not read twice.
_EDGE_BYTES = 1024**2

KEY_HEADER = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description="A request that is repeated with its key has no second effect and gets the first one's result. "
    "The same key with another body is refused with IDEMPOTENCY_KEY_REUSED.",
)


def idempotency_key(request: Request, body: Mapping[str, Any]) -> IdempotencyKey:
    """The key of a request with the validated `body`. Raises INVALID_INPUT for a key of more than 255 characters."""
    value = request.headers.get("Idempotency-Key", "").strip()
    if len(value) > MAX_LENGTH:
        details = {"reason": "IDEMPOTENCY_KEY_TOO_LONG", "limit": MAX_LENGTH}
        sentence = _("The Idempotency-Key header may have at most %(limit)s characters.")
        raise HeimdexError(CoreCode.INVALID_INPUT, details, message=sentence % details)
    return IdempotencyKey(value, _fingerprint(request.path, body)) if value else IdempotencyKey()


def _fingerprint(path: str, body: Mapping[str, Any]) -> str:
    """The SHA-256 in hex of the address and of all fields, in any order."""
    text = json.dumps([path, body], sort_keys=True, default=_plain)
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: Any) -> Any:
    return _file_digest(value) if isinstance(value, UploadedFile) else str(value)


def _file_digest(file: "UploadedFile[Any]") -> list[Any]:
    """Name, size and the SHA-256 of both ends of a file, which is left at its beginning."""
    size = file.size or 0
    file.seek(0)
    digest = hashlib.sha256(file.read(_EDGE_BYTES))
    file.seek(max(0, size - _EDGE_BYTES))
    digest.update(file.read(_EDGE_BYTES))
    file.seek(0)
    return [file.name, size, digest.hexdigest()]
