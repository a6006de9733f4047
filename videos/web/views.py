"""Pages: the library, uploading, and the page of one video."""

from collections.abc import Callable
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.http import AuthenticatedHttpRequest
from core.errors import HeimdexError
from core.http import wants_partial
from jobs.clock import database_now
from storage.errors import StorageCode
from videos import queries, services
from videos.errors import VideoCode
from videos.models import Video
from videos.web import presenters as pages
from videos.web.forms import (
    CaptionsForm,
    ImportForm,
    LibraryForm,
    RenameForm,
    ReprocessForm,
    UploadForm,
)

PAGE_SIZE = 24
LINK = "link"  # before the names of the second form on the upload page
# Processing the same file again cannot help here.
FILE_ERRORS = frozenset(
    code.name
    for code in (
        VideoCode.NOT_A_VIDEO,
        VideoCode.NO_VIDEO_STREAM,
        VideoCode.TRUNCATED_FILE,
        VideoCode.UNSUPPORTED_CODEC,
        StorageCode.SOURCE_MISSING,
    )
)


@require_safe
@never_cache
@login_required
def library(request: AuthenticatedHttpRequest) -> HttpResponse:
    """A person's videos, a page at a time; a page number that is not there shows the nearest."""
    form = LibraryForm(request.GET)
    found = Paginator(pages.library(request.user, form), PAGE_SIZE).get_page(
        request.GET.get("page")
    )
    return render(
        request,
        "videos/library.html",
        {
            "form": form,
            "videos": found,
            "pages": found.paginator.get_elided_page_range(found.number, on_each_side=1, on_ends=1),
            "is_narrowed": any(form.wish(name) for name in ("q", "status")),
            "asked": _asked(request),
        },
    )


@require_safe
@never_cache
@login_required
def card(request: AuthenticatedHttpRequest, video_id: UUID) -> HttpResponse:
    """One video's card in the library; a working one asks for itself again until the work has ended."""
    video = _own(request, video_id)
    video.scene_count = video.scenes.count()  # type: ignore[attr-defined] # as `pages.library` adds it
    return render(request, "videos/card.html", {"video": video})


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
def upload(request: AuthenticatedHttpRequest) -> HttpResponse:
    """Choose files and send them. Without scripts it is one plain form for one file."""
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            video = services.create_video(
                owner=request.user,
                file=values["file"],
                title=values["title"],
                captions=values["captions"],
                language=values["language"],
            )
        except HeimdexError as error:
            form.add_error(
                "captions" if error.code.name.startswith("CAPTIONS") else "file", error.message
            )
            return _upload_page(request, form, status=error.status)
        return redirect("videos:page", video.pk)
    return _upload_page(request, form, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
def import_link(request: AuthenticatedHttpRequest) -> HttpResponse:
    """Have a video fetched from a link; then its page says how that goes. Asked for, it is the upload page."""
    if request.method != "POST":
        return redirect("videos:upload")
    form = ImportForm(request.POST, prefix=LINK)
    if form.is_valid():
        try:
            video = services.import_video(owner=request.user, **form.cleaned_data)
        except HeimdexError as error:
            form.add_error("url", error.message)
            return _upload_page(request, link_form=form, status=error.status)
        return redirect("videos:page", video.pk)
    return _upload_page(request, link_form=form, status=422)


@require_safe
@never_cache
@login_required
def page(request: AuthenticatedHttpRequest, video_id: UUID) -> HttpResponse:
    """A video: its player and transcript; while there is none yet, what is being done or why it failed."""
    video = _own(request, video_id)
    context = {**_standing(video), "rename": RenameForm(initial={"title": video.title})}
    shown = pages.transcript_page(video)
    if not shown.scenes:
        return render(request, "videos/processing.html", {**context, **_forms(video)})
    return render(request, "videos/page.html", {**context, **_forms(video), "page": shown})


@require_safe
@never_cache
@login_required
def progress(request: AuthenticatedHttpRequest, video_id: UUID) -> HttpResponse:
    """How far processing is. `?beside=1` is the line above a transcript that can be read meanwhile."""
    video = _own(request, video_id)
    if not wants_partial(request):
        return redirect("videos:page", video.pk)
    template = "videos/working_line.html" if "beside" in request.GET else "videos/status.html"
    return render(
        request, template, {**_standing(video), **_forms(video), "has_ended": not video.is_active}
    )


@require_POST
@login_required
def rename(request: AuthenticatedHttpRequest, video_id: UUID) -> HttpResponse:
    """Another title. In the page only the title changes, so that the player plays on."""
    video = _own(request, video_id)
    form = RenameForm(request.POST)
    if form.is_valid():
        video = services.rename_video(video, title=form.cleaned_data["title"])
    elif not wants_partial(request):
        messages.error(request, _("A title has 1 to 255 characters."))
    if wants_partial(request):
        return render(request, "videos/title.html", {"video": video})
    return redirect("videos:page", video.pk)


@require_POST
@login_required
def add_captions(request: AuthenticatedHttpRequest, video_id: UUID) -> HttpResponse:
    """A captions file for this video; its transcript is made again from it."""
    video = _own(request, video_id)
    form = CaptionsForm(request.POST, request.FILES)
    return _act(
        request,
        video,
        form,
        lambda: services.set_captions(video, file=form.cleaned_data["file"]),
        said=_("The captions are here. The transcript is being made from them."),
    )


@require_POST
@login_required
def reprocess(request: AuthenticatedHttpRequest, video_id: UUID) -> HttpResponse:
    """Process again, with another language or source of the transcript."""
    video = _own(request, video_id)
    form = ReprocessForm(request.POST)
    return _act(
        request,
        video,
        form,
        lambda: services.request_reprocess(
            video,
            language=form.cleaned_data["language"],
            transcript=form.cleaned_data["transcript"],
        ),
        said=_("Processing has begun again."),
    )


@require_POST
@login_required
def delete(request: AuthenticatedHttpRequest, video_id: UUID) -> HttpResponse:
    """Remove a video and its files. Its exports stay."""
    video = _own(request, video_id)
    services.delete_video(video)
    messages.success(request, _("“%(title)s” is deleted.") % {"title": video.title})
    return redirect("videos:library")


def _act(
    request: AuthenticatedHttpRequest,
    video: Video,
    form: forms.Form,
    action: Callable[[], Video],
    *,
    said: str,
) -> HttpResponse:
    """Do what a form of the video's page asks for, say how it went, and go back to the page."""
    if not form.is_valid():
        messages.error(request, str(next(iter(form.errors.values()))[0]))
        return redirect("videos:page", video.pk)
    try:
        action()
    except HeimdexError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, said)
    return redirect("videos:page", video.pk)


def _own(request: AuthenticatedHttpRequest, video_id: UUID) -> Video:
    """The person's own video; anybody else's is a missing page."""
    try:
        return queries.get_video(request.user, video_id)
    except HeimdexError as error:
        raise Http404(error.message) from error


def _standing(video: Video) -> dict[str, object]:
    """The video and how far its processing is."""
    return {
        "video": video,
        "steps": pages.steps(video),
        "file_is_bad": video.error_code in FILE_ERRORS,
        "elapsed_ms": pages.elapsed_ms(video, at=database_now()) if video.is_active else None,
    }


def _forms(video: Video) -> dict[str, object]:
    """The forms behind the menu of a video's page."""
    wishes = {"transcript": video.transcript_wanted, "language": video.language_wanted}
    return {"captions_form": CaptionsForm(), "reprocess_form": ReprocessForm(initial=wishes)}


def _upload_page(
    request: AuthenticatedHttpRequest,
    form: UploadForm | None = None,
    link_form: ImportForm | None = None,
    *,
    status: int,
) -> HttpResponse:
    shown = {
        "form": form or UploadForm(),
        "link_form": link_form or ImportForm(prefix=LINK),
        "may_import": settings.IMPORT_LIMIT > 0,
        "max_bytes": settings.UPLOAD_MAX_BYTES,
        "max_hours": settings.UPLOAD_MAX_DURATION_S / 3600,
    }
    return render(request, "videos/upload.html", shown, status=status)


def _asked(request: AuthenticatedHttpRequest) -> str:
    """The address's question without its page number, to be put in front of another one."""
    asked = request.GET.copy()
    asked.pop("page", None)
    return f"{asked.urlencode()}&" if asked else ""
