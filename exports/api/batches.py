"""The API of batches: several Shorts in one request, their progress, and all of them as one download."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from core.api.conditional import ask_again
from core.api.errors import described
from core.api.idempotency import KEY_HEADER, idempotency_key
from core.api.negotiation import AnyAccept
from core.api.serializers import ModelSerializer, SecondsField, validated
from core.errors import CoreCode
from exports.api.framing import ChoiceField
from exports.api.serializers import (
    ExportRequestSerializer,
    ExportSerializer,
    RangeSerializer,
    parsed_ranges,
)
from exports.api.views import ExportAPIView
from exports.batches import items, services
from exports.batches.archive import archive_response
from exports.batches.cut_lists import batch_cut_list
from exports.batches.items import MAX_EXPORTS
from exports.batches.naming import DEFAULT_TEMPLATE, FIELDS, MAX_TEMPLATE_CHARS
from exports.batches.queries import batches_of, exports_of_batch, get_batch, progress_of
from exports.captions.styles import resolve_style
from exports.choices import AspectRatio
from exports.errors import ExportCode
from exports.models import Batch
from jobs.clock import database_now
from storage.serving import BYTES_TYPE
from videos.api.cut_lists import ERRORS, FILES, KIND, NOT_READY
from videos.errors import VideoCode

_NOT_FOUND = described(ExportCode.BATCH_NOT_FOUND)
_FIELDS = ", ".join(f"{{{field}}}" for field in FIELDS)
_TOO_MANY = described(ExportCode.EXPORT_LIMIT_EXCEEDED, ExportCode.EXPORT_REQUESTS_EXCEEDED)


class BatchItemSerializer(serializers.Serializer[Any]):
    """What one Short of a batch is made of: a clip, scene, suggestion or earlier export, or ranges of a video."""

    clip_id = serializers.UUIDField(required=False)
    scene_id = serializers.UUIDField(required=False)
    suggestion_id = serializers.UUIDField(required=False)
    export_id = serializers.UUIDField(required=False, help_text="The same range once more.")
    video_id = serializers.UUIDField(required=False)
    start_s = SecondsField(required=False)
    end_s = SecondsField(required=False)
    ranges = RangeSerializer(many=True, required=False)
    title = serializers.CharField(
        max_length=255,
        required=False,
        allow_blank=True,
        default="",
        help_text="Without one: the clip's or suggestion's, or the first sentence that is said.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse an item that names none or several things, or a video without a range."""
        named = [name for name in items.SOURCES if name in attrs]
        has_range = attrs.get("ranges") or {"start_s", "end_s"} <= set(attrs)
        if len(named) != 1 or (named == ["video_id"]) != bool(has_range):
            raise serializers.ValidationError(
                _(
                    "Name one of clip_id, scene_id, suggestion_id, export_id, or video_id with its range."
                )
            )
        return attrs


class BatchRequestSerializer(ExportRequestSerializer):
    """A request for several Shorts, all with the same framing, captions, quality and sound.

    Each item is made in each of the aspect ratios.
    """

    aspect_ratio = None  # type: ignore[assignment]  # as below
    start_s = None  # type: ignore[assignment]  # DRF's way to leave a field out
    end_s = None  # type: ignore[assignment]
    ranges = None  # type: ignore[assignment]
    framing = None  # type: ignore[assignment]
    items = BatchItemSerializer(
        many=True, allow_empty=False, help_text=f"1 to {MAX_EXPORTS}, in order."
    )
    aspect_ratios = serializers.ListField(
        child=ChoiceField(choices=AspectRatio.choices),
        allow_empty=False,
        max_length=len(AspectRatio),
        required=False,
        help_text="One file of each item in each, by default in `9:16`; one that is named twice counts once.",
    )
    title = serializers.CharField(
        max_length=255,
        required=False,
        allow_blank=True,
        default="",
        help_text="Of the batch; without one the first video's.",
    )
    file_names = serializers.CharField(
        max_length=MAX_TEMPLATE_CHARS,
        required=False,
        allow_blank=True,
        default="",
        help_text=f"How the files are named, from {_FIELDS}; by default `{DEFAULT_TEMPLATE}`.",
    )


class BatchCountsSerializer(serializers.Serializer[Any]):
    """How many exports of a batch are in each state."""

    total = serializers.IntegerField()
    waiting = serializers.IntegerField()
    processing = serializers.IntegerField()
    completed = serializers.IntegerField()
    failed = serializers.IntegerField()
    cancelled = serializers.IntegerField()


class BatchSummarySerializer(ModelSerializer[Batch]):
    """One batch without its exports."""

    batch_id = serializers.UUIDField(source="id", read_only=True)
    file_names = serializers.CharField(source="name_template", read_only=True)

    class Meta:
        model = Batch
        fields = ["batch_id", "title", "file_names", "created_at"]
        read_only_fields = fields


class BatchSerializer(BatchSummarySerializer):
    """One batch. The context holds its `exports`, and what their serializer needs."""

    is_active = serializers.SerializerMethodField()
    progress = serializers.SerializerMethodField()
    counts = serializers.SerializerMethodField()
    zip_url = serializers.SerializerMethodField()
    exports = serializers.SerializerMethodField()

    class Meta(BatchSummarySerializer.Meta):
        fields = [
            *BatchSummarySerializer.Meta.fields,
            *("is_active", "progress", "counts", "zip_url", "exports"),
        ]
        read_only_fields = fields

    @extend_schema_field(
        {"type": "boolean", "description": "Whether an export is waiting or being made."}
    )
    def get_is_active(self, _batch: Batch) -> bool:
        """Whether an export is waiting or being made."""
        return self.context["batch_progress"].is_active  # type: ignore[no-any-return]

    @extend_schema_field({"type": "integer", "description": "Percent, the mean of all exports."})
    def get_progress(self, _batch: Batch) -> int:
        """Percent, the mean of all exports."""
        return self.context["batch_progress"].percent  # type: ignore[no-any-return]

    @extend_schema_field(BatchCountsSerializer)
    def get_counts(self, _batch: Batch) -> Any:
        """How many are in each state."""
        return BatchCountsSerializer(self.context["batch_progress"]).data

    @extend_schema_field({"type": "string", "format": "uri"})
    def get_zip_url(self, batch: Batch) -> str:
        """Where all finished Shorts are downloaded as one ZIP, with the same token."""
        return reverse("api:batch-zip", [batch.pk], request=self.context["request"])

    @extend_schema_field(ExportSerializer(many=True))
    def get_exports(self, _batch: Batch) -> Any:
        """Its exports in order."""
        return ExportSerializer(self.context["exports"], many=True, context=self.context).data


class _BatchAPIView(ExportAPIView):
    """The base of the endpoints of one batch."""

    def batch_response(self, batch: Batch, *, status_code: int = status.HTTP_200_OK) -> Response:
        """A batch with its exports as JSON."""
        exports = exports_of_batch(batch)
        progress = progress_of(exports)
        context = {
            "request": self.request,
            "at": database_now(),
            "grant": self.grant,
            "exports": exports,
            "batch_progress": progress,
        }
        response = Response(BatchSerializer(batch, context=context).data, status=status_code)
        if status_code == status.HTTP_202_ACCEPTED:
            response["Location"] = reverse("api:batch", [batch.pk], request=self.request)
        ask_again(response, is_active=progress.is_active)
        return response


class BatchListView(_BatchAPIView, ListAPIView[Batch]):
    """The user's batches, newest first."""

    serializer_class = BatchSummarySerializer
    queryset = Batch.objects.none()  # for the API's description only

    def get_queryset(self) -> QuerySet[Batch]:
        """The user's batches."""
        return batches_of(self.request.user)

    @extend_schema(
        operation_id="batch_create",
        request=BatchRequestSerializer,
        parameters=[KEY_HEADER],
        responses={
            202: BatchSerializer,
            404: described(
                VideoCode.VIDEO_NOT_FOUND,
                VideoCode.SCENE_NOT_FOUND,
                VideoCode.CLIP_NOT_FOUND,
                VideoCode.SUGGESTION_NOT_FOUND,
            ),
            409: described(CoreCode.CONFLICT, CoreCode.IDEMPOTENCY_KEY_REUSED),
            422: described(
                CoreCode.INVALID_INPUT,
                ExportCode.BATCH_SIZE,
                ExportCode.FILE_NAMES_INVALID,
                ExportCode.SCENE_TOO_LONG,
                note="; `details.number` says which Short it is about",
            ),
            429: _TOO_MANY,
        },
    )
    def post(self, request: Request) -> HttpResponse:
        """Request several Shorts at once: all of them, or none. Each counts against the quota."""
        data = validated(BatchRequestSerializer(data=request.data))
        options = self._options(data)
        requests = items.read_items(
            self.user, [_with_spans(item) for item in data["items"]], options
        )
        batch = services.request_batch(
            self.user,
            requests,
            title=data["title"],
            name_template=data["file_names"],
            idempotency_key=idempotency_key(request, data),
        )
        return self.batch_response(batch, status_code=status.HTTP_202_ACCEPTED)

    def _options(self, data: Mapping[str, Any]) -> items.BatchOptions:
        return items.BatchOptions(
            aspect_ratios=tuple(dict.fromkeys(data.get("aspect_ratios", [AspectRatio.VERTICAL]))),
            strategy=data["aspect_ratio_strategy"],
            quality=data["output_quality"],
            audio_track=data.get("audio_track"),
            reduce_noise=data["reduce_noise"],
            style=resolve_style(
                self.user.pk,
                data.get("captions"),
                style=data.get("caption_style"),
                overlays=data.get("overlays"),
                finish=data.get("finish"),
            ),
        )


class BatchView(_BatchAPIView):
    """One batch."""

    @extend_schema(operation_id="batch_retrieve", responses={200: BatchSerializer, 404: _NOT_FOUND})
    def get(self, _request: Request, batch_id: str) -> Response:
        """Retrieve a batch with its exports, to follow its progress."""
        return self.batch_response(get_batch(self.user, batch_id))


class BatchCancelView(_BatchAPIView):
    """Cancel a batch."""

    @extend_schema(
        operation_id="batch_cancel",
        request=None,
        responses={
            200: BatchSerializer,
            404: _NOT_FOUND,
            409: described(CoreCode.CONFLICT, note=": all have ended"),
        },
    )
    def post(self, _request: Request, batch_id: str) -> Response:
        """Cancel what is waiting or running. What is finished stays."""
        batch = get_batch(self.user, batch_id)
        services.cancel_batch(batch)
        return self.batch_response(batch)


class BatchRetryView(_BatchAPIView):
    """Retry a batch."""

    @extend_schema(
        operation_id="batch_retry",
        request=None,
        responses={
            202: BatchSerializer,
            404: _NOT_FOUND,
            409: described(CoreCode.CONFLICT, note=": none has failed"),
            429: _TOO_MANY,
        },
    )
    def post(self, _request: Request, batch_id: str) -> Response:
        """Queue the failed ones again, and only those."""
        batch = get_batch(self.user, batch_id)
        services.retry_failed(batch)
        return self.batch_response(batch, status_code=status.HTTP_202_ACCEPTED)


class BatchZipView(ExportAPIView):
    """The files of a batch."""

    content_negotiation_class = AnyAccept

    @extend_schema(
        operation_id="batch_zip",
        responses={
            (200, BYTES_TYPE): OpenApiTypes.BINARY,
            404: _NOT_FOUND,
            409: described(CoreCode.CONFLICT, note=": none is finished"),
        },
    )
    def get(self, request: HttpRequest, batch_id: str) -> HttpResponseBase:
        """All finished Shorts as a ZIP, with their captions and a manifest (JSON and CSV)."""
        return archive_response(request, get_batch(self.user, batch_id), at=database_now())


class BatchCutListView(ExportAPIView):
    """A cut list of a batch."""

    content_negotiation_class = AnyAccept

    @extend_schema(
        operation_id="batch_cut_list",
        parameters=[
            KIND,
            OpenApiParameter(
                "video_id",
                OpenApiTypes.UUID,
                description="Needed where a batch cuts several videos.",
            ),
        ],
        responses={
            **FILES,
            404: described(ExportCode.BATCH_NOT_FOUND, VideoCode.VIDEO_NOT_FOUND, *ERRORS),
            409: NOT_READY,
            422: described(CoreCode.INVALID_INPUT),
        },
    )
    def get(self, request: Request, batch_id: str, kind: str) -> HttpResponse:
        """What a batch cuts of a video as one file for a video editor, each cut once whatever its shapes."""
        batch = get_batch(self.user, batch_id)
        return batch_cut_list(batch, kind, request.query_params.get("video_id", ""))


def _with_spans(item: Mapping[str, Any]) -> items.BatchItem:
    """The validated item in ms."""
    ranges = parsed_ranges(item.get("ranges"))
    if not ranges and "start_s" in item:
        ranges = ((item["start_s"], item["end_s"]),)
    source = next(name for name in items.SOURCES if name in item)
    return items.BatchItem(source, item[source], ranges, item["title"])
