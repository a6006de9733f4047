"""Corrected lines on a video's page, and the list of what was corrected."""

from dataclasses import replace
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import trigger_client_event

from accounts.http import request_user
from core.errors import HeimdexError
from core.http import wants_partial
from videos.corrections import borders, services
from videos.corrections.word_times import waiting_lines
from videos.queries import video_or_404
from videos.web.transcript.cue_lines import CueRow, cue_line

MAX_LINES = 500  # of one answer
MAX_LISTED = 500


@require_safe
@never_cache
@login_required
def lines(request: HttpRequest, video_id: UUID) -> HttpResponse:
    """Some lines of the transcript as they are now, in order: `?at=3,4`. Those that are not there are left out.

    The span of each (`data-cue`) has its index as a third number.
    """
    video = video_or_404(request_user(request), video_id)
    rows = video.cues.filter(index__in=_indexes(request.GET.get("at", ""))).order_by("index")
    cues = [
        replace(line, span=f"{line.span} {index}")
        for index, *row in rows.values_list("index", *CueRow._fields)
        if (line := cue_line(CueRow(*row)))
    ]
    return render(request, "videos/cues.html", {"cues": cues})


@require_safe
@never_cache
@login_required
def word_times(request: HttpRequest, video_id: UUID) -> HttpResponse:
    """The element of the page that asks again while new words wait for their times.

    `?lines=3,4` are the lines that waited when it asked last: the event `lines-changed` names those that do no more.
    """
    video = video_or_404(request_user(request), video_id)
    waiting = waiting_lines(video)
    response = render(request, "videos/word_times.html", {"video": video, "waiting": waiting})
    done = [index for index in _indexes(request.GET.get("lines", "")) if index not in waiting]
    return trigger_client_event(response, "lines-changed", {"at": done}) if done else response


def _indexes(listed: str) -> list[int]:
    """The indexes of lines in a list such as `3,4`."""
    asked = listed.split(",")[:MAX_LINES]
    return [int(each) for each in asked if each.isdecimal() and len(each) < 8]


@require_safe
@never_cache
@login_required
def correction_list(request: HttpRequest, video_id: UUID) -> HttpResponse:
    """What was corrected in a video and what was heard there, for the shared dialog."""
    video = video_or_404(request_user(request), video_id)
    if not wants_partial(request):
        return redirect("videos:page", video.pk)
    return list_response(request, video_id)


@require_POST
@login_required
def undo(request: HttpRequest, video_id: UUID, correction_id: UUID) -> HttpResponse:
    """Undo a correction in the list; the event `lines-changed` tells the page which lines are others now."""
    video = video_or_404(request_user(request), video_id)
    try:
        changed = services.undo(video, correction_id)
    except HeimdexError as error:
        return list_response(request, video_id, says=error.message)
    response = list_response(request, video_id, says=_("Undone."))
    return trigger_client_event(response, "lines-changed", {"at": list(changed)})


def list_response(request: HttpRequest, video_id: UUID, *, says: str = "") -> HttpResponse:
    """The list of what was corrected, split and joined; `says` is a sentence above it."""
    video = video_or_404(request_user(request), video_id)
    rows = services.listed(video)
    changed = borders.listed(video)
    context = {
        "video": video,
        "borders": changed[:MAX_LISTED],
        "corrections": rows[:MAX_LISTED],
        "count": rows.count(),
        "limit": MAX_LISTED,
        "says": says,
    }
    return render(request, "videos/corrections_dialog.html", context)
