"""The sweeper: every worker process checks every few seconds for rows with an expired lease.

It needs neither schedule nor message, so work continues whichever process dies. An advisory lock in the database
admits one sweeper at a time; the others retry soon, since the holder may be the process that dies.
"""

import logging
from collections.abc import Callable

from django.conf import settings
from django.db import connection

from exports import tasks as exports
from jobs import work_folders
from jobs.lease import stopping
from videos import tasks as videos
from workers import registry

logger = logging.getLogger(__name__)

BUSY_RETRY_S = 1.0


def run() -> None:
    """Sweep until the process stops, and say that it is alive. Errors are logged, and the next round tries again."""
    while not stopping.is_set():
        _logged(registry.report)
        stopping.wait(settings.JOB_SWEEP_S if sweep_once() else BUSY_RETRY_S)
    _logged(registry.leave)


def sweep_once() -> bool:
    """Sweep the rows, then the work folders that killed processes left on this machine.

    Returns False when another process was sweeping, so some rows were not checked.
    """
    is_complete = True
    main = (exports.sweep, videos.sweep)
    pages = (videos.sweep_word_times, videos.sweep_rankings)
    beside = (videos.sweep_proxies, videos.sweep_screen_readings, *pages)
    for sweep in (*main, *beside, _sweep_work_folders):
        is_complete = _logged(sweep) is not False and is_complete
    return is_complete


def _logged(step: Callable[[], bool | None]) -> bool | None:
    """Run one step of a round; an error is logged, and is no reason to sweep again at once."""
    try:
        return step()
    except Exception:
        logger.warning("the sweep could not be finished", exc_info=True)
        connection.close()
        return None


def _sweep_work_folders() -> bool:
    for folder in work_folders.remove_abandoned():
        logger.info("abandoned folder %s removed", folder.name)
    return True
