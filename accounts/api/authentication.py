"""Token authentication of the API: `Authorization: Bearer hdx_...`."""

from django.utils import timezone
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request

from accounts import services
from accounts.choices import TokenScope
from accounts.models import AccessToken, User

SCHEME = "Bearer"


class TokenAuthentication(BaseAuthentication):
    """A personal access token in the `Authorization` header.

    Without such a header the next authentication class is tried. With an invalid token (unknown, revoked, malformed,
    or of an inactive owner) the response is 401, whatever cookies the request has.
    """

    def authenticate(self, request: Request) -> tuple[User, AccessToken] | None:
        """The token's owner and the token, or None for a request without a token. Raises AuthenticationFailed.

        Raises PermissionDenied where a token that may only read would change something.
        """
        scheme, _, credentials = get_authorization_header(request).partition(b" ")
        if scheme.lower() != SCHEME.lower().encode():
            return None
        token = services.authenticate_token(
            credentials.strip().decode("latin-1"), at=timezone.now()
        )
        if token is None:
            raise AuthenticationFailed
        if token.scope != TokenScope.WRITE and request.method not in SAFE_METHODS:
            raise PermissionDenied
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        """The `WWW-Authenticate` header of a 401."""
        del request
        return SCHEME


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # it has no types
    """Its security scheme in the OpenAPI schema."""

    target_class = TokenAuthentication
    name = "accessToken"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        """A plain HTTP bearer scheme."""
        del auto_schema
        return {"type": "http", "scheme": "bearer", "description": "A personal access token."}
