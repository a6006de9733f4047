"""Files of exports: the finished Short to play or download, its captions, stills, and sound to choose by."""

from functools import wraps
from typing import ParamSpec
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from core.errors import HeimdexError
from core.http import View, error_response, handle_errors
from exports import queries
from exports.captions.download import caption_file
from exports.choices import AspectRatio
from exports.downloads import filenames, signed_urls
from exports.errors import ExportCode
from exports.framing import options as framing_options
from exports.models import Export
from exports.previews import framing_stills, sound_samples
from exports.previews.covers import cover_response
from exports.rendering.pipeline import CONTENT_TYPE
from jobs.clock import database_now
from storage.errors import StorageCode
from storage.serving import serve_file
from videos.queries import get_video

P = ParamSpec("P")

STILL_CACHE_S = 3600


def _error_response(request: HttpRequest, error: HeimdexError) -> HttpResponseBase:
    """The error as a page for a browser, as the error JSON for everything else; never cached."""
    if request.get_preferred_type(["application/json", "text/html"]) == "text/html":
        response: HttpResponseBase = render(
            request, "exports/gone.html", {"error": error}, status=error.status
        )
    else:
        response = error_response(error)
    response["Cache-Control"] = "no-store"
    return response


def _negotiated_errors(view: View[P]) -> View[P]:
    """Decorate a view: answer its errors as a page or as JSON, by the Accept header."""
    return handle_errors(_error_response)(view)


@require_safe
@login_required
@_negotiated_errors
def play(request: HttpRequest, export_id: UUID) -> HttpResponseBase:
    """The finished Short for the player in the page; answers Range requests."""
    export = queries.get_export(request.user, export_id)
    signed_urls.check_downloadable(export, at=database_now())
    return _short_response(request, export, filename="", attachment=False)


@require_safe
@login_required
@_negotiated_errors
def download(request: HttpRequest, export_id: UUID) -> HttpResponseBase:
    """The finished Short as a download, for its signed-in owner."""
    export = queries.get_export(request.user, export_id)
    signed_urls.check_downloadable(export, at=database_now())
    return _short_response(
        request, export, filename=filenames.download_name(export), attachment=True
    )


@require_safe
@login_required
@_negotiated_errors
def captions(request: HttpRequest, export_id: UUID, kind: str) -> HttpResponseBase:
    """The captions of exactly the exported range; they stay available after the Short's file has expired."""
    return caption_file(queries.get_export(request.user, export_id), kind)


def _secret_url(view: View[P]) -> View[P]:
    """Decorate a view whose address is a secret: no cache keeps the response, no browser sends it as a referrer."""

    @wraps(view)
    def answer(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        response["Cache-Control"] = "no-store"
        response["Referrer-Policy"] = "no-referrer"
        return response

    return answer


@_secret_url
@require_safe
@_negotiated_errors
def file(request: HttpRequest, signed: str) -> HttpResponseBase:
    """The finished Short as a download, for anyone with a valid signed link."""
    export = signed_urls.resolve_link(signed, at=database_now())
    return _short_response(
        request, export, filename=filenames.download_name(export), attachment=True
    )


@require_safe
@login_required
@_negotiated_errors
def cover(request: HttpRequest, export_id: UUID) -> HttpResponseBase:
    """The cover of a finished Short as a download: its sharpest picture, full size."""
    return cover_response(request, queries.get_export(request.user, export_id))


@require_safe
@login_required
@_negotiated_errors
def still(request: HttpRequest, video_id: UUID, strategy: str, time_ms: int) -> HttpResponseBase:
    """A still of the video at `time_ms` in a framing; the query may have an `aspect_ratio`, and `framing` with the
    overrides, as in the dialog's form.
    """
    video = get_video(request.user, video_id)
    overrides = framing_options.parse_options(request.GET.get("framing"))
    key = framing_stills.framing_preview(
        video,
        strategy=strategy,
        time_ms=time_ms,
        overrides=overrides,
        aspect_ratio=request.GET.get("aspect_ratio") or AspectRatio.VERTICAL,
    )
    cache_s = STILL_CACHE_S if framing_stills.is_final(key, strategy) else 1
    return serve_file(request, key, content_type=framing_stills.CONTENT_TYPE, cache_s=cache_s)


@require_safe
@login_required
@_negotiated_errors
def listen(request: HttpRequest, video_id: UUID, track: int, time_ms: int) -> HttpResponseBase:
    """A few seconds of a sound track around `time_ms`, where something is said; answers Range requests."""
    video = get_video(request.user, video_id)
    key = sound_samples.sound_sample(video, track_index=track, time_ms=time_ms)
    content_type = sound_samples.CONTENT_TYPE
    return serve_file(request, key, content_type=content_type, cache_s=STILL_CACHE_S)


def _short_response(
    request: HttpRequest, export: Export, *, filename: str, attachment: bool
) -> HttpResponseBase:
    try:
        return serve_file(
            request,
            export.file_key,
            content_type=CONTENT_TYPE,
            filename=filename,
            attachment=attachment,
        )
    except HeimdexError as error:
        if error.code == StorageCode.SOURCE_MISSING:  # removed since the row was read
            raise HeimdexError(ExportCode.EXPORT_EXPIRED) from error
        raise
