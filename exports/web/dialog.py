"""The export dialog: choose range, framing, quality, sound and style, and request the export."""

import contextlib
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.http import request_user
from accounts.models import User
from core.errors import CoreCode, ErrorCode, HeimdexError
from core.http import wants_partial
from core.idempotency import IdempotencyKey
from exports import policy, services
from exports.batches.services import request_batch
from exports.captions.styles import OFF, ShortStyle, without_missing_files
from exports.choices import AspectRatio, CaptionStyleName, Quality, Strategy
from exports.errors import ExportCode
from exports.framing import options as framing_options
from exports.models import Batch, Export
from exports.previews import framing_stills
from exports.queries import get_export
from exports.services import ExportRequest
from exports.web import prefetch, presenters
from exports.web.batches import batch_response
from exports.web.forms import clip_options
from exports.web.forms.export import ExportForm
from exports.web.forms.ratios import ratio_options
from exports.web.forms.style import StyleForm
from exports.web.forms.style_context import (
    missing_letters_context,
    style_context,
    uploaded_logo,
)
from exports.web.responses import (
    TRIGGER_CHANGED,
    TRIGGER_CLIPS_CHANGED,
    card_response,
    current_card,
    errors_as_page,
    integer_parameter,
    quota_context,
    render_with_headers,
)
from jobs.clock import database_now
from mediakit.cutting.cut_time import Span, kept_ms
from mediakit.media_info import MediaInfo
from mediakit.probing.frame_rate import MAX_CLAIMABLE_MS, MAX_SHORT_MS, MIN_SHORT_MS
from mediakit.render.short import ShortSpec, estimate_size_bytes
from videos.clips.queries import get_clip
from videos.clips.services import ClipState, change_clip
from videos.errors import VideoCode
from videos.kept_ranges import ranges_from_json
from videos.models import Clip, Scene, Video
from videos.policy import audio_tracks, is_main_sound_clear
from videos.queries import get_scene, get_video

DEFAULT_RANGE_MS = 30_000
# The form field at which an error is shown; any other is shown above the form.
ERROR_FIELDS: Mapping[ErrorCode, str] = {
    ExportCode.SPAN_REVERSED: "end",
    ExportCode.SPAN_OUTSIDE_VIDEO: "end",
    ExportCode.SPAN_TOO_SHORT: "end",
    ExportCode.SCENE_TOO_LONG: "end",
}


@dataclass(frozen=True, slots=True)
class Draft:
    """The range that a dialog opens with, and its scene if it is one."""

    video: Video
    start_ms: int
    end_ms: int
    scene: Scene | None = None
    repeat_of: Export | None = None  # fills the form with the options of this export
    ranges: tuple[Span, ...] = ()  # what is kept of it; empty for all
    clip: Clip | None = None  # fills the form with its options, and keeps those that are exported

    @property
    def title(self) -> str:
        """The export's title: the clip's, or that of the export that is repeated; empty for the video's."""
        if self.clip is not None:
            return self.clip.title
        return self.repeat_of.title if self.repeat_of is not None else ""


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
@errors_as_page
def dialog(request: HttpRequest, scene_id: uuid.UUID) -> HttpResponse:
    """Request an export of a scene."""
    scene = get_scene(request.user, scene_id)
    return _dialog(request, Draft(scene.video, scene.start_ms, scene.end_ms, scene))


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
@errors_as_page
def dialog_for_range(request: HttpRequest, video_id: uuid.UUID) -> HttpResponse:
    """Request an export of any range of a video: `?start_ms=&end_ms=`, by default the first DEFAULT_RANGE_MS."""
    video = get_video(request.user, video_id)
    end_ms = integer_parameter(request, "end_ms")
    if end_ms is None:
        end_ms = min(video.duration_ms or 0, DEFAULT_RANGE_MS)
    start_ms = integer_parameter(request, "start_ms") or 0
    return _dialog(request, Draft(video, start_ms, end_ms))


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
@errors_as_page
def dialog_again(request: HttpRequest, export_id: uuid.UUID) -> HttpResponse:
    """Request an export with the options of an earlier one; 404 when its video was deleted."""
    repeat_of = get_export(request.user, export_id)
    if repeat_of.video_id is None:
        raise HeimdexError(VideoCode.VIDEO_NOT_FOUND)
    video = get_video(request.user, repeat_of.video_id)
    scene = video.scenes.filter(pk=repeat_of.scene_id).first() if repeat_of.scene_id else None
    return _dialog(
        request,
        Draft(
            video,
            repeat_of.start_ms,
            repeat_of.end_ms,
            scene,
            repeat_of,
            ranges_from_json(repeat_of.ranges),
        ),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
@errors_as_page
def dialog_for_clip(request: HttpRequest, clip_id: uuid.UUID) -> HttpResponse:
    """Request an export of a clip, with the options of its last one."""
    clip = get_clip(request.user, clip_id)
    ranges = clip.kept_ranges if len(clip.ranges) > 1 else ()
    return _dialog(request, Draft(clip.video, clip.start_ms, clip.end_ms, ranges=ranges, clip=clip))


def _dialog(request: HttpRequest, draft: Draft) -> HttpResponse:
    """GET: the dialog. POST: request the export; for htmx the dialog then shows its progress."""
    policy.check_video(draft.video)
    if request.method != "POST":
        initial = {
            "start": draft.start_ms,
            "end": draft.end_ms,
            "ranges": json.dumps(draft.ranges) if draft.ranges else "",
            "idempotency_key": uuid.uuid4().hex,
            **(_initial_options(draft.repeat_of) if draft.repeat_of else {}),
            **(clip_options.initial_values(draft.clip) if draft.clip else {}),
        }
        return _dialog_response(
            request,
            draft,
            ExportForm(initial=initial, tracks=audio_tracks(draft.video)),
            _initial_style_form(request_user(request).pk, draft),
        )
    form = ExportForm(request.POST, tracks=audio_tracks(draft.video))
    style_form = StyleForm(request.POST, request.FILES, owner_id=request_user(request).pk)
    if not (form.is_valid() & style_form.is_valid()):
        return _dialog_response(
            request, draft, form, style_form, error=HeimdexError(CoreCode.INVALID_INPUT)
        )
    try:
        logo = uploaded_logo(request, style_form)
        wanted = ExportRequest(
            video=draft.video,
            aspect_ratio=form.cleaned_data["aspect_ratios"][0],
            scene=draft.scene,
            title=draft.title,
            start_ms=form.cleaned_data["start"],
            end_ms=form.cleaned_data["end"],
            ranges=form.kept_ranges,
            strategy=form.cleaned_data["strategy"],
            quality=form.cleaned_data["quality"],
            audio_track=form.cleaned_data["audio_track"],
            reduce_noise=form.cleaned_data["reduce_noise"],
            style=style_form.to_style(logo=logo),
            framing=framing_options.parse_options(form.cleaned_data["framing"]),
        )
        made = _request(request_user(request), wanted, form)
    except HeimdexError as error:
        if error.status == 404:
            raise
        form.add_error(ERROR_FIELDS.get(error.code), error.message)
        return _dialog_response(request, draft, form, style_form, error=error)
    if draft.clip is not None:
        _keep_options(
            request_user(request),
            draft.clip,
            clip_options.options_of(form, style_form, logo=logo),
        )
    headers = TRIGGER_CHANGED if draft.clip is None else TRIGGER_CLIPS_CHANGED
    if isinstance(made, Batch):
        return batch_response(request, made, headers=headers)
    if not wants_partial(request):
        return redirect("exports:detail", made.pk)
    return card_response(request, current_card(made), headers=headers)


def _request(user: User, wanted: ExportRequest, form: ExportForm) -> Export | Batch:
    """Request the export of a valid form; as a batch, where it is wanted in several aspect ratios."""
    ratios, key = form.cleaned_data["aspect_ratios"], form.cleaned_data["idempotency_key"]
    if len(ratios) == 1:
        return services.request_export(user, wanted, idempotency_key=IdempotencyKey(key))
    requests = [replace(wanted, aspect_ratio=ratio) for ratio in ratios]
    title = wanted.title or wanted.video.title
    return request_batch(user, requests, title=title, idempotency_key=IdempotencyKey(key))


def _keep_options(user: User, clip: Clip, options: dict[str, Any]) -> None:
    """Keep on a clip what it was exported with. A clip that was changed or deleted meanwhile stays as it is."""
    with contextlib.suppress(HeimdexError):
        change_clip(user, clip.pk, ClipState(options=options), based_on=clip.version)


def _initial_style_form(owner_id: int, draft: Draft) -> StyleForm:
    """Return the style form as the dialog opens it.

    It holds the style of the export that is repeated or of the clip, else the user's default preset, else outlined
    captions if the range has speech.
    """
    style = None
    if draft.repeat_of is not None:
        style = without_missing_files(owner_id, ShortStyle.from_json(draft.repeat_of.look))
    elif draft.clip is not None:
        style = clip_options.chosen_style(owner_id, draft.clip)
    if style is not None:
        return StyleForm(owner_id=owner_id, initial=StyleForm.initial_for(style))
    form = StyleForm(owner_id=owner_id)
    if form.default is not None:
        form.initial["captions"] = str(form.default.pk)
    elif draft.video.cues.filter(start_ms__lt=draft.end_ms, end_ms__gt=draft.start_ms).exists():
        form.initial["captions"] = CaptionStyleName.OUTLINE
    else:
        form.initial["captions"] = OFF
    return form


def _dialog_response(
    request: HttpRequest,
    draft: Draft,
    form: ExportForm,
    style_form: StyleForm,
    *,
    error: HeimdexError | None = None,
) -> HttpResponse:
    start_ms, end_ms = _shown_range(form, draft)
    video = draft.video
    prefetch.find_or_request(request_user(request), video, start_ms, end_ms)
    kept = form.kept_ranges if form.is_bound and form.is_valid() else draft.ranges
    still_ms = framing_stills.middle_frame_ms(*(kept or ((start_ms, end_ms),)))
    removed_ms = end_ms - start_ms - kept_ms(kept) if kept else 0
    context = {
        "form": form,
        "draft": draft,
        "joins": max(0, len(kept) - 1),
        "removed_ms": removed_ms,
        "video": video,
        "action": request.get_full_path(),
        "span_ms": end_ms - start_ms - removed_ms,
        "span_text": "–"
        if form.errors
        else presenters.seconds_text(end_ms - start_ms - removed_ms),
        "longest_ms": MAX_SHORT_MS,
        "max_s": MAX_SHORT_MS // 1000,
        "shortest_ms": MIN_SHORT_MS,
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
        "ratios": ratio_options(video, form.shown_ratios),
        **_sound_context(form, video, start_ms),
        "qualities": _quality_options(form, video, end_ms - start_ms - removed_ms),
        "style_preview": reverse("exports:style_preview", args=[video.pk, Strategy.CENTER_CROP]),
        **style_context(style_form),
        **missing_letters_context(
            video,
            start_ms=start_ms,
            end_ms=end_ms,
            captions=str(style_form["captions"].value() or OFF),
            title=str(style_form["hook"].value() or ""),
        ),
        **quota_context(request_user(request), at=database_now()),
    }
    name = "exports/_form.html" if wants_partial(request) else "exports/dialog.html"
    if error is None:
        return render_with_headers(request, name, context)
    return render_with_headers(request, name, context, status=error.status, headers=error.headers)


def _sound_context(form: ExportForm, video: Video, start_ms: int) -> dict[str, Any]:
    """Template context: the sound tracks to choose from, each with its sample to listen to, where there are several."""
    if not form.has_tracks:
        return {}
    readable = {track["index"]: track["is_readable"] for track in audio_tracks(video)}
    chosen = str(form["audio_track"].value())
    tracks = [
        {
            "index": index,
            "label": label,
            "checked": index == chosen,
            "is_readable": readable[int(index)],
            "sample": reverse("exports:listen", args=[video.pk, int(index), start_ms]),
        }
        for index, label in form.audio_track_choices
    ]
    return {"sound_tracks": tracks, "is_main_sound_clear": is_main_sound_clear(video)}


def _shown_range(form: ExportForm, draft: Draft) -> tuple[int, int]:
    """The form's range, else the dialog's own, in ms; the default range when that is not inside the video."""
    start_ms, end_ms = draft.start_ms, draft.end_ms
    if form.is_bound:
        start_ms = form.cleaned_data.get("start", start_ms)
        end_ms = form.cleaned_data.get("end", end_ms)
    inside = 0 <= start_ms < end_ms <= (draft.video.duration_ms or 0)
    return (
        (start_ms, end_ms) if inside else (0, min(DEFAULT_RANGE_MS, draft.video.duration_ms or 0))
    )


def _quality_options(form: ExportForm, video: Video, span_ms: int) -> list[dict[str, Any]]:
    """The qualities, each with the estimated size of the files, and the bytes per minute by shape and framing."""
    strategy, ratios = form["strategy"].value(), form.shown_ratios
    options = []
    for value, label in Quality.choices:
        rates = _bytes_per_minute(video, value)
        rate = sum(rates.get(ratio, {}).get(strategy, 0) for ratio in ratios)
        options.append(
            {
                "value": value,
                "label": label,
                "rates": json.dumps(rates),
                "size": rate * span_ms // 60_000,
                "checked": form["quality"].value() == value,
            }
        )
    return options


def _bytes_per_minute(video: Video, quality: str) -> dict[str, dict[str, int]]:
    """The estimated bytes of a minute of a Short, by aspect ratio and framing; empty for a video never probed."""
    if not video.probe:
        return {}
    info = MediaInfo.from_json(video.probe)

    def rate(ratio: str, strategy: str) -> int:
        spec = ShortSpec(0, 60_000, strategy, quality, aspect_ratio=ratio)
        return estimate_size_bytes(spec, info)

    return {
        ratio: {strategy: rate(ratio, strategy) for strategy in Strategy.values}
        for ratio in AspectRatio.values
    }


def _initial_options(export: Export) -> dict[str, Any]:
    """The form's initial values from an earlier export; a sound track only if one was chosen."""
    track = export.audio_track
    return {
        "aspect_ratios": [export.aspect_ratio],
        "strategy": export.aspect_ratio_strategy,
        "quality": export.output_quality,
        "reduce_noise": export.reduce_noise,
        "framing": framing_options.FramingOptions.from_json(export.framing).to_request_json(),
        **({} if track is None else {"audio_track": track}),
    }
