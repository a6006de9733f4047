"""How a list of videos is narrowed and ordered."""

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
        """The narrowed list, always in an order: pages of an unordered one would repeat some and leave out others."""
        found: QuerySet[Video] = super().filter_queryset(queryset)
        order = found.query.order_by or ("-created_at",)
        return found.order_by(*order, "-id")

    def with_status(self, videos: QuerySet[Video], _name: str, value: str) -> QuerySet[Video]:
        """States in capitals, as the API shows them."""
        return videos.filter(status=value.lower())
