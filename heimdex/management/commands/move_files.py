"""`manage.py move_files`: move all stored files from the folder to the bucket, or back."""

import contextlib
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from core.formatting import size
from heimdex.startup import one_server
from storage import local, s3
from storage.moving import Folder, Item, Journal, Mover

REPORT_S = 5.0
MAX_NAMED_FILES = 20


class Command(BaseCommand):
    """Move or copy every stored file, each compared by its SHA-256. Can be interrupted and run again at any time."""

    help = (
        "Move all stored files from the folder to the S3 bucket of the settings, or back. Each file is read back and "
        "compared before it is removed where it was. Run it again after an interruption: it goes on."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add where to, and what becomes of the files where they were."""
        parser.add_argument("--to", choices=("bucket", "folder"), required=True)
        parser.add_argument(
            "--folder",
            type=Path,
            default=settings.DATA_DIR / "media",
            help="the folder of the files (default: media in the data folder)",
        )
        parser.add_argument("--keep", action="store_true", help="remove nothing where it was")
        parser.add_argument("--dry-run", action="store_true", help="only say how much there is")

    def handle(self, *_args: Any, **options: Any) -> None:
        """CommandError without a bucket, or when files were not equal after they were copied."""
        if local.is_local():
            raise CommandError(
                "No bucket is set: set S3_BUCKET and the other S3 settings for this command, in both directions."
            )
        folder, to_bucket = Folder(options["folder"].resolve()), options["to"] == "bucket"
        if to_bucket and not folder.root.is_dir():
            raise CommandError(f"There is no folder {folder.root}.")
        journal = None
        if options["keep"]:
            journal = Journal(settings.DATA_DIR / f"copied-to-{options['to']}.jsonl")
            journal.read()
        mover = Mover(folder, to_bucket=to_bucket, journal=journal)
        with s3.background_calls(), _no_server(options):
            items = sorted(mover.source.listing(), key=lambda item: item.key)
            verb = "to copy" if options["keep"] else "to move"
            self.stdout.write(f"{_amount(items)} {verb} to the {options['to']}.")
            if options["dry_run"]:
                return
            failed = self._move(mover, items)
        if failed:
            named = ", ".join(item.key for item in failed[:MAX_NAMED_FILES])
            raise CommandError(
                f"{len(failed)} files are not equal after they were copied, and stay where they were: {named}. "
                "Run the command again."
            )
        self.stdout.write(f"{_amount(items)} are there, compared byte for byte by SHA-256.")

    def _move(self, mover: Mover, items: list[Item]) -> list[Item]:
        """Move the files and say how far it is every REPORT_S; returns those that were not equal."""
        failed: list[Item] = []
        done, done_bytes, next_report_s = 0, 0, time.monotonic() + REPORT_S
        for item, is_moved in mover.move(items):
            if not is_moved:
                failed.append(item)
            done, done_bytes = done + 1, done_bytes + item.size_bytes
            if time.monotonic() >= next_report_s:
                self.stdout.write(f"{done} of {_amount(items)}: {size(done_bytes)}")
                self.stdout.flush()
                next_report_s = time.monotonic() + REPORT_S
        return failed


def _no_server(options: dict[str, Any]) -> contextlib.AbstractContextManager[object]:
    """Hold the data folder, so that no `serve` begins meanwhile; CommandError when one runs. Copying disturbs none."""
    if options["keep"] or options["dry_run"]:
        return contextlib.nullcontext()
    try:
        return one_server.hold_data_folder(settings.DATA_DIR, address="move_files")
    except one_server.AlreadyServedError as exc:
        raise CommandError(
            f"Heimdex is running on {settings.DATA_DIR} ({exc}), and would miss the files. Stop it first, or copy "
            "with --keep."
        ) from exc


def _amount(items: list[Item]) -> str:
    count = len(items)
    return f"{count} {'file' if count == 1 else 'files'} ({size(sum(item.size_bytes for item in items))})"
