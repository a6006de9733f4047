"""The transcripts of a video on its page: add, use, delete."""

from uuid import UUID

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.http import request_user
from core.errors import HeimdexError
from videos import transcript_services
from videos.models import Transcript, Video
from videos.queries import get_transcript, video_or_404
from videos.web.actions import apply_form
from videos.web.forms import CaptionsForm, HearAgainForm


@require_POST
@login_required
def add_captions(request: HttpRequest, video_id: UUID) -> HttpResponse:
    """Add a captions file to a video, and make it the transcript in use if that is asked for."""
    video = video_or_404(request_user(request), video_id)
    form = CaptionsForm(request.POST, request.FILES)

    def add() -> None:
        values = dict(form.cleaned_data)
        use = values.pop("use")
        act = transcript_services.set_captions if use else transcript_services.add_transcript
        act(video, **values)

    message = (
        _("The captions are here. The transcript is being made from them.")
        if "use" in request.POST
        else _("The captions are here. “Transcripts” shows them beside the one in use.")
    )
    return apply_form(request, video, form, add, message=message)


@require_POST
@login_required
def hear_again(request: HttpRequest, video_id: UUID) -> HttpResponse:
    """Hear a range of a video again."""
    video = video_or_404(request_user(request), video_id)
    form = HearAgainForm(request.POST)
    return apply_form(
        request,
        video,
        form,
        lambda: transcript_services.hear_again(
            video,
            start_ms=form.cleaned_data["start"],
            end_ms=form.cleaned_data["end"],
            language=form.cleaned_data["language"],
        ),
        message=_("That part is being heard again. The transcript stays until then."),
    )


@require_POST
@login_required
def use(request: HttpRequest, video_id: UUID, transcript_id: UUID) -> HttpResponse:
    """Make a transcript the one in use."""
    video, row = _own_transcript(request, video_id, transcript_id)
    return apply_form(
        request,
        video,
        forms.Form(request.POST),
        lambda: transcript_services.use_transcript(video, row),
        message=_("Scenes and search are being built from the other transcript."),
    )


@require_POST
@login_required
def delete(request: HttpRequest, video_id: UUID, transcript_id: UUID) -> HttpResponse:
    """Delete a transcript that is not in use."""
    video, row = _own_transcript(request, video_id, transcript_id)
    return apply_form(
        request,
        video,
        forms.Form(request.POST),
        lambda: transcript_services.delete_transcript(video, row),
        message=_("The transcript is deleted."),
    )


def _own_transcript(
    request: HttpRequest, video_id: UUID, transcript_id: UUID
) -> tuple[Video, Transcript]:
    """A transcript of the user's own video. Raises Http404 for any other."""
    try:
        row = get_transcript(request_user(request), video_id, transcript_id)
    except HeimdexError as error:
        raise Http404(error.message) from error
    return row.video, row
