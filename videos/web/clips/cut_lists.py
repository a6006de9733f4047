"""The dialog that hands a video's cuts to a video editor, and the file it downloads."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.http import request_user
from core.errors import HeimdexError
from core.http import json_errors, wants_partial
from videos.choices import SuggestionState
from videos.clips.cut_lists import KINDS, CutsOf, cut_list_file
from videos.clips.queries import get_clip
from videos.errors import VideoCode
from videos.queries import get_video, video_or_404


@require_safe
@never_cache
@login_required
def cut_list_dialog(request: HttpRequest, video_id: UUID) -> HttpResponse:
    """What can be handed over and to which editors, for htmx; a browser goes to the video's page."""
    video = video_or_404(request_user(request), video_id)
    if not wants_partial(request):
        return redirect("videos:page", video.pk)
    context = {
        "video": video,
        "clips": list(video.clips.not_deleted().only("pk", "title")),
        "suggestion_count": video.suggestions.exclude(state=SuggestionState.DISMISSED).count(),
        "scene_count": video.scenes.count(),
        "kinds": KINDS,
    }
    return render(request, "videos/cut_list_dialog.html", context)


@require_safe
@login_required
@json_errors
def cut_list(request: HttpRequest, video_id: UUID) -> HttpResponse:
    """The cut list as a file: `kind`, and `of`: clips, suggestions, scenes or the id of one clip."""
    video = get_video(request.user, video_id)
    kind, of = request.GET.get("kind", ""), request.GET.get("of", "")
    if of in set(CutsOf):
        return cut_list_file(video, kind, CutsOf(of))
    clip = get_clip(request.user, of)
    if clip.video_id != video.pk:
        raise HeimdexError(VideoCode.CLIP_NOT_FOUND)
    return cut_list_file(video, kind, clip)
