"""PostgreSQL knows how frequent ten thousand tokens of the search index are, and not only the first thousand.

With a thousand, it takes rarer words for so frequent that it reads the table from its end instead of the index: in a
library of a million scenes that took seconds. Autovacuum's next ANALYZE gathers them.
"""

from typing import Any

from django.db import migrations

TOKENS_COUNTED = 10_000
# PostgreSQL counts ten tokens for each unit of the target.
TARGET = TOKENS_COUNTED // 10


def count_more(_apps: Any, schema_editor: Any) -> None:
    _set_target(schema_editor, TARGET)


def count_as_before(_apps: Any, schema_editor: Any) -> None:
    _set_target(schema_editor, -1)


def _set_target(schema_editor: Any, target: int) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(
            f"ALTER TABLE videos_searchentry ALTER COLUMN tsv SET STATISTICS {target}"
        )


class Migration(migrations.Migration):
    dependencies = [("videos", "0033_word_times")]

    operations = [migrations.RunPython(count_more, count_as_before)]
