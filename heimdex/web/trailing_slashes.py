"""Addresses with a slash too many: `/v1/videos/` leads to `/v1/videos`."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponsePermanentRedirect
from django.http.response import HttpResponseBase
from django.urls import Resolver404, resolve
from django.utils.http import escape_leading_slashes

from core.http import api_not_found


class _PermanentRedirect(HttpResponsePermanentRedirect):
    """308, unlike 301, keeps method and body."""

    status_code = 308


class TrailingSlashMiddleware:
    """Redirects a request that found nothing to its address without the trailing slash, where something is."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self._get_response(request)
        path = request.path_info
        if response.status_code != 404 or not path.endswith("/"):
            return response
        if _leads(path) or not _leads(path[:-1]):  # a view of ours answered 404 for itself
            return response
        target = request.path[:-1]
        query = request.META.get("QUERY_STRING", "")
        address = escape_leading_slashes(f"{target}?{query}" if query else target)
        return _PermanentRedirect(address)


def _leads(path: str) -> bool:
    """Whether an address leads to a view of ours, whatever that answers."""
    try:
        return resolve(path).func is not api_not_found
    except Resolver404:
        return False
