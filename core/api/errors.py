"""Errors of the API: every exception of a view becomes the error JSON, and the schema says so."""

import logging
import math
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiResponse
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from core.errors import CoreCode, ErrorCode, HeimdexError, all_codes, api_code
from core.http import as_heimdex_error, error_body

logger = logging.getLogger(__name__)

_CODES: dict[type[exceptions.APIException], ErrorCode] = {
    exceptions.NotAuthenticated: CoreCode.UNAUTHENTICATED,
    exceptions.AuthenticationFailed: CoreCode.UNAUTHENTICATED,
    exceptions.PermissionDenied: CoreCode.FORBIDDEN,
    exceptions.NotFound: CoreCode.NOT_FOUND,
    exceptions.MethodNotAllowed: CoreCode.METHOD_NOT_ALLOWED,
    exceptions.NotAcceptable: CoreCode.NOT_ACCEPTABLE,
    exceptions.UnsupportedMediaType: CoreCode.UNSUPPORTED_MEDIA_TYPE,
    exceptions.Throttled: CoreCode.THROTTLED,
}


def handle_exception(exc: Exception, context: Mapping[str, Any]) -> Response:
    """Answer any exception of an API view; this is the REST framework's EXCEPTION_HANDLER."""
    view = context.get("view")
    error = api_error(exc)
    if error.code == CoreCode.INTERNAL_ERROR or isinstance(exc, RecursionError):
        logger.error("unexpected error in %s", type(view).__name__, exc_info=exc)
    if not getattr(view, "shows_exact_codes", False):
        error = _under_api_code(error)
    set_rollback()
    return Response(error_body(error), status=error.status, headers=error.headers)


def api_error(exc: Exception) -> HeimdexError:
    """The error that a client sees for any exception, those of the REST framework included."""
    if isinstance(exc, exceptions.ValidationError):
        return HeimdexError(
            CoreCode.INVALID_INPUT, {"fields": exc.detail}, message=_first_message(exc.detail)
        )
    # Parsing JSON that is nested a hundred thousand levels deep ends in a RecursionError.
    if isinstance(exc, (exceptions.ParseError, RecursionError)):
        sentence = _("The request's body is not what its content type says, or is damaged.")
        return HeimdexError(CoreCode.INVALID_INPUT, message=sentence)
    for kind, code in _CODES.items():
        if isinstance(exc, kind):
            return HeimdexError(code, headers=_headers(exc))
    return as_heimdex_error(exc)


def describe_errors(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Describe the error JSON in the OpenAPI schema: for every status from 400, and as each operation's default."""
    properties = {
        # No enum: generated clients refuse what is not in theirs, and codes may be added.
        "error_code": {
            "type": "string",
            "description": f"One of {', '.join(sorted(all_codes()))}.",
        },
        "message": {"type": "string"},
        "details": {"type": "object", "additionalProperties": {}},
    }
    error = {"type": "object", "properties": properties, "required": list(properties)}
    result["components"]["schemas"]["Error"] = error
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    for operations in result["paths"].values():
        for operation in operations.values():
            responses = operation["responses"]
            for status, response in responses.items():
                if status >= "400":
                    response["content"] = content
            responses["default"] = {"description": "Any other error.", "content": content}
    return result


def described(*codes: ErrorCode, note: str = "") -> OpenApiResponse:
    """A response of the OpenAPI schema that carries one of these codes: "A, B or C", followed by `note`."""
    *others, last = (code.name for code in codes)
    names = f"{', '.join(others)} or {last}" if others else last
    return OpenApiResponse(description=names + note)


def _under_api_code(error: HeimdexError) -> HeimdexError:
    """The error under the code that the API's clients know; a finer code becomes `details.reason`."""
    code = api_code(error.code)
    if code is error.code:
        return error
    details = {"reason": error.code.name, **error.details}
    return HeimdexError(code, details, message=error.message, headers=error.headers)


def _headers(exc: exceptions.APIException) -> dict[str, str]:
    wait_s = getattr(exc, "wait", None)  # of a Throttled; the stubs do not know it
    if wait_s:
        return {"Retry-After": str(math.ceil(wait_s))}
    return {}


def _first_message(detail: Any, field: str = "") -> str:
    """The first message inside the REST framework's nested error detail, after its field's name."""
    if isinstance(detail, Mapping):
        name, inner = next(iter(detail.items()))
        return _first_message(inner, field if name == "non_field_errors" else str(name))
    if isinstance(detail, (list, tuple)):
        return _first_message(detail[0], field)
    return f"{field}: {detail}" if field else str(detail)
