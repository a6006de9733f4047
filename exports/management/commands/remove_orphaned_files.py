"""`manage.py remove_orphaned_files`: remove stored files that no row refers to."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from exports.retention import files as retention
from jobs import work_folders
from jobs.clock import database_now


class Command(BaseCommand):
    """Runs once the task that the scheduler runs every few minutes."""

    help = (
        "Remove stored files that no row names and no running work needs, "
        "framing previews older than a day, and working folders that killed processes left on this machine."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """`--dry-run`."""
        parser.add_argument("--dry-run", action="store_true", help="only list them")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the key of each file, and their number."""
        at = database_now()
        if options["dry_run"]:
            keys = [file.key for file in retention.orphaned_files(at=at)]
            keys += [item.key for item in retention.unfinished_uploads()]
            left = list(work_folders.abandoned())
            verb = "would be removed"
        else:
            keys, left = retention.remove_orphaned_files(at=at), work_folders.remove_abandoned()
            verb = "removed"
        for name in [*keys, *map(str, left)]:
            self.stdout.write(name)
        self.stdout.write(f"Orphaned files {verb}: {len(keys)}")
        self.stdout.write(f"Abandoned working folders {verb}: {len(left)}")
