"""`manage.py expire_exports`: remove the files of expired and deleted exports."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from exports import queries
from exports.retention import files as retention
from jobs.clock import database_now


class Command(BaseCommand):
    """Runs once the task that the scheduler runs every minute."""

    help = "Remove the files of expired and deleted exports."

    def add_arguments(self, parser: CommandParser) -> None:
        """`--dry-run`."""
        parser.add_argument("--dry-run", action="store_true", help="only list them")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the key of each file, and their number."""
        at = database_now()
        if options["dry_run"]:
            keys = [export.file_key for export in queries.with_removable_file(at=at).iterator()]
            verb = "would be removed"
        else:
            keys = [export.file_key for export in retention.remove_expired_files(at=at)]
            verb = "removed"
        for key in keys:
            self.stdout.write(key)
        self.stdout.write(f"Files of expired exports {verb}: {len(keys)}")
