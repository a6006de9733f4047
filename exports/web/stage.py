"""The stage of the export dialog: a Short as it will be, played in the browser before it is made."""

import uuid
from functools import partial

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.http import request_user
from core.errors import CoreCode, HeimdexError
from core.http import json_errors
from exports import policy
from exports.captions.styles import ShortStyle, resolve_style, without_missing_files
from exports.choices import CaptionStyleName, Strategy
from exports.framing import options as framing_options
from exports.previews.stage import stage_of
from exports.web import prefetch
from exports.web.forms import clip_options
from exports.web.forms.style import StyleForm
from exports.web.responses import integer_parameter
from mediakit.captions import fonts
from storage.serving import BYTES_TYPE
from videos.clips.queries import get_clip
from videos.kept_ranges import ranges_between
from videos.models import Clip
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
@never_cache
@json_errors
def page_stage(request: HttpRequest, video_id: uuid.UUID) -> HttpResponseBase:
    """The stage beside the player, of a range and what is kept of it.

    With `clip` it has the framing, style and shape of that clip, and says what is needed to change them; else those of
    a new export. `is_planned` is false while "smart_crop" waits for its shot analysis: then it shows the centre.
    """
    user = request_user(request)
    video = get_video(user, video_id)
    start_ms, end_ms = (integer_parameter(request, name) for name in ("start_ms", "end_ms"))
    if start_ms is None or end_ms is None:
        raise HeimdexError(CoreCode.INVALID_INPUT)
    policy.check_span(video, start_ms, end_ms)
    clip = get_clip(user, request.GET["clip"]) if request.GET.get("clip") else None
    options = clip.options if clip else {}
    strategy = options.get("aspect_ratio_strategy", Strategy.SMART_CROP)
    if strategy == Strategy.SMART_CROP:
        prefetch.find_or_request(user, video, start_ms, end_ms)
    stage_by = partial(
        stage_of,
        video,
        ranges=ranges_between(video, request.GET.get("ranges", ""), start_ms, end_ms),
        style=_style_of(user.pk, clip),
        overrides=framing_options.parse_options(options.get("framing")),
        output=framing_options.output_format_of(video, options.get("aspect_ratio")),
    )
    found = stage_by(strategy=strategy)
    shown = found or stage_by(strategy=Strategy.CENTER_CROP)
    change = None
    if clip is not None:
        change = {
            "can_drag": strategy == Strategy.SMART_CROP,
            "framing": options.get("framing") or {},
            "captions": options.get("captions") or CaptionStyleName.OUTLINE,
            "caption_style": options.get("caption_style") or {},
        }
    return JsonResponse({**(shown or {}), "is_planned": found is not None, "change": change})


def _style_of(owner_id: int, clip: Clip | None) -> ShortStyle:
    """The style of a clip, or that of a new export: the person's default, else outlined captions."""
    chosen = clip_options.chosen_style(owner_id, clip) if clip else None
    if chosen is not None:
        return chosen
    default = resolve_style(owner_id, None)
    if default == ShortStyle():
        return resolve_style(owner_id, CaptionStyleName.OUTLINE)
    return without_missing_files(owner_id, default)


@require_safe
@login_required
def caption_font(_request: HttpRequest, name: str) -> HttpResponse:
    """A font that captions are drawn with: the file of `mediakit.captions.fonts`. 404 for any other name."""
    if name not in fonts.file_names().values():
        raise Http404
    response = HttpResponse((fonts.FONT_FILES_DIR / name).read_bytes(), content_type=BYTES_TYPE)
    response["Cache-Control"] = f"private, max-age={FONT_CACHE_S}"
    return response
