"""Retries for a database that is unreachable for a moment: a restart or a failover."""

import logging
import time
from collections.abc import Callable
from typing import TypeVar

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection

logger = logging.getLogger(__name__)

RETRY_PAUSE_S = 0.5

T = TypeVar("T")


def retry_on_db_loss(action: Callable[[], T]) -> T:
    """Run a short database action, and retry it while the database is unreachable, for up to one lease.

    Returns the action's result; re-raises OperationalError or InterfaceError when the lease is over.
    A commit may have succeeded before the connection broke, so the action needs a guard of its own (a token, a state)
    against running twice. Inside a transaction nothing is retried, because the whole transaction would have to be.
    """
    deadline = time.monotonic() + settings.JOB_LEASE_S
    while True:
        try:
            return action()
        except (OperationalError, InterfaceError):
            if connection.in_atomic_block or time.monotonic() > deadline:
                raise
            logger.warning("the database is unreachable; retrying", exc_info=True)
            connection.close()
            time.sleep(RETRY_PAUSE_S)
