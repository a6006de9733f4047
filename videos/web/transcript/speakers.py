"""The speakers of a video in a dialog of its page: names, renamed on every line, undone."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import trigger_client_event

from accounts.http import request_user
from core.errors import HeimdexError
from core.http import wants_partial
from videos.corrections import speakers
from videos.models import Video
from videos.queries import video_or_404


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
def speaker_list(request: HttpRequest, video_id: UUID) -> HttpResponse:
    """The shared dialog with the names; POST renames one. The event `speakers-changed` tells the page."""
    user = request_user(request)
    video = video_or_404(user, video_id)
    if request.method != "POST":
        return (
            _list(request, video) if wants_partial(request) else redirect("videos:page", video.pk)
        )
    try:
        was, name = request.POST.get("was", ""), request.POST.get("name", "")
        speakers.rename_speaker(user, video, was=was, name=name)
    except HeimdexError as error:
        return _list(request, video, says=error.message)
    return trigger_client_event(_list(request, video), "speakers-changed")


@require_POST
@login_required
def undo_rename(request: HttpRequest, video_id: UUID, rename_id: UUID) -> HttpResponse:
    """Undo a renaming in the dialog."""
    video = video_or_404(request_user(request), video_id)
    try:
        speakers.undo_rename(video, rename_id)
    except HeimdexError as error:
        return _list(request, video, says=error.message)
    return trigger_client_event(_list(request, video), "speakers-changed")


@require_safe
@never_cache
@login_required
def speaker_lines(request: HttpRequest, video_id: UUID) -> HttpResponse:
    """Who speaks on each line, as numbers of `names`; the empty name is nobody's."""
    video = video_or_404(request_user(request), video_id)
    lines = list(video.cues.order_by("index").values_list("speaker", flat=True))
    names = {name: number for number, name in enumerate(dict.fromkeys(lines))}
    return JsonResponse({"names": list(names), "lines": [names[name] for name in lines]})


def _list(request: HttpRequest, video: Video, *, says: str = "") -> HttpResponse:
    context = {
        "video": video,
        "speakers": speakers.speakers_of(video),
        "renames": video.speaker_renames.order_by("-created_at", "-pk"),
        "name_chars": speakers.MAX_NAME_CHARS,
        "says": says,
    }
    return render(request, "videos/speakers_dialog.html", context)
