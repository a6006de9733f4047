"""The tus 1.0 protocol (creation, termination, expiration) for signed-in users.

- `OPTIONS /uploads`: 204 with versions, extensions and the largest size.
- `POST /uploads` with `Upload-Length` and `Upload-Metadata` (`filename`, optionally `title` and `language`, each
  in base64): 201 with `Location`.
- `HEAD /uploads/<id>`: 200 with `Upload-Offset` and `Upload-Length`; once finished also `Upload-Video`.
- `PATCH /uploads/<id>` with `Upload-Offset` and bytes: 204 with the new `Upload-Offset`; with the last byte also
  `Upload-Video` and `Upload-Video-Id`.
- `DELETE /uploads/<id>`: 204; the upload and its bytes are removed.
- `POST /uploads/<id>/captions`, multipart `captions`, preferably before the last byte: 204, or an error if the
  file cannot be parsed.

`Upload-Video` is the URL of the new video's page. Errors are the error JSON: after 4xx a client must not retry, except
409 (ask for the offset) and 423 (another request is writing; try again). Requests that write need the CSRF token in
`X-CSRFToken`. Another user's upload is a 404.
"""

import base64
import binascii
import uuid
from datetime import timedelta
from functools import wraps
from typing import ParamSpec

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.http import http_date
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.http import request_user
from accounts.models import User
from core.errors import CoreCode, HeimdexError
from core.http import View, error_response, handle_errors
from storage.errors import StorageCode
from videos import resumable_uploads
from videos.errors import VideoCode
from videos.models import Upload, Video

VERSION = "1.0.0"
EXTENSIONS = "creation,termination,expiration"
CONTENT_TYPE = "application/offset+octet-stream"
_MAX_DIGITS = 18

P = ParamSpec("P")


def tus(view: View[P]) -> View[P]:
    """Decorate a view of the protocol: its header on every response, no caching, the error JSON for any exception."""
    guarded = handle_errors(lambda _request, error: error_response(error), catch=(Exception,))(view)

    @never_cache
    @wraps(view)
    def answer(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        response = guarded(request, *args, **kwargs)
        response["Tus-Resumable"] = VERSION
        return response

    return answer


@tus
def upload_list(request: HttpRequest) -> HttpResponseBase:
    """OPTIONS: versions and extensions. POST: start an upload."""
    if request.method == "OPTIONS":
        return _capabilities()
    if request.method != "POST":
        raise HeimdexError(CoreCode.METHOD_NOT_ALLOWED, headers={"Allow": "OPTIONS, POST"})
    owner = _uploader(request)
    metadata = _parse_metadata(request.headers.get("Upload-Metadata", ""))
    upload = resumable_uploads.begin_upload(
        owner=owner,
        filename=metadata.get("filename", metadata.get("name", "")),
        size_bytes=_integer_header(request, "Upload-Length"),
        title=metadata.get("title", ""),
        language=metadata.get("language", ""),
    )
    response = HttpResponse(status=201)
    response["Location"] = reverse("videos:upload_item", args=[upload.pk])
    _set_offset_headers(response, upload, offset=0)
    return response


@tus
def upload_item(request: HttpRequest, upload_id: uuid.UUID) -> HttpResponseBase:
    """HEAD, PATCH and DELETE of one upload."""
    method = request.method or ""
    if method == "OPTIONS":
        return _capabilities()
    if method == "POST":  # for clients that can only send POST
        method = request.headers.get("X-HTTP-Method-Override", "")
    action = {"HEAD": _head, "PATCH": _patch, "DELETE": _delete}.get(method)
    if action is None:
        raise HeimdexError(
            CoreCode.METHOD_NOT_ALLOWED, headers={"Allow": "OPTIONS, HEAD, PATCH, DELETE"}
        )
    upload = resumable_uploads.get_upload(_uploader(request), upload_id)
    return action(request, upload)


@require_POST
@tus
def upload_captions(request: HttpRequest, upload_id: uuid.UUID) -> HttpResponseBase:
    """Captions for a video that is still being uploaded. Not part of tus, so no tus header is required."""
    upload = resumable_uploads.get_upload(_uploader(request, needs_version=False), upload_id)
    file = request.FILES.get("captions")
    if file is None:
        raise HeimdexError(CoreCode.INVALID_INPUT, {"fields": {"captions": ["required"]}})
    encoding = request.POST.get("encoding", "")
    resumable_uploads.add_captions(upload, file=file, encoding=encoding)
    return HttpResponse(status=204)


def _head(_request: HttpRequest, upload: Upload) -> HttpResponseBase:
    video = resumable_uploads.finished_video(upload)
    if upload.finished_at and video is None:
        raise HeimdexError(StorageCode.UPLOAD_NOT_FOUND)
    response = HttpResponse(status=200)
    _set_offset_headers(response, upload, offset=upload.offset_bytes)
    _set_video_headers(response, video)
    return response


def _patch(request: HttpRequest, upload: Upload) -> HttpResponseBase:
    if request.content_type != CONTENT_TYPE:
        raise HeimdexError(CoreCode.UNSUPPORTED_MEDIA_TYPE)
    progress = resumable_uploads.receive(
        upload,
        offset=_integer_header(request, "Upload-Offset"),
        stream=request,
        length=_integer_header(request, "Content-Length"),
    )
    response = HttpResponse(status=204)
    _set_offset_headers(response, upload, offset=progress.offset)
    _set_video_headers(response, progress.video)
    return response


def _delete(_request: HttpRequest, upload: Upload) -> HttpResponseBase:
    resumable_uploads.cancel_upload(upload)
    return HttpResponse(status=204)


def _capabilities() -> HttpResponse:
    return HttpResponse(
        status=204,
        headers={
            "Tus-Version": VERSION,
            "Tus-Extension": EXTENSIONS,
            "Tus-Max-Size": str(settings.UPLOAD_MAX_BYTES),
        },
    )


def _uploader(request: HttpRequest, *, needs_version: bool = True) -> User:
    """The signed-in user. Raises UNAUTHENTICATED, or UPLOAD_VERSION_UNKNOWN for another version of the protocol."""
    user = request_user(request)
    if needs_version and request.headers.get("Tus-Resumable") != VERSION:
        raise HeimdexError(VideoCode.UPLOAD_VERSION_UNKNOWN, headers={"Tus-Version": VERSION})
    return user


def _integer_header(request: HttpRequest, name: str) -> int:
    """The value of a header that is a number of bytes. Raises INVALID_INPUT for anything else."""
    value = request.headers.get(name, "")
    if not (value.isascii() and value.isdigit() and len(value) <= _MAX_DIGITS):
        raise _invalid_header(name)
    return int(value)


def _parse_metadata(header: str) -> dict[str, str]:
    """The pairs of `key base64,key base64`. Raises INVALID_INPUT for anything else."""
    metadata = {}
    try:
        for pair in filter(None, (part.strip() for part in header.split(","))):
            key, _, value = pair.partition(" ")
            metadata[key] = base64.b64decode(value.strip(), validate=True).decode("utf-8")
    except (binascii.Error, ValueError) as exc:
        raise _invalid_header("Upload-Metadata") from exc
    return metadata


def _invalid_header(header: str) -> HeimdexError:
    sentence = _("The header %(header)s is missing or cannot be read.")
    return HeimdexError(
        CoreCode.INVALID_INPUT, {"header": header}, message=sentence % {"header": header}
    )


def _set_offset_headers(response: HttpResponse, upload: Upload, *, offset: int) -> None:
    response["Upload-Offset"] = str(offset)
    response["Upload-Length"] = str(upload.size_bytes)
    if upload.finished_at is None and offset < upload.size_bytes:
        expires_at = upload.updated_at + timedelta(seconds=settings.UPLOAD_KEEP_S)
        response["Upload-Expires"] = http_date(expires_at.timestamp())


def _set_video_headers(response: HttpResponse, video: Video | None) -> None:
    if video is not None:
        response["Upload-Video"] = reverse("videos:page", args=[video.pk])
        response["Upload-Video-Id"] = str(video.pk)
