"""What a call costs PostgreSQL: the number of its queries, and how many 8 KiB blocks its SELECTs read."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import connection


@dataclass(frozen=True, slots=True)
class QueryCost:
    """The cost of one call. `blocks` counts those found in PostgreSQL's cache as well."""

    queries: int
    blocks: int
    costliest: str  # the SELECT that read the most blocks


def query_cost(call: Callable[[], object]) -> QueryCost:
    """Run a call, then explain each of its SELECTs on PostgreSQL."""
    statements: list[tuple[str, Any]] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        statements.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        call()
    selects = [(sql, params) for sql, params in statements if sql.startswith("SELECT")]
    blocks = {sql: _blocks(sql, params) for sql, params in selects}
    return QueryCost(len(statements), sum(blocks.values()), max(blocks, key=blocks.__getitem__))


def _blocks(sql: str, params: Any) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {sql}", params)
        found = cursor.fetchone()[0]
    plan = (json.loads(found) if isinstance(found, str) else found)[0]["Plan"]
    return int(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])
