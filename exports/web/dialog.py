"""The export dialog: a range, a framing and a quality go in, an export comes out."""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.http import request_user
from core.errors import CoreCode, ErrorCode, HeimdexError
from core.http import wants_partial
from exports import framing_options, policy, prefetch, services
from exports.captions.styles import OFF, Look, without_lost_logo
from exports.choices import CaptionStyleName, Quality, Strategy
from exports.errors import ExportCode
from exports.models import Export
from exports.previews import framing_stills
from exports.queries import get_export
from exports.web import presenters
from exports.web.forms import ExportForm
from exports.web.responses import (
    CHANGED,
    card_now,
    errors_as_page,
    places_of,
    rendered,
    show_card,
    whole_number,
)
from exports.web.style_context import look_context, uploaded_logo
from exports.web.style_form import LookForm
from jobs.clock import database_now
from mediakit.media_info import MediaInfo
from mediakit.probing.frame_rate import MAX_CLAIMABLE_MS, MAX_SHORT_MS
from mediakit.render.short import ShortSpec, estimate_size_bytes
from videos.errors import VideoCode
from videos.models import Scene, Video
from videos.queries import get_scene, get_video

FIRST_GUESS_MS = 30_000
# Which field of the dialog an error belongs to; any other is about the dialog as a whole.
FIELDS: Mapping[ErrorCode, str] = {
    ExportCode.SPAN_REVERSED: "end",
    ExportCode.SPAN_OUTSIDE_VIDEO: "end",
    ExportCode.SPAN_TOO_SHORT: "end",
    ExportCode.SCENE_TOO_LONG: "end",
}


@dataclass(frozen=True, slots=True)
class Subject:
    """What a dialog is about: a range of a video, and the scene it came from if it came from one."""

    video: Video
    start_ms: int
    end_ms: int
    scene: Scene | None = None
    like: Export | None = None  # fill the form as it was for this one


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
@errors_as_page
def dialog(request: HttpRequest, scene_id: uuid.UUID) -> HttpResponse:
    """Ask for an export of a scene."""
    scene = get_scene(request.user, scene_id)
    return _dialog(request, Subject(scene.video, scene.start_ms, scene.end_ms, scene))


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
@errors_as_page
def dialog_for_range(request: HttpRequest, video_id: uuid.UUID) -> HttpResponse:
    """Ask for an export of any range of a video: `?start_ms=&end_ms=`, else its first half minute."""
    video = get_video(request.user, video_id)
    end_ms = whole_number(request, "end_ms")
    if end_ms is None:
        end_ms = min(video.duration_ms or 0, FIRST_GUESS_MS)
    start_ms = whole_number(request, "start_ms") or 0
    return _dialog(request, Subject(video, start_ms, end_ms))


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
@errors_as_page
def dialog_again(request: HttpRequest, export_id: uuid.UUID) -> HttpResponse:
    """Ask for an export like an earlier one, also one whose file is gone; 404 when its video is gone too."""
    like = get_export(request.user, export_id)
    if like.video_id is None:
        raise HeimdexError(VideoCode.VIDEO_NOT_FOUND)
    video = get_video(request.user, like.video_id)
    scene = video.scenes.filter(pk=like.scene_id).first() if like.scene_id else None
    return _dialog(request, Subject(video, like.start_ms, like.end_ms, scene, like))


def _dialog(request: HttpRequest, subject: Subject) -> HttpResponse:
    """Show the dialog, or take what was filled in: the same dialog goes on as the export's progress."""
    policy.check_video(subject.video)
    if request.method != "POST":
        initial = {
            "start": subject.start_ms,
            "end": subject.end_ms,
            "idempotency_key": uuid.uuid4().hex,
            **(_asked_for(subject.like) if subject.like else {}),
        }
        return _show_dialog(
            request,
            subject,
            ExportForm(initial=initial, tracks=_tracks(subject.video)),
            _first_look(request_user(request).pk, subject),
        )
    form = ExportForm(request.POST, tracks=_tracks(subject.video))
    look = LookForm(request.POST, request.FILES, owner_id=request_user(request).pk)
    if not (form.is_valid() & look.is_valid()):
        return _show_dialog(
            request, subject, form, look, error=HeimdexError(CoreCode.INVALID_INPUT)
        )
    try:
        export = services.request_export(
            user=request_user(request),
            video=subject.video,
            scene=subject.scene,
            start_ms=form.cleaned_data["start"],
            end_ms=form.cleaned_data["end"],
            strategy=form.cleaned_data["strategy"],
            quality=form.cleaned_data["quality"],
            audio_track=form.cleaned_data["audio_track"],
            reduce_noise=form.cleaned_data["reduce_noise"],
            look=look.wanted(logo=uploaded_logo(request, look)),
            framing=framing_options.parse_options(form.cleaned_data["framing"]),
            idempotency_key=form.cleaned_data["idempotency_key"],
        )
    except HeimdexError as error:
        if error.status == 404:
            raise
        form.add_error(FIELDS.get(error.code), error.message)
        return _show_dialog(request, subject, form, look, error=error)
    if not wants_partial(request):
        return redirect("exports:detail", export.pk)
    return show_card(request, card_now(export), headers=CHANGED)


def _first_look(owner_id: int, subject: Subject) -> LookForm:
    """As it was; else the person's default preset, and without one outlined captions, where something is said."""
    if subject.like is not None:
        look = Look.from_json(subject.like.look)
        return LookForm(
            owner_id=owner_id, initial=LookForm.filled(without_lost_logo(owner_id, look))
        )
    form = LookForm(owner_id=owner_id)
    if form.default is not None:
        form.initial["captions"] = str(form.default.pk)
    elif subject.video.cues.filter(
        start_ms__lt=subject.end_ms, end_ms__gt=subject.start_ms
    ).exists():
        form.initial["captions"] = CaptionStyleName.OUTLINE
    else:
        form.initial["captions"] = OFF
    return form


def _show_dialog(
    request: HttpRequest,
    subject: Subject,
    form: ExportForm,
    look: LookForm,
    *,
    error: HeimdexError | None = None,
) -> HttpResponse:
    start_ms, end_ms = _span(form, subject)
    still_ms = framing_stills.still_time(start_ms, end_ms)
    video = subject.video
    prefetch.find_or_request(request_user(request), video, start_ms, end_ms)
    context = {
        "form": form,
        "subject": subject,
        "video": video,
        "action": request.get_full_path(),
        "span_ms": end_ms - start_ms,
        "span_text": "–" if form.errors else presenters.seconds_text(end_ms - start_ms),
        "longest_ms": MAX_SHORT_MS,
        "max_s": MAX_SHORT_MS // 1000,
        "shortest_ms": policy.MIN_SHORT_MS,
        "warn_ms": MAX_CLAIMABLE_MS,
        "warn_s": MAX_CLAIMABLE_MS // 1000,
        "framings": [
            {
                "value": value,
                "label": label,
                "hint": presenters.framing_hint(value),
                "still": reverse("exports:still", args=[video.pk, value, still_ms]),
                "still_pattern": reverse("exports:still", args=[video.pk, value, 0]),
                "checked": form["strategy"].value() == value,
            }
            for value, label in Strategy.choices
        ],
        "qualities": _qualities(form, video, end_ms - start_ms),
        "look_preview": reverse("exports:look", args=[video.pk, Strategy.CENTER_CROP]),
        **look_context(look),
        **places_of(request_user(request), at=database_now()),
    }
    name = "exports/_form.html" if wants_partial(request) else "exports/dialog.html"
    if error is None:
        return rendered(request, name, context)
    return rendered(request, name, context, status=error.status, headers=error.headers)


def _span(form: ExportForm, subject: Subject) -> tuple[int, int]:
    """The range that is in the form when it makes sense, else the one the dialog was opened with."""
    start_ms, end_ms = subject.start_ms, subject.end_ms
    if form.is_bound:
        start_ms = form.cleaned_data.get("start", start_ms)
        end_ms = form.cleaned_data.get("end", end_ms)
    inside = 0 <= start_ms < end_ms <= (subject.video.duration_ms or 0)
    return (
        (start_ms, end_ms) if inside else (0, min(FIRST_GUESS_MS, subject.video.duration_ms or 0))
    )


def _qualities(form: ExportForm, video: Video, span_ms: int) -> list[dict[str, Any]]:
    """The qualities, each with about how large the file will be: now, and per minute in every framing."""
    wanted = form["strategy"].value()
    shown = []
    for value, label in Quality.choices:
        rates = _bytes_per_minute(video, value)
        rate = rates.get(wanted, 0)
        shown.append(
            {
                "value": value,
                "label": label,
                "rates": json.dumps(rates),
                "size": rate * span_ms // 60_000,
                "checked": form["quality"].value() == value,
            }
        )
    return shown


def _bytes_per_minute(video: Video, quality: str) -> dict[str, int]:
    """About how many bytes a minute of a Short takes, by framing; empty when the video was never probed."""
    if not video.probe:
        return {}
    info = MediaInfo.from_json(video.probe)
    return {
        strategy: estimate_size_bytes(ShortSpec(0, 60_000, strategy, quality), info)
        for strategy in Strategy.values
    }


def _asked_for(export: Export) -> dict[str, Any]:
    """What the fields said when the export was asked for; a sound track only where one was chosen."""
    track = export.audio_track
    return {
        "strategy": export.aspect_ratio_strategy,
        "quality": export.output_quality,
        "reduce_noise": export.reduce_noise,
        "framing": framing_options.FramingOptions.from_json(export.framing).to_request_json(),
        **({} if track is None else {"audio_track": track}),
    }


def _tracks(video: Video) -> list[dict[str, Any]]:
    """The video's sound tracks."""
    return list(video.probe.get("audio", ()))
