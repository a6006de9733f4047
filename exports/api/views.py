"""The export API: request Shorts, follow their progress, cancel, retry and delete them."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from accounts.api.views import UserAPIView
from accounts.link_grants import make_grant
from accounts.models import AccessToken
from core.api.conditional import ask_again, conditional_response
from core.api.errors import described
from core.api.idempotency import KEY_HEADER, idempotency_key
from core.api.negotiation import AnyAccept
from core.api.serializers import validated
from core.errors import CoreCode, HeimdexError
from exports import policy, queries, services
from exports.api.filters import ExportFilter
from exports.api.serializers import (
    ExportChangeSerializer,
    ExportRequestSerializer,
    ExportSerializer,
    MeSerializer,
    PostTextSerializer,
    RangeExportRequestSerializer,
    ReceiptSerializer,
    parsed_ranges,
)
from exports.captions.styles import resolve_style
from exports.choices import AspectRatio
from exports.errors import ExportCode
from exports.framing import options as framing_options
from exports.models import Export, ExportQuerySet
from exports.post_texts import post_text_of
from exports.previews.covers import cover_response
from exports.services import ExportRequest
from jobs.clock import database_now
from storage.serving import BYTES_TYPE
from videos.errors import VideoCode
from videos.models import Scene, Video
from videos.queries import get_scene, get_video
from videos.uploads.quota import used_bytes

_NOT_FOUND = described(ExportCode.EXPORT_NOT_FOUND)
_TOO_MANY = described(
    ExportCode.EXPORT_LIMIT_EXCEEDED,
    ExportCode.EXPORT_REQUESTS_EXCEEDED,
    note=", with a Retry-After header",
)
_CREATED: Mapping[int, Any] = {
    202: ExportSerializer,
    404: described(VideoCode.SCENE_NOT_FOUND, VideoCode.VIDEO_NOT_FOUND),
    409: described(
        CoreCode.CONFLICT,
        CoreCode.IDEMPOTENCY_KEY_REUSED,
        note="; CONFLICT while the video is not ready",
    ),
    422: described(CoreCode.INVALID_INPUT, ExportCode.SCENE_TOO_LONG),
    429: _TOO_MANY,
}


class ExportAPIView(UserAPIView):
    """The base of the export endpoints."""

    @property
    def grant(self) -> str:
        """The grant of the download links in this response: of the request's token, or of the user's session."""
        token = self.request.auth
        return make_grant(self.user, token=token if isinstance(token, AccessToken) else None)

    def export_response(
        self, export: Export, *, status_code: int = status.HTTP_200_OK
    ) -> HttpResponse:
        """One export as JSON: a new one with its Location, a GET with an ETag or as 304."""
        at = queries.read_at(export)
        context = {"request": self.request, "at": at, "grant": self.grant}
        body = ExportSerializer(export, context=context).data
        if self.request.method in {"GET", "HEAD"}:
            # Each response has another link; whoever keeps the last one has one that is good for half its time.
            window = int(at.timestamp()) // max(1, settings.DOWNLOAD_LINK_S // 2)
            version = {**body, "download_url": body["download_url"] and window}
            response = conditional_response(self.request, body, version=version)
        else:
            response = Response(body, status=status_code)
        if status_code == status.HTTP_202_ACCEPTED:
            response["Location"] = reverse("api:export", [export.pk], request=self.request)
        return ask_again(response, is_active=export.is_active)

    def request_export(
        self, data: Mapping[str, Any], *, video: Video, scene: Scene | None, title: str = ""
    ) -> HttpResponse:
        """Request an export and answer 202 with it. Without a title it has the video's."""
        wanted = ExportRequest(
            video=video,
            scene=scene,
            title=title,
            start_ms=data["start_ms"],
            end_ms=data["end_ms"],
            ranges=parsed_ranges(data.get("ranges")),
            aspect_ratio=data.get("aspect_ratio", AspectRatio.VERTICAL),
            strategy=data["aspect_ratio_strategy"],
            quality=data["output_quality"],
            audio_track=data.get("audio_track"),
            reduce_noise=data["reduce_noise"],
            framing=_framing_overrides(data),
            style=resolve_style(
                self.user.pk,
                data.get("captions"),
                style=data.get("caption_style"),
                overlays=data.get("overlays"),
                finish=data.get("finish"),
            ),
        )
        key = idempotency_key(self.request, data)
        export = services.request_export(self.user, wanted, idempotency_key=key)
        return self.export_response(export, status_code=status.HTTP_202_ACCEPTED)


class SceneExportView(ExportAPIView):
    """Export of a scene, or of a range around it."""

    @extend_schema(
        operation_id="scene_export_short",
        request=ExportRequestSerializer,
        parameters=[KEY_HEADER],
        responses=_CREATED,
    )
    def post(self, request: Request, scene_id: str) -> HttpResponse:
        """Request a Short of a scene; `start_s` and `end_s` may move its ends anywhere inside the video."""
        data = validated(ExportRequestSerializer(data=request.data))
        scene = get_scene(self.user, scene_id)
        span = {
            "start_ms": data.get("start_s", scene.start_ms),
            "end_ms": data.get("end_s", scene.end_ms),
        }
        return self.request_export({**data, **span}, video=scene.video, scene=scene)


class VideoExportView(ExportAPIView):
    """Export of any range of a video."""

    @extend_schema(
        operation_id="video_export_short",
        request=RangeExportRequestSerializer,
        parameters=[KEY_HEADER],
        responses=_CREATED,
    )
    def post(self, request: Request, video_id: str) -> HttpResponse:
        """Request a Short of a range of a video."""
        data = validated(RangeExportRequestSerializer(data=request.data))
        video = get_video(self.user, video_id)
        span = {"start_ms": data.get("start_s", 0), "end_ms": data.get("end_s", 0)}
        return self.request_export({**data, **span}, video=video, scene=None)


class ExportListView(ExportAPIView, ListAPIView[Export]):
    """The user's exports, newest first."""

    serializer_class = ExportSerializer
    filter_backends = [DjangoFilterBackend]
    filterset_class = ExportFilter
    queryset = Export.objects.none()  # for the API's description only

    def get_queryset(self) -> ExportQuerySet:
        """The user's exports that were not deleted."""
        return queries.exports_of(self.request.user).defer(*queries.LARGE_COLUMNS)

    def get_serializer_context(self) -> dict[str, Any]:
        """The serializer's context, with one moment `at` for the whole page."""
        return {**super().get_serializer_context(), "at": database_now(), "grant": self.grant}


class ExportView(ExportAPIView):
    """One export."""

    @extend_schema(
        operation_id="export_retrieve",
        responses={
            200: ExportSerializer,
            404: described(ExportCode.EXPORT_NOT_FOUND, ExportCode.EXPORT_EXPIRED),
        },
    )
    def get(self, request: Request, export_id: str) -> HttpResponse:
        """Retrieve an export, to follow its progress; EXPORT_EXPIRED after its file was removed."""
        export = queries.get_export(self.user, export_id)
        if export.is_expired(at=queries.read_at(export)):
            raise HeimdexError(ExportCode.EXPORT_EXPIRED)
        return self.export_response(export)

    @extend_schema(
        operation_id="export_update",
        request=ExportChangeSerializer,
        responses={200: ExportSerializer, 404: _NOT_FOUND, 422: described(CoreCode.INVALID_INPUT)},
    )
    def patch(self, request: Request, export_id: str) -> HttpResponse:
        """Rename an export; its file is named by it when it is downloaded."""
        export = queries.get_export(self.user, export_id)
        data = validated(ExportChangeSerializer(data=request.data))
        return self.export_response(services.rename_export(export, data["title"]))

    @extend_schema(operation_id="export_destroy", responses={204: None, 404: _NOT_FOUND})
    def delete(self, request: Request, export_id: str) -> Response:
        """Delete an export and its file; a running one is cancelled first."""
        services.delete_export(queries.get_export(self.user, export_id))
        return Response(status=status.HTTP_204_NO_CONTENT)


class ExportCancelView(ExportAPIView):
    """Cancel an export."""

    @extend_schema(
        operation_id="export_cancel",
        request=None,
        responses={
            200: ExportSerializer,
            404: _NOT_FOUND,
            409: described(CoreCode.CONFLICT, note=": it has ended"),
        },
    )
    def post(self, request: Request, export_id: str) -> HttpResponse:
        """Cancel a waiting or running export; it no longer counts against the quota."""
        return self.export_response(
            services.cancel_export(queries.get_export(self.user, export_id))
        )


class ExportRetryView(ExportAPIView):
    """Retry an export."""

    @extend_schema(
        operation_id="export_retry",
        request=None,
        responses={
            202: ExportSerializer,
            404: _NOT_FOUND,
            409: described(
                CoreCode.CONFLICT, note=": neither failed nor cancelled, or its video is gone"
            ),
            429: _TOO_MANY,
        },
    )
    def post(self, request: Request, export_id: str) -> HttpResponse:
        """Queue a failed or cancelled export again; it counts against the quota again."""
        export = services.retry_export(queries.get_export(self.user, export_id))
        return self.export_response(export, status_code=status.HTTP_202_ACCEPTED)


class ExportReceiptView(ExportAPIView):
    """The receipt: what was measured of an export's file."""

    @extend_schema(
        operation_id="export_receipt",
        responses={
            200: ReceiptSerializer,
            404: described(ExportCode.EXPORT_NOT_FOUND, ExportCode.RECEIPT_NOT_FOUND),
            409: described(CoreCode.CONFLICT, note=": it is not finished yet"),
        },
    )
    def get(self, request: Request, export_id: str) -> Response:
        """The receipt of a finished export, or of one that failed verification. It is kept after the file expires."""
        export = queries.get_export(self.user, export_id)
        if export.is_active:
            raise HeimdexError(ExportCode.EXPORT_NOT_COMPLETED)
        if not export.receipt.get("rules"):
            raise HeimdexError(ExportCode.RECEIPT_NOT_FOUND)
        return Response(ReceiptSerializer(export).data)


class ExportCoverView(ExportAPIView):
    """The cover of a Short."""

    content_negotiation_class = AnyAccept

    @extend_schema(
        operation_id="export_cover",
        responses={
            (200, BYTES_TYPE): OpenApiTypes.BINARY,
            404: described(ExportCode.EXPORT_NOT_FOUND, ExportCode.EXPORT_EXPIRED),
            409: described(CoreCode.CONFLICT, note=": it is not finished yet"),
            429: described(CoreCode.THROTTLED),
        },
    )
    def get(self, request: HttpRequest, export_id: str) -> HttpResponseBase:
        """The sharpest well-lit picture of the Short as a JPEG of full size, with its title where it has one."""
        return cover_response(request, queries.get_export(self.user, export_id))


class ExportPostTextView(ExportAPIView):
    """What is written beside a Short when it is posted."""

    @extend_schema(
        operation_id="export_post_text",
        responses={200: PostTextSerializer, 404: _NOT_FOUND},
    )
    def get(self, request: Request, export_id: str) -> Response:
        """Title, description and hashtags, from the Short's own words; empty where nothing is said in it."""
        export = queries.get_export(self.user, export_id)
        return Response(
            PostTextSerializer(post_text_of(export), context={"title": export.title}).data
        )


class MeView(ExportAPIView):
    """The user who asks."""

    @extend_schema(operation_id="me", responses=MeSerializer)
    def get(self, request: Request) -> Response:
        """The user, the quotas of exports and of storage, how much is used, and when the next export is allowed."""
        user = self.user
        storage = {
            "storage_used_bytes": used_bytes(user.pk),
            "storage_limit_bytes": user.storage_limit_bytes,
        }
        quota = asdict(policy.quota(user, at=database_now()))
        me = {"id": user.pk, "username": user.username, "language": user.language}
        return Response(MeSerializer({**me, **quota, **storage}).data)


def _framing_overrides(data: Mapping[str, Any]) -> framing_options.FramingOptions | None:
    """The validated overrides of `smart_crop`; None without any."""
    overrides = data.get("framing")
    return framing_options.parse_options(overrides) if overrides else None
