"""Pages: the library, uploading, and the page of one video."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.http import request_user
from core.errors import HeimdexError
from core.http import wants_partial
from jobs.clock import database_now
from storage.errors import StorageCode
from videos import model_files, policy, queries, services
from videos.choices import VideoStage
from videos.errors import VideoCode
from videos.library import deletion
from videos.models import Video
from videos.transcripts import rows as transcript_rows
from videos.transcripts.captions_report import preview_lines
from videos.transcripts.captions_upload import can_hear
from videos.uploads import quota
from videos.web.actions import apply_form
from videos.web.clips.clips import clips_context, deleted_clip
from videos.web.forms import (
    CaptionsForm,
    HearAgainForm,
    ImportForm,
    RenameForm,
    ReprocessForm,
    UploadForm,
)
from videos.web.library import notes as library_notes
from videos.web.proxies import playback_of
from videos.web.sound_tracks import track_name
from videos.web.transcript import presenters
from videos.web.transcript.hearing import heard_lines, hearing_progress
from videos.web.transcript.rendered import rendered_transcript

LINK_PREFIX = "link"  # of the field names of the second form on the upload page
# Processing the same file again cannot succeed after these.
FILE_ERRORS = frozenset(
    code.name
    for code in (
        VideoCode.NOT_A_VIDEO,
        VideoCode.NO_VIDEO_STREAM,
        VideoCode.TRUNCATED_FILE,
        VideoCode.RAW_STREAM,
        VideoCode.UNSUPPORTED_CODEC,
        StorageCode.SOURCE_MISSING,
    )
)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
def upload(request: HttpRequest) -> HttpResponse:
    """Upload files. Without scripts it is a plain form for one file."""
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            video = services.create_video(
                owner=request_user(request),
                file=values["file"],
                title=values["title"],
                captions=values["captions"],
                language=values["language"],
                encoding=values["encoding"],
            )
        except HeimdexError as error:
            form.add_error(
                "captions" if error.code.name.startswith("CAPTIONS") else "file", error.message
            )
            return _upload_response(request, form, status=error.status)
        return redirect("videos:page", video.pk)
    return _upload_response(request, form, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
def import_link(request: HttpRequest) -> HttpResponse:
    """POST: import a video from a link, then redirect to its page. GET: redirect to the upload page."""
    if request.method != "POST":
        return redirect("videos:upload")
    form = ImportForm(request.POST, prefix=LINK_PREFIX)
    if form.is_valid():
        try:
            video = services.import_video(owner=request_user(request), **form.cleaned_data)
        except HeimdexError as error:
            form.add_error("url", error.message)
            return _upload_response(request, link_form=form, status=error.status)
        return redirect("videos:page", video.pk)
    return _upload_response(request, link_form=form, status=422)


@require_safe
@gzip_page  # no secret is beside what others choose: the CSRF token is masked, and the length is padded
@never_cache
@login_required
def page(request: HttpRequest, video_id: UUID) -> HttpResponse:
    """A video's page: player and transcript; before there is one, the progress of processing or why it failed."""
    video = queries.video_or_404(request_user(request), video_id)
    context = {**_processing_context(video), "rename": RenameForm(initial={"title": video.title})}
    transcript = rendered_transcript(video)
    context["transcripts"] = presenters.transcript_entries(
        video, list(transcript_rows.listed(video))
    )
    if not transcript.page.scene_count:
        context |= {"heard": heard_lines(video), **_forms(video)}
        return render(request, "videos/processing.html", context)
    context |= {"page": transcript.page, "scenes_html": transcript.html}
    context |= clips_context(video, deleted=deleted_clip(request, video))
    context["playback"] = playback_of(video)
    return render(request, "videos/page.html", {**context, **_forms(video)})


@require_safe
@never_cache
@login_required
def progress(request: HttpRequest, video_id: UUID) -> HttpResponse:
    """The progress of processing, for polling; `?beside=1` is the line above an existing transcript."""
    video = queries.video_or_404(request_user(request), video_id)
    if not wants_partial(request):
        return redirect("videos:page", video.pk)
    template = "videos/working_line.html" if "beside" in request.GET else "videos/status.html"
    return render(
        request,
        template,
        {**_processing_context(video), **_forms(video), "has_ended": not video.is_active},
    )


@require_POST
@login_required
def rename(request: HttpRequest, video_id: UUID) -> HttpResponse:
    """Rename a video. htmx gets only the title, so that the player keeps playing."""
    video = queries.video_or_404(request_user(request), video_id)
    form = RenameForm(request.POST)
    if form.is_valid():
        video = services.rename_video(video, title=form.cleaned_data["title"])
    elif not wants_partial(request):
        messages.error(request, _("A title has 1 to 255 characters."))
    if wants_partial(request):
        return render(request, "videos/title.html", {"video": video})
    return redirect("videos:page", video.pk)


@require_safe
@never_cache
@login_required
def captions_preview(request: HttpRequest, video_id: UUID) -> HttpResponse:
    """Show the first lines of the video's captions file in the requested encoding."""
    video = queries.video_or_404(request_user(request), video_id)
    try:
        lines = preview_lines(video, encoding=request.GET.get("encoding", ""))
    except HeimdexError as error:
        return render(request, "videos/captions_preview.html", {"error": error.message})
    return render(request, "videos/captions_preview.html", {"lines": lines})


@require_POST
@login_required
def reprocess(request: HttpRequest, video_id: UUID) -> HttpResponse:
    """Process a video again, with another language or transcript source."""
    video = queries.video_or_404(request_user(request), video_id)
    form = ReprocessForm(request.POST)
    return apply_form(
        request,
        video,
        form,
        lambda: services.request_reprocess(
            video,
            language=form.cleaned_data["language"],
            transcript=form.cleaned_data["transcript"],
            # The field is on the page only where there is a captions file.
            encoding=form.cleaned_data["encoding"] if "encoding" in request.POST else None,
            # And this one only where there are several tracks.
            audio_track=form.cleaned_data["audio_track"] if "audio_track" in request.POST else None,
        ),
        message=_("Processing has begun again."),
    )


@require_POST
@login_required
def delete(request: HttpRequest, video_id: UUID) -> HttpResponse:
    """Delete a video and its files; its exports stay. In the library it can be undone for a while."""
    video = queries.video_or_404(request_user(request), video_id)
    hidden = deletion.hide_videos(request_user(request), [video.pk])
    text = _("“%(title)s” is deleted.") % {"title": video.title}
    library_notes.note_deleted(request, text, hidden)
    return redirect("videos:library")


def _processing_context(video: Video) -> dict[str, object]:
    """Template context: the video and the progress of its processing."""
    return {
        "video": video,
        "steps": presenters.processing_steps(video),
        "model": model_files.model_being_fetched() if video.stage == VideoStage.MODEL else None,
        "hearing": hearing_progress(video),
        "file_is_bad": video.error_code in FILE_ERRORS,
        "elapsed_ms": presenters.elapsed_ms(video, at=database_now()) if video.is_active else None,
    }


def _sound_choice(video: Video) -> dict[str, object]:
    """Template context: the sound tracks to choose the main one from, where there are several."""
    tracks = policy.audio_tracks(video)
    if len(tracks) < 2:
        return {}
    wanted = video.audio_track_wanted
    return {
        "main_sound_is_automatic": wanted is None,
        "main_sound_is_clear": policy.is_main_sound_clear(video),
        "sound_tracks": [
            {
                "index": track["index"],
                "label": track_name(number, track),
                "is_readable": track["is_readable"],
                "is_chosen": track["index"] == wanted,
                "is_main": track["is_main"],
            }
            for number, track in enumerate(tracks, 1)
        ],
    }


def _forms(video: Video) -> dict[str, object]:
    """Template context: the forms in the menu of a video's page."""
    initial = {
        "transcript": video.transcript_wanted,
        "language": video.language_wanted,
        "encoding": video.captions_encoding,
    }
    return {
        "captions_form": CaptionsForm(auto_id="captions_%s", initial={"use": not video.is_active}),
        "reprocess_form": ReprocessForm(initial=initial),
        **_sound_choice(video),
        "hear_form": _hear_form(video),
    }


def _hear_form(video: Video) -> HearAgainForm | None:
    """The form to hear a part again; None where there is no transcript or nothing that hears."""
    ready = video.is_ready and video.transcript_id is not None
    return HearAgainForm(auto_id="hear_%s") if ready and can_hear(video.language_wanted) else None


def _upload_response(
    request: HttpRequest,
    form: UploadForm | None = None,
    link_form: ImportForm | None = None,
    *,
    status: int,
) -> HttpResponse:
    user = request_user(request)
    context = {
        "used_bytes": quota.used_bytes(user.pk),
        "limit_bytes": user.storage_limit_bytes,
        "form": form or UploadForm(),
        "link_form": link_form or ImportForm(prefix=LINK_PREFIX),
        "may_import": settings.IMPORT_LIMIT > 0,
        "max_bytes": settings.UPLOAD_MAX_BYTES,
        "max_hours": settings.UPLOAD_MAX_DURATION_S / 3600,
    }
    return render(request, "videos/upload.html", context, status=status)
