"""Responses that pages and API endpoints share: the error JSON, error handling for views, partial pages for htmx."""

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast

from django.core.exceptions import (
    PermissionDenied,
    RequestDataTooBig,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt
from django_htmx.middleware import HtmxDetails

from core.errors import CoreCode, ErrorCode, HeimdexError, from_media
from mediakit.errors import InputError, MediaError

logger = logging.getLogger(__name__)

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]
ErrorResponder = Callable[[HttpRequest, HeimdexError], HttpResponseBase]

API_PREFIX = "/v1/"

_CODES: dict[type[Exception], ErrorCode] = {
    PermissionDenied: CoreCode.FORBIDDEN,
    Http404: CoreCode.NOT_FOUND,
    RequestDataTooBig: CoreCode.REQUEST_TOO_LARGE,
    TooManyFieldsSent: CoreCode.REQUEST_TOO_LARGE,
    TooManyFilesSent: CoreCode.REQUEST_TOO_LARGE,
    OperationalError: CoreCode.DATABASE_UNAVAILABLE,
    InterfaceError: CoreCode.DATABASE_UNAVAILABLE,
}


def as_heimdex_error(error: Exception) -> HeimdexError:
    """The error that a client sees for any exception of Django, mediakit or ours; INTERNAL_ERROR for all others."""
    if isinstance(error, HeimdexError):
        return error
    if isinstance(error, MediaError):
        return _media_error(error)
    if _is_full_disk(error):
        return HeimdexError(CoreCode.STORAGE_FULL)
    for kind, code in _CODES.items():
        if isinstance(error, kind):
            return HeimdexError(code)
    return HeimdexError(CoreCode.INTERNAL_ERROR)


def error_body(error: HeimdexError) -> dict[str, Any]:
    """The JSON of every error: `{"error_code": "...", "message": "...", "details": {...}}`."""
    return {"error_code": error.code.name, "message": error.message, "details": error.details}


def error_response(error: HeimdexError) -> JsonResponse:
    """The error JSON with the error's status and headers, outside the REST framework."""
    return JsonResponse(error_body(error), status=error.status, headers=error.headers)


def handle_errors(
    respond: ErrorResponder,
    *,
    catch: tuple[type[Exception], ...] = (HeimdexError, MediaError),
) -> Callable[[View[P]], View[P]]:
    """Decorate a view: answer each exception of a type in `catch` with the response that `respond` returns."""

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            try:
                return view(request, *args, **kwargs)
            except catch as exc:
                error = as_heimdex_error(exc)
                if error.code is CoreCode.INTERNAL_ERROR:
                    logger.exception("unexpected error in %s", view.__qualname__)
                return respond(request, error)

        return cast("View[P]", guarded)

    return decorate


def json_errors(view: View[P]) -> View[P]:
    """Decorate a view for players and programs: answer errors of ours and of mediakit as the error JSON."""
    return handle_errors(lambda _request, error: error_response(error))(view)


def wants_partial(request: HttpRequest) -> bool:
    """Whether to respond with a part of the page: to htmx, except for a boosted link or its history."""
    htmx: HtmxDetails = request.htmx  # type: ignore[attr-defined]  # set by its middleware
    return bool(htmx) and not htmx.boosted and not htmx.history_restore_request


def is_api_request(request: HttpRequest) -> bool:
    """Whether the address belongs to the REST API."""
    return request.path.startswith(API_PREFIX)


@csrf_exempt
def api_not_found(_request: HttpRequest, _path: str = "") -> JsonResponse:
    """Answer any unknown address of the API with the error JSON."""
    return error_response(HeimdexError(CoreCode.NOT_FOUND))


def _is_full_disk(error: Exception) -> bool:
    """Whether a database reports a full disk: SQLite's and PostgreSQL's messages, as neither has a class for it."""
    text = str(error)
    known = isinstance(error, (OperationalError, InterfaceError))
    return known and ("disk is full" in text or "No space left on device" in text)


def _media_error(error: MediaError) -> HeimdexError:
    """The public error for one of mediakit's; all but the user's own mistakes are logged."""
    public = from_media(error)
    if not isinstance(error, InputError) or public.code is CoreCode.INTERNAL_ERROR:
        logger.error("%s: %s", type(error).__name__, error, exc_info=error)
    return public
