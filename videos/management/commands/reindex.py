"""Index videos for search again."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from videos.search.entries import index_stale_videos, mark_all_stale, stale_videos


class Command(BaseCommand):
    """`manage.py reindex [--missing]`."""

    help = (
        "Index every video for search again, while Heimdex runs."
        " After an interruption, `--missing` goes on with the rest."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Add `--missing`."""
        parser.add_argument(
            "--missing", action="store_true", help="Only videos that are not indexed yet."
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Index one video at a time, each in its own transaction, and say how far it is."""
        if not options["missing"]:
            mark_all_stale()
        total, done = stale_videos().count(), 0
        while index_stale_videos(limit=1):
            done += 1
            if done % 100 == 0:
                self.stdout.write(f"{done} of {total}")
        self.stdout.write(f"Indexed videos: {done}")
