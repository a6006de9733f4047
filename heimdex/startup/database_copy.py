"""Copies all rows from an SQLite database to the database of the settings, in one transaction.

Rows keep their ids, because keys of stored files contain them. Django makes content types and permissions itself, with
ids of its own; references to them are translated by name. The search index follows by `manage.py reindex`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.apps import apps
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.core.management.color import no_style
from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Model
from django.db.models.sql import InsertQuery

from videos.models import SearchEntry, SearchWord

SOURCE = "copied_from"
BATCH_ROWS = 500
_NOT_COPIED = (ContentType, Permission, SearchEntry, SearchWord)


class CopyRefusedError(Exception):
    """The rows cannot be copied; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class CopiedTable:
    """A table whose rows were copied and counted on both sides."""

    name: str
    rows: int


@contextmanager
def source_database(path: Path) -> Iterator[None]:
    """Make the SQLite file known as the database SOURCE while the block runs."""
    defaults = connections.settings[DEFAULT_DB_ALIAS]
    options = {"ENGINE": "django.db.backends.sqlite3", "NAME": str(path), "OPTIONS": {}}
    connections.settings[SOURCE] = {**defaults, **options, "CONN_HEALTH_CHECKS": False}
    try:
        yield
    finally:
        connections[SOURCE].close()
        del connections[SOURCE]
        del connections.settings[SOURCE]


def check(path: Path) -> None:
    """Raise CopyRefusedError unless both databases have the tables of this version and the target has no rows."""
    if connection.vendor != "postgresql":
        raise CopyRefusedError(
            "Set DATABASE_URL to the address of PostgreSQL: rows are copied there."
        )
    ours, theirs = (
        set(MigrationRecorder(connections[alias]).applied_migrations())
        for alias in (DEFAULT_DB_ALIAS, SOURCE)
    )
    if ours != theirs:
        raise CopyRefusedError(
            f"The tables of PostgreSQL and of {path} are not those of the same version: run `manage.py migrate` on "
            "both with this version, PostgreSQL with DATABASE_URL set and SQLite without."
        )
    for model in _models():
        if _rows(model, DEFAULT_DB_ALIAS).exists():
            raise CopyRefusedError(
                f"PostgreSQL has rows already ({_name(model)}): copy into a new database."
            )


def copy_all() -> Iterator[CopiedTable]:
    """Copy and count table by table; nothing is stored before the last one. CopyRefusedError for a wrong count."""
    models = list(_models())
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        ids = {ContentType: _content_type_ids(), Permission: _permission_ids()}
        for model in models:
            _copy_table(model, ids)
            counted = [_rows(model, alias).count() for alias in (SOURCE, DEFAULT_DB_ALIAS)]
            if counted[0] != counted[1]:
                raise CopyRefusedError(
                    f"{_name(model)}: {counted[1]} of {counted[0]} rows arrived."
                )
            yield CopiedTable(_name(model), counted[0])
        with connection.cursor() as cursor:
            for statement in connection.ops.sequence_reset_sql(no_style(), models):
                cursor.execute(statement)


def _models() -> Iterator[type[Model]]:
    for model in apps.get_models(include_auto_created=True):
        if model not in _NOT_COPIED and model._meta.managed:
            yield model


def _name(model: type[Model]) -> str:
    return model._meta.db_table


def _rows(model: type[Model], alias: str) -> Any:
    return model._base_manager.using(alias).order_by("pk")


def _copy_table(model: type[Model], ids: dict[Any, dict[int, int]]) -> None:
    """Insert the rows as they are: no column is set anew, as saving would do with times."""
    fields = [field for field in model._meta.concrete_fields if not field.generated]
    translated = [
        (field.attname, ids[field.related_model]) for field in fields if field.related_model in ids
    ]
    for batch in _batches(_rows(model, SOURCE).iterator(chunk_size=BATCH_ROWS)):
        for row in batch:
            for name, known in translated:
                if (old := getattr(row, name)) is not None:
                    setattr(row, name, known[old])
        query = InsertQuery(model)
        query.insert_values(fields, batch, raw=True)
        query.get_compiler(using=DEFAULT_DB_ALIAS).execute_sql()


def _batches(rows: Iterator[Any]) -> Iterator[list[Any]]:
    batch: list[Any] = []
    for row in rows:
        batch.append(row)
        if len(batch) == BATCH_ROWS:
            yield batch
            batch = []
    if batch:
        yield batch


def _content_type_ids() -> dict[int, int]:
    """The ids of content types in the source, with those in the target. One that this version has not is left out."""
    here = {kind.natural_key(): kind.pk for kind in ContentType.objects.all()}
    there = ContentType.objects.using(SOURCE)
    return {kind.pk: here[kind.natural_key()] for kind in there if kind.natural_key() in here}


def _permission_ids() -> dict[int, int]:
    def by_name(alias: str) -> dict[tuple[str, ...], int]:
        rows = Permission.objects.using(alias).select_related("content_type")
        return {row.natural_key(): row.pk for row in rows}

    here = by_name(DEFAULT_DB_ALIAS)
    return {pk: here[name] for name, pk in by_name(SOURCE).items() if name in here}
