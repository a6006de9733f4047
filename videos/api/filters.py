"""Filters and ordering of the list of videos."""

from typing import Any

import django_filters
from django.db.models import QuerySet

from videos.choices import VideoStatus
from videos.library.filters import LibraryFilters
from videos.models import Video, VideoQuerySet


class VideoFilter(django_filters.FilterSet):  # type: ignore[misc]  # it has no types
    """`?status=READY`, `?search=words of the title`, `?tag=interview`, `?ordering=-created_at`."""

    status = django_filters.ChoiceFilter(
        method="with_status",
        choices=[(status.value.upper(), status.label) for status in VideoStatus],
    )
    search = django_filters.CharFilter(
        field_name="title", lookup_expr="icontains", label="Words of the title"
    )
    tag = django_filters.CharFilter(
        method="with_tags", label="A tag of the video; given several times, it has all of them"
    )
    language = django_filters.CharFilter(
        method="narrowed", label="Language of the transcript, as `en`"
    )
    has_transcript = django_filters.BooleanFilter(
        method="narrowed", label="Whether a READY video has words"
    )
    has_shorts = django_filters.BooleanFilter(
        method="narrowed", label="Whether a Short of it was finished"
    )
    ordering = django_filters.OrderingFilter(
        fields={"created_at": "created_at", "title": "title", "duration_ms": "duration_s"}
    )

    class Meta:
        model = Video
        fields: list[str] = []

    def filter_queryset(self, queryset: QuerySet[Video]) -> QuerySet[Video]:
        """The filtered list, always ordered: without an order, pages could repeat some rows and omit others."""
        filtered: QuerySet[Video] = super().filter_queryset(queryset)
        order = filtered.query.order_by or ("-created_at",)
        return filtered.order_by(*order, "-id")

    def with_status(self, videos: VideoQuerySet, _name: str, value: str) -> VideoQuerySet:
        """Filter by the status in capitals, as the API shows it."""
        return LibraryFilters(statuses=[value.lower()]).apply(videos)

    def with_tags(self, videos: VideoQuerySet, _name: str, _value: str) -> VideoQuerySet:
        """Filter by every `tag` of the address, of which the form knows the last one only."""
        names = self.data.getlist("tag")
        return LibraryFilters(tags=names).apply(videos)

    def narrowed(self, videos: VideoQuerySet, name: str, value: Any) -> VideoQuerySet:
        """Filter by a condition of `LibraryFilters` of the same name."""
        return LibraryFilters(**{name: value}).apply(videos)
