"""The signed-in user of a request, as our own model."""

from django.http import HttpRequest

from accounts.models import User
from core.errors import CoreCode, HeimdexError


def request_user(request: HttpRequest) -> User:
    """The signed-in user. Raises UNAUTHENTICATED for an anonymous request."""
    if not isinstance(request.user, User):
        raise HeimdexError(CoreCode.UNAUTHENTICATED)
    return request.user
