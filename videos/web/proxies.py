"""What plays on a video's page: the source, or the proxy that is made where not every browser plays the source."""

from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.http import request_user
from core.http import json_errors, wants_partial
from storage.serving import serve_file
from videos import services
from videos.models import Proxy, Video
from videos.proxies.lifecycle import needs_proxy
from videos.proxies.pipeline import CONTENT_TYPE
from videos.queries import get_video, video_or_404
from videos.web.files import SOURCE_CACHE_S, link_lifetime_s


@dataclass(frozen=True, slots=True)
class Playback:
    """What the player plays: the address, and the file's own clock in ms at its first picture.

    `proxy` is the video's proxy in any state; `can_ask` says that one may be asked for.
    """

    src: str
    origin_ms: int
    proxy: Proxy | None
    can_ask: bool


def playback_of(video: Video) -> Playback:
    """What to play of a processed video, in one query."""
    proxy = Proxy.objects.filter(video=video).first()
    if proxy is not None and proxy.is_ready:
        return Playback(reverse("videos:proxy", args=[video.pk]), 0, proxy, can_ask=False)
    can_ask = proxy is None and settings.MAKE_PROXIES and needs_proxy(video)
    return Playback(
        reverse("videos:source", args=[video.pk]), video.origin_ms, proxy, can_ask=can_ask
    )


@require_safe
@login_required
@json_errors
def proxy_file(request: HttpRequest, video_id: UUID) -> HttpResponseBase:
    """The proxy's file for the player; answers Range requests. 404 while there is none."""
    video = get_video(request.user, video_id)
    proxy = Proxy.objects.filter(video=video).first()
    if proxy is None or not proxy.is_ready:
        raise Http404
    return serve_file(
        request,
        proxy.file_key,
        content_type=CONTENT_TYPE,
        cache_s=SOURCE_CACHE_S,
        link_s=link_lifetime_s(video),
    )


@require_safe
@never_cache
@login_required
def proxy_line(request: HttpRequest, video_id: UUID) -> HttpResponse:
    """The line below the player about the proxy; it polls itself while the proxy is being made."""
    video = video_or_404(request_user(request), video_id)
    if not wants_partial(request):
        return redirect("videos:page", video.pk)
    context = {"video": video, "playback": playback_of(video), "has_come": True}
    return render(request, "videos/proxy_line.html", context)


@require_POST
@login_required
def ask_for_proxy(request: HttpRequest, video_id: UUID) -> HttpResponse:
    """Ask for a proxy, also again after one failed."""
    video = video_or_404(request_user(request), video_id)
    services.request_proxy(video)
    if wants_partial(request):
        context = {"video": video, "playback": playback_of(video)}
        return render(request, "videos/proxy_line.html", context)
    return redirect("videos:page", video.pk)
