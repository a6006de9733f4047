"""Serializers of exports and receipts: times in videos are seconds as numbers, dates ISO 8601 in UTC."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.api.serializers import JobSerializer, SecondsField, UtcDateTimeField
from exports.api.captions import OverlaysSerializer, StyleSerializer
from exports.api.finish_files import FinishSerializer
from exports.api.framing import ChoiceField, FramingSerializer
from exports.choices import AspectRatio, ExportStatus, Quality, Strategy
from exports.downloads import signed_urls
from exports.models import Export
from exports.receipts.rule_labels import rule_word
from mediakit.cutting.cut_time import Span
from mediakit.framing.crop_plan import LAYOUTS


class RangeSerializer(serializers.Serializer[Any]):
    """One kept range of a video."""

    start_s = SecondsField(help_text="Where it begins in the video, in seconds.")
    end_s = SecondsField(help_text="Where it ends in the video, in seconds.")


def parsed_ranges(data: Iterable[Mapping[str, int]] | None) -> tuple[Span, ...]:
    """The validated ranges in ms."""
    return tuple((part["start_s"], part["end_s"]) for part in data or ())


class ExportRequestSerializer(serializers.Serializer[Any]):
    """A request for a Short of a scene, of the whole scene without start and end."""

    aspect_ratio = ChoiceField(
        choices=AspectRatio.choices,
        required=False,
        help_text="Of the picture: `9:16` (the default) is 1080x1920, `4:5` 1080x1350, `1:1` 1080x1080, `16:9`"
        " 1920x1080, `source` the video's own shape, at most 1080 on its short side.",
    )
    aspect_ratio_strategy = ChoiceField(
        choices=Strategy.choices,
        default=Strategy.SMART_CROP,
        help_text="How the video is fitted into that picture.",
    )
    output_quality = ChoiceField(choices=Quality.choices, default=Quality.HIGH)
    audio_track = serializers.IntegerField(
        required=False,
        allow_null=True,
        min_value=0,
        max_value=32_767,
        help_text="The `index` of one of the video's `audio_tracks`; without it the one a player would choose.",
    )
    reduce_noise = serializers.BooleanField(
        default=False, help_text="Lower what is heard between words."
    )
    captions = serializers.CharField(
        max_length=64,
        required=False,
        allow_blank=True,
        help_text='"off", the name of a preset, or the id of a saved one. Without it: your default preset, or none.',
    )
    caption_style = StyleSerializer(required=False, help_text="What is changed about the preset.")
    overlays = OverlaysSerializer(required=False, help_text="Title, progress bar, logo.")
    finish = FinishSerializer(
        required=False, help_text="Intro, outro and music; without it as in the preset."
    )
    framing = FramingSerializer(
        required=False, help_text="Wishes for `smart_crop`; without any it decides by itself."
    )
    start_s = SecondsField(
        required=False, help_text="Where the Short begins in the video, in seconds."
    )
    end_s = SecondsField(required=False, help_text="Where it ends in the video, in seconds.")
    ranges = RangeSerializer(
        many=True,
        required=False,
        help_text="Keep only these, up to 200, in order; they stand in for `start_s` and `end_s`.",
    )


class RangeExportRequestSerializer(ExportRequestSerializer):
    """A request for a Short of any range of a video: `start_s` and `end_s`, or `ranges`."""

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse a request that names no range."""
        names = [] if attrs.get("ranges") else ["start_s", "end_s"]
        missing = {
            name: [self.fields[name].error_messages["required"]]
            for name in names
            if name not in attrs
        }
        if missing:
            raise serializers.ValidationError(missing)
        return attrs


class ExportChangeSerializer(serializers.Serializer[Any]):
    """What can be changed of an export."""

    title = serializers.CharField(max_length=255)


class ExportSerializer(JobSerializer[Export]):
    """One export. The context holds the moment `at` and the `grant` of download links."""

    export_id = serializers.UUIDField(source="id", read_only=True)
    video_id = serializers.UUIDField(read_only=True, allow_null=True)
    batch_id = serializers.UUIDField(read_only=True, allow_null=True)
    start_s = SecondsField(source="start_ms", read_only=True)
    end_s = SecondsField(source="end_ms", read_only=True)
    ranges = serializers.SerializerMethodField()
    duration_s = SecondsField(source="duration_ms", read_only=True, allow_null=True)
    resolution = serializers.SerializerMethodField()
    stage = serializers.CharField(read_only=True, allow_blank=True)
    captions = serializers.CharField(
        read_only=True, allow_blank=True, help_text="The preset they began with; empty: none."
    )
    download_url = serializers.SerializerMethodField()
    expired = serializers.SerializerMethodField()

    class Meta:
        model = Export
        fields = [
            "export_id",
            "video_id",
            "batch_id",
            "scene_id",
            "scene_number",
            "title",
            "video_title",
            "start_s",
            "end_s",
            "ranges",
            "status",
            "stage",
            "progress",
            "aspect_ratio",
            "aspect_ratio_strategy",
            "output_quality",
            "audio_track",
            "reduce_noise",
            "captions",
            "download_url",
            "file_size_bytes",
            "duration_s",
            "resolution",
            "error_code",
            "error_message",
            "created_at",
            "completed_at",
            "expires_at",
            "expired",
        ]
        read_only_fields = fields

    @extend_schema_field({"type": "string", "nullable": True, "example": "1080x1920"})
    def get_resolution(self, export: Export) -> str | None:
        """Measured width and height in pixels; null until then."""
        return f"{export.width}x{export.height}" if export.width and export.height else None

    @extend_schema_field(RangeSerializer(many=True))
    def get_ranges(self, export: Export) -> list[dict[str, float]]:
        """The kept ranges; one from `start_s` to `end_s` where nothing is left out."""
        return [{"start_s": a / 1000, "end_s": b / 1000} for a, b in export.kept_ranges]

    @extend_schema_field({"type": "string", "format": "uri", "nullable": True})
    def get_download_url(self, export: Export) -> str | None:
        """A signed link that needs no login; null unless there is a file to download."""
        if export.status != ExportStatus.COMPLETED or export.is_expired(at=self._at):
            return None
        grant, request = self.context["grant"], self.context["request"]
        return signed_urls.download_url(export, grant=grant, at=self._at, request=request)

    def get_expired(self, export: Export) -> bool:
        """Whether its file has expired."""
        return export.is_expired(at=self._at)

    @property
    def _at(self) -> datetime:
        at: datetime = self.context["at"]
        return at


class SpanField(serializers.ListField):
    """Time spans in seconds, each a start and an end; in Python integer ms."""

    child = serializers.ListField(child=SecondsField(), min_length=2, max_length=2)


class RuleSerializer(serializers.Serializer[Any]):
    """One rule of a receipt."""

    code = serializers.CharField(source="name", help_text="Stable; for programs.")
    label = serializers.SerializerMethodField(  # type: ignore[assignment]  # the name of a property of fields
        help_text="What it promises, in your language."
    )
    ok = serializers.BooleanField(help_text="Whether the file keeps it.")
    hard = serializers.BooleanField(help_text="Whether breaking it makes the export fail.")
    expected = serializers.CharField()
    measured = serializers.CharField()

    def get_label(self, rule: dict[str, Any]) -> str:
        """What the rule promises."""
        return rule_word(rule["name"])


class JoinSerializer(serializers.Serializer[Any]):
    """Where parts were removed."""

    at_s = SecondsField(source="at_ms", help_text="In the Short.")
    removed_s = serializers.ListField(
        source="removed_ms",
        child=SecondsField(),
        help_text="From where to where, in the video.",
    )
    removed_text = serializers.CharField(help_text="The words that were said there.")
    click_db = serializers.FloatField(
        allow_null=True,
        help_text="How much the highest pitches at the join stand out of those around it; null without sound.",
    )


class ShotSerializer(serializers.Serializer[Any]):
    """How one shot, or one turn of a person who speaks, was framed."""

    start_s = SecondsField(source="start_ms", help_text="In the Short.")
    end_s = SecondsField(source="end_ms", help_text="In the Short.")
    layout = serializers.ChoiceField(choices=LAYOUTS)
    is_part = serializers.BooleanField(
        default=False, help_text="Whether a `fit` shows a part of the picture instead of the whole."
    )
    reason = serializers.CharField(
        help_text="`person`, `group`, `speaker`, `apart`, `subject`, `nobody`, `inset` or `text`: why it is so."
    )
    people = serializers.IntegerField(help_text="How many were found.")
    speaker = serializers.CharField(help_text="Their name in the transcript; empty without one.")
    chosen = serializers.BooleanField(help_text="Whether an override decided.")
    enlargement = serializers.FloatField(
        help_text="Pixels of the Short for one of the video, along a side."
    )


class ReceiptSerializer(serializers.Serializer[Any]):
    """What was measured of the stored file, and the rules it was checked against; older receipts have null fields."""

    export_id = serializers.UUIDField()
    passed = serializers.BooleanField(help_text="Whether no hard rule is broken.")
    warnings = serializers.IntegerField(help_text="How many soft rules are broken.")
    size_bytes = serializers.IntegerField()
    duration_s = SecondsField(source="duration_ms", help_text="As the container says.")
    picture_s = SecondsField(
        source="picture_ms", allow_null=True, help_text="How long the decoded pictures last."
    )
    sound_s = SecondsField(
        source="sound_ms", allow_null=True, help_text="How long the decoded sound lasts."
    )
    sound_offset_s = SecondsField(
        source="offset_ms",
        allow_null=True,
        help_text="How much later than the picture the sound begins.",
    )
    frames = serializers.IntegerField(allow_null=True, help_text="Pictures that decoded.")
    frame_rate = serializers.CharField(help_text="Pictures per second, as 25 or 30000/1001.")
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    video_bit_rate = serializers.IntegerField(help_text="Bits per second.")
    loudness_lufs = serializers.FloatField(allow_null=True, help_text="Null for silence.")
    true_peak_db = serializers.FloatField(allow_null=True, help_text="dBTP; null for silence.")
    black_s = SpanField(source="black_ms", allow_null=True)
    frozen_s = SpanField(source="frozen_ms", allow_null=True)
    silent_s = SpanField(source="silent_ms", allow_null=True)
    clipped_s = SpanField(source="clipped_ms", allow_null=True)
    cut_s = serializers.ListField(
        source="cut_ms",
        child=SecondsField(),
        allow_null=True,
        help_text="From when to when the cut is shown, between its cards; null without any.",
    )
    joins = JoinSerializer(many=True, allow_null=True)
    shots = ShotSerializer(many=True, allow_null=True, help_text="Null without `smart_crop`.")
    rules = RuleSerializer(many=True)

    def to_representation(self, export: Any) -> dict[str, Any]:
        """The stored receipt; fields that an older one does not have are null."""
        receipt = export.receipt
        failures = [rule for rule in receipt["rules"] if not rule["ok"]]
        fields = {str(field.source): None for field in self.fields.values()}
        return super().to_representation(
            {
                **fields,
                **receipt,
                "export_id": export.pk,
                "passed": not any(rule["hard"] for rule in failures),
                "warnings": sum(not rule["hard"] for rule in failures),
            }
        )


class PostTextSerializer(serializers.Serializer[Any]):
    """What is written beside a Short when it is posted. The context holds its `title`."""

    title = serializers.SerializerMethodField()
    description = serializers.CharField(help_text="Its first sentences.")
    hashtags = serializers.ListField(
        child=serializers.CharField(), help_text="Tags of its video that are said in it."
    )

    def get_title(self, _post: Any) -> str:
        """The Short's title."""
        return str(self.context["title"])


class MeSerializer(serializers.Serializer[Any]):
    """The user who asks, the export quota and the room for source files."""

    id = serializers.IntegerField()
    username = serializers.CharField()
    language = serializers.CharField(help_text="The chosen language; empty: the browser's.")
    limit = serializers.IntegerField(help_text="Exports in the sliding window.")
    used = serializers.IntegerField()
    free = serializers.IntegerField()
    next_free_at = UtcDateTimeField(
        allow_null=True, help_text="When the next place is free, while all are taken."
    )
    storage_used_bytes = serializers.IntegerField(
        help_text="Of all source files; an upload counts whole from its beginning."
    )
    storage_limit_bytes = serializers.IntegerField()
