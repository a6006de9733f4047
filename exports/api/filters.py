"""Filters of the list of exports."""

import django_filters

from exports.choices import ExportStatus
from exports.models import Export


class ExportFilter(django_filters.FilterSet):  # type: ignore[misc]  # it has no types
    """`?status=completed`, `?video=id`. An unknown video, or another user's, has no exports."""

    status = django_filters.ChoiceFilter(choices=ExportStatus.choices)
    video = django_filters.UUIDFilter(field_name="video_id")

    class Meta:
        model = Export
        fields: list[str] = []
