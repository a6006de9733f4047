"""`manage.py copy_database`: copy everything from SQLite to an empty PostgreSQL."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from heimdex.startup import database_copy, one_server


class Command(BaseCommand):
    """Copy all rows, count them on both sides, and index the videos for search."""

    help = (
        "Copy all rows from the SQLite database of one process to the PostgreSQL of DATABASE_URL, which `migrate` has "
        "prepared and which has no rows yet. Nothing is copied when something is wrong."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add where the old database is."""
        parser.add_argument(
            "--from",
            dest="path",
            type=Path,
            default=settings.DATA_DIR / "heimdex.sqlite3",
            help="the SQLite file (default: heimdex.sqlite3 in the data folder)",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """CommandError when Heimdex is running on the old database, or rows cannot be copied."""
        path: Path = options["path"].resolve()
        if not path.is_file():
            raise CommandError(f"There is no database {path}.")
        try:
            with (
                one_server.hold_data_folder(path.parent, address="copy_database"),
                database_copy.source_database(path),
            ):
                database_copy.check(path)
                for table in database_copy.copy_all():
                    if table.rows:
                        self.stdout.write(f"{table.rows:>9,} {table.name}")
        except one_server.AlreadyServedError as exc:
            raise CommandError(f"Heimdex is running on {path} ({exc}). Stop it first.") from exc
        except database_copy.CopyRefusedError as exc:
            raise CommandError(str(exc)) from exc
        call_command("reindex", missing=True, stdout=self.stdout)
        self.stdout.write("Everything is copied and counted.")
