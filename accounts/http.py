"""Requests of signed-in users: their types, and the user of a request as our own model."""

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from accounts.models import User
from core.errors import CoreCode, HeimdexError


class AuthenticatedHttpRequest(HttpRequest):
    """The request of a view behind `login_required`."""

    user: User
    htmx: HtmxDetails


def request_user(request: HttpRequest) -> User:
    """The signed-in user. Raises UNAUTHENTICATED for an anonymous request."""
    if not isinstance(request.user, User):
        raise HeimdexError(CoreCode.UNAUTHENTICATED)
    return request.user
