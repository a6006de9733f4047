"""The heartbeat file of workers and of the schedule, for the health check of their container.

`HEIMDEX_ALIVE_FILE` names the file; without it nothing is written. A worker touches it every two seconds while the
broker answers, the schedule whenever it checks for due tasks. `deploy/healthcheck.py beat` reads its age.
"""

from typing import Any

from celery import beat, signals
from django.conf import settings

MAX_INTERVAL_S = 5


@signals.heartbeat_sent.connect
def touch_heartbeat_file(**_: Any) -> None:
    """Set the file's time to now."""
    if settings.ALIVE_FILE is not None:
        settings.ALIVE_FILE.touch()


class Scheduler(beat.Scheduler):
    """Celery's in-memory schedule; it checks for due tasks at least every five seconds and touches the file."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.max_interval = MAX_INTERVAL_S

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """Send the due tasks; return the seconds until the next check."""
        touch_heartbeat_file()
        wait: float = super().tick(*args, **kwargs)
        return wait
