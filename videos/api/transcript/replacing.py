"""The API of find and replace in a transcript: the places of a text, and correcting them in one step."""

import uuid
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.views import UserAPIView
from core.api.errors import described
from core.api.serializers import SecondsField, validated, validated_parameters
from core.errors import CoreCode
from videos.corrections import services
from videos.corrections.finding import (
    MAX_FIND_CHARS,
    MAX_PLACES,
    Wanted,
    chosen_places,
    find_places,
)
from videos.corrections.services import MAX_CHARS
from videos.errors import VideoCode
from videos.queries import get_video


class WantedSerializer(serializers.Serializer[Any]):
    """What is looked for in the lines."""

    find = serializers.CharField(max_length=MAX_FIND_CHARS)
    match_case = serializers.BooleanField(default=False)
    whole_words = serializers.BooleanField(default=False)


class PlaceSerializer(serializers.Serializer[Any]):
    """One place of the text."""

    line = serializers.IntegerField(help_text="The line's `index` in `cues`.")
    line_start_s = SecondsField(source="start_ms")
    line_text = serializers.CharField()
    start = serializers.IntegerField(help_text="The character of the line at which it begins.")
    was = serializers.CharField(help_text="The text as it stands there.")


class PlaceListSerializer(serializers.Serializer[Any]):
    """The places of a text in a video, in order."""

    has_more = serializers.BooleanField(help_text=f"Whether there are more than {MAX_PLACES}.")
    results = PlaceSerializer(many=True)


class ChosenPlaceSerializer(serializers.Serializer[Any]):
    """A place that is to be replaced."""

    line = serializers.IntegerField(min_value=0)
    start = serializers.IntegerField(min_value=0)


class ReplaceSerializer(WantedSerializer):
    """What is replaced by what, and where."""

    id = serializers.UUIDField(required=False, help_text="The id by which it is undone.")
    text = serializers.CharField(max_length=MAX_CHARS, allow_blank=True)
    places = serializers.ListField(
        child=ChosenPlaceSerializer(),
        required=False,
        max_length=MAX_PLACES,
        help_text=f"Those that are to be replaced; without them all, of which there may be {MAX_PLACES}.",
    )


class ReplacedSerializer(serializers.Serializer[Any]):
    """What was replaced."""

    batch = serializers.UUIDField(help_text="`DELETE .../corrections/{batch}` undoes all of it.")
    count = serializers.IntegerField()
    lines = serializers.ListField(
        child=serializers.IntegerField(), help_text="The indexes of the lines that changed."
    )


class PlaceListView(UserAPIView):
    """The places of a text."""

    @extend_schema(
        operation_id="corrections_places",
        parameters=[WantedSerializer],
        responses={
            200: PlaceListSerializer,
            404: described(VideoCode.VIDEO_NOT_FOUND),
            422: described(CoreCode.INVALID_INPUT),
        },
    )
    def get(self, request: Request, video_id: str) -> Response:
        """Where a text stands in the lines of a video, as they are shown: a preview of `replace`."""
        video = get_video(self.user, video_id)
        wanted = Wanted(**validated_parameters(WantedSerializer(data=request.query_params)))
        places = find_places(video, wanted)
        found = {"results": places[:MAX_PLACES], "has_more": len(places) > MAX_PLACES}
        return Response(PlaceListSerializer(found).data)


class ReplaceView(UserAPIView):
    """Replacing a text."""

    @extend_schema(
        operation_id="corrections_replace",
        request=ReplaceSerializer,
        responses={
            201: ReplacedSerializer,
            404: described(VideoCode.VIDEO_NOT_FOUND),
            409: described(VideoCode.LINE_CHANGED, VideoCode.CORRECTION_LIMIT),
            422: described(CoreCode.INVALID_INPUT),
        },
    )
    def post(self, request: Request, video_id: str) -> Response:
        """Replace a text at all its places or some, in one step that is undone in one. All are corrected or none."""
        video = get_video(self.user, video_id)
        data = validated(ReplaceSerializer(data=request.data))
        wanted = Wanted(data["find"], data["match_case"], data["whole_words"])
        names = {f"{place['line']}:{place['start']}" for place in data.get("places", ())}
        found = chosen_places(video, wanted, names if "places" in data else None)
        batch = data.get("id") or uuid.uuid4()
        lines = services.replace_all(
            self.user, video, [place.change(data["text"]) for place in found], batch=batch
        )
        done = {"batch": batch, "count": len(found), "lines": lines}
        return Response(ReplacedSerializer(done).data, status=status.HTTP_201_CREATED)
