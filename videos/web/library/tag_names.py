"""A person's tags: renamed, joined and taken from all videos at once."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.http import request_user
from core.errors import HeimdexError
from videos.library import tags
from videos.models import MAX_TAG_CHARS
from videos.web.library import notes
from videos.web.library.bulk import dialog_response, library_again


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
def tag_names(request: HttpRequest) -> HttpResponse:
    """GET: the dialog for the person's tags. POST: rename one on all videos, or take it from them (`remove`)."""
    user, tag = request_user(request), request.POST.get("tag", "")
    if request.method != "POST":
        return _dialog(request)
    is_removed = "remove" in request.POST
    try:
        new_name = request.POST.get("name", "")
        change = tags.remove_tag(user, tag) if is_removed else tags.rename_tag(user, tag, new_name)
    except HeimdexError as error:
        return _dialog(request, problem=error.message)
    if change.video_count:
        text = _removed(change) if is_removed else _renamed(change)
        notes.note_tags(request, text, change)
    return library_again(request)


def _dialog(request: HttpRequest, *, problem: str = "") -> HttpResponse:
    context = {
        "known": tags.tags_of_person(request_user(request).pk),
        "chosen": request.POST.get("tag", ""),
        "name": request.POST.get("name", ""),
        "most_chars": MAX_TAG_CHARS,
        "problem": problem,
    }
    return dialog_response(request, "videos/tag_names_dialog.html", context)


def _renamed(change: tags.TagChange) -> str:
    names = {"name": change.added[0][1]} if change.added else {"name": ""}
    text = ngettext(
        "%(count)s video has the tag %(name)s now.",
        "%(count)s videos have the tag %(name)s now.",
        change.video_count,
    )
    return text % {"count": change.video_count, **names}


def _removed(change: tags.TagChange) -> str:
    text = ngettext(
        "The tag %(name)s is taken from %(count)s video.",
        "The tag %(name)s is taken from %(count)s videos.",
        change.video_count,
    )
    return text % {"count": change.video_count, "name": change.removed[0][1]}
