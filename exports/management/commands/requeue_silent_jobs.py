"""`manage.py requeue_silent_jobs`: take up videos and exports that nobody works on."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from exports.models import Export
from exports.tasks import sweep_exports
from jobs import lease
from jobs.clock import database_now
from videos.models import Video
from videos.tasks import sweep_videos


class Command(BaseCommand):
    """What the schedule does every few seconds, by hand."""

    help = (
        "Queue videos and exports again whose worker fell silent or whose message was lost; "
        "fail those whose attempts are spent."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """`--dry-run`."""
        parser.add_argument("--dry-run", action="store_true", help="only list them")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print each silent job, and how many there are."""
        at = database_now()
        silent: list[tuple[str, Video | Export]] = [
            *(("video", video) for video in lease.silent(Video, at=at)),
            *(("export", export) for export in lease.silent(Export, at=at)),
        ]
        for kind, job in silent:
            self.stdout.write(f"{kind} {job.pk}: {job.status}, attempt {job.attempts}")
        if not options["dry_run"]:
            sweep_videos()
            sweep_exports()
        verb = "would be taken up" if options["dry_run"] else "taken up"
        self.stdout.write(f"Silent jobs {verb}: {len(silent)}")
