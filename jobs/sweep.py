"""The sweep of one kind of job: expired leases go back to the queue, and pending rows get the message they lack."""

import logging

from jobs import notify
from jobs.lease import J, sweep

logger = logging.getLogger(__name__)


def sweep_and_notify(model: type[J], task: notify.Task) -> bool:
    """Queue rows with an expired lease again, and send messages for pending rows when none is queued for `task`.

    Returns False when another process is sweeping; then nothing was done.
    """
    name = model.__name__.lower()
    swept = sweep(model)
    for row in swept.given_up:
        logger.error("%s %s: given up after %d attempts", name, row.pk, row.attempts)
    for row in swept.requeued:
        logger.warning("%s %s: the lease expired, queued again", name, row.pk)
    if swept.due and not notify.queued_messages(task):
        for row in swept.due:
            notify.send_later(task, row.pk)
    return not swept.is_busy
