"""What every API answer has in common: pages of results and the one error shape.

`{"error_code": "...", "message": "...", "details": {...}}` for everything: validation, not found,
throttled, unexpected.
"""

import logging
import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError, models
from django.http import Http404, HttpRequest, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from rest_framework import exceptions, serializers
from rest_framework.pagination import PageNumberPagination
from rest_framework.response import Response
from rest_framework.views import set_rollback

from core.errors import ERRORS, HeimdexError
from mediakit.errors import InputError, MediaError

logger = logging.getLogger(__name__)

M = TypeVar("M", bound=models.Model)

_CODES: dict[type[Exception], str] = {
    exceptions.NotAuthenticated: "UNAUTHENTICATED",
    exceptions.AuthenticationFailed: "UNAUTHENTICATED",
    exceptions.PermissionDenied: "FORBIDDEN",
    PermissionDenied: "FORBIDDEN",
    exceptions.NotFound: "NOT_FOUND",
    Http404: "NOT_FOUND",
    exceptions.MethodNotAllowed: "METHOD_NOT_ALLOWED",
    exceptions.NotAcceptable: "NOT_ACCEPTABLE",
    exceptions.UnsupportedMediaType: "UNSUPPORTED_MEDIA_TYPE",
    exceptions.Throttled: "THROTTLED",
    OperationalError: "DATABASE_UNAVAILABLE",
    InterfaceError: "DATABASE_UNAVAILABLE",
}


class UtcDateTimeField(serializers.DateTimeField):
    """A time as ISO 8601 in UTC with the offset written out: `2026-11-22T09:30:00.250000+00:00`."""

    def to_representation(self, value: datetime) -> str:
        """The aware time in UTC."""
        return value.astimezone(UTC).isoformat()


class ModelSerializer(serializers.ModelSerializer[M]):
    """The base of our serializers of rows: times with their offset."""

    serializer_field_mapping = {
        **serializers.ModelSerializer.serializer_field_mapping,
        models.DateTimeField: UtcDateTimeField,
    }


class Pages(PageNumberPagination):
    """`?page=` and `?page_size=` (at most 100)."""

    page_size_query_param = "page_size"
    max_page_size = 100


def as_heimdex_error(error: Exception) -> HeimdexError:
    """The error a client should see for any exception; what nobody foresaw becomes INTERNAL_ERROR."""
    if isinstance(error, HeimdexError):
        return error
    if isinstance(error, MediaError):
        return _media_error(error)
    if isinstance(error, exceptions.ValidationError):
        return HeimdexError(
            "INVALID_INPUT", {"fields": error.detail}, message=_first_sentence(error.detail)
        )
    # JSON that is nested a hundred thousand times is no text that anybody wrote.
    if isinstance(error, (exceptions.ParseError, RecursionError)):
        sentence = _("The request's body is not what its content type says, or is damaged.")
        return HeimdexError("INVALID_INPUT", message=sentence)
    for kind, code in _CODES.items():
        if isinstance(error, kind):
            found = "STORAGE_FULL" if _is_full_disk(error) else code
            return HeimdexError(found, headers=_headers(error))
    return HeimdexError("INTERNAL_ERROR")


def _is_full_disk(error: Exception) -> bool:
    """Whether a database says, in its words, that its disk is full."""
    words = str(error)
    return "disk is full" in words or "No space left on device" in words


def error_body(error: HeimdexError) -> dict[str, Any]:
    """The one error shape."""
    return {"error_code": error.code, "message": error.message, "details": error.details}


def error_response(error: HeimdexError) -> JsonResponse:
    """The one error shape as a plain Django answer."""
    return JsonResponse(error_body(error), status=error.status, headers=error.headers)


def handle_error(exc: Exception, context: Mapping[str, Any]) -> Response:
    """DRF's exception handler: every exception of an API view ends here."""
    error = as_heimdex_error(exc)
    if error.code == "INTERNAL_ERROR" or isinstance(exc, RecursionError):
        logger.error("unexpected error in %s", type(context.get("view")).__name__, exc_info=exc)
    set_rollback()
    return Response(error_body(error), status=error.status, headers=error.headers)


def describe_errors(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """A hook of the API's description: whatever an operation answers besides what it names has the one error shape."""
    parts = {
        "error_code": {"type": "string"},
        "message": {"type": "string"},
        "details": {"type": "object", "additionalProperties": {}},
    }
    error = {"type": "object", "properties": parts, "required": list(parts)}
    result["components"]["schemas"]["Error"] = error
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    for operations in result["paths"].values():
        for operation in operations.values():
            answers = operation["responses"]
            for status, answer in answers.items():
                if status >= "400":
                    answer["content"] = content
            answers["default"] = {"description": "Any other error.", "content": content}
    return result


@csrf_exempt
def not_found(_request: HttpRequest, _path: str = "") -> JsonResponse:
    """Any address under `/v1` that is not there."""
    return error_response(HeimdexError("NOT_FOUND"))


def _media_error(error: MediaError) -> HeimdexError:
    """A code that has no words here is one that nobody should meet."""
    if isinstance(error, InputError) and error.code in ERRORS:
        return HeimdexError(error.code, error.params)
    logger.error("%s: %s", type(error).__name__, error, exc_info=error)
    return HeimdexError(error.code if error.code in ERRORS else "INTERNAL_ERROR")


def _headers(error: Exception) -> dict[str, str]:
    wait = getattr(error, "wait", None)  # of a Throttled; the stubs do not know it
    if wait:
        return {"Retry-After": str(math.ceil(wait))}
    if isinstance(error, (exceptions.NotAuthenticated, exceptions.AuthenticationFailed)):
        return {"WWW-Authenticate": "Bearer"}
    return {}


def _first_sentence(detail: Any, field: str = "") -> str:
    """The first message inside DRF's nested error detail, with its field's name."""
    if isinstance(detail, Mapping):
        name, inner = next(iter(detail.items()))
        return _first_sentence(inner, field if name == "non_field_errors" else str(name))
    if isinstance(detail, (list, tuple)):
        return _first_sentence(detail[0], field)
    return f"{field}: {detail}" if field else str(detail)
