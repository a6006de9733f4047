"""What pages of exports answer with: a whole page for a browser, a part for htmx, words for errors."""

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

MOST_DIGITS = 10
CHANGED = {"HX-Trigger": "exports-changed"}
WHOLE_PANEL = {"HX-Retarget": "#export-panel", "HX-Reswap": "outerHTML"}


def errors_as_page(view: View[P]) -> View[P]:
    """Decorate a view: answer its errors with their sentence and status, as a page or, for htmx, as a fragment."""
    guarded = handle_errors(problem_response)(view)

    @wraps(view)
    def answer(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        response = guarded(request, *args, **kwargs)
        patch_vary_headers(response, ["HX-Request"])
        return response

    return answer


def whole_number(request: HttpRequest, name: str) -> int | None:
    """A whole number of at most 10 digits from the address's question; None for anything else."""
    raw = request.GET.get(name, "")
    return int(raw) if raw.isascii() and raw.isdigit() and len(raw) <= MOST_DIGITS else None


def card_now(export: Export) -> presenters.Card:
    """The card of an export at this moment."""
    return presenters.make_card(export, at=read_at(export))


def show_card(
    request: HttpRequest,
    card: presenters.Card,
    *,
    problem: HeimdexError | None = None,
    headers: Mapping[str, str] | None = None,
) -> HttpResponse:
    """One export as it stands, with what could not be done to it when there was a problem."""
    name = "exports/_panel.html" if wants_partial(request) else "exports/detail.html"
    status = problem.status if problem else 200
    context = {"card": card, "problem": problem}
    return rendered(request, name, context, status=status, headers=headers)


def problem_response(request: HttpRequest, error: HeimdexError) -> HttpResponse:
    """An error as words, with its status."""
    part = wants_partial(request)
    if part and request.GET.get("part") == "row":
        return HttpResponse(status=204, headers=CHANGED)  # it is gone: the list shows that
    name = "exports/_problem.html" if part else "exports/problem.html"
    headers = dict(error.headers)
    if part and request.GET.get("part") == "live":
        headers |= WHOLE_PANEL
    return rendered(request, name, {"error": error}, status=error.status, headers=headers)


def rendered(
    request: HttpRequest,
    name: str,
    context: dict[str, Any],
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> HttpResponse:
    """Django's `render`, with headers."""
    response = render(request, name, context, status=status)
    for header, value in (headers or {}).items():
        response.headers[header] = value
    return response


def places_of(user: User, *, at: datetime) -> dict[str, Any]:
    """What is left of a person's limit, for a template."""
    places = policy.quota(user, at=at)
    wait_s = (places.next_free_at - at).total_seconds() if places.next_free_at else 0
    return {
        "places": places,
        "places_text": presenters.places_text(places.free, places.limit),
        "wait_s": math.ceil(wait_s),
        "wait_text": presenters.time_text(math.ceil(wait_s)),
    }
