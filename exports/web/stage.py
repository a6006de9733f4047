"""The stage of the export dialog: a Short as it will be, played in the browser before it is made."""

import uuid

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.http import request_user
from core.errors import CoreCode, HeimdexError
from core.http import json_errors
from exports import policy
from exports.choices import Strategy
from exports.framing import options as framing_options
from exports.previews.stage import stage_of
from exports.web import prefetch
from exports.web.forms.style import StyleForm
from exports.web.responses import integer_parameter
from mediakit.captions import fonts
from storage.serving import BYTES_TYPE
from videos.kept_ranges import ranges_between
from videos.queries import get_video

FONT_CACHE_S = 7 * 24 * 3600


@require_safe
@login_required
@never_cache
@json_errors
def stage(request: HttpRequest, video_id: uuid.UUID, strategy: str) -> HttpResponseBase:
    """What the browser draws of the range, framing and style that the query describes, as the dialog's form has them.

    `{"ready": false}` until the shot analysis of "smart_crop" is there, which is then requested.
    """
    user = request_user(request)
    video = get_video(user, video_id)
    start_ms, end_ms = (integer_parameter(request, name) for name in ("start_ms", "end_ms"))
    if start_ms is None or end_ms is None or strategy not in Strategy.values:
        raise HeimdexError(CoreCode.INVALID_INPUT)
    policy.check_span(video, start_ms, end_ms)
    form = StyleForm(request.GET, owner_id=user.pk)
    if not form.is_valid():
        raise HeimdexError(CoreCode.INVALID_INPUT)
    if strategy == Strategy.SMART_CROP:
        prefetch.find_or_request(user, video, start_ms, end_ms)
    found = stage_of(
        video,
        strategy=strategy,
        ranges=ranges_between(video, request.GET.get("ranges", ""), start_ms, end_ms),
        style=form.to_style(),
        overrides=framing_options.parse_options(request.GET.get("framing")),
        output=framing_options.output_format_of(video, request.GET.get("aspect_ratio")),
    )
    return JsonResponse({"ready": False} if found is None else {"ready": True, **found})


@require_safe
@login_required
def caption_font(_request: HttpRequest, name: str) -> HttpResponse:
    """A font that captions are drawn with: the file of `mediakit.captions.fonts`. 404 for any other name."""
    if name not in fonts.file_names().values():
        raise Http404
    response = HttpResponse((fonts.FONT_FILES_DIR / name).read_bytes(), content_type=BYTES_TYPE)
    response["Cache-Control"] = f"private, max-age={FONT_CACHE_S}"
    return response
