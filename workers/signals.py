"""What a `celery worker` process does beside its tasks: it sweeps, and when it is told to stop, jobs go back.

Celery tells its main process only. Work runs in forked children, so both ends of a pipe are made before the fork: the
children wait for the end of file that comes when the main process closes its end, or dies.
"""

import os
import threading
from typing import Any

from celery import signals

from jobs.lease import stopping
from workers import sweeper

_owner = 0
_reading = _writing = -1


@signals.worker_init.connect
def make_pipe(**_: Any) -> None:
    """Before the children are forked: the pipe that outlives every message."""
    global _owner, _reading, _writing  # noqa: PLW0603 - one worker a process
    if _owner != os.getpid():
        _reading, _writing = os.pipe()
        _owner = os.getpid()


@signals.worker_ready.connect
def sweep(**_: Any) -> None:
    """The main process of every worker looks for rows that nobody works on."""
    threading.Thread(target=sweeper.run, name="sweeper", daemon=True).start()


@signals.worker_process_init.connect
def listen(**_: Any) -> None:
    """In each forked child: wait for the main process to say stop, or to be gone."""
    if _reading < 0 or _owner == os.getpid():
        return  # the solo pool works in the main process itself
    os.close(_writing)
    threading.Thread(target=_wait, args=(_reading,), name="stop-listener", daemon=True).start()


@signals.worker_shutting_down.connect
def tell(**_: Any) -> None:
    """The main process was asked to stop: tell its own threads, and the children through the pipe."""
    global _writing  # noqa: PLW0603 - closed once
    stopping.set()
    if _writing >= 0 and _owner == os.getpid():
        os.close(_writing)
        _writing = -1


@signals.setup_logging.connect
def keep_our_logging(**_: Any) -> None:
    """Being connected is enough: Celery then leaves the logging of the settings alone."""


def _wait(descriptor: int) -> None:
    os.read(descriptor, 1)
    stopping.set()
