"""PostgreSQL's index of neighbouring tokens: which entries have a phrase, without opening all that have its words.

Pairs are kept as numbers of twenty bits, which tell nearly all pairs apart; the phrase itself is compared afterwards.
SQLite's index holds the places of words, so that it needs none. The index is built while processes of the version
before go on writing entries; a migration that was interrupted begins anew.
"""

from typing import Any

from django.db import migrations

DROP = (
    "DROP INDEX CONCURRENTLY IF EXISTS videos_searchentry_pairs",
    "DROP FUNCTION IF EXISTS videos_token_pairs(text)",
)
CREATE = (
    *DROP,
    # The hash is the one by which PostgreSQL divides tables, which no release may change.
    """
    CREATE FUNCTION videos_token_pairs(body text) RETURNS int[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
        SELECT array_agg((hashtextextended(token || ' ' || next, 0) & 1048575)::int)
        FROM unnest(string_to_array(body, ' '), (string_to_array(body, ' '))[2:]) AS pair(token, next)
        WHERE next IS NOT NULL
    $$
    """,
    "CREATE INDEX CONCURRENTLY videos_searchentry_pairs ON videos_searchentry USING gin (videos_token_pairs(body))",
    # ANALYZE would make the pairs of all entries for statistics that nothing needs.
    "ALTER INDEX videos_searchentry_pairs ALTER COLUMN 1 SET STATISTICS 0",
)


def _create(_apps: Any, schema_editor: Any) -> None:
    _execute(schema_editor, CREATE)


def _drop(_apps: Any, schema_editor: Any) -> None:
    _execute(schema_editor, DROP)


def _execute(schema_editor: Any, statements: tuple[str, ...]) -> None:
    if schema_editor.connection.vendor == "postgresql":
        for statement in statements:
            schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [("videos", "0040_suggestion_ranking")]

    atomic = False
    operations = [migrations.RunPython(_create, _drop)]
