"""What is done to several videos of the library at once: tags, processing again, deleting, undo."""

from collections.abc import Iterable
from uuid import UUID

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.http import request_user
from core.errors import HeimdexError
from core.http import wants_partial
from videos import services
from videos.library import deletion, tags
from videos.queries import chosen_ids, own_videos
from videos.web.forms import LANGUAGES
from videos.web.library import notes as library_notes
from videos.web.library.page import library_response

KEEP = "keep"  # a choice of language: each video's own
MAX_NAMES_CHARS = 1000
IN_DIALOG = {"HX-Retarget": "#dialog", "HX-Reswap": "innerHTML"}


class AgainForm(forms.Form):
    """The language in which several videos are processed again."""

    language = forms.ChoiceField(
        label=gettext_lazy("Spoken language"),
        choices=[
            (KEEP, gettext_lazy("As it is for each")),
            ("", gettext_lazy("Detect")),
            *LANGUAGES,
        ],
        required=False,
        initial=KEEP,
        widget=forms.Select(attrs={"autocomplete": "off"}),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
def tags_of_many(request: HttpRequest) -> HttpResponse:
    """The dialog for the tags of the chosen videos (GET, or POST with `ask`). POST: change them."""
    user, ids = request_user(request), _chosen(request)
    if _is_question(request):
        return _tags_dialog(request, own_videos(user, ids))
    add = _names(request.POST.get("add", "")[:MAX_NAMES_CHARS])
    try:
        change = tags.change_tags(user, ids, add=add, remove=request.POST.getlist("remove"))
    except HeimdexError as error:
        return _tags_dialog(request, own_videos(user, ids), problem=error.message)
    text = ngettext(
        "The tags of %(count)s video are changed.",
        "The tags of %(count)s videos are changed.",
        change.video_count,
    )
    if change.video_count and "page" not in request.POST:
        library_notes.note_tags(request, text % {"count": change.video_count}, change)
    if "page" in request.POST and len(ids) == 1:
        return redirect("videos:page", ids[0])
    return library_again(request)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
def process_many(request: HttpRequest) -> HttpResponse:
    """The dialog for processing the chosen videos again (GET, or POST with `ask`). POST: do it."""
    user, ids = request_user(request), _chosen(request)
    form = AgainForm(None if _is_question(request) else request.POST or None)
    if not form.is_valid():
        context = {"ids": own_videos(user, ids), "form": form}
        return dialog_response(request, "videos/again_dialog.html", context)
    language = form.cleaned_data["language"]
    done = services.reprocess_videos(user, ids, language=None if language == KEEP else language)
    library_notes.note(request, _reprocessed_text(done))
    return library_again(request)


@require_POST
@never_cache
@login_required
def delete_many(request: HttpRequest) -> HttpResponse:
    """Delete the chosen videos. For `deletion.UNDO_S`, `undo` brings them back."""
    hidden = deletion.hide_videos(request_user(request), _chosen(request))
    if hidden:
        text = ngettext("%(count)s video is deleted.", "%(count)s videos are deleted.", len(hidden))
        library_notes.note_deleted(request, text % {"count": len(hidden)}, hidden)
    return library_again(request)


@require_POST
@never_cache
@login_required
def undo(request: HttpRequest) -> HttpResponse:
    """Take back what this session did last in the library."""
    library_notes.undo(request)
    return library_again(request)


def _chosen(request: HttpRequest) -> list[UUID]:
    return chosen_ids(request.POST if request.method == "POST" else request.GET, "video")


def _is_question(request: HttpRequest) -> bool:
    """Whether only a dialog is asked for. A thousand ids are too long for an address, so that may be a POST."""
    return request.method != "POST" or "ask" in request.POST


def _names(text: str) -> list[str]:
    """The names of a line, divided by commas."""
    return [name for name in (part.strip() for part in text.replace("，", ",").split(",")) if name]


def _tags_dialog(request: HttpRequest, ids: list[UUID], *, problem: str = "") -> HttpResponse:
    owner_id = request_user(request).pk
    context = {
        "ids": ids,
        "present": tags.tags_of_videos(owner_id, ids),
        "known": tags.tags_of_person(owner_id),
        "problem": problem,
        "names": request.POST.get("add", ""),
        "is_page": "page" in request.GET or "page" in request.POST,
    }
    return dialog_response(request, "videos/tags_dialog.html", context)


def dialog_response(request: HttpRequest, name: str, context: dict[str, object]) -> HttpResponse:
    """A dialog about the chosen videos. Without scripts it is a page."""
    query = request.GET.copy()
    for own in ("video", "page"):
        query.pop(own, None)
    template = name if wants_partial(request) else "videos/dialog_page.html"
    response = render(request, template, {**context, "dialog": name, "query": query.urlencode()})
    if wants_partial(request) and not _is_question(request):
        for header, value in IN_DIALOG.items():
            response[header] = value
    return response


def library_again(request: HttpRequest) -> HttpResponse:
    """The library after a change, narrowed as the address says; a browser without scripts goes there."""
    if wants_partial(request):
        return library_response(request)
    query = f"?{request.GET.urlencode()}" if request.GET else ""
    return redirect(reverse("videos:library") + query)


def _reprocessed_text(done: services.ReprocessedVideos) -> str:
    count = len(done.accepted)
    text = ngettext(
        "%(count)s video is processed again.", "%(count)s videos are processed again.", count
    ) % {"count": count}
    return " ".join([text, *_reasons(error.message for error in done.refused.values())])


def _reasons(messages: Iterable[str]) -> list[str]:
    """Each reason once, after the number of videos that it kept as they were."""
    counts: dict[str, int] = {}
    for message in messages:
        counts[message] = counts.get(message, 0) + 1
    return [
        _("%(count)s not: %(reason)s") % {"count": count, "reason": reason}
        for reason, count in counts.items()
    ]
