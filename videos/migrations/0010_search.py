import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


# The full-text index, kept by the database itself: triggers on SQLite, a generated column on PostgreSQL.
# The texts are tokens already, so the tokenizers `ascii` and `simple` only divide them at spaces.
SQLITE = (
    """
    CREATE VIRTUAL TABLE videos_searchindex USING fts5(
        body, content='videos_searchentry', content_rowid='id', tokenize='ascii', columnsize=0
    )
    """,
    """
    CREATE TRIGGER videos_searchentry_insert AFTER INSERT ON videos_searchentry BEGIN
        INSERT INTO videos_searchindex(rowid, body) VALUES (new.id, new.body);
    END
    """,
    """
    CREATE TRIGGER videos_searchentry_delete AFTER DELETE ON videos_searchentry BEGIN
        INSERT INTO videos_searchindex(videos_searchindex, rowid, body) VALUES ('delete', old.id, old.body);
    END
    """,
    """
    CREATE TRIGGER videos_searchentry_update AFTER UPDATE OF id, body ON videos_searchentry BEGIN
        INSERT INTO videos_searchindex(videos_searchindex, rowid, body) VALUES ('delete', old.id, old.body);
        INSERT INTO videos_searchindex(rowid, body) VALUES (new.id, new.body);
    END
    """,
    """
    CREATE TRIGGER videos_searchword_add AFTER INSERT ON videos_searchentry WHEN new.words <> '{}' BEGIN
        INSERT INTO videos_searchword(owner_id, word, count)
            SELECT new.owner_id, key, value FROM json_each(new.words) WHERE true
            ON CONFLICT(owner_id, word) DO UPDATE SET count = count + excluded.count;
    END
    """,
    """
    CREATE TRIGGER videos_searchword_remove AFTER DELETE ON videos_searchentry WHEN old.words <> '{}' BEGIN
        UPDATE videos_searchword SET count = count - gone.value FROM json_each(old.words) AS gone
            WHERE owner_id = old.owner_id AND word = gone.key;
        DELETE FROM videos_searchword WHERE owner_id = old.owner_id AND count <= 0
            AND word IN (SELECT key FROM json_each(old.words));
    END
    """,
)
SQLITE_BACK = (
    "DROP TRIGGER IF EXISTS videos_searchentry_insert",
    "DROP TRIGGER IF EXISTS videos_searchentry_delete",
    "DROP TRIGGER IF EXISTS videos_searchentry_update",
    "DROP TRIGGER IF EXISTS videos_searchword_add",
    "DROP TRIGGER IF EXISTS videos_searchword_remove",
    "DROP TABLE IF EXISTS videos_searchindex",
)
POSTGRESQL = (
    """
    ALTER TABLE videos_searchentry ADD COLUMN tsv tsvector
        GENERATED ALWAYS AS (to_tsvector('pg_catalog.simple', body)) STORED
    """,
    "CREATE INDEX videos_searchentry_tsv ON videos_searchentry USING gin (tsv)",
    # Ranges of words by their bytes, as on SQLite, whatever the database's language is.
    'ALTER TABLE videos_searchword ALTER COLUMN word TYPE varchar(40) COLLATE "C"',
    # One transaction at a time counts the words of a user: the order of the rows cannot become a deadlock.
    """
    CREATE FUNCTION videos_count_search_words() RETURNS trigger AS $$
    DECLARE
        entry videos_searchentry%ROWTYPE;
    BEGIN
        IF TG_OP = 'DELETE' THEN entry := OLD; ELSE entry := NEW; END IF;
        IF entry.words = '{}' THEN RETURN NULL; END IF;
        PERFORM pg_advisory_xact_lock(hashtextextended('videos_searchword', entry.owner_id));
        IF TG_OP = 'INSERT' THEN
            INSERT INTO videos_searchword AS known (owner_id, word, count)
                SELECT entry.owner_id, key, value::int FROM jsonb_each_text(entry.words)
                ON CONFLICT (owner_id, word) DO UPDATE SET count = known.count + excluded.count;
        ELSE
            UPDATE videos_searchword AS known SET count = known.count - gone.value::int
                FROM jsonb_each_text(entry.words) AS gone
                WHERE known.owner_id = entry.owner_id AND known.word = gone.key;
            DELETE FROM videos_searchword WHERE owner_id = entry.owner_id AND count <= 0
                AND word IN (SELECT jsonb_object_keys(entry.words));
        END IF;
        RETURN NULL;
    END
    $$ LANGUAGE plpgsql
    """,
    """
    CREATE TRIGGER videos_searchword_count AFTER INSERT OR DELETE ON videos_searchentry
        FOR EACH ROW EXECUTE FUNCTION videos_count_search_words()
    """,
)
POSTGRESQL_BACK = (
    "DROP TRIGGER IF EXISTS videos_searchword_count ON videos_searchentry",
    "DROP FUNCTION IF EXISTS videos_count_search_words()",
    "ALTER TABLE videos_searchentry DROP COLUMN IF EXISTS tsv",
)


def create_index(apps, schema_editor):
    is_sqlite = schema_editor.connection.vendor == "sqlite"
    for statement in SQLITE if is_sqlite else POSTGRESQL:
        schema_editor.execute(statement, params=None)


def drop_index(apps, schema_editor):
    is_sqlite = schema_editor.connection.vendor == "sqlite"
    for statement in SQLITE_BACK if is_sqlite else POSTGRESQL_BACK:
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [
        ("videos", "0009_machine_model"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="SearchEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("body", models.TextField()),
                ("words", models.JSONField(default=dict)),
                ("version", models.PositiveSmallIntegerField()),
                (
                    "owner",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "scene",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="videos.scene",
                    ),
                ),
                (
                    "video",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="search_entries",
                        to="videos.video",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["owner", "id"], name="search_entry_owner")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("scene", None)),
                        fields=("video",),
                        name="search_entry_video_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SearchWord",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("word", models.CharField(max_length=40)),
                ("count", models.IntegerField()),
                (
                    "owner",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("owner", "word"), name="search_word_once")
                ],
            },
        ),
        migrations.RunPython(create_index, drop_index),
    ]
