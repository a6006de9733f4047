"""Signs of life of workers and of the schedule: a file that they touch, for the health check of their container.

`HEIMDEX_ALIVE_FILE` names it; without that nothing is written. A worker touches it while it hears the broker, every
two seconds; the schedule whenever it looks what is due. `deploy/healthcheck.py beat` reads it.
"""

from typing import Any

from celery import beat, signals
from django.conf import settings

MOST_WAIT_S = 5


@signals.heartbeat_sent.connect
def touch(**_: Any) -> None:
    """Say that this process lives."""
    if settings.ALIVE_FILE is not None:
        settings.ALIVE_FILE.touch()


class Scheduler(beat.Scheduler):
    """Celery's schedule, kept in memory: it looks at least every five seconds, and says that it lives."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.max_interval = MOST_WAIT_S

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """Send what is due; returns the seconds until the next look."""
        touch()
        wait: float = super().tick(*args, **kwargs)
        return wait
