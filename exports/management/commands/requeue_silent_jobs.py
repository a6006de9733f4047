"""`manage.py requeue_silent_jobs`: queue videos and exports with an expired lease again."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from exports import tasks as export_tasks
from exports.models import Export
from jobs import lease
from jobs.clock import database_now
from jobs.models import Job
from videos import tasks as video_tasks
from videos.models import Proxy, ScreenReading, SuggestionRanking, Video, WordTimes


class Command(BaseCommand):
    """Runs once the sweep that every worker runs every few seconds."""

    help = (
        "Queue videos and exports again whose worker fell silent, and wake workers for those that wait; "
        "fail those whose attempts are spent."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """`--dry-run`."""
        parser.add_argument("--dry-run", action="store_true", help="only list them")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print each job with an expired lease, and their number."""
        at = database_now()
        expired: list[tuple[str, Job]] = [
            *(("video", video) for video in lease.expired_leases(Video, at=at)),
            *(("proxy", proxy) for proxy in lease.expired_leases(Proxy, at=at)),
            *(("times of words", each) for each in lease.expired_leases(WordTimes, at=at)),
            *(("text on screen", each) for each in lease.expired_leases(ScreenReading, at=at)),
            *(("ranking", each) for each in lease.expired_leases(SuggestionRanking, at=at)),
            *(("export", export) for export in lease.expired_leases(Export, at=at)),
        ]
        for kind, job in expired:
            self.stdout.write(f"{kind} {job.pk}: {job.status}, attempt {job.attempts}")
        if not options["dry_run"]:
            video_tasks.sweep()
            video_tasks.sweep_proxies()
            video_tasks.sweep_word_times()
            video_tasks.sweep_screen_readings()
            video_tasks.sweep_rankings()
            export_tasks.sweep()
        verb = "would be taken up" if options["dry_run"] else "taken up"
        self.stdout.write(f"Silent jobs {verb}: {len(expired)}")
