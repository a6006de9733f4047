"""Pages of exports: one export and its actions, and the exports on a video's page.

Every URL answers a browser with a whole page, and htmx with the fragment that changes. Another user's export is a 404.
"""

import hashlib
import uuid
from collections.abc import Callable
from datetime import datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_required
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
from exports.queries import LARGE_COLUMNS, get_export
from exports.web import presenters
from exports.web.responses import (
    RETARGET_PANEL,
    TRIGGER_CHANGED,
    card_response,
    current_card,
    errors_as_page,
    render_with_headers,
)
from jobs.clock import database_now
from videos.queries import get_video

MAX_EXPORTS_OF_VIDEO = 100  # the newest; each poll reads them
MAX_CARDS_OF_VIDEO = 12
MAX_CHIPS_OF_SCENE = 2


@require_safe
@login_required
@never_cache
@errors_as_page
def detail(request: HttpRequest, export_id: uuid.UUID) -> HttpResponse:
    """One export. A poll whose `?seen=` is the current fingerprint gets 204 and leaves the page unchanged."""
    card = current_card(get_export(request.user, export_id))
    part = request.GET.get("part", "panel") if wants_partial(request) else ""
    if part not in {"live", "row"}:
        return card_response(request, card)
    if request.GET.get("seen") == card.fingerprint:
        return HttpResponse(status=204)
    if card.is_active:
        return render(request, f"exports/_{part}.html", {"card": card})
    if part == "row":
        return HttpResponse(status=204, headers=TRIGGER_CHANGED)
    return card_response(request, card, headers={**TRIGGER_CHANGED, **RETARGET_PANEL})


@require_POST
@login_required
@never_cache
@errors_as_page
def cancel(request: HttpRequest, export_id: uuid.UUID) -> HttpResponseBase:
    """Cancel an active export."""
    return _run_action(request, export_id, services.cancel_export)


@require_POST
@login_required
@never_cache
@errors_as_page
def retry(request: HttpRequest, export_id: uuid.UUID) -> HttpResponseBase:
    """Queue a failed or cancelled export again."""
    return _run_action(request, export_id, services.retry_export)


@require_POST
@login_required
@never_cache
@errors_as_page
def rename(request: HttpRequest, export_id: uuid.UUID) -> HttpResponseBase:
    """Give an export another title."""
    title = request.POST.get("title", "")
    return _run_action(request, export_id, lambda export: services.rename_export(export, title))


@require_POST
@login_required
@never_cache
@errors_as_page
def delete(request: HttpRequest, export_id: uuid.UUID) -> HttpResponseBase:
    """Delete an export and its file."""
    export = get_export(request.user, export_id)
    services.delete_export(export)
    if not wants_partial(request):
        messages.success(request, _("The export is deleted."))
        return redirect("exports:list")
    if request.POST.get("part") == "row":
        return HttpResponse(status=204, headers=TRIGGER_CHANGED)
    return render_with_headers(
        request, "exports/_deleted.html", {"export": export}, headers=TRIGGER_CHANGED
    )


@require_safe
@login_required
@never_cache
@errors_as_page
def for_video(request: HttpRequest, video_id: uuid.UUID) -> HttpResponse:
    """The newest exports of a video: a list for its page, and chips for its scenes, swapped out of band."""
    video, at = get_video(request.user, video_id), database_now()
    every = Export.objects.filter(owner=request_user(request), video=video).defer(*LARGE_COLUMNS)
    rows = every.order_by("-created_at", "-id")[:MAX_EXPORTS_OF_VIDEO]
    fingerprint = _fingerprint(rows, at=at)
    if wants_partial(request) and request.GET.get("seen") == fingerprint:
        return HttpResponse(status=204)
    cards = [presenters.make_card(export, at=at) for export in rows if export.deleted_at is None]
    # A scene whose last export was deleted is included without cards, so that its chips are removed. A scene that
    # the video no longer has, because it was processed again, is not on the page.
    scene_ids = {row.scene_id for row in rows if row.scene_id}
    existing_ids = video.scenes.filter(pk__in=scene_ids).values_list("pk", flat=True)
    scenes: dict[uuid.UUID, list[presenters.Card]] = {pk: [] for pk in existing_ids}
    for card in cards:
        if card.export.scene_id in scenes:
            scenes[card.export.scene_id].append(card)
    more = max(0, len(cards) - MAX_CARDS_OF_VIDEO)
    context = {
        "video": video,
        "cards": cards[:MAX_CARDS_OF_VIDEO],
        "more": more,
        "more_text": f"{more}+" if len(rows) == MAX_EXPORTS_OF_VIDEO else str(more),
        "scenes": {
            key: (of_scene[:MAX_CHIPS_OF_SCENE], len(of_scene[MAX_CHIPS_OF_SCENE:]))
            for key, of_scene in scenes.items()
        },
        "seen": fingerprint,
        "active": any(card.is_active for card in cards),
    }
    name = "exports/_for_video.html" if wants_partial(request) else "exports/for_video.html"
    return render(request, name, context)


def _fingerprint(rows: ExportQuerySet, *, at: datetime) -> str:
    """A hash that changes whenever one of the cards does.

    It needs no model instances: the page polls every second, and mostly nothing has changed.
    """
    expired = ExpressionWrapper(
        presenters.state_condition(presenters.EXPIRED, at=at), BooleanField()
    )
    facts = rows.values_list("pk", "deleted_at", "status", "stage", "progress", "attempts", expired)
    return hashlib.blake2s(str(list(facts)).encode(), digest_size=8).hexdigest()


def _run_action(
    request: HttpRequest, export_id: uuid.UUID, service: Callable[[Export], Export]
) -> HttpResponseBase:
    """Call a service with an export and answer with the export's new state, or with the error."""
    export, problem = get_export(request.user, export_id), None
    try:
        export = service(export)
    except HeimdexError as error:
        if error.status == 404:
            raise
        problem = error
    if not wants_partial(request):
        if problem is not None:
            messages.error(request, problem.message)
        return redirect("exports:detail", export_id)
    if request.POST.get("part") == "row":
        return (
            error_response(problem)
            if problem
            else HttpResponse(status=204, headers=TRIGGER_CHANGED)
        )
    if problem is None:
        return card_response(request, current_card(export), headers=TRIGGER_CHANGED)
    fresh = current_card(get_export(request.user, export_id))
    return card_response(request, fresh, error=problem, headers=problem.headers)
