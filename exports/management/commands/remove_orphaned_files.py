"""`manage.py remove_orphaned_files`: remove stored files that no row names."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from exports import expiry
from heimdex.templatetags.shown import size
from jobs.clock import database_now


class Command(BaseCommand):
    """What the schedule does every hour, by hand."""

    help = (
        "Remove stored files that no row names and that are older than an hour, "
        "and framing previews older than a day."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """`--dry-run`."""
        parser.add_argument("--dry-run", action="store_true", help="only list them")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print each file's key, how many there are and their bytes."""
        at = database_now()
        if options["dry_run"]:
            files, verb = list(expiry.orphans(at=at)), "would be removed"
        else:
            files, verb = expiry.remove_orphans(at=at), "removed"
        for file in files:
            self.stdout.write(file.key)
        total = size(sum(file.size_bytes for file in files))
        self.stdout.write(f"Orphaned files {verb}: {len(files)} ({total})")
