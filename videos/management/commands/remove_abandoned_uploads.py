"""Remove abandoned uploads, as the schedule does."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from jobs.clock import database_now
from videos.uploads import cleanup


class Command(BaseCommand):
    """`manage.py remove_abandoned_uploads [--dry-run]`."""

    help = (
        "Remove uploads without progress for HEIMDEX_UPLOAD_KEEP_S seconds, with all their bytes."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Add `--dry-run`."""
        parser.add_argument(
            "--dry-run", action="store_true", help="Only say what would be removed."
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Print one line for each upload."""
        dry_run: bool = options["dry_run"]
        removed = cleanup.remove_abandoned_uploads(at=database_now(), dry_run=dry_run)
        for item in removed:
            self.stdout.write(f"{item.name}\t{item.size_bytes} bytes")
        verb = "would be removed" if dry_run else "removed"
        self.stdout.write(f"Abandoned uploads {verb}: {len(removed)}")
