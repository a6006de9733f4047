"""Many rows at once, without services: COPY on PostgreSQL, executemany on SQLite. Django is set up by then."""

import uuid
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any


def write(
    model: Any, columns: Sequence[str], rows: Iterable[Sequence[Any]], *, skip: Sequence[str] = ()
) -> None:
    """Write rows. Columns that are not named get the default of their field."""
    from django.db import connection, transaction  # noqa: PLC0415 - after the set-up

    fields = [f for f in model._meta.concrete_fields if f.attname not in skip]
    given = set(columns)
    rest = [field for field in fields if field.attname not in given]
    default = [f.get_db_prep_save(_default(f), connection) for f in rest]
    by_name = {field.attname: field for field in fields}
    prepare = [partial(_prepared, by_name[name], connection) for name in columns]
    names = ", ".join(f'"{by_name[name].column}"' for name in columns)
    names += "".join(f', "{field.column}"' for field in rest)
    table = model._meta.db_table
    prepared = ([*(p(v) for p, v in zip(prepare, row, strict=True)), *default] for row in rows)
    if connection.vendor == "postgresql":
        _copy(f'COPY "{table}" ({names}) FROM STDIN', prepared)
    else:
        marks = ", ".join(["?"] * (len(columns) + len(rest)))
        with transaction.atomic():
            connection.connection.executemany(
                f'INSERT INTO "{table}" ({names}) VALUES ({marks})',  # noqa: S608 - names of our columns
                prepared,
            )


def _copy(statement: str, rows: Iterator[Sequence[Any]]) -> None:
    from django.db import connection  # noqa: PLC0415

    with connection.cursor() as cursor, cursor.cursor.copy(statement) as target:
        for row in rows:
            target.write_row(row)


def _prepared(field: Any, connection: Any, value: Any) -> Any:
    if connection.vendor == "postgresql":
        is_plain = isinstance(value, int | str | uuid.UUID | datetime)
    else:
        is_plain = isinstance(value, int | str)
    return value if is_plain else field.get_db_prep_save(value, connection)


def _default(field: Any) -> Any:
    is_now = getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False)
    return datetime.now(UTC) if is_now else field.get_default()
