"""The API of the text that is read on screen, in pages."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.response import Response

from accounts.api.views import UserAPIView
from core.api.errors import described
from core.api.serializers import ModelSerializer, SecondsField
from videos.api.transcript.cues import CuePagination
from videos.errors import VideoCode
from videos.models import ScreenText
from videos.queries import get_video


class ScreenTextSerializer(ModelSerializer[ScreenText]):
    """Lines of text that appear on screen together."""

    start_s = SecondsField(source="start_ms")
    end_s = SecondsField(source="end_ms")
    text = serializers.CharField(help_text="Lines are divided by line breaks.")
    confidence = serializers.FloatField(help_text="How sure the reader was of it, 0 to 1.")

    class Meta:
        model = ScreenText
        fields = ["index", "start_s", "end_s", "text", "confidence"]
        read_only_fields = fields


class ScreenTextListView(UserAPIView, ListAPIView[ScreenText]):
    """The text on screen in a video."""

    serializer_class = ScreenTextSerializer
    pagination_class = CuePagination
    filter_backends = []
    queryset = ScreenText.objects.none()  # for the API's description only

    def get_queryset(self) -> QuerySet[ScreenText]:
        """The texts of the user's own video."""
        video = get_video(self.user, self.kwargs["video_id"])
        return video.screen_texts.order_by("index")

    @extend_schema(
        operation_id="video_screen_text",
        responses={
            200: ScreenTextSerializer(many=True),
            404: described(VideoCode.VIDEO_NOT_FOUND),
        },
    )
    def get(self, *args: Any, **kwargs: Any) -> Response:
        """What is written on slides and screens of a video, and when, in order of time.

        Empty until it is read, which happens in the background.
        """
        return self.list(*args, **kwargs)
