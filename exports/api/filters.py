"""Filters of the list of exports."""

import django_filters

from exports.choices import ExportStatus
from exports.models import Export, ExportQuerySet
from exports.queries import matching


class ExportFilter(django_filters.FilterSet):  # type: ignore[misc]  # it has no types
    """`?status=completed`, `?video=id`, `?q=words`. An unknown video, or another user's, has no exports."""

    q = django_filters.CharFilter(
        method="by_words", max_length=200, help_text="Words of its title or its video's."
    )
    status = django_filters.ChoiceFilter(choices=ExportStatus.choices)
    video = django_filters.UUIDFilter(field_name="video_id")

    class Meta:
        model = Export
        fields: list[str] = []

    def by_words(self, rows: ExportQuerySet, _name: str, words: str) -> ExportQuerySet:
        """Those that have each of the words in their title, or their video's."""
        return matching(rows, words=words)
