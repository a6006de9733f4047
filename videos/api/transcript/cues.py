"""The transcript API: a video's cues with their words, in pages."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.views import UserAPIView
from core.api.errors import described
from core.api.pagination import PageNumberPagination
from core.api.serializers import ModelSerializer, SecondsField
from mediakit.text.stored_words import read_words
from mediakit.text.transcript import WordCorrection
from videos.corrections.placed import heard_lines
from videos.errors import VideoCode
from videos.models import Cue
from videos.queries import get_video


class WordSerializer(serializers.Serializer[Any]):
    """One word of a cue."""

    start_s = SecondsField(source="start_ms")
    end_s = SecondsField(source="end_ms")
    text = serializers.CharField()
    probability = serializers.FloatField(
        allow_null=True,
        help_text="How sure speech recognition was of it, 0 to 1; null for words that people wrote.",
    )
    heard = serializers.CharField(
        help_text="What speech recognition wrote where the glossary or a person has the word otherwise; mostly empty."
    )
    correction = serializers.ChoiceField(
        choices=[each.value for each in WordCorrection if each],
        allow_blank=True,
        help_text="`timed`: a person corrected it, and it has the time of the word that it replaces. `spread`: its "
        "time is a share of that of the words that it replaces. `heard`: the speech model found it in the sound, "
        "which takes some seconds. Empty: as it was heard or read.",
    )


class CueSerializer(ModelSerializer[Cue]):
    """One line of the transcript."""

    start_s = SecondsField(source="start_ms")
    end_s = SecondsField(source="end_ms")
    words = serializers.SerializerMethodField()
    words_estimated = serializers.BooleanField(
        help_text="Whether the words' times are computed from the cue's, not measured."
    )

    class Meta:
        model = Cue
        fields = ["index", "start_s", "end_s", "text", "speaker", "words", "words_estimated"]
        read_only_fields = fields

    @extend_schema_field(WordSerializer(many=True))
    def get_words(self, cue: Cue) -> list[dict[str, Any]]:
        """Its words in order."""
        return [
            {
                "start_s": word.start_ms / 1000,
                "end_s": word.end_ms / 1000,
                "text": word.text,
                "probability": word.probability,
                "heard": word.heard,
                "correction": word.correction,
            }
            for word in read_words(cue.words)
        ]


class HeardLineSerializer(serializers.Serializer[Any]):
    """A line that a person corrected, as it was heard."""

    line = serializers.IntegerField(help_text="The line's `index` in `cues`.")
    text = serializers.CharField()


class HeardLinesSerializer(serializers.Serializer[Any]):
    """All lines that show other words than were heard."""

    results = HeardLineSerializer(many=True)


class HeardLinesView(UserAPIView):
    """What was heard in the lines that people corrected."""

    @extend_schema(
        operation_id="heard_lines",
        responses={200: HeardLinesSerializer, 404: described(VideoCode.VIDEO_NOT_FOUND)},
    )
    def get(self, request: Request, video_id: str) -> Response:
        """The lines whose words a person corrected, as they were heard; all others are as `cues` has them."""
        heard = heard_lines(get_video(self.user, video_id))
        results = [{"line": index, "text": text} for index, text in heard.items()]
        return Response({"results": results})


class CuePagination(PageNumberPagination):
    """`?page=` and `?page_size=` (at most 500)."""

    max_page_size = 500


class CueListView(UserAPIView, ListAPIView[Cue]):
    """The transcript of a video."""

    serializer_class = CueSerializer
    pagination_class = CuePagination
    filter_backends = []
    queryset = Cue.objects.none()  # for the API's description only

    def get_queryset(self) -> QuerySet[Cue]:
        """The cues of the user's own video."""
        video = get_video(self.user, self.kwargs["video_id"])
        return video.cues.order_by("index")

    @extend_schema(
        operation_id="video_cues",
        responses={200: CueSerializer(many=True), 404: described(VideoCode.VIDEO_NOT_FOUND)},
    )
    def get(self, *args: Any, **kwargs: Any) -> Response:
        """The lines of a video's transcript with their words and how sure each word is."""
        return self.list(*args, **kwargs)
