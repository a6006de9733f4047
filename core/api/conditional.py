"""Responses for clients that poll: an ETag, 304 where nothing changed, and when to ask again."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from rest_framework.request import Request
from rest_framework.response import Response

# How long a client waits before it asks again about a job that waits or runs.
POLL_S = 2


def conditional_response(
    request: Request, body: Mapping[str, Any], *, version: Mapping[str, Any] | None = None
) -> HttpResponse:
    """200 with the body and an ETag, or 304 for a client that has this version.

    `version` replaces the body in the ETag, where the body holds what changes without meaning anything.
    """
    text = json.dumps(body if version is None else version, sort_keys=True, default=str)
    etag = quote_etag(hashlib.sha256(text.encode()).hexdigest()[:32])
    response = Response(body, headers={"ETag": etag, "Cache-Control": "private, no-cache"})
    answer = get_conditional_response(
        cast("HttpRequest", request), etag=etag, response=cast("HttpResponse", response)
    )
    return cast("HttpResponse", answer)


def ask_again(response: HttpResponse, *, is_active: bool) -> HttpResponse:
    """Add `Retry-After` to a response about a job that waits or runs."""
    if is_active:
        response["Retry-After"] = str(POLL_S)
    return response
