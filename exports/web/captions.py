"""Captions in the dialog: previews of a style, and saved presets."""

import uuid
from dataclasses import replace
from urllib.parse import urlsplit

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.http import request_user
from core.errors import CoreCode, HeimdexError
from core.formatting import parse_clock
from core.http import wants_partial
from exports import policy
from exports.captions import presets, styles
from exports.choices import AspectRatio
from exports.errors import ExportCode
from exports.framing import options as framing_options
from exports.previews import caption_stills, framing_stills
from exports.web.forms.style import StyleForm
from exports.web.forms.style_context import (
    missing_letters_context,
    style_context,
    uploaded_logo,
)
from exports.web.responses import errors_as_page, integer_parameter, render_with_headers
from mediakit.captions.caption_style import MAX_HOOK_CHARS
from mediakit.probing.frame_rate import MAX_SHORT_MS
from storage.serving import serve_file
from videos.kept_ranges import ranges_between
from videos.queries import get_video

PREVIEW_CACHE_S = 60


@require_safe
@login_required
@errors_as_page
def preview(request: HttpRequest, video_id: uuid.UUID, strategy: str) -> HttpResponseBase:
    """Respond with a JPEG of a range with the captions, overlays and framing that the query describes."""
    video = get_video(request.user, video_id)
    start_ms, end_ms = (integer_parameter(request, name) for name in ("start_ms", "end_ms"))
    if start_ms is None or end_ms is None:
        raise HeimdexError(CoreCode.INVALID_INPUT)
    policy.check_span(video, start_ms, end_ms)
    ranges = ranges_between(video, request.GET.get("ranges", ""), start_ms, end_ms)
    form = StyleForm(request.GET, owner_id=request_user(request).pk)
    if not form.is_valid():
        raise HeimdexError(CoreCode.INVALID_INPUT)
    key = caption_stills.caption_preview(
        video,
        strategy=strategy,
        ranges=ranges,
        style=form.to_style(),
        overrides=framing_options.parse_options(request.GET.get("framing")),
        aspect_ratio=request.GET.get("aspect_ratio") or AspectRatio.VERTICAL,
    )
    return serve_file(
        request, key, content_type=framing_stills.CONTENT_TYPE, cache_s=PREVIEW_CACHE_S
    )


@require_safe
@login_required
@never_cache
@errors_as_page
def missing_letters(request: HttpRequest, video_id: uuid.UUID) -> HttpResponse:
    """Name the letters that no font can draw in the range, captions and title of the dialog's form.

    A range that is still being typed has no captions here.
    """
    video = get_video(request.user, video_id)
    start_ms, end_ms = (parse_clock(request.GET.get(name, "")) for name in ("start", "end"))
    if start_ms is None or end_ms is None or not 0 < end_ms - start_ms <= MAX_SHORT_MS:
        start_ms = end_ms = 0
    context = missing_letters_context(
        video,
        start_ms=start_ms,
        end_ms=end_ms,
        captions=request.GET.get("captions", ""),
        title=request.GET.get("hook", "")[:MAX_HOOK_CHARS],
    )
    context["video"] = video
    return render_with_headers(request, "exports/_missing_letters.html", context)


@require_POST
@login_required
@never_cache
@errors_as_page
def save(request: HttpRequest) -> HttpResponseBase:
    """Save the style in the dialog's form under a name. A preset of that name is replaced."""
    user = request_user(request)
    form = StyleForm(request.POST, request.FILES, owner_id=user.pk)
    if not form.is_valid():
        return _style_fields(request, form)
    name = form.cleaned_data["preset_name"]
    if not name:
        form.add_error("preset_name", _("Give it a name."))
        return _style_fields(request, form)
    existing = next((row for row in form.saved if row.name == name), None)
    try:
        style = form.to_style(logo=uploaded_logo(request, form))
        framing = framing_options.parse_options(request.POST.get("framing"))
        preset = presets.save_preset(
            user,
            name=name,
            style=replace(style, framing=framing.for_preset.with_defaults(style.framing)),
            is_default=form.cleaned_data["preset_default"],
            preset=existing,
        )
    except HeimdexError as error:
        form.add_heimdex_error(error)
        return _style_fields(request, form)
    initial = {"captions": str(preset.pk), "hook": form.cleaned_data["hook"]}
    return _style_fields(request, StyleForm(initial=initial, owner_id=user.pk), saved=preset.name)


@require_POST
@login_required
@never_cache
@errors_as_page
def delete(request: HttpRequest, preset_id: uuid.UUID) -> HttpResponseBase:
    """Delete a saved preset."""
    user = request_user(request)
    presets.delete_preset(styles.get_preset(user.pk, preset_id))
    return _style_fields(request, StyleForm(initial={"captions": styles.OFF}, owner_id=user.pk))


@require_POST
@login_required
@never_cache
@errors_as_page
def delete_logo(request: HttpRequest, logo: str) -> HttpResponseBase:
    """Delete an uploaded logo, also from the presets that have it."""
    user = request_user(request)
    try:
        presets.delete_logo(user, logo)
    except HeimdexError as error:
        if error.code != ExportCode.LOGO_IN_USE:
            raise
        form = StyleForm(request.POST, owner_id=user.pk)
        form.add_heimdex_error(error)
        return _style_fields(request, form)
    chosen = {"captions": request.POST.get("captions") or styles.OFF}
    return _style_fields(request, StyleForm(initial=chosen, owner_id=user.pk))


def _style_fields(request: HttpRequest, form: StyleForm, *, saved: str = "") -> HttpResponse:
    """Respond with the dialog's style fields. Without scripts, redirect to the page the form was on."""
    if not wants_partial(request):
        if form.errors:
            messages.error(
                request, " ".join(str(word) for words in form.errors.values() for word in words)
            )
        back = request.POST.get("back", "")
        safe = (
            url_has_allowed_host_and_scheme(back, allowed_hosts=None) and not urlsplit(back).netloc
        )
        return redirect(back if safe and back.startswith("/") else reverse("exports:list"))
    context = {**style_context(form), "saved_as": saved, "back": request.POST.get("back", "")}
    status = 422 if form.errors else 200
    return render_with_headers(request, "exports/_style.html", context, status=status)
