"""Scenes of a video's page that are drawn anew, and borders undone in the list of corrections."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import trigger_client_event

from accounts.http import request_user
from core.errors import HeimdexError
from videos.corrections import borders
from videos.queries import video_or_404
from videos.web.transcript import presenters
from videos.web.transcript.corrections import list_response

_MAX_MS = 2_000_000_000


@require_safe
@never_cache
@login_required
def scenes(request: HttpRequest, video_id: UUID) -> HttpResponse:
    """The scenes that begin between `?from=` and `?until=` (ms), as the page has them."""
    video = video_or_404(request_user(request), video_id)
    start_ms, end_ms = (_ms(request.GET.get(name, "")) for name in ("from", "until"))
    page = presenters.scenes_between(video, start_ms, end_ms)
    return render(request, "videos/scenes.html", {"video": video, "page": page})


@require_POST
@login_required
def undo(request: HttpRequest, video_id: UUID, border_id: UUID) -> HttpResponse:
    """Undo a border in the list of corrections; the event `borders-changed` tells the page where."""
    video = video_or_404(request_user(request), video_id)
    try:
        edit = borders.undo_border(video, border_id)
    except HeimdexError as error:
        return list_response(request, video_id, says=error.message)
    response = list_response(request, video_id, says=_("Undone."))
    return trigger_client_event(response, "borders-changed", {"ms": edit.at_ms})


def _ms(given: str) -> int:
    return min(int(given), _MAX_MS) if given.isdecimal() and len(given) < 12 else 0
