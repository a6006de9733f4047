"""The clip API: cuts that are kept, changed, brought back and exported."""

from collections.abc import Mapping
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from core.api.errors import described
from core.api.idempotency import KEY_HEADER
from core.api.serializers import SecondsField, UtcDateTimeField, validated
from core.errors import CoreCode, HeimdexError
from exports import policy
from exports.api.serializers import (
    ExportRequestSerializer,
    ExportSerializer,
    RangeSerializer,
    parsed_ranges,
)
from exports.api.views import ExportAPIView
from exports.captions.styles import resolve_style
from exports.choices import AspectRatio
from exports.errors import ExportCode
from exports.framing import options as framing_options
from videos.choices import ClipAction
from videos.clips import services
from videos.clips.queries import clips_of, get_clip
from videos.clips.services import ClipState
from videos.errors import VideoCode
from videos.models import Clip, ClipChange
from videos.queries import get_scene, get_video

MAX_OPTIONS_CHARS = 50_000
OPTIONS = (
    *("aspect_ratio", "aspect_ratio_strategy", "output_quality", "audio_track", "reduce_noise"),
    *("captions", "caption_style", "overlays", "finish", "framing"),
)
_NOT_FOUND = described(VideoCode.CLIP_NOT_FOUND)
_CHANGED = described(VideoCode.CLIP_CHANGED, note=", with the newer state in `details.clip`")
_INVALID = described(CoreCode.INVALID_INPUT)


class ClipOptionsSerializer(ExportRequestSerializer):
    """What an export of a clip is asked for."""

    start_s = None  # type: ignore[assignment]  # DRF's way to leave a field out
    end_s = None  # type: ignore[assignment]
    ranges = None  # type: ignore[assignment]


class ClipSerializer(ClipOptionsSerializer):
    """A clip, with the fields of `export-short` that were sent for it."""

    id = serializers.UUIDField(read_only=True)
    video_id = serializers.UUIDField(help_text="Its video; cannot be changed.")
    scene_id = serializers.UUIDField(
        required=False, allow_null=True, help_text="The scene that it was made from."
    )
    title = serializers.CharField(
        max_length=255,
        required=False,
        allow_blank=True,
        help_text="Without one it gets the first words that are said in it.",
    )
    ranges = RangeSerializer(many=True, help_text="What is kept, in order, up to 200.")  # type: ignore[assignment]
    duration_s = SecondsField(source="duration_ms", read_only=True, help_text="Its kept time.")
    position = serializers.IntegerField(
        min_value=0, required=False, help_text="Its place among the video's clips, from 0."
    )
    version = serializers.IntegerField(
        required=False,
        min_value=1,
        help_text="Grows with every change. A change says which version it is based on.",
    )
    created_at = UtcDateTimeField(read_only=True)
    updated_at = UtcDateTimeField(read_only=True)

    def to_representation(self, clip: Any) -> dict[str, Any]:
        """The clip; options that were not sent are left out."""
        return {
            **services.state_json(clip),
            "video_id": str(clip.video_id),
            "scene_id": str(clip.scene_id) if clip.scene_id else None,
            "duration_s": clip.duration_ms / 1000,
            "position": clip.position,
            "created_at": UtcDateTimeField().to_representation(clip.created_at),
            "updated_at": UtcDateTimeField().to_representation(clip.updated_at),
        }


class ClipChangeSerializer(serializers.Serializer[Any]):
    """One version of a clip."""

    version = serializers.IntegerField()
    action = serializers.ChoiceField(choices=ClipAction.choices)
    changed_by = serializers.CharField(
        source="changed_by.username", default=None, allow_null=True, help_text="Who made it."
    )
    changed_at = UtcDateTimeField()
    title = serializers.CharField()
    ranges = serializers.SerializerMethodField()

    @extend_schema_field(RangeSerializer(many=True))
    def get_ranges(self, change: ClipChange) -> list[dict[str, float]]:
        """What it kept."""
        return [{"start_s": low / 1000, "end_s": high / 1000} for low, high in change.ranges]


class ClipRestoreSerializer(serializers.Serializer[Any]):
    """A request for an earlier version of a clip."""

    to = serializers.IntegerField(min_value=1, help_text="The version to bring back.")
    version = serializers.IntegerField(min_value=1, help_text="The version it has now.")


class ClipFilter(django_filters.FilterSet):  # type: ignore[misc]  # it has no types
    """`?video=id`. An unknown video, or another user's, has no clips."""

    video = django_filters.UUIDFilter(field_name="video_id")

    class Meta:
        model = Clip
        fields: list[str] = []


class ClipListView(ExportAPIView, ListAPIView[Clip]):
    """The user's clips: each video's together, in their order."""

    serializer_class = ClipSerializer
    filter_backends = [DjangoFilterBackend]
    filterset_class = ClipFilter
    queryset = Clip.objects.none()  # for the API's description only

    def get_queryset(self) -> QuerySet[Clip]:
        """The user's clips."""
        return clips_of(self.request.user)

    @extend_schema(
        operation_id="clip_create",
        request=ClipSerializer,
        responses={
            201: ClipSerializer,
            404: described(VideoCode.VIDEO_NOT_FOUND, VideoCode.SCENE_NOT_FOUND),
            409: described(VideoCode.CLIP_LIMIT, CoreCode.CONFLICT),
            422: _INVALID,
        },
    )
    def post(self, request: Request) -> Response:
        """Keep a cut of a video."""
        data = validated(ClipSerializer(data=request.data))
        video = get_video(self.user, data["video_id"])
        scene = get_scene(self.user, data["scene_id"]) if data.get("scene_id") else None
        state = ClipState(
            data.get("title", ""),
            parsed_ranges(data["ranges"]),
            _options(self.user.pk, _body(request)),
        )
        clip = services.create_clip(self.user, video, state, scene=scene)
        response = Response(ClipSerializer(clip).data, status=status.HTTP_201_CREATED)
        response["Location"] = reverse("api:clip", [clip.pk], request=request)
        return response


class ClipView(ExportAPIView):
    """One clip."""

    @extend_schema(operation_id="clip_retrieve", responses={200: ClipSerializer, 404: _NOT_FOUND})
    def get(self, _request: Request, clip_id: str) -> Response:
        """Retrieve a clip."""
        return Response(ClipSerializer(get_clip(self.user, clip_id)).data)

    @extend_schema(
        operation_id="clip_update",
        request=ClipSerializer,
        responses={200: ClipSerializer, 404: _NOT_FOUND, 409: _CHANGED, 422: _INVALID},
    )
    def patch(self, request: Request, clip_id: str) -> Response:
        """Change a clip; fields that are not sent stay.

        All but `position` need the `version` that the change is based on.
        """
        data = validated(ClipSerializer(data=request.data, partial=True))
        clip = get_clip(self.user, clip_id)
        if "video_id" in data and data["video_id"] != clip.video_id:
            raise _invalid("video_id")
        body = _body(request)
        given = _options(self.user.pk, {**clip.options, **body})
        state = ClipState(
            data.get("title"),
            parsed_ranges(data["ranges"]) if "ranges" in data else None,
            given if any(name in body for name in OPTIONS) else None,
        )
        if state != ClipState():
            if "version" not in data:
                raise _invalid("version")
            clip = services.change_clip(self.user, clip_id, state, based_on=data["version"])
        if "position" in data:
            clip = services.move_clip(self.user, clip_id, data["position"])
        return Response(ClipSerializer(clip).data)

    @extend_schema(operation_id="clip_destroy", responses={204: None, 404: _NOT_FOUND})
    def delete(self, _request: Request, clip_id: str) -> Response:
        """Delete a clip and its history; exports made of it are not touched."""
        services.delete_clip(self.user, clip_id)
        return Response(status=status.HTTP_204_NO_CONTENT)


class ClipDuplicateView(ExportAPIView):
    """Copies of a clip."""

    @extend_schema(
        operation_id="clip_duplicate",
        request=None,
        responses={201: ClipSerializer, 404: _NOT_FOUND, 409: described(VideoCode.CLIP_LIMIT)},
    )
    def post(self, _request: Request, clip_id: str) -> Response:
        """Copy a clip, right after itself."""
        clip = services.duplicate_clip(self.user, clip_id)
        return Response(ClipSerializer(clip).data, status=status.HTTP_201_CREATED)


class ClipHistoryView(ExportAPIView, ListAPIView[ClipChange]):
    """The versions of a clip, newest first; the newest 200 are kept."""

    serializer_class = ClipChangeSerializer
    queryset = ClipChange.objects.none()  # for the API's description only

    def get_queryset(self) -> QuerySet[ClipChange]:
        """The versions of the user's clip."""
        clip = get_clip(self.request.user, self.kwargs["clip_id"])
        return clip.changes.select_related("changed_by").order_by("-version")


class ClipRestoreView(ExportAPIView):
    """Earlier versions of a clip."""

    @extend_schema(
        operation_id="clip_restore",
        request=ClipRestoreSerializer,
        responses={
            200: ClipSerializer,
            404: described(VideoCode.CLIP_NOT_FOUND, VideoCode.CLIP_VERSION_NOT_FOUND),
            409: _CHANGED,
        },
    )
    def post(self, request: Request, clip_id: str) -> Response:
        """Bring a clip back to the version `to`, as a new version after `version`. So undo can be undone."""
        data = validated(ClipRestoreSerializer(data=request.data))
        clip = services.restore_clip(self.user, clip_id, data["to"], based_on=data["version"])
        return Response(ClipSerializer(clip).data)


class ClipExportView(ExportAPIView):
    """Exports of a clip."""

    @extend_schema(
        operation_id="clip_export",
        request=ClipOptionsSerializer,
        parameters=[KEY_HEADER],
        responses={
            202: ExportSerializer,
            404: _NOT_FOUND,
            409: described(CoreCode.CONFLICT, CoreCode.IDEMPOTENCY_KEY_REUSED),
            422: described(CoreCode.INVALID_INPUT, ExportCode.SCENE_TOO_LONG),
            429: described(ExportCode.EXPORT_LIMIT_EXCEEDED, ExportCode.EXPORT_REQUESTS_EXCEEDED),
        },
    )
    def post(self, request: Request, clip_id: str) -> HttpResponse:
        """Request a Short of a clip as it is now; fields that are sent stand in for its options, this once."""
        clip = get_clip(self.user, clip_id)
        data = validated(ClipOptionsSerializer(data={**clip.options, **_body(request)}))
        data["ranges"] = [{"start_s": low, "end_s": high} for low, high in clip.kept_ranges]
        span = {"start_ms": clip.start_ms, "end_ms": clip.end_ms}
        return self.request_export({**data, **span}, video=clip.video, scene=None, title=clip.title)


def _options(owner_id: int, sent: Mapping[str, Any]) -> dict[str, Any]:
    """The options as they were sent. Raises INVALID_INPUT for those that no export could be made with."""
    options = {name: sent[name] for name in OPTIONS if sent.get(name) is not None}
    if len(str(options)) > MAX_OPTIONS_CHARS:
        raise _invalid("framing")
    checked = validated(ClipOptionsSerializer(data=options))
    policy.check_choices(
        checked.get("aspect_ratio", AspectRatio.VERTICAL),
        checked["aspect_ratio_strategy"],
        checked["output_quality"],
    )
    framing_options.parse_options(checked.get("framing"))
    resolve_style(
        owner_id,
        checked.get("captions"),
        style=checked.get("caption_style"),
        overlays=checked.get("overlays"),
        finish=checked.get("finish"),
    )
    return options


def _body(request: Request) -> dict[str, Any]:
    """The fields of the body. Raises INVALID_INPUT for a list."""
    if not isinstance(request.data, Mapping):
        raise _invalid("body")
    return dict(request.data)


def _invalid(name: str) -> HeimdexError:
    sentence = _("“%(name)s” is missing or cannot be used.") % {"name": name}
    return HeimdexError(CoreCode.INVALID_INPUT, {"fields": {name: [sentence]}}, message=sentence)
