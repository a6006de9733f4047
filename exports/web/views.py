"""Pages of exports: the list, one export, what can be done to it, and what a video's page shows of them.

Every address answers a whole page to a browser; htmx gets only the part that changes. Other people's exports do not
exist here (404).
"""

import hashlib
import uuid
from collections.abc import Callable
from datetime import datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import BooleanField, ExpressionWrapper
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.http import request_user
from core.errors import HeimdexError
from core.http import error_response, wants_partial
from exports import services
from exports.models import Export, ExportQuerySet
from exports.queries import LARGE_COLUMNS, exports_of, get_export
from exports.web import presenters
from exports.web.responses import (
    CHANGED,
    WHOLE_PANEL,
    card_now,
    errors_as_page,
    places_of,
    rendered,
    show_card,
)
from jobs.clock import database_now
from videos.queries import get_video

PAGE_SIZE = 20
CHIPS_OF_VIDEO = 12
CHIPS_OF_SCENE = 2


@require_safe
@login_required
@never_cache
@errors_as_page
def export_list(request: HttpRequest) -> HttpResponse:
    """A person's exports, newest first, by state; htmx gets the list alone."""
    user, at = request_user(request), database_now()
    rows = exports_of(user).select_related(None).defer(*LARGE_COLUMNS)
    counts = presenters.count_states(rows, at=at)
    state = request.GET.get("state", "")
    state = state if state in presenters.STATES else ""
    pages = Paginator(presenters.in_state(rows, state, at=at), PAGE_SIZE)
    pages.count = counts[state]  # known already: no second COUNT
    page = pages.get_page(request.GET.get("page"))
    context = {
        "cards": [presenters.make_card(export, at=at) for export in page],
        "page": page,
        "state": state,
        "states": [(key, label, counts[key]) for key, label in presenters.STATES.items()],
        "total": counts[""],
        **places_of(user, at=at),
    }
    name = "exports/_list.html" if wants_partial(request) else "exports/list.html"
    return render(request, name, context)


@require_safe
@login_required
@never_cache
@errors_as_page
def detail(request: HttpRequest, export_id: uuid.UUID) -> HttpResponse:
    """One export. A poll that has seen its present state gets 204, so that nothing on the page is touched."""
    card = card_now(get_export(request.user, export_id))
    part = request.GET.get("part", "panel") if wants_partial(request) else ""
    if part not in {"live", "row"}:
        return show_card(request, card)
    if request.GET.get("seen") == card.seen:
        return HttpResponse(status=204)
    if card.is_active:
        return render(request, f"exports/_{part}.html", {"card": card})
    if part == "row":
        return HttpResponse(status=204, headers=CHANGED)
    return show_card(request, card, headers={**CHANGED, **WHOLE_PANEL})


@require_POST
@login_required
@never_cache
@errors_as_page
def cancel(request: HttpRequest, export_id: uuid.UUID) -> HttpResponseBase:
    """Stop an export that has not ended."""
    return _act(request, export_id, services.cancel_export)


@require_POST
@login_required
@never_cache
@errors_as_page
def retry(request: HttpRequest, export_id: uuid.UUID) -> HttpResponseBase:
    """Queue a failed or cancelled export again."""
    return _act(request, export_id, services.retry_export)


@require_POST
@login_required
@never_cache
@errors_as_page
def delete(request: HttpRequest, export_id: uuid.UUID) -> HttpResponseBase:
    """Remove an export and its file."""
    export = get_export(request.user, export_id)
    services.delete_export(export)
    if not wants_partial(request):
        messages.success(request, _("The export is deleted."))
        return redirect("exports:list")
    if request.POST.get("part") == "row":
        return HttpResponse(status=204, headers=CHANGED)
    return rendered(request, "exports/_deleted.html", {"export": export}, headers=CHANGED)


@require_safe
@login_required
@never_cache
@errors_as_page
def for_video(request: HttpRequest, video_id: uuid.UUID) -> HttpResponse:
    """The exports of a video: a list for its page, and chips that go to their scenes out of band."""
    video, at = get_video(request.user, video_id), database_now()
    rows = Export.objects.filter(owner=request_user(request), video=video).defer(*LARGE_COLUMNS)
    seen = _fingerprint(rows, at=at)
    if wants_partial(request) and request.GET.get("seen") == seen:
        return HttpResponse(status=204)
    found = [presenters.make_card(export, at=at) for export in rows if export.deleted_at is None]
    # A scene whose last export was deleted is in here with no cards: its chips go away. One that the video no longer
    # has, as it was processed again, has no place on the page.
    asked_of = {row.scene_id for row in rows if row.scene_id}
    there = video.scenes.filter(pk__in=asked_of).values_list("pk", flat=True)
    scenes: dict[uuid.UUID, list[presenters.Card]] = {pk: [] for pk in there}
    for card in found:
        if card.export.scene_id in scenes:
            scenes[card.export.scene_id].append(card)
    context = {
        "video": video,
        "cards": found[:CHIPS_OF_VIDEO],
        "more": len(found[CHIPS_OF_VIDEO:]),
        "scenes": {
            key: (of_scene[:CHIPS_OF_SCENE], len(of_scene[CHIPS_OF_SCENE:]))
            for key, of_scene in scenes.items()
        },
        "seen": seen,
        "active": any(card.is_active for card in found),
    }
    name = "exports/_for_video.html" if wants_partial(request) else "exports/for_video.html"
    return render(request, name, context)


def _fingerprint(rows: ExportQuerySet, *, at: datetime) -> str:
    """A short word that changes whenever one of the cards does.

    Of plain values, as the page asks every second and most answers are that nothing did.
    """
    expired = ExpressionWrapper(presenters.condition(presenters.EXPIRED, at=at), BooleanField())
    facts = rows.filter(deleted_at=None).values_list(
        "pk", "status", "stage", "progress", "attempts", expired
    )
    return hashlib.blake2s(str(list(facts)).encode(), digest_size=8).hexdigest()


def _act(
    request: HttpRequest, export_id: uuid.UUID, verb: Callable[[Export], Export]
) -> HttpResponseBase:
    """Do something to an export, and show what became of it, or why it could not be done."""
    export, problem = get_export(request.user, export_id), None
    try:
        export = verb(export)
    except HeimdexError as error:
        if error.status == 404:
            raise
        problem = error
    if not wants_partial(request):
        if problem is not None:
            messages.error(request, problem.message)
        return redirect("exports:detail", export_id)
    if request.POST.get("part") == "row":
        return error_response(problem) if problem else HttpResponse(status=204, headers=CHANGED)
    if problem is None:
        return show_card(request, card_now(export), headers=CHANGED)
    fresh = card_now(get_export(request.user, export_id))
    return show_card(request, fresh, problem=problem, headers=problem.headers)
