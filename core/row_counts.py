"""Counts of rows whose cost does not grow with the rows."""

import re
from typing import Any

from django.db import connections
from django.db.models import QuerySet

MAX_EXACT_ROWS = 1_000


def bounded_count(rows: QuerySet[Any]) -> int:
    """Return the number of rows; of more than MAX_EXACT_ROWS on PostgreSQL, what its planner estimates.

    An estimate is rounded to two digits. On SQLite every count is exact.
    """
    rows = rows.order_by()
    if connections[rows.db].vendor != "postgresql":
        return rows.count()
    counted = rows[: MAX_EXACT_ROWS + 1].count()
    if counted <= MAX_EXACT_ROWS:
        return counted
    match = re.search(r" rows=(\d+)", rows.explain())
    estimate = int(match[1]) if match else counted
    return max(counted, round(estimate, 2 - len(str(estimate))))
