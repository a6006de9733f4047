"""Waiting for a database that is away for a moment: it restarts, or another one takes over."""

import logging
import time
from collections.abc import Callable
from typing import TypeVar

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection

logger = logging.getLogger(__name__)

PAUSE_S = 0.5

T = TypeVar("T")


def patiently(action: Callable[[], T]) -> T:
    """Do something short in the database; again while it is away, for up to a lease.

    Whether a commit came through before the connection broke is not known, so the action must be one that its own
    guard (a token, a state) keeps from being done twice. Inside a transaction it is done once: the whole transaction
    is what has to be done again.
    """
    deadline = time.monotonic() + settings.JOB_LEASE_S
    while True:
        try:
            return action()
        except (OperationalError, InterfaceError):
            if connection.in_atomic_block or time.monotonic() > deadline:
                raise
            logger.warning("the database is away; trying again", exc_info=True)
            connection.close()
            time.sleep(PAUSE_S)
