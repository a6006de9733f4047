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
        "framing previews older than a day, and working folders that killed processes left on this machine."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """`--dry-run`."""
        parser.add_argument("--dry-run", action="store_true", help="only list them")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print each file's key, how many there are and their bytes."""
        at = database_now()
        if options["dry_run"]:
            files, folders = list(expiry.orphans(at=at)), expiry.abandoned_work(at=at)
            verb = "would be removed"
        else:
            files, folders = expiry.remove_orphans(at=at), expiry.remove_abandoned_work(at=at)
            verb = "removed"
        for name in [*(file.key for file in files), *map(str, folders)]:
            self.stdout.write(name)
        total = size(sum(file.size_bytes for file in files))
        self.stdout.write(f"Orphaned files {verb}: {len(files)} ({total})")
        self.stdout.write(f"Abandoned working folders {verb}: {len(folders)}")
