"""The clips on a video's page: the list, and what can be done with each. Scripts change ranges through the API."""

import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.http import request_user
from accounts.models import User
from core.errors import HeimdexError
from core.http import wants_partial
from mediakit.probing.frame_rate import MAX_CLAIMABLE_MS, MAX_SHORT_MS, MIN_SHORT_MS
from videos.clips import services
from videos.clips.first_words import first_words_of
from videos.clips.queries import get_clip
from videos.clips.services import ClipState
from videos.models import Clip, Video
from videos.queries import video_or_404
from videos.web.forms import RenameForm


@dataclass(frozen=True, slots=True)
class ClipEntry:
    """A clip in the list of its video's page."""

    clip: Clip
    words: str  # said first in it; empty where its title says the same

    @property
    def ranges_json(self) -> str:
        """Its kept ranges, for scripts."""
        return json.dumps(self.clip.ranges, separators=(",", ":"))


def clips_context(video: Video, *, deleted: Clip | None = None) -> dict[str, Any]:
    """Template context: the video's clips, and the one whose deletion can be undone."""
    clips = list(video.clips.not_deleted())
    words = first_words_of(video, clips) if clips else []
    return {
        "clips": [
            ClipEntry(clip, "" if _says_the_same(clip.title, said) else said)
            for clip, said in zip(clips, words, strict=True)
        ],
        "deleted_clip": deleted,
        "clip_limits": {
            "shortest_ms": MIN_SHORT_MS,
            "claimable_ms": MAX_CLAIMABLE_MS,
            "longest_ms": MAX_SHORT_MS,
        },
    }


def deleted_clip(request: HttpRequest, video: Video) -> Clip | None:
    """The clip that `?deleted=` names, if it is one of the video's that was deleted."""
    given = request.GET.get("deleted", "")
    try:
        key = uuid.UUID(given)
    except ValueError:
        return None
    return video.clips.filter(pk=key, deleted_at__isnull=False).first()


@require_safe
@never_cache
@login_required
def clip_list(request: HttpRequest, video_id: uuid.UUID) -> HttpResponse:
    """The clips of a video, for htmx; a browser goes to the video's page."""
    return _list_response(request, video_or_404(request_user(request), video_id))


@require_POST
@login_required
def rename(request: HttpRequest, clip_id: uuid.UUID) -> HttpResponse:
    """Rename a clip that still has the version the form was made for."""
    form = RenameForm(request.POST)
    version = request.POST.get("version", "")
    based_on = int(version) if version.isascii() and version.isdigit() else 0

    def act(user: User, clip: Clip) -> None:
        if not form.is_valid():
            messages.error(request, _("A title has 1 to 255 characters."))
            return
        state = ClipState(title=form.cleaned_data["title"])
        services.change_clip(user, clip.pk, state, based_on=based_on)

    return _run(request, clip_id, act)


@require_POST
@login_required
def duplicate(request: HttpRequest, clip_id: uuid.UUID) -> HttpResponse:
    """Copy a clip, right after itself."""
    return _run(request, clip_id, lambda user, clip: services.duplicate_clip(user, clip.pk))


@require_POST
@login_required
def move(request: HttpRequest, clip_id: uuid.UUID) -> HttpResponse:
    """Move a clip up or, with `by=1`, down by one place."""
    by = 1 if request.POST.get("by") == "1" else -1
    return _run(request, clip_id, lambda user, clip: services.shift_clip(user, clip.pk, by))


@require_POST
@login_required
def delete(request: HttpRequest, clip_id: uuid.UUID) -> HttpResponse:
    """Delete a clip; the list then offers to undo it."""
    clip = services.delete_clip(request_user(request), _clip_or_404(request, clip_id).pk)
    return _list_response(request, clip.video, deleted=clip)


@require_POST
@login_required
def undelete(request: HttpRequest, clip_id: uuid.UUID) -> HttpResponse:
    """Undo a deletion."""
    user = request_user(request)
    try:
        clip = services.undelete_clip(user, clip_id)
    except HeimdexError as error:
        gone = Clip.objects.filter(pk=clip_id, video__owner=user).select_related("video").first()
        if gone is None:
            raise Http404(error.message) from error
        messages.error(request, error.message)
        return _list_response(request, gone.video, deleted=gone)
    return _list_response(request, clip.video)


def _run(
    request: HttpRequest, clip_id: uuid.UUID, act: Callable[[User, Clip], object]
) -> HttpResponse:
    """Act on one of the user's clips and answer with the list; a refusal is a message."""
    clip = _clip_or_404(request, clip_id)
    try:
        act(request_user(request), clip)
    except HeimdexError as error:
        messages.error(request, error.message)
    return _list_response(request, clip.video)


def _clip_or_404(request: HttpRequest, clip_id: uuid.UUID) -> Clip:
    try:
        return get_clip(request.user, clip_id)
    except HeimdexError as error:
        raise Http404(error.message) from error


def _list_response(
    request: HttpRequest, video: Video, *, deleted: Clip | None = None
) -> HttpResponse:
    if wants_partial(request):
        context = {"video": video, "is_part": True, **clips_context(video, deleted=deleted)}
        return render(request, "videos/clips.html", context)
    query = {"deleted": str(deleted.pk)} if deleted else None
    return redirect(f"{reverse('videos:page', args=[video.pk], query=query)}#clips")


def _says_the_same(title: str, said: str) -> bool:
    return said.startswith(title.removesuffix("…"))
