"""Responses of the export pages: a whole page for a browser, a fragment for htmx, errors as text."""

import math
from collections.abc import Mapping
from datetime import datetime
from functools import wraps
from typing import Any, ParamSpec

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.cache import patch_vary_headers

from accounts.models import User
from core.errors import HeimdexError
from core.http import View, handle_errors, wants_partial
from exports import policy
from exports.models import Export
from exports.queries import read_at
from exports.web import presenters

P = ParamSpec("P")

MAX_DIGITS = 10
TRIGGER_CHANGED = {"HX-Trigger": "exports-changed"}
TRIGGER_CLIPS_CHANGED = {"HX-Trigger": "exports-changed, clips-changed"}
RETARGET_PANEL = {"HX-Retarget": "#export-panel", "HX-Reswap": "outerHTML"}


def errors_as_page(view: View[P]) -> View[P]:
    """Decorate a view: answer its errors with their sentence and status, as a page or, for htmx, as a fragment."""
    guarded = handle_errors(error_page_response)(view)

    @wraps(view)
    def answer(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        response = guarded(request, *args, **kwargs)
        patch_vary_headers(response, ["HX-Request"])
        return response

    return answer


def integer_parameter(request: HttpRequest, name: str) -> int | None:
    """A query parameter that is a whole number of at most MAX_DIGITS digits; None for anything else."""
    raw = request.GET.get(name, "")
    return int(raw) if raw.isascii() and raw.isdigit() and len(raw) <= MAX_DIGITS else None


def current_card(export: Export) -> presenters.Card:
    """The card of an export now."""
    return presenters.make_card(export, at=read_at(export))


def card_response(
    request: HttpRequest,
    card: presenters.Card,
    *,
    error: HeimdexError | None = None,
    headers: Mapping[str, str] | None = None,
) -> HttpResponse:
    """One export's page or panel, with the error of a refused action."""
    name = "exports/_panel.html" if wants_partial(request) else "exports/detail.html"
    status = error.status if error else 200
    context = {"card": card, "problem": error}
    return render_with_headers(request, name, context, status=status, headers=headers)


def error_page_response(request: HttpRequest, error: HeimdexError) -> HttpResponse:
    """The error's sentence as a page or fragment, with the error's status."""
    is_partial = wants_partial(request)
    if is_partial and request.GET.get("part") == "row":
        return HttpResponse(
            status=204, headers=TRIGGER_CHANGED
        )  # the row no longer exists: the list reloads
    name = "exports/_problem.html" if is_partial else "exports/problem.html"
    headers = dict(error.headers)
    if is_partial and request.GET.get("part") == "live":
        headers |= RETARGET_PANEL
    return render_with_headers(
        request, name, {"error": error}, status=error.status, headers=headers
    )


def render_with_headers(
    request: HttpRequest,
    name: str,
    context: dict[str, Any],
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> HttpResponse:
    """Django's `render`, with response headers."""
    response = render(request, name, context, status=status)
    for header, value in (headers or {}).items():
        response.headers[header] = value
    return response


def quota_context(user: User, *, at: datetime) -> dict[str, Any]:
    """Template context: the user's quota and when the next export is allowed."""
    quota = policy.quota(user, at=at)
    wait_s = (quota.next_free_at - at).total_seconds() if quota.next_free_at else 0
    return {
        "quota": quota,
        "quota_text": presenters.quota_text(quota.free, quota.limit),
        "quota_wait_s": math.ceil(wait_s),
        "quota_wait_text": presenters.time_text(math.ceil(wait_s)),
    }
