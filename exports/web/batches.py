"""Pages of batches: the dialog in which several Shorts of a video are chosen, and the page of their progress."""

import hashlib
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.http import request_user
from core.errors import HeimdexError
from core.http import wants_partial
from core.idempotency import IdempotencyKey
from exports import policy
from exports.batches import services
from exports.batches.archive import archive_response
from exports.batches.items import BatchItem, BatchOptions, read_items
from exports.batches.naming import DEFAULT_TEMPLATE, MAX_TEMPLATE_CHARS
from exports.batches.queries import exports_of_batch, get_batch, progress_of, with_files
from exports.captions.styles import OFF, resolve_style
from exports.choices import AspectRatio, Quality, Strategy
from exports.models import Batch
from exports.web import presenters
from exports.web.ratios import ratio_options
from exports.web.responses import (
    TRIGGER_CHANGED,
    errors_as_page,
    quota_context,
    render_with_headers,
)
from exports.web.style_form import StyleForm
from jobs.clock import database_now
from mediakit.probing.frame_rate import MAX_SHORT_MS, MIN_SHORT_MS
from videos.choices import SuggestionState
from videos.models import Scene, Video
from videos.queries import as_uuid, get_video

# The names of the checkboxes, each of which holds ids, by what `BatchItem.source` calls them.
CHOICES = {"clip": "clip_id", "suggestion": "suggestion_id", "scene": "scene_id"}


class BatchForm(forms.Form):
    """What all Shorts of a batch have in common, and how their files are named."""

    aspect_ratios = forms.MultipleChoiceField(
        label=gettext_lazy("Shape"),
        choices=AspectRatio.choices,
        initial=[AspectRatio.VERTICAL],
        required=False,
    )
    strategy = forms.ChoiceField(
        label=gettext_lazy("Framing"), choices=Strategy.choices, initial=Strategy.SMART_CROP
    )
    quality = forms.ChoiceField(
        label=gettext_lazy("Quality"), choices=Quality.choices, initial=Quality.HIGH
    )
    captions = forms.ChoiceField(label=gettext_lazy("Captions"))
    file_names = forms.CharField(
        label=gettext_lazy("File names"),
        max_length=MAX_TEMPLATE_CHARS,
        required=False,
        widget=forms.TextInput(attrs={"placeholder": DEFAULT_TEMPLATE}),
    )
    idempotency_key = forms.CharField(max_length=255, required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, owner_id: int, has_words: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        styles = StyleForm(owner_id=owner_id)
        field: Any = self.fields["captions"]
        offered: Any = styles.fields["captions"]
        field.choices = offered.choices
        if styles.default is not None:
            field.initial = str(styles.default.pk)
        else:
            field.initial = "outline" if has_words else OFF
        for name in ("strategy", "quality", "captions", "file_names"):
            self.fields[name].widget.attrs["class"] = "input"


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing that can be ticked. `kind` is a key of CHOICES."""

    kind: str
    key: str
    title: str
    start_ms: int
    length_ms: int
    is_checked: bool


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
@errors_as_page
def batch_dialog(request: HttpRequest, video_id: uuid.UUID) -> HttpResponse:
    """GET: what of a video can be exported together. POST: request it, and go to the batch's page."""
    user, video = request_user(request), get_video(request.user, video_id)
    policy.check_video(video)
    has_words = video.cues.exists()
    if request.method != "POST":
        initial = {"idempotency_key": uuid.uuid4().hex}
        form = BatchForm(owner_id=user.pk, has_words=has_words, initial=initial)
        return _dialog_response(request, video, form, chosen=set())
    form = BatchForm(request.POST, owner_id=user.pk, has_words=has_words)
    chosen = [
        (kind, key)
        for kind in CHOICES
        for key in map(as_uuid, request.POST.getlist(kind))
        if key is not None
    ]
    keys = {str(key) for _kind, key in chosen}
    if not form.is_valid():
        return _dialog_response(request, video, form, chosen=keys, status=422)
    data = form.cleaned_data
    try:
        style = resolve_style(user.pk, data["captions"])
        options = BatchOptions(
            data["strategy"],
            data["quality"],
            aspect_ratios=data["aspect_ratios"] or [AspectRatio.VERTICAL],
            style=style,
        )
        items = [BatchItem(CHOICES[kind], key) for kind, key in chosen]
        batch = services.request_batch(
            user,
            read_items(user, items, options),
            title=video.title,
            name_template=data["file_names"],
            idempotency_key=IdempotencyKey(data["idempotency_key"]),
        )
    except HeimdexError as error:
        form.add_error(None, error.message)
        return _dialog_response(request, video, form, chosen=keys, status=error.status)
    return batch_response(request, batch, headers=TRIGGER_CHANGED)


def batch_response(
    request: HttpRequest, batch: Batch, *, headers: Mapping[str, str]
) -> HttpResponse:
    """Respond to a request for a batch: with its panel for the dialog, else by going to its page."""
    if not wants_partial(request):
        return redirect("exports:batch", batch.pk)
    return render_with_headers(
        request, "exports/_batch_panel.html", _batch_context(batch), headers=headers
    )


@require_safe
@login_required
@never_cache
@errors_as_page
def batch_page(request: HttpRequest, batch_id: uuid.UUID) -> HttpResponse:
    """One batch. A poll whose `?seen=` is the current fingerprint gets 204 and leaves the page unchanged."""
    context = _batch_context(get_batch(request.user, batch_id))
    if wants_partial(request):
        if request.GET.get("seen") == context["seen"]:
            return HttpResponse(status=204)
        return render(request, "exports/_batch.html", context)
    return render(request, "exports/batch.html", context)


@require_safe
@login_required
@errors_as_page
def batch_zip(request: HttpRequest, batch_id: uuid.UUID) -> HttpResponseBase:
    """All finished Shorts of a batch as one ZIP."""
    return archive_response(request, get_batch(request.user, batch_id), at=database_now())


@require_POST
@login_required
@never_cache
@errors_as_page
def cancel_batch(request: HttpRequest, batch_id: uuid.UUID) -> HttpResponse:
    """Cancel what of a batch has not ended."""
    return _act(request, batch_id, services.cancel_batch)


@require_POST
@login_required
@never_cache
@errors_as_page
def retry_batch(request: HttpRequest, batch_id: uuid.UUID) -> HttpResponse:
    """Queue what failed of a batch again."""
    return _act(request, batch_id, services.retry_failed)


def _act(
    request: HttpRequest, batch_id: uuid.UUID, service: Callable[[Batch], object]
) -> HttpResponse:
    """Call a service with a batch and answer with its new state; a refusal is a message."""
    batch = get_batch(request.user, batch_id)
    try:
        service(batch)
    except HeimdexError as error:
        messages.error(request, error.message)
    if wants_partial(request):
        return render(request, "exports/_batch.html", _batch_context(batch))
    return redirect("exports:batch", batch.pk)


def _batch_context(batch: Batch) -> dict[str, Any]:
    at = database_now()
    exports = exports_of_batch(batch)
    ready = with_files(exports, at=at)
    progress = progress_of(exports)
    facts = [(e.pk, e.status, e.progress, e.title, e.is_expired(at=at)) for e in exports]
    return {
        "batch": batch,
        "cards": [presenters.make_card(export, at=at) for export in exports],
        "progress": progress,
        "ready_bytes": sum(export.file_size_bytes or 0 for export in ready),
        "ready_count": len(ready),
        "seen": hashlib.blake2s(str(facts).encode(), digest_size=8).hexdigest(),
    }


def _dialog_response(
    request: HttpRequest, video: Video, form: BatchForm, *, chosen: set[str], status: int = 200
) -> HttpResponse:
    user = request_user(request)
    choices = _choices(video, chosen=chosen, is_new=not form.is_bound)
    context = {
        "video": video,
        "form": form,
        "ratios": ratio_options(video, form["aspect_ratios"].value() or [AspectRatio.VERTICAL]),
        "groups": [
            (label, [choice for choice in choices if choice.kind == kind])
            for kind, label in (
                ("clip", _("Clips")),
                ("suggestion", _("Suggested clips")),
                ("scene", _("Scenes")),
            )
        ],
        **quota_context(user, at=database_now()),
    }
    name = "exports/_batch_form.html" if wants_partial(request) else "exports/batch_form.html"
    return render(request, name, context, status=status)


def _choices(video: Video, *, chosen: set[str], is_new: bool) -> list[Choice]:
    """What a Short can be made of. In a new dialog all clips are ticked."""
    clips = video.clips.not_deleted()
    suggestions = video.suggestions.filter(state=SuggestionState.OPEN)
    scenes = video.scenes.order_by("index").only("pk", "index", "start_ms", "end_ms", "text")
    rows = [
        *(("clip", c.pk, c.title, c.start_ms, c.duration_ms) for c in clips),
        *(
            ("suggestion", s.pk, s.title or _("Suggestion"), s.start_ms, s.duration_ms)
            for s in suggestions
        ),
        *(
            ("scene", s.pk, _scene_title(s), s.start_ms, s.end_ms - s.start_ms)
            for s in scenes
            if MIN_SHORT_MS <= s.end_ms - s.start_ms <= MAX_SHORT_MS
        ),
    ]
    return [
        Choice(
            kind,
            str(key),
            title,
            start_ms,
            length_ms,
            is_checked=(is_new and kind == "clip") or str(key) in chosen,
        )
        for kind, key, title, start_ms, length_ms in rows
    ]


def _scene_title(scene: Scene) -> str:
    if scene.first_sentence:
        return f"{scene.number}. {scene.first_sentence}"
    return _("Scene %(number)s") % {"number": scene.number}
