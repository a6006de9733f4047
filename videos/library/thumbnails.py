"""Thumbnails of videos and scenes as HTTP responses."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from core.errors import CoreCode, HeimdexError
from storage.serving import serve_file

CACHE_S = 3600


def serve_thumbnail(request: HttpRequest, key: str) -> HttpResponseBase:
    """The stored JPEG; NOT_FOUND for an empty key, which means that there is none."""
    if not key:
        raise HeimdexError(CoreCode.NOT_FOUND)
    return serve_file(request, key, content_type="image/jpeg", cache_s=CACHE_S)
