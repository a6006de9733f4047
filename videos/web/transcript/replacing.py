"""Find and replace in the transcript of a video's page: a preview of each place, one step, one undo."""

import uuid
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods
from django_htmx.http import trigger_client_event

from accounts.http import request_user
from accounts.models import User
from core.errors import HeimdexError
from core.http import wants_partial
from videos.corrections import services
from videos.corrections.finding import MAX_PLACES, Place, chosen_places, find_places
from videos.models import Video
from videos.queries import video_or_404
from videos.transcripts.glossary import replace_terms, terms_of
from videos.web.forms import ReplaceForm

# Languages whose words take particles, or are written without spaces: there the borders of words do not count at first.
_JOINED = ("ko", "ja", "zh", "th")


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
def replace(request: HttpRequest, video_id: uuid.UUID) -> HttpResponse:
    """The shared dialog: GET lists the places of `?find=`, POST replaces the chosen ones."""
    user = request_user(request)
    video = video_or_404(user, video_id)
    if request.method == "POST":
        return _replace(request, user, video, ReplaceForm(request.POST))
    if not wants_partial(request):
        return redirect("videos:page", video.pk)
    whole = not video.transcript_language.startswith(_JOINED)
    data = request.GET if "find" in request.GET else None
    return _show(request, video, ReplaceForm(data, initial={"whole_words": whole}))


def _replace(request: HttpRequest, user: User, video: Video, form: ReplaceForm) -> HttpResponse:
    if not form.is_valid() or not form.places:
        return _show(request, video, form, status=422)
    batch, text = uuid.uuid4(), form.cleaned_data["text"]
    try:
        places = chosen_places(video, form.wanted(), form.places)
        changes = [place.change(text) for place in places]
        lines = services.replace_all(user, video, changes, batch=batch)
        if form.cleaned_data["add_term"]:
            replace_terms(user, [*terms_of(user.pk), text])
    except HeimdexError as error:
        return _show(request, video, form, says=error.message)
    response = _show(request, video, form, batch=batch, count=len(changes))
    return trigger_client_event(response, "lines-changed", {"at": list(lines), "batch": str(batch)})


def _show(
    request: HttpRequest, video: Video, form: ReplaceForm, *, status: int = 200, **done: Any
) -> HttpResponse:
    places: list[Place] = []
    if form.is_bound and not done:
        form.full_clean()
        places = find_places(video, form.wanted())
    context = {
        "video": video,
        "form": form,
        "places": places[:MAX_PLACES],
        "has_more": len(places) > MAX_PLACES,
        "limit": MAX_PLACES,
        **done,
    }
    return render(request, "videos/replace_dialog.html", context, status=status)
