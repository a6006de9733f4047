"""Security headers of every response.

There are two content security policies: settings.CONTENT_SECURITY_POLICY for HTML pages (also the admin's), and
NON_PAGE_POLICY for all other responses (JSON, captions, images), which forbids everything.
"""

from collections.abc import Callable
from typing import Any

from csp.constants import NONE, SELF
from csp.middleware import CSPMiddleware, PolicyParts
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

# Browser features that our pages do not use.
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

# For responses that are not HTML: if a browser opens one as a page, it runs and loads nothing and has no origin.
NON_PAGE_POLICY: dict[str, Any] = {
    "default-src": [NONE],
    "base-uri": [NONE],
    "form-action": [NONE],
    "frame-ancestors": [NONE],
    "sandbox": True,
}

# libass runs in this worker, and WebAssembly nowhere else: a worker has the policy of its own response.
DRAWING_WORKER = f"{settings.STATIC_URL}vendor/jassub/worker."
WORKER_POLICY: dict[str, Any] = {
    "default-src": [NONE],
    "script-src": [SELF, "'wasm-unsafe-eval'"],
    "connect-src": [SELF],
}

_NOT_CACHED = "no-store"


class HeadersMiddleware:
    """Rejects unknown host names, also for static files, and sets the headers that Django's middleware does not set.

    A response without `Cache-Control` must not be cached, because most responses are private.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.get_host()  # raises DisallowedHost, which becomes a 400
        response = self._get_response(request)
        # drf-spectacular relaxes this header for OAuth popups, which are not used here.
        response.headers["Cross-Origin-Opener-Policy"] = settings.SECURE_CROSS_ORIGIN_OPENER_POLICY
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.headers.setdefault("X-Permitted-Cross-Domain-Policies", "none")
        response.headers.setdefault("Cache-Control", _NOT_CACHED)
        return response


class ContentPolicyMiddleware(CSPMiddleware):
    """Sets the content security policy by the response's type."""

    def get_policy_parts(
        self,
        request: HttpRequest,
        response: HttpResponseBase,
        report_only: bool = False,  # noqa: FBT001, FBT002 - its signature
    ) -> PolicyParts:
        """NON_PAGE_POLICY, or WORKER_POLICY, replaces the page policy as a whole; they are never merged."""
        parts = super().get_policy_parts(request, response, report_only)
        if not report_only and parts.config is None and not _is_page(response):
            is_worker = request.path.startswith(DRAWING_WORKER)
            parts.config = WORKER_POLICY if is_worker else NON_PAGE_POLICY
        return parts


def _is_page(response: HttpResponseBase) -> bool:
    return response.headers.get("Content-Type", "text/html").startswith("text/html")
