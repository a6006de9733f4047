"""For migrations: the rows of a job's attempts go with the job in the database itself.

Django deletes the attempts that it finds before it deletes a job. A worker that claims the job in between adds one, and
PostgreSQL would then refuse to delete the job. On SQLite writers take turns.
"""

from typing import Any

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

# The foreign key of a table's column `job_id`, and the table that it refers to.
_FIND = """
    SELECT conname, confrelid::regclass::text FROM pg_constraint
    WHERE conrelid = %s::regclass AND contype = 'f' AND conkey = ARRAY[(
        SELECT attnum FROM pg_attribute WHERE attrelid = %s::regclass AND attname = 'job_id')]
"""


def cascade_attempts(app_label: str, *models: str) -> migrations.RunPython:
    """Return the operation that does so for models of attempts, and takes it back."""

    def forwards(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
        for model in models:
            _write_key(apps.get_model(app_label, model), schema_editor, "ON DELETE CASCADE")

    def backwards(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
        for model in models:
            _write_key(apps.get_model(app_label, model), schema_editor, "")

    return migrations.RunPython(forwards, backwards)


def _write_key(model: Any, schema_editor: BaseDatabaseSchemaEditor, action: str) -> None:
    """Write the foreign key of a table of attempts anew. Does nothing on SQLite."""
    if schema_editor.connection.vendor != "postgresql":
        return
    table, quote = model._meta.db_table, schema_editor.quote_name
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(_FIND, [table, table])
        name, jobs = cursor.fetchone()
    schema_editor.execute(f"ALTER TABLE {quote(table)} DROP CONSTRAINT {quote(name)}")
    schema_editor.execute(
        f"ALTER TABLE {quote(table)} ADD CONSTRAINT {quote(name)} FOREIGN KEY (job_id) "
        f"REFERENCES {jobs} (id) {action} DEFERRABLE INITIALLY DEFERRED"
    )
