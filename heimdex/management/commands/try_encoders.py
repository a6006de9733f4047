"""`manage.py try_encoders`: try every hardware encoder of this machine."""

from functools import partial
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from jobs.work_folders import work_folder
from mediakit.encoder_selection import EncoderSelection, TrialResult
from mediakit.render.encoders import X264


class Command(BaseCommand):
    """Runs the same trial as the first export of a process, but for every encoder."""

    help = (
        "Try every encoder in hardware with a real Short of two seconds and say of each whether it can be used, "
        "and if not why. Changes nothing; run it as the user and in the container that makes Shorts."
    )

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Print one line for each encoder and device, then the encoder that exports use."""
        setting, used = settings.VIDEO_ENCODER, ""
        for result in EncoderSelection().try_all(make_temp_dir=partial(work_folder, "trial")):
            self.stdout.write(f"{result.encoder}: {_words(result)}")
            name = result.encoder.name
            if not (result.reason or used) and setting in {"auto", name}:
                used = str(result.encoder)
        self.stdout.write(f"HEIMDEX_VIDEO_ENCODER={setting}: exports use {used or X264}")


def _words(result: TrialResult) -> str:
    if not result.was_tried:
        return f"not here: {result.reason}"
    words = f"not used: {result.reason}" if result.reason else "works"
    return f"{words}. {result.figures}" if result.figures else words
