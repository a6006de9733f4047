"""The API of a video's suggested clips: list, keep, dismiss, take a dismissal back, have them ranked."""

from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from accounts.api.views import UserAPIView
from core.api.errors import described
from core.api.serializers import ModelSerializer, SecondsField
from core.errors import CoreCode
from videos.errors import VideoCode
from videos.models import Suggestion, SuggestionRanking, Video
from videos.queries import get_video
from videos.suggestions import ranking
from videos.suggestions import rows as suggestion_rows
from videos.suggestions import services as suggestion_services
from videos.suggestions.ranking import RankingOffer
from videos.tasks import publish_ranking

_NO_SUGGESTION = described(VideoCode.SUGGESTION_NOT_FOUND)


class SuggestionSerializer(ModelSerializer[Suggestion]):
    """A range of a video that stands on its own."""

    title = serializers.CharField(source="shown_title")
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


class RankingOfferSerializer(serializers.Serializer[RankingOffer]):
    """What having the suggestions ranked would send, to which server, and about what it costs."""

    model = serializers.CharField()
    host = serializers.CharField()
    clip_count = serializers.IntegerField()
    request_tokens = serializers.IntegerField()
    answer_tokens = serializers.IntegerField()
    price = serializers.DecimalField(
        max_digits=20, decimal_places=6, allow_null=True, help_text="null where no prices are set."
    )
    currency = serializers.CharField()


class RankingSerializer(ModelSerializer[SuggestionRanking]):
    """A ranking of a video's suggestions by a service."""

    error_code = serializers.CharField(help_text="Why it failed; empty when it did not.")
    error_message = serializers.CharField(help_text="The same in words.")

    class Meta:
        model = SuggestionRanking
        fields = ["status", "model", "error_code", "error_message"]
        read_only_fields = fields


class SuggestionListSerializer(serializers.Serializer[Any]):
    """All suggestions of a video, the best first."""

    is_made = serializers.SerializerMethodField()
    ranking = RankingSerializer(allow_null=True, help_text="null where none was asked for.")
    ranking_offer = RankingOfferSerializer(
        allow_null=True, help_text="What a ranking would cost; null where none is possible."
    )
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
        rows = suggestion_rows.ordered(video.suggestions.all(), changes)
        found = {
            "ranking": ranking.ranking_of(video, rows),
            "ranking_offer": ranking.ranking_offer(video),
            "results": rows,
        }
        return Response(SuggestionListSerializer(found, context={"video": video}).data)


class SuggestionRankingView(UserAPIView):
    """Order and titles of a video's suggestions by a service."""

    @extend_schema(
        operation_id="suggestions_rank",
        request=None,
        responses={
            202: RankingSerializer,
            404: described(VideoCode.VIDEO_NOT_FOUND),
            409: described(VideoCode.RANKING_OFF, VideoCode.RANKING_EMPTY),
            429: described(CoreCode.THROTTLED),
        },
    )
    def post(self, request: Request, video_id: str) -> Response:
        """Have the suggestions ranked and titled by the service: `ranking_offer` says what that costs."""
        row = ranking.request_ranking(self.user, get_video(self.user, video_id))
        publish_ranking(row.pk)
        return Response(RankingSerializer(row).data, status=status.HTTP_202_ACCEPTED)

    @extend_schema(
        operation_id="suggestions_unrank",
        responses={204: None, 404: described(VideoCode.VIDEO_NOT_FOUND)},
    )
    def delete(self, request: Request, video_id: str) -> Response:
        """Go back to order and titles by the rules."""
        ranking.remove_ranking(get_video(self.user, video_id))
        return Response(status=status.HTTP_204_NO_CONTENT)


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
