"""Filters and ordering of the list of videos."""

import django_filters
from django.db.models import QuerySet

from videos.choices import VideoStatus
from videos.models import Video


class VideoFilter(django_filters.FilterSet):  # type: ignore[misc]  # it has no types
    """`?status=READY`, `?search=words of the title`, `?ordering=-created_at`."""

    status = django_filters.ChoiceFilter(
        method="with_status",
        choices=[(status.value.upper(), status.label) for status in VideoStatus],
    )
    search = django_filters.CharFilter(
        field_name="title", lookup_expr="icontains", label="Words of the title"
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

    def with_status(self, videos: QuerySet[Video], _name: str, value: str) -> QuerySet[Video]:
        """Filter by the status in capitals, as the API shows it."""
        return videos.filter(status=value.lower())
