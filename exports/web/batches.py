"""Pages of batches: the dialog in which several Shorts of a video are chosen, and the page of their progress."""

import hashlib
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.http import request_user
from accounts.models import User
from core.errors import HeimdexError
from core.http import wants_partial
from core.idempotency import IdempotencyKey
from exports import policy
from exports.batches import offers, services
from exports.batches.archive import archive_response
from exports.batches.cut_lists import batch_cut_list, videos_of
from exports.batches.items import BatchItem, BatchOptions, read_items
from exports.batches.naming import DEFAULT_TEMPLATE, MAX_TEMPLATE_CHARS
from exports.batches.queries import exports_of_batch, get_batch, progress_of, with_files
from exports.captions.styles import OFF, resolve_style
from exports.choices import AspectRatio, Quality, Strategy
from exports.models import Batch
from exports.queries import LARGE_COLUMNS, exports_of
from exports.web import presenters
from exports.web.forms.finish import FinishForm
from exports.web.forms.ratios import ratio_options
from exports.web.forms.style import StyleForm
from exports.web.responses import (
    TRIGGER_CHANGED,
    errors_as_page,
    quota_context,
    render_with_headers,
)
from jobs.clock import database_now
from videos.choices import VideoStatus
from videos.clips.cut_lists import KINDS
from videos.models import Video
from videos.queries import MAX_TOGETHER, as_uuid, get_video

# The names of the checkboxes, each of which holds ids, by what `BatchItem.source` calls them.
CHOICES = {
    "clip": "clip_id",
    "suggestion": "suggestion_id",
    "scene": "scene_id",
    "export": "export_id",
}


class BatchForm(FinishForm):
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
        super().__init__(*args, owner_id=owner_id, **kwargs)
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
class Offer:
    """What a dialog offers: its title, its address, the way back, and what can be ticked, in groups with a name.

    `first` is the video by which the shapes are named.
    """

    first: Video
    title: str
    action: str
    back_url: str
    groups: list[offers.Group]
    has_words: bool

    @property
    def has_choices(self) -> bool:
        """Whether there is anything to tick."""
        return any(choices for _label, choices in self.groups)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
@errors_as_page
def batch_dialog(request: HttpRequest, video_id: uuid.UUID) -> HttpResponse:
    """GET: what of a video can be exported together. POST: request it, and go to the batch's page."""
    video = get_video(request.user, video_id)
    policy.check_video(video)
    action = reverse("exports:batch_dialog", args=[video.pk])
    back_url = reverse("videos:page", args=[video.pk])
    groups = offers.of_one(video, _ticked(request))
    return _answer(
        request, Offer(video, video.title, action, back_url, groups, video.cues.exists())
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
@errors_as_page
def batch_of_videos(request: HttpRequest) -> HttpResponse:
    """GET: what of several videos (`?video=`) can be exported together. POST: export what is ticked."""
    user = request_user(request)
    keys = [key for key in map(as_uuid, request.GET.getlist("video")[:MAX_TOGETHER]) if key]
    videos = list(Video.objects.visible_to(user).filter(pk__in=keys, status=VideoStatus.READY))
    title = ngettext("%(count)s video", "%(count)s videos", len(videos)) % {"count": len(videos)}
    action = f"{reverse('exports:batch_of_videos')}?{urlencode([('video', key) for key in keys])}"
    has_words = any(video.has_transcript for video in videos)
    groups = offers.of_many(videos, _ticked(request))
    first = videos[0] if videos else Video()
    return _answer(
        request, Offer(first, title, action, reverse("videos:library"), groups, has_words)
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
@errors_as_page
def batch_of_exports(request: HttpRequest) -> HttpResponse:
    """GET: earlier exports (`?export=`) of one or several videos. POST: make those that are ticked once more."""
    user = request_user(request)
    keys = [key for key in map(as_uuid, request.GET.getlist("export")[:MAX_TOGETHER]) if key]
    rows = exports_of(user).filter(pk__in=keys, video__isnull=False).defer(*LARGE_COLUMNS)
    ticked, exports = _ticked(request), list(rows.select_related("video"))
    title = ngettext("%(count)s export", "%(count)s exports", len(exports)) % {
        "count": len(exports)
    }
    query = urlencode([("export", key) for key in keys])
    action, back_url = f"{reverse('exports:batch_of_exports')}?{query}", reverse("exports:list")
    first = exports[0].video if exports else None
    has_words = any(export.caption_language for export in exports)
    groups = [(_("Exports"), [offers.export_choice(export, ticked) for export in exports])]
    return _answer(request, Offer(first or Video(), title, action, back_url, groups, has_words))


def _ticked(request: HttpRequest) -> set[str] | None:
    """The ids that are ticked; None in a new dialog."""
    if request.method != "POST":
        return None
    return {key for kind in CHOICES for key in request.POST.getlist(kind)}


def _answer(request: HttpRequest, offer: Offer) -> HttpResponse:
    """The dialog; or the batch that was asked for."""
    user = request_user(request)
    if request.method != "POST":
        initial = {"idempotency_key": uuid.uuid4().hex}
        form = BatchForm(owner_id=user.pk, has_words=offer.has_words, initial=initial)
        return _dialog_response(request, offer, form)
    form = BatchForm(request.POST, owner_id=user.pk, has_words=offer.has_words)
    if not form.is_valid():
        return _dialog_response(request, offer, form, status=422)
    try:
        batch = _request_batch(request, user, offer, form)
    except HeimdexError as error:
        form.add_error(None, error.message)
        return _dialog_response(request, offer, form, status=error.status)
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


def _request_batch(request: HttpRequest, user: User, offer: Offer, form: BatchForm) -> Batch:
    data = form.cleaned_data
    style = resolve_style(user.pk, form.cleaned_data["captions"], finish=form.finish_request())
    options = BatchOptions(
        data["strategy"],
        data["quality"],
        aspect_ratios=data["aspect_ratios"] or [AspectRatio.VERTICAL],
        style=style,
    )
    items = [
        BatchItem(source, key)
        for kind, source in CHOICES.items()
        for key in map(as_uuid, request.POST.getlist(kind))
        if key is not None
    ]
    return services.request_batch(
        user,
        read_items(user, items, options),
        title=offer.title,
        name_template=data["file_names"],
        idempotency_key=IdempotencyKey(data["idempotency_key"]),
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


@require_safe
@never_cache
@login_required
@errors_as_page
def cut_list_dialog(request: HttpRequest, batch_id: uuid.UUID) -> HttpResponse:
    """Of which video a batch's cuts are handed over, and to which editor, for htmx; a browser goes to the batch."""
    batch = get_batch(request.user, batch_id)
    if not wants_partial(request):
        return redirect("exports:batch", batch.pk)
    context = {"batch": batch, "videos": videos_of(batch), "kinds": KINDS}
    return render(request, "exports/cut_list_dialog.html", context)


@require_safe
@login_required
@errors_as_page
def cut_list(request: HttpRequest, batch_id: uuid.UUID) -> HttpResponse:
    """What the batch cuts of one video (`video_id`) as a file of a `kind`."""
    batch = get_batch(request.user, batch_id)
    return batch_cut_list(batch, request.GET.get("kind", ""), request.GET.get("video_id", ""))


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
        "has_videos": any(export.video_id for export in exports),
        "seen": hashlib.blake2s(str(facts).encode(), digest_size=8).hexdigest(),
    }


def _dialog_response(
    request: HttpRequest, offer: Offer, form: BatchForm, *, status: int = 200
) -> HttpResponse:
    context = {
        "offer": offer,
        "form": form,
        "ratios": ratio_options(
            offer.first, form["aspect_ratios"].value() or [AspectRatio.VERTICAL]
        ),
        **quota_context(request_user(request), at=database_now()),
    }
    name = "exports/_batch_form.html" if wants_partial(request) else "exports/batch_form.html"
    return render(request, name, context, status=status)
