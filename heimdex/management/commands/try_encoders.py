"""`manage.py try_encoders`: which encoders this machine has, and what comes of trying each."""

from functools import partial
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from jobs.work_folders import work_folder
from mediakit.encoder_selection import Choice, Verdict
from mediakit.render.encoders import X264


class Command(BaseCommand):
    """Makes the same trial as the first export of a process, of every encoder and to the end."""

    help = (
        "Try every encoder in hardware with a real Short of two seconds and say of each whether it can be used, "
        "and if not why. Changes nothing; run it as the user and in the container that makes Shorts."
    )

    def handle(self, *_args: Any, **_options: Any) -> None:
        """One line for each encoder and device, then which one exports use by the settings."""
        wanted, used = settings.VIDEO_ENCODER, ""
        for verdict in Choice().verdicts(scratch=partial(work_folder, "trial")):
            self.stdout.write(f"{verdict.encoder}: {_words(verdict)}")
            name = verdict.encoder.name
            if not (verdict.reason or used) and wanted in {"auto", name}:
                used = str(verdict.encoder)
        self.stdout.write(f"HEIMDEX_VIDEO_ENCODER={wanted}: exports use {used or X264}")


def _words(verdict: Verdict) -> str:
    if not verdict.was_tried:
        return f"not here: {verdict.reason}"
    words = f"not used: {verdict.reason}" if verdict.reason else "works"
    return f"{words}. {verdict.figures}" if verdict.figures else words
