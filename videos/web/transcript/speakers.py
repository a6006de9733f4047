"""The speakers of a video in a dialog of its page: names, renamed on every line, undone."""

import re
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import trigger_client_event

from accounts.http import request_user
from core.errors import HeimdexError
from core.http import wants_partial
from videos.corrections import speakers
from videos.corrections.borders import LineChange
from videos.models import Video
from videos.queries import video_or_404

_INDEX = re.compile(r"[0-9]{1,6}")


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
def speaker_list(request: HttpRequest, video_id: UUID) -> HttpResponse:
    """The shared dialog with the names; POST renames one, or says who speaks on a line.

    `line` (an index) with its `text` puts the question of that line first, and its answer has no content. The event
    `speakers-changed` tells the page.
    """
    user = request_user(request)
    video = video_or_404(user, video_id)
    if request.method != "POST":
        return (
            _list(request, video) if wants_partial(request) else redirect("videos:page", video.pk)
        )
    try:
        name, change = request.POST.get("name", ""), _line(request.POST)
        if change is not None:
            rename = speakers.set_speaker(user, video, change, name=name)
            made = {"made": str(rename.pk), "line": change.line}
            return trigger_client_event(HttpResponse(status=204), "speakers-changed", made)
        was = request.POST.get("was", "")
        rename = speakers.rename_speaker(user, video, was=was, name=name)
    except HeimdexError as error:
        return _list(request, video, says=error.message)
    made = {"made": str(rename.pk)}
    return trigger_client_event(_list(request, video), "speakers-changed", made)


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


def _line(values: QueryDict) -> LineChange | None:
    """The line that a request is about; None without one."""
    line = values.get("line", "")
    return LineChange(int(line), values.get("text", "")) if _INDEX.fullmatch(line) else None


def _speaker_of(video: Video, line: LineChange) -> str:
    return video.cues.filter(index=line.line).values_list("speaker", flat=True).first() or ""


def _list(request: HttpRequest, video: Video, *, says: str = "") -> HttpResponse:
    line = _line(request.POST or request.GET)
    context = {
        "video": video,
        "speakers": speakers.speakers_of(video),
        "renames": video.speaker_renames.order_by("-created_at", "-pk"),
        "name_chars": speakers.MAX_NAME_CHARS,
        "line": line,
        "line_speaker": line and _speaker_of(video, line),
        "says": says,
    }
    return render(request, "videos/speakers_dialog.html", context)
