"""What every answer tells the browser: what a page may load and do, and that nothing of it is kept or lent out.

Two policies for content: pages, the admin's too (settings.CONTENT_SECURITY_POLICY), and everything that is no page
(JSON, captions, pictures), which may do nothing at all when it is opened as one.
"""

from collections.abc import Callable
from typing import Any

from csp.constants import NONE
from csp.middleware import CSPMiddleware, PolicyParts
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

# A browser's abilities that no page of ours uses, and no page that frames us may lend.
PERMISSIONS_POLICY = ", ".join(
    f"{feature}=()"
    for feature in (
        "accelerometer", "browsing-topics", "camera", "display-capture",
        "encrypted-media", "geolocation", "gyroscope", "hid", "identity-credentials-get", "idle-detection",
        "local-fonts", "magnetometer", "microphone", "midi", "otp-credentials", "payment",
        "publickey-credentials-create", "publickey-credentials-get", "screen-wake-lock", "serial", "storage-access",
        "usb", "window-management", "xr-spatial-tracking",
    )
)  # fmt: skip

# For what is no page: opened as one it runs nothing, loads nothing, and has no origin.
NON_PAGE_POLICY: dict[str, Any] = {
    "default-src": [NONE],
    "base-uri": [NONE],
    "form-action": [NONE],
    "frame-ancestors": [NONE],
    "sandbox": True,
}

_NOT_CACHED = "no-store"


class HeadersMiddleware:
    """Refuses host names that are not ours, for static files too, and sets what Django's own middleware leaves out.

    What says nothing about caching may not be kept by anybody: most answers are somebody's own.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.get_host()  # raises DisallowedHost, which is answered with 400
        response = self._get_response(request)
        # The API's documentation asks for an exception, for a kind of login that is not used here.
        response.headers["Cross-Origin-Opener-Policy"] = settings.SECURE_CROSS_ORIGIN_OPENER_POLICY
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.headers.setdefault("X-Permitted-Cross-Domain-Policies", "none")
        response.headers.setdefault("Cache-Control", _NOT_CACHED)
        return response


class ContentPolicyMiddleware(CSPMiddleware):
    """The policy that fits the answer."""

    def get_policy_parts(
        self,
        request: HttpRequest,
        response: HttpResponseBase,
        report_only: bool = False,  # noqa: FBT001, FBT002 - its signature
    ) -> PolicyParts:
        """Whole policies only: none is put together from two."""
        parts = super().get_policy_parts(request, response, report_only)
        if not report_only and parts.config is None and not _is_page(response):
            parts.config = NON_PAGE_POLICY
        return parts


def _is_page(response: HttpResponseBase) -> bool:
    return response.headers.get("Content-Type", "text/html").startswith("text/html")
