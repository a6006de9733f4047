"""Resumable uploads by the tus 1.0 protocol (creation, termination, expiration), for browsers and scripts.

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
409 (ask for the offset) and 423 (another request is writing; try again). A script sends its access token; a browser
sends the CSRF token in `X-CSRFToken`. Another user's upload is a 404.
"""

import base64
import binascii
from datetime import timedelta
from typing import Any, cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.http import http_date
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.parsers import BaseParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.views import UserAPIView
from core.api.errors import described
from core.api.negotiation import AnyAccept
from core.api.serializers import validated
from core.errors import CoreCode, HeimdexError
from storage.errors import StorageCode
from videos import resumable_uploads
from videos.api.serializers import UploadCaptionsSerializer
from videos.errors import VideoCode
from videos.models import Upload, Video

VERSION = "1.0.0"
EXTENSIONS = "creation,termination,expiration"
CONTENT_TYPE = "application/offset+octet-stream"
_MAX_DIGITS = 18


def _header(name: str, *, kind: Any = int, note: str = "") -> OpenApiParameter:
    """A request header of the schema."""
    return OpenApiParameter(
        name, kind, OpenApiParameter.HEADER, required=True, description=note or name
    )


def _answered(name: str, *statuses: int, kind: Any = int, note: str) -> OpenApiParameter:
    """A response header of the schema."""
    return OpenApiParameter(
        name, kind, OpenApiParameter.HEADER, response=list(statuses), description=note
    )


_VERSION_HEADER = OpenApiParameter(
    "Tus-Resumable", str, OpenApiParameter.HEADER, required=True, enum=[VERSION]
)
_NOT_FOUND = described(StorageCode.UPLOAD_NOT_FOUND)
_BUSY = described(VideoCode.UPLOAD_BUSY)
_UNKNOWN_VERSION = described(VideoCode.UPLOAD_VERSION_UNKNOWN)


class _Unparsed(BaseParser):
    """Leaves the body unread, whatever its type: the views read the bytes themselves."""

    media_type = "*/*"

    def parse(self, *_args: Any, **_kwargs: Any) -> dict[str, Any]:
        """No fields."""
        return {}


class UploadAPIView(UserAPIView):
    """The base of the protocol's endpoints: its header on every response, any Accept header, exact error codes."""

    parser_classes = [_Unparsed]
    content_negotiation_class = AnyAccept
    shows_exact_codes = True

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuse other versions of the protocol, after the sender is known."""
        super().initial(request, *args, **kwargs)
        if request.headers.get("Tus-Resumable") != VERSION:
            raise HeimdexError(VideoCode.UPLOAD_VERSION_UNKNOWN, headers={"Tus-Version": VERSION})

    def finalize_response(
        self, request: Request, response: Any, *args: Any, **kwargs: Any
    ) -> Response:
        """Add the protocol's header."""
        finished = super().finalize_response(request, response, *args, **kwargs)
        finished["Tus-Resumable"] = VERSION
        return finished

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer OPTIONS before anything is asked of its sender, as the protocol wants it."""
        if request.method == "OPTIONS":
            return _capabilities()
        return super().dispatch(request, *args, **kwargs)


class UploadListView(UploadAPIView):
    """New uploads."""

    @extend_schema(
        operation_id="upload_create",
        tags=["uploads"],
        request=None,
        parameters=[
            _VERSION_HEADER,
            _header("Upload-Length", note="The file's size in bytes."),
            _header(
                "Upload-Metadata",
                kind=str,
                note="`filename`, and if wanted `title` and `language`, as `key base64,key base64`.",
            ),
            _answered("Location", 201, kind=str, note="Where its bytes go: `/uploads/{id}`."),
            _answered("Upload-Offset", 201, note="0."),
            _answered("Upload-Expires", 201, kind=str, note="Until when it waits for bytes."),
        ],
        responses={
            201: None,
            403: described(VideoCode.STORAGE_QUOTA_EXCEEDED),
            412: _UNKNOWN_VERSION,
            413: described(VideoCode.FILE_TOO_LARGE),
            422: described(
                CoreCode.INVALID_INPUT, VideoCode.EMPTY_FILE, VideoCode.FILE_NAME_INVALID
            ),
            429: described(VideoCode.TOO_MANY_UPLOADS),
        },
    )
    def post(self, request: Request) -> HttpResponse:
        """Begin an upload of `Upload-Length` bytes (tus 1.0), then send them with PATCH to its `Location`."""
        _check_whole_upload(request)
        metadata = _parse_metadata(request.headers.get("Upload-Metadata", ""))
        upload = resumable_uploads.begin_upload(
            owner=self.user,
            filename=metadata.get("filename", metadata.get("name", "")),
            size_bytes=_integer_header(request, "Upload-Length"),
            title=metadata.get("title", ""),
            language=metadata.get("language", ""),
        )
        response = HttpResponse(status=201)
        response["Location"] = reverse("uploads:item", args=[upload.pk])
        _set_offset_headers(response, upload, offset=0)
        return response


class UploadView(UploadAPIView):
    """One upload."""

    @extend_schema(
        operation_id="upload_offset",
        tags=["uploads"],
        parameters=[
            _VERSION_HEADER,
            _answered("Upload-Offset", 200, note="How many bytes have arrived."),
            _answered("Upload-Length", 200, note="The file's size in bytes."),
            _answered("Upload-Video-Id", 200, kind=str, note="The video's id, once it is whole."),
        ],
        responses={200: None, 404: _NOT_FOUND, 412: _UNKNOWN_VERSION},
    )
    def head(self, _request: Request, upload_id: str) -> HttpResponse:
        """Ask how many bytes of an upload have arrived, to send on from there."""
        upload = self._upload(upload_id)
        video = resumable_uploads.finished_video(upload)
        if upload.finished_at and video is None:
            raise HeimdexError(StorageCode.UPLOAD_NOT_FOUND)
        response = HttpResponse(status=200)
        _set_offset_headers(response, upload, offset=upload.offset_bytes)
        _set_video_headers(response, video)
        return response

    @extend_schema(
        operation_id="upload_append",
        tags=["uploads"],
        request={CONTENT_TYPE: OpenApiTypes.BINARY},
        parameters=[
            _VERSION_HEADER,
            _header("Upload-Offset", note="Where these bytes begin in the file."),
            _answered("Upload-Offset", 204, note="How many bytes have arrived now."),
            _answered("Upload-Video-Id", 204, kind=str, note="The video's id, once it is whole."),
        ],
        responses={
            204: None,
            404: _NOT_FOUND,
            409: described(StorageCode.UPLOAD_OFFSET_MISMATCH),
            412: _UNKNOWN_VERSION,
            415: described(CoreCode.UNSUPPORTED_MEDIA_TYPE),
            422: described(CoreCode.INVALID_INPUT, VideoCode.NOT_A_VIDEO),
            423: _BUSY,
        },
    )
    def patch(self, request: Request, upload_id: str) -> HttpResponse:
        """Append bytes. What was refused as a video is removed at once; otherwise the last byte makes the video."""
        upload = self._upload(upload_id)
        http = cast("HttpRequest", request)
        if http.content_type != CONTENT_TYPE:
            raise HeimdexError(CoreCode.UNSUPPORTED_MEDIA_TYPE)
        progress = resumable_uploads.receive(
            upload,
            offset=_integer_header(request, "Upload-Offset"),
            stream=http,
            length=_integer_header(request, "Content-Length"),
        )
        response = HttpResponse(status=204)
        _set_offset_headers(response, upload, offset=progress.offset)
        _set_video_headers(response, progress.video)
        return response

    @extend_schema(
        operation_id="upload_cancel",
        tags=["uploads"],
        parameters=[_VERSION_HEADER],
        responses={204: None, 404: _NOT_FOUND, 412: _UNKNOWN_VERSION, 423: _BUSY},
    )
    def delete(self, _request: Request, upload_id: str) -> HttpResponse:
        """Cancel an upload and remove its bytes."""
        resumable_uploads.cancel_upload(self._upload(upload_id))
        return HttpResponse(status=204)

    @extend_schema(exclude=True)
    def post(self, request: Request, upload_id: str) -> HttpResponse:
        """Do what `X-HTTP-Method-Override` says, for clients that can only send POST."""
        method = request.headers.get("X-HTTP-Method-Override", "")
        action = {"HEAD": self.head, "PATCH": self.patch, "DELETE": self.delete}.get(method)
        if action is None:
            raise HeimdexError(CoreCode.METHOD_NOT_ALLOWED)
        return action(request, upload_id)

    def _upload(self, upload_id: str) -> Upload:
        return resumable_uploads.get_upload(self.user, upload_id)


class UploadCaptionsView(UserAPIView):
    """Captions for an upload. Not part of tus, so no header of tus is required."""

    parser_classes = [MultiPartParser]
    content_negotiation_class = AnyAccept
    shows_exact_codes = True

    @extend_schema(
        operation_id="upload_captions",
        tags=["uploads"],
        request={"multipart/form-data": UploadCaptionsSerializer},
        responses={
            204: None,
            404: _NOT_FOUND,
            409: described(VideoCode.VIDEO_BUSY),
            413: described(VideoCode.CAPTIONS_TOO_LARGE),
            422: described(
                VideoCode.CAPTIONS_INVALID,
                VideoCode.CAPTIONS_UNSUPPORTED,
                VideoCode.TEXT_NEEDS_SPEECH,
            ),
        },
    )
    def post(self, request: Request, upload_id: str) -> HttpResponse:
        """Add a captions file to an upload, preferably before its last byte."""
        upload = resumable_uploads.get_upload(self.user, upload_id)
        data = validated(UploadCaptionsSerializer(data=request.data))
        resumable_uploads.add_captions(upload, file=data["captions"], encoding=data["encoding"])
        return HttpResponse(status=204)


def _capabilities() -> HttpResponse:
    return HttpResponse(
        status=204,
        headers={
            "Tus-Resumable": VERSION,
            "Tus-Version": VERSION,
            "Tus-Extension": EXTENSIONS,
            "Tus-Max-Size": str(settings.UPLOAD_MAX_BYTES),
        },
    )


def _check_whole_upload(request: Request) -> None:
    """Refuse parts of uploads that the client wants joined later, which is the extension `concatenation`.

    A server without the extension would take each part for a file of its own, and refuse it as damaged at its end.
    """
    if request.headers.get("Upload-Concat"):
        sentence = _("Uploads in parts that are joined later (Upload-Concat) are not supported.")
        details = {"header": "Upload-Concat", "extensions": EXTENSIONS.split(",")}
        raise HeimdexError(CoreCode.INVALID_INPUT, details, message=sentence)


def _integer_header(request: Request, name: str) -> int:
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
