"""The sweep: every worker process looks every few seconds for rows that nobody works on.

It needs no schedule and no message, so that work goes on whatever dies. In each round one worker does it for all, by
an advisory lock in the database.
"""

import logging

from django.conf import settings
from django.db import connection

from exports import tasks as exports
from jobs import folders
from jobs.lease import stopping
from videos import tasks as videos

logger = logging.getLogger(__name__)


def run() -> None:
    """Sweep until the process stops. What goes wrong is logged, and the next round tries again."""
    while not stopping.is_set():
        once()
        stopping.wait(settings.JOB_SWEEP_S)


def once() -> None:
    """One round: rows first, then the working folders that killed processes left on this machine."""
    for sweep in (exports.sweep, videos.sweep, _folders):
        try:
            sweep()
        except Exception:
            logger.warning("the sweep could not be finished", exc_info=True)
            connection.close()


def _folders() -> None:
    for folder in folders.remove_abandoned():
        logger.info("abandoned folder %s removed", folder.name)
