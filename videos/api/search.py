"""The search API: the moments at which something is said in the user's videos."""

from typing import Any, cast

from django.utils.html import escape
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from accounts.api.views import UserAPIView
from core.api.errors import described
from core.api.pagination import PageNumberPagination
from core.api.serializers import SecondsField, validated_parameters
from core.errors import CoreCode
from videos.search.filters import SAID, SCREEN, Filters
from videos.search.finding import search
from videos.search.hits import Hit, load_hits

BOTH = "both"


class SearchParametersSerializer(serializers.Serializer[Any]):
    """What to search for, and in which videos."""

    q = serializers.CharField(
        allow_blank=True,
        trim_whitespace=False,
        help_text='Words, "exact phrases", -without. Accents and case make no difference.',
    )
    video = serializers.UUIDField(required=False, help_text="Only in this video.")
    after = serializers.DateField(
        required=False, help_text="Only in videos that were added on this day or later."
    )
    before = serializers.DateField(
        required=False, help_text="Only in videos that were added on this day or earlier."
    )
    min_duration_s = SecondsField(
        required=False, min_value=0, help_text="Only in videos of at least this length."
    )
    max_duration_s = SecondsField(
        required=False, min_value=0, help_text="Only in videos of at most this length."
    )
    language = serializers.CharField(
        required=False, max_length=16, help_text="Only in transcripts of this language, as `en`."
    )
    speaker = serializers.CharField(
        required=False, max_length=255, help_text="Only in scenes in which this speaker is named."
    )
    tag = serializers.CharField(
        required=False, max_length=255, help_text="Only in scenes with this tag."
    )
    video_tag = serializers.CharField(
        required=False, max_length=255, help_text="Only in videos that you gave this tag."
    )
    where = serializers.ChoiceField(
        choices=[SAID, SCREEN, BOTH],
        default=BOTH,
        help_text="`said`: only what is said; `screen`: only text that is read on screen.",
    )


class HitSerializer(serializers.Serializer[Any]):
    """A scene in which the words are said or shown, or a video whose title or file name has them."""

    scene_id = serializers.UUIDField(
        source="scene.pk",
        default=None,
        allow_null=True,
        help_text="Null for a video found by its title or file name.",
    )
    video_id = serializers.UUIDField(source="video.pk")
    video_title = serializers.CharField(source="video.title")
    start_s = SecondsField(source="start_ms", help_text="Where the scene begins.")
    end_s = SecondsField(source="end_ms", help_text="Where the scene ends.")
    time_s = SecondsField(
        source="time_ms",
        help_text="When the first word of the snippet is said, or when it appears on screen.",
    )
    snippet = serializers.SerializerMethodField(
        help_text="About a sentence as HTML: escaped text with the words in `<mark>`."
    )
    score = serializers.FloatField(help_text="Comparable within one answer only.")
    is_by_meaning = serializers.BooleanField(
        help_text="Found by its meaning alone, where the server is set up for that: none of the words is in it."
    )
    is_on_screen = serializers.BooleanField(
        help_text="Read in the picture: the snippet is on screen from `time_s` on."
    )
    thumbnail_url = serializers.SerializerMethodField()

    def get_snippet(self, hit: Hit) -> str:
        """The snippet as HTML."""
        return "".join(
            f"<mark>{escape(part.text)}</mark>" if part.is_marked else escape(part.text)
            for part in hit.snippet
        )

    def get_thumbnail_url(self, hit: Hit) -> str | None:
        """The address of the scene's picture, or the video's."""
        request = self.context["request"]
        if hit.scene is not None and hit.scene.thumbnail_key:
            return str(reverse("api:scene-thumbnail", [hit.scene.pk], request=request))
        if hit.video.thumbnail_key:
            return str(reverse("api:video-thumbnail", [hit.video.pk], request=request))
        return None


class FoundSerializer(serializers.Serializer[Any]):
    """One page of what was found, the best first."""

    count = serializers.IntegerField(help_text="The newest thousand or so at most.")
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = HitSerializer(many=True)
    corrections = serializers.DictField(
        child=serializers.ListField(child=serializers.CharField()),
        help_text="For each word that is in no video of yours: the words that were looked for in its place.",
    )


class SearchView(UserAPIView):
    """Search in the user's videos."""

    @extend_schema(
        operation_id="search",
        parameters=[SearchParametersSerializer],
        responses={200: FoundSerializer, 422: described(CoreCode.INVALID_INPUT)},
    )
    def get(self, request: Request) -> Response:
        """Find the moments at which something is said or on screen. Also titles, file names and both kinds of tags.

        English words are found in every form, Korean, Japanese and Chinese ones by any two characters. Where nothing
        matches, the last word may go on, and then a mistyped word is corrected.
        """
        values = validated_parameters(SearchParametersSerializer(data=request.query_params))
        filters = Filters(
            video_id=values.get("video"),
            after=values.get("after"),
            before=values.get("before"),
            shortest_ms=values.get("min_duration_s"),
            longest_ms=values.get("max_duration_s"),
            language=values.get("language", ""),
            speaker=values.get("speaker", ""),
            tag=values.get("tag", ""),
            video_tag=values.get("video_tag", ""),
            where="" if values["where"] == BOTH else values["where"],
        )
        found = search(values["q"], filters.scope(self.user.pk))
        pages = PageNumberPagination()
        ranked = cast("list[Any]", pages.paginate_queryset(found.ranked, request, view=self))
        hits = HitSerializer(
            load_hits(found.query, ranked), many=True, context={"request": request}
        )
        response = pages.get_paginated_response(hits.data)
        response.data["corrections"] = found.corrected
        return response
