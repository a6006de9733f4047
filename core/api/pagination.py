"""Pagination of the API's lists."""

from collections.abc import Sequence
from typing import Any, cast

from django.db.models import QuerySet
from rest_framework import pagination
from rest_framework.request import Request
from rest_framework.views import APIView


class PageNumberPagination(pagination.PageNumberPagination):
    """`?page=` and `?page_size=` (at most 100)."""

    page_size_query_param = "page_size"
    max_page_size = 100


class IdsFirstPagination(PageNumberPagination):
    """Pages that are found by the rows' ids, which an index can answer by itself, before their rows are read."""

    def paginate_queryset(
        self,
        queryset: "QuerySet[Any] | Sequence[Any]",
        request: Request,
        view: APIView | None = None,
    ) -> list[Any] | None:
        """The rows of the requested page. `queryset` is never a plain sequence."""
        rows = cast("QuerySet[Any]", queryset)
        ids = super().paginate_queryset(rows.values_list("pk", flat=True), request, view)
        return ids and list(rows.filter(pk__in=ids))
