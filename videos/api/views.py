"""The video API: upload and import videos, follow their processing, read their scenes."""

from collections.abc import Mapping
from typing import Any, cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.decorators import method_decorator
from django.views.decorators.gzip import gzip_page
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.generics import ListAPIView
from rest_framework.parsers import FormParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from accounts.api.views import UserAPIView
from core.api.conditional import ask_again, conditional_response
from core.api.errors import described
from core.api.idempotency import KEY_HEADER, idempotency_key
from core.api.negotiation import AnyAccept
from core.api.pagination import IdsFirstPagination
from core.api.parsers import JSONParser
from core.api.serializers import validated
from core.errors import CoreCode
from videos import policy, services, transcript_services
from videos.api.bodies import body_of
from videos.api.filters import VideoFilter
from videos.api.serializers import (
    CaptionsSerializer,
    ImportSerializer,
    NewVideoSerializer,
    ReprocessSerializer,
    SceneSerializer,
    VideoChangesSerializer,
    VideoDetailsSerializer,
    VideoSerializer,
)
from videos.errors import VideoCode
from videos.library import deletion, tags
from videos.library.thumbnails import serve_thumbnail
from videos.models import Video, VideoQuerySet
from videos.queries import get_scene, get_video
from videos.transcripts.piece_store import end_hearing

# The most that a request may add to the size of its files.
_ENVELOPE_BYTES = 1024**2

_NO_VIDEO = described(VideoCode.VIDEO_NOT_FOUND)
_NO_SCENE = described(VideoCode.SCENE_NOT_FOUND)
_BUSY = described(CoreCode.CONFLICT, note=": it is being processed")
_JPEG: Mapping[Any, Any] = {(200, "image/jpeg"): OpenApiTypes.BINARY, 404: _NO_VIDEO}


class VideoAPIView(UserAPIView):
    """The base of the video endpoints."""

    def video_response(
        self, video: Video, *, status_code: int = status.HTTP_200_OK
    ) -> HttpResponse:
        """One video as JSON: a new one with its Location, a GET with an ETag or as 304."""
        body = VideoSerializer(video, context={"request": self.request}).data
        if self.request.method in {"GET", "HEAD"}:
            response = conditional_response(self.request, body)
        else:
            response = Response(body, status=status_code)
        if status_code in {status.HTTP_201_CREATED, status.HTTP_202_ACCEPTED}:
            response["Location"] = reverse("api:video", [video.pk], request=self.request)
        return ask_again(response, is_active=video.is_active)


class VideoListView(VideoAPIView, ListAPIView[Video]):
    """The user's videos, newest first, and uploading new ones."""

    serializer_class = VideoSerializer
    parser_classes = [MultiPartParser]
    filter_backends = [DjangoFilterBackend]
    filterset_class = VideoFilter
    pagination_class = IdsFirstPagination
    queryset = Video.objects.none()  # for the API's description only

    def get_queryset(self) -> VideoQuerySet:
        """The user's videos, without large columns that are not shown; `probe` holds the sound tracks."""
        videos = Video.objects.visible_to(self.request.user).defer("shots_ms", "tool_output")
        return videos.prefetch_related("tags")

    @extend_schema(
        operation_id="video_create",
        request={"multipart/form-data": NewVideoSerializer},
        parameters=[KEY_HEADER],
        responses={
            201: VideoSerializer,
            403: described(VideoCode.STORAGE_QUOTA_EXCEEDED),
            409: described(CoreCode.IDEMPOTENCY_KEY_REUSED),
            413: described(VideoCode.FILE_TOO_LARGE, VideoCode.CAPTIONS_TOO_LARGE),
            422: described(
                CoreCode.INVALID_INPUT,
                VideoCode.EMPTY_FILE,
                VideoCode.NOT_A_VIDEO,
                VideoCode.NO_VIDEO_STREAM,
                VideoCode.TRUNCATED_FILE,
                VideoCode.RAW_STREAM,
                VideoCode.UNSUPPORTED_CODEC,
                VideoCode.VIDEO_TOO_SHORT,
                VideoCode.VIDEO_TOO_LONG,
                VideoCode.VIDEO_TOO_LARGE,
                VideoCode.CAPTIONS_INVALID,
                VideoCode.CAPTIONS_UNSUPPORTED,
                VideoCode.TEXT_NEEDS_SPEECH,
                VideoCode.FILE_NAME_INVALID,
            ),
            507: described(CoreCode.STORAGE_FULL),
        },
    )
    def post(self, request: Request) -> HttpResponse:
        """Upload a video in one request. It is PENDING then; follow it until it is READY."""
        _check_content_length(request)
        data = validated(NewVideoSerializer(data=body_of(request)))
        video = services.create_video(
            owner=self.user,
            file=data["file"],
            title=data["title"],
            captions=data.get("captions"),
            language=data["language"],
            encoding=data["encoding"],
            idempotency_key=idempotency_key(request, data),
        )
        return self.video_response(video, status_code=status.HTTP_201_CREATED)


class VideoImportView(VideoAPIView):
    """Import of videos from the internet."""

    parser_classes = [JSONParser, FormParser, MultiPartParser]

    @extend_schema(
        operation_id="video_import",
        request=ImportSerializer,
        responses={
            202: VideoSerializer,
            403: described(VideoCode.IMPORT_OFF),
            422: described(
                CoreCode.INVALID_INPUT,
                VideoCode.IMPORT_LINK_INVALID,
                VideoCode.IMPORT_ADDRESS_REFUSED,
            ),
            429: described(VideoCode.IMPORT_LIMIT_EXCEEDED, note=": too many links wait already"),
        },
    )
    def post(self, request: Request) -> HttpResponse:
        """Import a video from a link. It is PENDING then; follow it until it is READY.

        A video that cannot be fetched becomes FAILED with an `error_code` that begins with `IMPORT_`, or with one of
        those of an upload. Repeating a link that still waits returns the waiting video.
        """
        data = validated(ImportSerializer(data=request.data))
        video = services.import_video(
            owner=self.user,
            url=data["url"],
            title=data["title"],
            language=data["language"],
        )
        return self.video_response(video, status_code=status.HTTP_202_ACCEPTED)


class VideoView(VideoAPIView):
    """One video."""

    parser_classes = [JSONParser, FormParser, MultiPartParser]

    @extend_schema(operation_id="video_retrieve", responses={200: VideoSerializer, 404: _NO_VIDEO})
    def get(self, request: Request, video_id: str) -> HttpResponse:
        """Retrieve a video, to follow its processing."""
        return self.video_response(get_video(self.user, video_id))

    @extend_schema(
        operation_id="video_update",
        request=VideoChangesSerializer,
        responses={
            200: VideoSerializer,
            404: _NO_VIDEO,
            422: described(CoreCode.INVALID_INPUT),
        },
    )
    def patch(self, request: Request, video_id: str) -> HttpResponse:
        """Change a video's title or its tags."""
        video = get_video(self.user, video_id)
        changes = validated(VideoChangesSerializer(data=request.data))
        if "tags" in changes:
            tags.set_tags(self.user, video, changes["tags"])
        if "title" in changes:
            video = services.rename_video(video, title=changes["title"])
        return self.video_response(video)

    @extend_schema(operation_id="video_destroy", responses={204: None, 404: _NO_VIDEO})
    def delete(self, request: Request, video_id: str) -> Response:
        """Delete a video with its files and scenes. Its exports stay."""
        deletion.delete_video(get_video(self.user, video_id))
        return Response(status=status.HTTP_204_NO_CONTENT)


@method_decorator(gzip_page, name="dispatch")
class VideoDetailsView(VideoAPIView):
    """A video with its scenes."""

    @extend_schema(
        operation_id="video_details", responses={200: VideoDetailsSerializer, 404: _NO_VIDEO}
    )
    def get(self, request: Request, video_id: str) -> HttpResponse:
        """A video, its whole transcript and its scenes."""
        video = get_video(self.user, video_id)
        scenes = list(video.scenes.order_by("index"))
        details = {
            "video": video,
            "full_transcript": "\n".join(scene.text for scene in scenes if scene.text),
            "scenes": scenes,
            "total_scenes": len(scenes),
        }
        body = VideoDetailsSerializer(details, context={"request": request}).data
        return ask_again(conditional_response(request, body), is_active=video.is_active)


class VideoReprocessView(VideoAPIView):
    """Process a video again."""

    @extend_schema(
        operation_id="video_reprocess",
        request=ReprocessSerializer,
        responses={202: VideoSerializer, 404: _NO_VIDEO, 409: _BUSY},
    )
    def post(self, request: Request, video_id: str) -> HttpResponse:
        """Build transcript and scenes again; the present ones stay readable until then."""
        video = get_video(self.user, video_id)
        data = validated(ReprocessSerializer(data=request.data))
        video = services.request_reprocess(
            video,
            language=data.get("language"),
            transcript=data.get("transcript"),
            encoding=data.get("encoding"),
            audio_track=_track_text(data) if "audio_track" in data else None,
        )
        return self.video_response(video, status_code=status.HTTP_202_ACCEPTED)


def _track_text(data: Mapping[str, Any]) -> str:
    """The chosen track's index as text; "" to find out."""
    return "" if data["audio_track"] is None else str(data["audio_track"])


class VideoStopHearingView(VideoAPIView):
    """End of speech recognition before the end of the sound."""

    @extend_schema(
        operation_id="video_stop_hearing",
        request=None,
        responses={
            202: VideoSerializer,
            404: _NO_VIDEO,
            409: described(CoreCode.CONFLICT, note=": nothing is being heard"),
        },
    )
    def post(self, request: Request, video_id: str) -> HttpResponse:
        """End speech recognition here; what was heard until now becomes the transcript."""
        video = end_hearing(get_video(self.user, video_id))
        return self.video_response(video, status_code=status.HTTP_202_ACCEPTED)


class VideoCaptionsView(VideoAPIView):
    """Captions for an existing video."""

    parser_classes = [MultiPartParser]

    @extend_schema(
        operation_id="video_captions",
        request=CaptionsSerializer,
        responses={
            202: VideoSerializer,
            404: _NO_VIDEO,
            409: _BUSY,
            413: described(VideoCode.CAPTIONS_TOO_LARGE),
            422: described(
                VideoCode.CAPTIONS_INVALID,
                VideoCode.CAPTIONS_UNSUPPORTED,
                VideoCode.TEXT_NEEDS_SPEECH,
            ),
        },
    )
    def post(self, request: Request, video_id: str) -> HttpResponse:
        """Add a captions file to a video and build its transcript and scenes from it."""
        video = get_video(self.user, video_id)
        data = validated(CaptionsSerializer(data=body_of(request)))
        video = transcript_services.set_captions(
            video, file=data["file"], encoding=data["encoding"]
        )
        return self.video_response(video, status_code=status.HTTP_202_ACCEPTED)


class SceneView(VideoAPIView):
    """One scene."""

    @extend_schema(operation_id="scene_retrieve", responses={200: SceneSerializer, 404: _NO_SCENE})
    def get(self, request: Request, scene_id: str) -> Response:
        """A scene with its text and tags."""
        scene = get_scene(self.user, scene_id)
        return Response(SceneSerializer(scene, context={"request": request}).data)


class ThumbnailAPIView(VideoAPIView):
    content_negotiation_class = AnyAccept
    shows_exact_codes = True  # a missing file is not a conflict

    def thumbnail_response(self, key: str) -> HttpResponseBase:
        """The stored thumbnail; NOT_FOUND when there is none."""
        # The REST framework's request passes unknown attributes on to Django's.
        return serve_thumbnail(cast("HttpRequest", self.request), key)


class VideoThumbnailView(ThumbnailAPIView):
    """A video's thumbnail."""

    @extend_schema(operation_id="video_thumbnail", responses=_JPEG)
    def get(self, request: Request, video_id: str) -> HttpResponseBase:
        """Its thumbnail."""
        return self.thumbnail_response(get_video(self.user, video_id).thumbnail_key)


class SceneThumbnailView(ThumbnailAPIView):
    """A scene's thumbnail."""

    @extend_schema(operation_id="scene_thumbnail", responses={**_JPEG, 404: _NO_SCENE})
    def get(self, request: Request, scene_id: str) -> HttpResponseBase:
        """Its thumbnail."""
        return self.thumbnail_response(get_scene(self.user, scene_id).thumbnail_key)


def _check_content_length(request: Request) -> None:
    """Refuse a request that is too large before its body is read."""
    length = int(request.META.get("CONTENT_LENGTH") or 0)
    policy.check_size(max(1, length - settings.CAPTIONS_MAX_BYTES - _ENVELOPE_BYTES))
