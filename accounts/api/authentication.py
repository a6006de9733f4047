"""How a script says who it is: `Authorization: Bearer hdx_...`."""

from django.utils import timezone
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from accounts import services
from accounts.models import AccessToken, User

SCHEME = "Bearer"


class TokenAuthentication(BaseAuthentication):
    """A personal access token in the `Authorization` header.

    Without such a header the next way of authentication is asked; with one that does not hold (unknown, revoked,
    its owner switched off, malformed) the answer is 401, whatever cookies came along.
    """

    def authenticate(self, request: Request) -> tuple[User, AccessToken] | None:
        """The token's owner and the token, or None when the request brings no token."""
        scheme, _, token = get_authorization_header(request).partition(b" ")
        if scheme.lower() != SCHEME.lower().encode():
            return None
        known = services.use_token(token.strip().decode("latin-1"), at=timezone.now())
        if known is None:
            raise AuthenticationFailed
        return known.user, known

    def authenticate_header(self, request: Request) -> str:
        """What a 401 says in `WWW-Authenticate`."""
        del request
        return SCHEME


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # it has no types
    """How the API's description names it."""

    target_class = TokenAuthentication
    name = "accessToken"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        """A plain HTTP bearer scheme."""
        del auto_schema
        return {"type": "http", "scheme": "bearer", "description": "A personal access token."}
