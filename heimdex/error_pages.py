"""Handlers of 400 and 500 errors: an HTML page for browsers, the JSON error body for API clients.

Django's own look at the request's body for a CSRF token. When it is the body that cannot be read, they fail with it,
and a wrong request would be answered as if we had broken.
"""

import sys

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template import loader
from django.utils.translation import gettext as _

from core.errors import CoreCode, HeimdexError
from core.http import as_heimdex_error, error_body, error_response, is_api_request
from storage.errors import StorageCode

_PASSING = {CoreCode.DATABASE_UNAVAILABLE, StorageCode.STORAGE_UNAVAILABLE, CoreCode.STORAGE_FULL}


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: the URL, a header or the body is not valid, or the host name is not one of ours."""
    del exception  # it is in the log
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
