"""What is answered when a request cannot be read or something broke: a page to people, the one error shape to programs.

Django's own look at the request's body for a CSRF token. When it is the body that cannot be read, they fail with it,
and a wrong request would be answered as if we had broken.
"""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template import loader
from django.utils.translation import gettext as _

from heimdex.api import error_body, error_response
from heimdex.errors import HeimdexError

_API = "/v1/"


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: the address, a header or the body is not valid; the host name may be another's."""
    del exception  # it is in the log
    if request.path.startswith(_API):
        sentence = _("The request's body is not what its content type says, or is damaged.")
        return JsonResponse(error_body(HeimdexError("INVALID_INPUT", message=sentence)), status=400)
    return HttpResponse(loader.get_template("400.html").render(), status=400)


def server_error(request: HttpRequest) -> HttpResponse:
    """500: it has been logged."""
    if request.path.startswith(_API):
        return error_response(HeimdexError("INTERNAL_ERROR"))
    return HttpResponse(loader.get_template("500.html").render(), status=500)
