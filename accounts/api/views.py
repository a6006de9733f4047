"""The base of every API view."""

from collections.abc import Mapping
from typing import ClassVar, cast

from django.http import HttpRequest
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.http import request_user
from accounts.models import User
from core.errors import HeimdexError


class UserAPIView(APIView):
    """An endpoint for a signed-in user.

    `public_codes` maps error codes of services to the ones that API clients depend on; the service's own code is then
    in `details.reason`.
    """

    public_codes: ClassVar[Mapping[str, str]] = {}

    @property
    def user(self) -> User:
        """The user who asks."""
        return request_user(cast("HttpRequest", self.request))

    def handle_exception(self, exc: Exception) -> Response:
        """Answer any exception, under its public code."""
        if isinstance(exc, HeimdexError) and exc.code in self.public_codes:
            details = {"reason": exc.code, **exc.details}
            exc = HeimdexError(self.public_codes[exc.code], details, message=exc.message)
        return super().handle_exception(exc)
