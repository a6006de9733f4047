"""The base of every API view."""

from typing import cast

from django.http import HttpRequest
from rest_framework.views import APIView

from accounts.http import request_user
from accounts.models import User


class UserAPIView(APIView):
    """An endpoint for a signed-in user."""

    @property
    def user(self) -> User:
        """The signed-in user."""
        return request_user(cast("HttpRequest", self.request))
