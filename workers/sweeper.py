"""The sweep: every worker process looks every few seconds for rows that nobody works on.

It needs no schedule and no message, so that work goes on whatever dies. At any moment one worker does it for all, by
an advisory lock in the database. Who finds it taken asks again soon: its holder may be the one that dies.
"""

import logging

from django.conf import settings
from django.db import connection

from exports import tasks as exports
from jobs import work_folders
from jobs.lease import stopping
from videos import tasks as videos

logger = logging.getLogger(__name__)

AGAIN_S = 1.0


def run() -> None:
    """Sweep until the process stops. What goes wrong is logged, and the next round tries again."""
    while not stopping.is_set():
        stopping.wait(settings.JOB_SWEEP_S if once() else AGAIN_S)


def once() -> bool:
    """One round: rows first, then the working folders that killed processes left on this machine.

    False when another process was sweeping, so that some rows were not looked at.
    """
    looked = True
    for sweep in (exports.sweep, videos.sweep, _folders):
        try:
            looked = sweep() and looked
        except Exception:
            logger.warning("the sweep could not be finished", exc_info=True)
            connection.close()
    return looked


def _folders() -> bool:
    for folder in work_folders.remove_abandoned():
        logger.info("abandoned folder %s removed", folder.name)
    return True
