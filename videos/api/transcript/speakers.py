"""The API of a video's speakers: who speaks, and giving them names."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.views import UserAPIView
from core.api.errors import described
from core.api.serializers import ModelSerializer, SecondsField, validated
from core.errors import CoreCode
from videos.corrections import speakers
from videos.corrections.borders import LineChange
from videos.errors import VideoCode
from videos.models import SpeakerRename
from videos.queries import get_video


class SpeakerSerializer(serializers.Serializer[Any]):
    """Who speaks in a video."""

    name = serializers.CharField()
    lines = serializers.IntegerField(help_text="On how many lines.")


class SpeakerRenameSerializer(ModelSerializer[SpeakerRename]):
    """A speaker who got another name: on every line, or (with times) in a part of the video."""

    start_s = SecondsField(source="start_ms", allow_null=True)
    end_s = SecondsField(source="end_ms", allow_null=True)
    made_by = serializers.CharField(
        source="made_by.username",
        default=None,
        allow_null=True,
        help_text="Null when that person is gone.",
    )

    class Meta:
        model = SpeakerRename
        fields = ["id", "was", "name", "start_s", "end_s", "made_by", "created_at"]
        read_only_fields = fields


class SpeakerListSerializer(serializers.Serializer[Any]):
    """The speakers of a video, those with most lines first, and what was renamed, the earliest first."""

    results = SpeakerSerializer(many=True)
    renames = SpeakerRenameSerializer(many=True)


class NewSpeakerNameSerializer(serializers.Serializer[Any]):
    """The new name, and of whom: the present name of a speaker, or a line with its present text."""

    id = serializers.UUIDField(
        required=False, help_text="The id that it gets, so that sending it twice makes one."
    )
    was = serializers.CharField(
        required=False,
        max_length=speakers.MAX_NAME_CHARS,
        trim_whitespace=False,
        help_text="Whose name changes on every line.",
    )
    line = serializers.IntegerField(
        required=False,
        min_value=0,
        max_value=1_000_000,
        help_text="The `index` in `cues` of the one line whose speaker is named.",
    )
    text = serializers.CharField(
        required=False,
        allow_blank=True,
        trim_whitespace=False,
        max_length=100_000,
        help_text="The line's text as it was seen, so that another one's change is not overwritten.",
    )
    name = serializers.CharField(max_length=speakers.MAX_NAME_CHARS)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """A line needs its text; without one a speaker is named."""
        needed = "text" if "line" in attrs else "was"
        if needed not in attrs:
            required = self.fields["id"].error_messages["required"]
            raise serializers.ValidationError({needed: [required]})
        return attrs


class SpeakerListView(UserAPIView):
    """The speakers of a video."""

    @extend_schema(
        operation_id="speakers_list",
        responses={200: SpeakerListSerializer, 404: described(VideoCode.VIDEO_NOT_FOUND)},
    )
    def get(self, request: Request, video_id: str) -> Response:
        """Who speaks in a video, as far as its transcript says."""
        video = get_video(self.user, video_id)
        renames = video.speaker_renames.select_related("made_by")
        found = {"results": speakers.speakers_of(video), "renames": renames}
        return Response(SpeakerListSerializer(found).data)

    @extend_schema(
        operation_id="speakers_rename",
        request=NewSpeakerNameSerializer,
        responses={
            201: SpeakerRenameSerializer,
            404: described(
                VideoCode.VIDEO_NOT_FOUND, VideoCode.SPEAKER_NOT_FOUND, VideoCode.LINE_NOT_FOUND
            ),
            409: described(VideoCode.LINE_CHANGED, VideoCode.CORRECTION_LIMIT, CoreCode.CONFLICT),
            422: described(CoreCode.INVALID_INPUT),
        },
    )
    def post(self, request: Request, video_id: str) -> Response:
        """Give a speaker another name on every line, or say who speaks on one.

        The name of another speaker joins the two.
        """
        video = get_video(self.user, video_id)
        data = validated(NewSpeakerNameSerializer(data=request.data))
        key, name = data.get("id"), data["name"]
        if "line" in data:
            change = LineChange(data["line"], data["text"])
            rename = speakers.set_speaker(self.user, video, change, name=name, key=key)
        else:
            was = data["was"]
            rename = speakers.rename_speaker(self.user, video, was=was, name=name, key=key)
        return Response(SpeakerRenameSerializer(rename).data, status=status.HTTP_201_CREATED)


class SpeakerRenameView(UserAPIView):
    """One renaming."""

    @extend_schema(
        operation_id="speaker_rename_destroy",
        responses={
            204: None,
            404: described(VideoCode.VIDEO_NOT_FOUND, VideoCode.CORRECTION_NOT_FOUND),
        },
    )
    def delete(self, request: Request, video_id: str, rename_id: str) -> Response:
        """Undo a renaming: the lines have again the names that they had without it."""
        speakers.undo_rename(get_video(self.user, video_id), rename_id)
        return Response(status=status.HTTP_204_NO_CONTENT)
