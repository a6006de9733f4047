"""The API of corrections: the words of a video that a person wrote otherwise, beside what was heard."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.views import UserAPIView
from core.api.errors import described
from core.api.serializers import M, ModelSerializer, SecondsField, validated
from core.errors import CoreCode
from videos.api.transcript.cues import CuePagination, CueSerializer
from videos.corrections import services
from videos.corrections.services import MAX_CHARS, Change
from videos.errors import VideoCode
from videos.models import BorderEdit, Correction, Video
from videos.queries import get_video


class EditSerializer(ModelSerializer[M]):
    """The base for what a person changed beside what was found: who did, and why it does not count now."""

    made_by = serializers.CharField(
        source="made_by.username",
        default=None,
        allow_null=True,
        help_text="Null when that person is gone.",
    )
    problem = serializers.CharField(
        help_text="Why it does not count in the present transcript, for programs; mostly empty."
    )
    problem_message = serializers.SerializerMethodField()

    @extend_schema_field({"type": "string"})
    def get_problem_message(self, edit: Correction | BorderEdit) -> str:
        """The same as a sentence."""
        return str(edit.get_problem_display()) if edit.problem else ""


class CorrectionSerializer(EditSerializer[Correction]):
    """Words that a person wrote otherwise."""

    start_s = SecondsField(source="start_ms")
    end_s = SecondsField(source="end_ms")

    class Meta:
        model = Correction
        fields = [
            *("id", "start_s", "end_s", "heard", "was", "text", "made_by", "created_at"),
            *("problem", "problem_message", "batch"),
        ]
        read_only_fields = fields


class CorrectionDoneSerializer(CorrectionSerializer):
    """A correction that was made, and what became of its line."""

    lines = serializers.SerializerMethodField()

    class Meta(CorrectionSerializer.Meta):
        fields = [*CorrectionSerializer.Meta.fields, "lines"]
        read_only_fields = fields

    @extend_schema_field(CueSerializer(many=True))
    def get_lines(self, correction: Correction) -> list[dict[str, Any]]:
        """The lines that changed."""
        rows = correction.video.cues.filter(index__in=self.context["lines"]).order_by("index")
        return list(CueSerializer(rows, many=True).data)


class NewCorrectionSerializer(serializers.Serializer[Any]):
    """Words of one line, and what they are."""

    id = serializers.UUIDField(
        required=False,
        help_text="The id that it gets, so that sending it twice makes one.",
    )
    line = serializers.IntegerField(
        min_value=0, max_value=1_000_000, help_text="The line's `index` in `cues`."
    )
    start = serializers.IntegerField(
        min_value=0,
        max_value=1_000_000,
        help_text="The character of the line's text at which `was` begins, counted from 0.",
    )
    was = serializers.CharField(
        max_length=MAX_CHARS,
        trim_whitespace=False,
        help_text="The words as the line has them; a part of a word stands for the word.",
    )
    text = serializers.CharField(
        max_length=MAX_CHARS,
        allow_blank=True,
        help_text="What they are; empty: they leave the text. The same as `was`: they are right as they are.",
    )


class CorrectionListView(UserAPIView, ListAPIView[Correction]):
    """The corrections of a video."""

    serializer_class = CorrectionSerializer
    pagination_class = CuePagination
    filter_backends = []
    queryset = Correction.objects.none()  # for the API's description only

    def get_queryset(self) -> QuerySet[Correction]:
        """The corrections of the user's own video."""
        return services.listed(self._video())

    @extend_schema(
        operation_id="corrections_list",
        responses={
            200: CorrectionSerializer(many=True),
            404: described(VideoCode.VIDEO_NOT_FOUND),
        },
    )
    def get(self, *args: Any, **kwargs: Any) -> Response:
        """What was corrected in the words of a video, in order of time."""
        return self.list(*args, **kwargs)

    @extend_schema(
        operation_id="corrections_create",
        request=NewCorrectionSerializer,
        responses={
            201: CorrectionDoneSerializer,
            404: described(VideoCode.VIDEO_NOT_FOUND, VideoCode.LINE_NOT_FOUND),
            409: described(VideoCode.LINE_CHANGED, VideoCode.CORRECTION_LIMIT),
            422: described(CoreCode.INVALID_INPUT),
        },
    )
    def post(self, request: Request, video_id: str) -> Response:
        """Correct words of a line. Search, captions and downloads have them at once; others keep their times."""
        video = self._video()
        data = validated(NewCorrectionSerializer(data=request.data))
        key = data.pop("id", None)
        done = services.correct(self.user, video, Change(**data), key=key)
        serializer = CorrectionDoneSerializer(done.correction, context={"lines": done.lines})
        return Response(serializer.data, status=status.HTTP_201_CREATED)

    def _video(self) -> Video:
        return get_video(self.user, self.kwargs["video_id"])


class CorrectionView(UserAPIView):
    """One correction."""

    @extend_schema(
        operation_id="correction_destroy",
        responses={
            204: None,
            404: described(VideoCode.VIDEO_NOT_FOUND, VideoCode.CORRECTION_NOT_FOUND),
            409: described(VideoCode.CORRECTION_INCLUDED),
        },
    )
    def delete(self, request: Request, video_id: str, correction_id: str) -> Response:
        """Undo a correction, or by its `batch` all that were made in one step."""
        services.undo(get_video(self.user, video_id), correction_id)
        return Response(status=status.HTTP_204_NO_CONTENT)
