"""Handlers of 400 and 500 errors: an HTML page for browsers, the JSON error body for API clients.

Django's own handlers read the request's body for a CSRF token. With a body that cannot be read they fail themselves,
and a wrong request would be answered as an error of the server.
"""

import sys

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.template import loader
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from core.errors import CoreCode, HeimdexError
from core.http import as_heimdex_error, error_body, error_response, is_api_request
from storage.errors import StorageCode

# Why the web server answers a request before its body was read (`heimdex.web.application`).
_REFUSALS = {
    code.name: code
    for code in (CoreCode.REQUEST_TOO_LARGE, CoreCode.THROTTLED, CoreCode.STORAGE_FULL)
}
_PASSING = {CoreCode.DATABASE_UNAVAILABLE, StorageCode.STORAGE_UNAVAILABLE, CoreCode.STORAGE_FULL}


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: the address, a header or the body is not valid; the host name may be another's. 413: it is too much."""
    error = as_heimdex_error(exception or Exception())
    if error.code is CoreCode.REQUEST_TOO_LARGE:  # too many fields or files, or too long a text
        return _refusal(request, error)
    if is_api_request(request):
        sentence = _("The request's body is not what its content type says, or is damaged.")
        return JsonResponse(
            error_body(HeimdexError(CoreCode.INVALID_INPUT, message=sentence)), status=400
        )
    return HttpResponse(loader.get_template("400.html").render(), status=400)


def server_error(request: HttpRequest) -> HttpResponse:
    """503 or 507 while the database or the storage is unavailable or full; else 500. Django has logged the error."""
    cause = sys.exc_info()[1]
    error = as_heimdex_error(cause if isinstance(cause, Exception) else Exception())
    passes = error.code in _PASSING
    if is_api_request(request):
        return error_response(error if passes else HeimdexError(CoreCode.INTERNAL_ERROR))
    if passes:
        page = loader.get_template("503.html").render({"error": error})
        return HttpResponse(page, status=error.status)
    return HttpResponse(loader.get_template("500.html").render(), status=500)


@require_GET
@never_cache
def refused(request: HttpRequest, code: str) -> HttpResponse:
    """Return the answer, in the visitor's language, to a request whose body the web server does not read."""
    if code not in _REFUSALS:
        raise Http404
    return _refusal(request, HeimdexError(_REFUSALS[code]))


def _refusal(request: HttpRequest, error: HeimdexError) -> HttpResponse:
    if is_api_request(request) or _wants_json(request):
        return error_response(error)
    page = loader.get_template("refused.html").render({"error": error}, request)
    return HttpResponse(page, status=error.status)


def _wants_json(request: HttpRequest) -> bool:
    preferred = request.get_preferred_type(["application/json", "text/html"])
    return preferred != "text/html"
