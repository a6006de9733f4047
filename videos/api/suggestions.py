"""The API of a video's suggested clips: list, keep, dismiss, take a dismissal back."""

from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from accounts.api.views import UserAPIView
from core.api.errors import described
from core.api.serializers import ModelSerializer, SecondsField
from videos.errors import VideoCode
from videos.models import Suggestion, Video
from videos.queries import get_video
from videos.suggestions import rows as suggestion_rows
from videos.suggestions import services as suggestion_services

_NO_SUGGESTION = described(VideoCode.SUGGESTION_NOT_FOUND)


class SuggestionSerializer(ModelSerializer[Suggestion]):
    """A range of a video that stands on its own."""

    start_s = SecondsField(source="start_ms")
    end_s = SecondsField(source="end_ms")
    duration_s = SecondsField(source="duration_ms")
    reasons = serializers.ListField(
        source="reasons_in_words",
        child=serializers.CharField(),
        help_text="Why it is suggested, in the language of `Accept-Language`, the strongest first.",
    )
    reason_codes = serializers.ListField(
        source="reasons", child=serializers.CharField(), help_text="The same for programs."
    )
    hashtags = serializers.ListField(child=serializers.CharField())
    score = serializers.FloatField(help_text="0 to 1; orders the suggestions of one video only.")

    class Meta:
        model = Suggestion
        fields = [
            *("id", "start_s", "end_s", "duration_s", "title", "sentence", "description"),
            *("hashtags", "reasons", "reason_codes", "score", "basis", "state", "clip_id"),
        ]
        read_only_fields = fields


class SuggestionListSerializer(serializers.Serializer[Any]):
    """All suggestions of a video, the best first."""

    is_made = serializers.SerializerMethodField()
    results = SuggestionSerializer(many=True)

    @extend_schema_field(
        {"type": "boolean", "description": "Whether they were looked for already."}
    )
    def get_is_made(self, _: Any) -> bool:
        """Whether they were looked for already."""
        video: Video = self.context["video"]
        return video.suggestions_version > 0


class _SuggestionAPIView(UserAPIView):
    """The base of the answers to one suggestion."""

    def suggestion(self, video_id: str, suggestion_id: str) -> Suggestion:
        """The suggestion of the user's own video."""
        return suggestion_services.get_suggestion(self.user, video_id, suggestion_id)


class SuggestionListView(UserAPIView):
    """The suggestions of a video."""

    @extend_schema(
        operation_id="suggestions_list",
        responses={200: SuggestionListSerializer, 404: described(VideoCode.VIDEO_NOT_FOUND)},
    )
    def get(self, request: Request, video_id: str) -> Response:
        """Suggested clips of a video, the best first, with those that were kept or dismissed."""
        video = get_video(self.user, video_id)
        changes = suggestion_rows.learned_changes(self.user)
        rows = {"results": suggestion_rows.ordered(video.suggestions.all(), changes)}
        return Response(SuggestionListSerializer(rows, context={"video": video}).data)


class SuggestionAcceptView(_SuggestionAPIView):
    """Keeping a suggestion."""

    @extend_schema(
        operation_id="suggestion_accept",
        request=None,
        responses={
            200: SuggestionSerializer,
            201: SuggestionSerializer,
            404: _NO_SUGGESTION,
            409: described(VideoCode.VIDEO_NOT_READY, VideoCode.CLIP_LIMIT),
        },
    )
    def post(self, request: Request, video_id: str, suggestion_id: str) -> Response:
        """Make a clip of a suggestion: `clip_id`. Sent again, it answers 200 with the same clip."""
        row = self.suggestion(video_id, suggestion_id)
        clip, is_new = suggestion_services.accept(self.user, row)
        row.refresh_from_db()
        return Response(
            SuggestionSerializer(row).data,
            status=status.HTTP_201_CREATED if is_new else status.HTTP_200_OK,
            headers={"Location": reverse("api:clip", [clip.pk], request=request)},
        )


class SuggestionDismissView(_SuggestionAPIView):
    """Dismissing a suggestion."""

    @extend_schema(
        operation_id="suggestion_dismiss",
        request=None,
        responses={200: SuggestionSerializer, 404: _NO_SUGGESTION},
    )
    def post(self, request: Request, video_id: str, suggestion_id: str) -> Response:
        """Put a suggestion aside. A clip that was made of it stays."""
        row = suggestion_services.dismiss(self.suggestion(video_id, suggestion_id))
        return Response(SuggestionSerializer(row).data)


class SuggestionRestoreView(_SuggestionAPIView):
    """Taking a dismissal back."""

    @extend_schema(
        operation_id="suggestion_restore",
        request=None,
        responses={200: SuggestionSerializer, 404: _NO_SUGGESTION},
    )
    def post(self, request: Request, video_id: str, suggestion_id: str) -> Response:
        """Take a dismissal back."""
        row = suggestion_services.restore(self.suggestion(video_id, suggestion_id))
        return Response(SuggestionSerializer(row).data)
