"""What the actions on a video's page have in common."""

from collections.abc import Callable

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from core.errors import HeimdexError
from videos.models import Video


def apply_form(
    request: HttpRequest,
    video: Video,
    form: forms.Form,
    action: Callable[[], object],
    *,
    message: str,
) -> HttpResponse:
    """Run the action of a form on the video's page, report with a message, and redirect to the page."""
    if not form.is_valid():
        messages.error(request, str(next(iter(form.errors.values()))[0]))
        return redirect("videos:page", video.pk)
    try:
        action()
    except HeimdexError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, message)
    return redirect("videos:page", video.pk)
