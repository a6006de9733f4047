"""Serializers of videos and scenes: times are seconds as numbers, statuses are in capitals."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.reverse import reverse

from core.api.serializers import JobSerializer, ModelSerializer, SecondsField
from mediakit.probing.track_roles import AUDIO_ROLES
from videos import policy
from videos.choices import TranscriptSource, VideoStatus
from videos.library.tags import MAX_TAGS_OF_VIDEO
from videos.models import MAX_TAG_CHARS, Scene, Video

_STATES = [status.value.upper() for status in VideoStatus]
_NO_TEXT = {"type": "string", "nullable": True}
_ADDRESS = {"type": "string", "format": "uri", "nullable": True}


class AudioTrackSerializer(serializers.Serializer[Any]):
    """One sound track of a video."""

    index = serializers.IntegerField(help_text="What `audio_track` of an export names.")
    codec = serializers.CharField()
    channels = serializers.IntegerField()
    language = serializers.CharField(allow_blank=True)
    title = serializers.CharField(allow_blank=True)
    is_default = serializers.BooleanField(help_text="Whether the file prefers it.")
    role = serializers.ChoiceField(
        choices=AUDIO_ROLES, allow_blank=True, help_text="What it is for; empty for the main sound."
    )
    is_readable = serializers.BooleanField(help_text="Whether this server can decode it.")
    is_main = serializers.BooleanField(help_text="Whether an export without `audio_track` has it.")


class CaptionsReportSerializer(serializers.Serializer[Any]):
    """How a captions file was read, and what was left out."""

    encoding = serializers.CharField(help_text="The encoding that was chosen or detected.")
    first_lines = serializers.ListField(
        child=serializers.CharField(), help_text="By these a wrong encoding is seen."
    )
    bad_characters = serializers.IntegerField(help_text="Characters that could not be read.")
    dropped = serializers.IntegerField(help_text="Captions that could not be read.")
    clamped = serializers.IntegerField(help_text="Captions that began before the video.")
    after_end = serializers.IntegerField(help_text="Captions after the end of the video.")
    first_fault_line = serializers.IntegerField(
        allow_null=True, help_text="The line of the first caption that could not be read."
    )
    shift_s = serializers.FloatField(
        help_text="The whole hours that the captions were moved earlier, since the file's clock starts there."
    )


class VideoSerializer(JobSerializer[Video]):
    """A video."""

    status = serializers.SerializerMethodField()
    processing_stage = serializers.SerializerMethodField()
    duration_s = serializers.SerializerMethodField()
    source_url = serializers.SerializerMethodField()
    thumbnail_url = serializers.SerializerMethodField()
    transcript_language = serializers.SerializerMethodField()
    transcript_source = serializers.SerializerMethodField()
    transcript_note = serializers.SerializerMethodField()
    heard_s = serializers.SerializerMethodField()
    captions = serializers.SerializerMethodField()
    audio_tracks = serializers.SerializerMethodField()
    tags = serializers.SerializerMethodField()

    class Meta:
        model = Video
        fields = [
            "id",
            "title",
            "tags",
            "filename",
            "status",
            "processing_stage",
            "progress",
            "duration_s",
            "width",
            "height",
            "frame_rate",
            "size_bytes",
            "source_url",
            "thumbnail_url",
            "transcript_language",
            "transcript_source",
            "transcript_note",
            "heard_s",
            "captions",
            "audio_tracks",
            "error_code",
            "error_message",
            "created_at",
            "updated_at",
        ]
        read_only_fields = fields

    @extend_schema_field({"type": "string", "enum": _STATES})
    def get_status(self, video: Video) -> str:
        """PENDING, PROCESSING, READY or FAILED."""
        return video.status.upper()

    @extend_schema_field(_NO_TEXT)
    def get_processing_stage(self, video: Video) -> str | None:
        """The current stage, or of a failed video the stage that failed; null otherwise."""
        return video.stage or None

    @extend_schema_field({"type": "array", "items": {"type": "string"}})
    def get_tags(self, video: Video) -> list[str]:
        """The tags that its owner gave it, in the order of the alphabet."""
        return [tag.name for tag in video.tags.all()]

    @extend_schema_field({"type": "number", "nullable": True})
    def get_duration_s(self, video: Video) -> float | None:
        """Its duration in seconds; null before it was probed."""
        return None if video.duration_ms is None else video.duration_ms / 1000

    @extend_schema_field(_ADDRESS)
    def get_source_url(self, video: Video) -> str | None:
        """The link it was imported from, without its query; null when it was uploaded."""
        return video.link or None

    @extend_schema_field(_ADDRESS)
    def get_thumbnail_url(self, video: Video) -> str | None:
        """The URL of its thumbnail, readable by the video's owner; null while there is none."""
        if not video.thumbnail_key:
            return None
        return reverse("api:video-thumbnail", args=[video.pk], request=self.context.get("request"))

    @extend_schema_field(_NO_TEXT)
    def get_transcript_language(self, video: Video) -> str | None:
        """A code such as `en`; null when unknown."""
        return video.transcript_language or None

    @extend_schema_field({**_NO_TEXT, "enum": [*TranscriptSource.values, None]})
    def get_transcript_source(self, video: Video) -> str | None:
        """Where the transcript came from; null before processing."""
        return video.transcript_source or None

    @extend_schema_field(_NO_TEXT)
    def get_transcript_note(self, video: Video) -> str | None:
        """The code of the reason why a preferred transcript source gave no transcript."""
        return video.transcript_note or None

    @extend_schema_field({"type": "number", "nullable": True})
    def get_heard_s(self, video: Video) -> float | None:
        """How far speech recognition has heard; of a READY video where it was ended early, null otherwise."""
        return None if video.heard_ms is None else video.heard_ms / 1000

    @extend_schema_field(CaptionsReportSerializer(allow_null=True))
    def get_captions(self, video: Video) -> dict[str, Any] | None:
        """How its captions file was read; null without one."""
        if not video.captions_key or not video.captions_report:
            return None
        report = {**video.captions_report, "shift_s": video.captions_report["shift_ms"] / 1000}
        return dict(CaptionsReportSerializer(report).data)

    @extend_schema_field(AudioTrackSerializer(many=True))
    def get_audio_tracks(self, video: Video) -> list[dict[str, Any]]:
        """Its sound tracks; empty before processing and without sound."""
        return [dict(AudioTrackSerializer(track).data) for track in policy.audio_tracks(video)]


class SceneSerializer(ModelSerializer[Scene]):
    """A scene."""

    video_id = serializers.UUIDField(read_only=True)
    start_s = SecondsField(source="start_ms", read_only=True)
    end_s = SecondsField(source="end_ms", read_only=True)
    transcript_segment = serializers.CharField(source="text", read_only=True)
    visual_entities = serializers.ListField(child=serializers.CharField(), read_only=True)
    visual_actions = serializers.ListField(child=serializers.CharField(), read_only=True)
    tags = serializers.ListField(child=serializers.CharField(), read_only=True)
    combined_text = serializers.SerializerMethodField()
    thumbnail_url = serializers.SerializerMethodField()

    class Meta:
        model = Scene
        fields = [
            "id",
            "video_id",
            "index",
            "start_s",
            "end_s",
            "transcript_segment",
            "visual_summary",
            "visual_description",
            "visual_entities",
            "visual_actions",
            "tags",
            "combined_text",
            "thumbnail_url",
            "created_at",
        ]
        read_only_fields = fields

    def get_combined_text(self, scene: Scene) -> str:
        """The transcript followed by the descriptions of the pictures."""
        picture_texts = [", ".join(scene.visual_entities), ", ".join(scene.visual_actions)]
        texts = [scene.text, scene.visual_summary, scene.visual_description, *picture_texts]
        return "\n".join(text for text in texts if text)

    @extend_schema_field(_ADDRESS)
    def get_thumbnail_url(self, scene: Scene) -> str | None:
        """The URL of its thumbnail, readable by the video's owner; null when there is none."""
        if not scene.thumbnail_key:
            return None
        return reverse("api:scene-thumbnail", args=[scene.pk], request=self.context.get("request"))


class VideoDetailsSerializer(serializers.Serializer[Any]):
    """A video with its whole transcript and its scenes."""

    video = VideoSerializer()
    full_transcript = serializers.CharField()
    scenes = SceneSerializer(many=True)
    total_scenes = serializers.IntegerField()


def _language_field() -> serializers.CharField:
    """The spoken language of a new video."""
    return serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=16,
        default="",
        help_text="The spoken language, e.g. `en`; empty: find out.",
    )


def _encoding_field() -> serializers.CharField:
    """The encoding of a captions file."""
    return serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=32,
        default="",
        help_text="The encoding of the captions file, e.g. `cp1250`; empty: find out.",
    )


class NewVideoSerializer(serializers.Serializer[Any]):
    """A new video, uploaded in one request."""

    file = serializers.FileField(allow_empty_file=True)
    title = serializers.CharField(required=False, allow_blank=True, max_length=255, default="")
    captions = serializers.FileField(
        required=False,
        allow_empty_file=True,
        help_text="An .srt, .vtt, .ass, .sbv, .ttml, .srv3, .json, .smi, .sub, .lrc, .csv, .tsv or .txt file.",
    )
    language = _language_field()
    encoding = _encoding_field()


class ImportSerializer(serializers.Serializer[Any]):
    """A video to import from a link."""

    url = serializers.CharField(
        max_length=2048,
        help_text="A direct link to the file, http or https, on the internet. Signed links work; the signature is "
        "forgotten once the file is here.",
    )
    title = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=255,
        default="",
        help_text="Empty: the name of the file in the link.",
    )
    language = _language_field()


class VideoChangesSerializer(serializers.Serializer[Any]):
    """The fields of a video that can be changed."""

    title = serializers.CharField(required=False, max_length=255)
    tags = serializers.ListField(
        child=serializers.CharField(max_length=MAX_TAG_CHARS),
        max_length=MAX_TAGS_OF_VIDEO,
        required=False,
        help_text="Replaces all tags that you gave it; case and accents make no other tag.",
    )


class ReprocessSerializer(serializers.Serializer[Any]):
    """The options of processing a video again; omitted options stay as they were."""

    language = serializers.CharField(
        required=False, allow_blank=True, max_length=16, help_text="e.g. `en`; empty: find out."
    )
    transcript = serializers.ChoiceField(
        required=False,
        choices=TranscriptSource.choices,
        help_text="The transcript source to prefer.",
    )
    encoding = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=32,
        help_text="The encoding of its captions file, e.g. `cp1250`; empty: find out.",
    )
    audio_track = serializers.IntegerField(
        required=False,
        allow_null=True,
        min_value=0,
        help_text="The `index` of the one of its `audio_tracks` that is the main sound; null: find out.",
    )


class CaptionsSerializer(serializers.Serializer[Any]):
    """A captions file for a video."""

    file = serializers.FileField(
        allow_empty_file=True,
        help_text="An .srt, .vtt, .ass, .sbv, .ttml, .srv3, .json, .smi, .sub, .lrc, .csv, .tsv or .txt file.",
    )
    encoding = _encoding_field()


class UploadCaptionsSerializer(serializers.Serializer[Any]):
    """A captions file for the video of an upload."""

    captions = serializers.FileField(allow_empty_file=True)
    encoding = _encoding_field()
