"""Captions in the dialog: previews of a look, and saved presets."""

import uuid
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
from core.http import wants_partial
from exports import framing_options, policy
from exports.captions import presets, styles
from exports.previews import caption_stills, framing_stills
from exports.web.responses import errors_as_page, integer_parameter, render_with_headers
from exports.web.style_context import look_context, uploaded_logo
from exports.web.style_form import LookForm
from storage.serving import serve_file
from videos.queries import get_video

PREVIEW_CACHE_S = 60


@require_safe
@login_required
@errors_as_page
def preview(request: HttpRequest, video_id: uuid.UUID, strategy: str) -> HttpResponseBase:
    """How a range looks with the captions, overlays and framing that the address describes, as a picture."""
    video = get_video(request.user, video_id)
    start_ms, end_ms = (integer_parameter(request, name) for name in ("start_ms", "end_ms"))
    if start_ms is None or end_ms is None:
        raise HeimdexError(CoreCode.INVALID_INPUT)
    policy.check_span(video, start_ms, end_ms)
    form = LookForm(request.GET, owner_id=request_user(request).pk)
    if not form.is_valid():
        raise HeimdexError(CoreCode.INVALID_INPUT)
    key = caption_stills.drawn(
        video,
        strategy=strategy,
        start_ms=start_ms,
        end_ms=end_ms,
        look=form.wanted(),
        wish=framing_options.parse_options(request.GET.get("framing")),
    )
    return serve_file(
        request, key, content_type=framing_stills.CONTENT_TYPE, cache_s=PREVIEW_CACHE_S
    )


@require_POST
@login_required
@never_cache
@errors_as_page
def save(request: HttpRequest) -> HttpResponseBase:
    """Keep the look that the dialog's form describes under a name; a preset of that name is replaced."""
    user = request_user(request)
    form = LookForm(request.POST, request.FILES, owner_id=user.pk)
    if not form.is_valid():
        return _fields(request, form)
    name = form.cleaned_data["preset_name"]
    if not name:
        form.add_error("preset_name", _("Give it a name."))
        return _fields(request, form)
    known = next((row for row in form.saved if row.name == name), None)
    try:
        preset = presets.save_preset(
            user,
            name=name,
            look=form.wanted(logo=uploaded_logo(request, form)),
            is_default=form.cleaned_data["preset_default"],
            preset=known,
        )
    except HeimdexError as error:
        form.add_problem(error)
        return _fields(request, form)
    initial = {"captions": str(preset.pk), "hook": form.cleaned_data["hook"]}
    return _fields(request, LookForm(initial=initial, owner_id=user.pk), saved=preset.name)


@require_POST
@login_required
@never_cache
@errors_as_page
def delete(request: HttpRequest, preset_id: uuid.UUID) -> HttpResponseBase:
    """Forget a saved preset."""
    user = request_user(request)
    presets.delete_preset(styles.get_preset(user.pk, preset_id))
    return _fields(request, LookForm(initial={"captions": styles.OFF}, owner_id=user.pk))


def _fields(request: HttpRequest, form: LookForm, *, saved: str = "") -> HttpResponse:
    """The part of the dialog about looks; without scripts, back to where the form was."""
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
    context = {**look_context(form), "saved_as": saved, "back": request.POST.get("back", "")}
    status = 422 if form.errors else 200
    return render_with_headers(request, "exports/_look.html", context, status=status)
