"""Signal handlers of a `celery worker` process: they start the sweeper, and make jobs return their rows at a stop.

Celery notifies its main process only, but jobs run in forked children. A pipe is made before the fork; the children
wait for its end of file, which comes when the main process closes its end or dies.
"""

import os
import threading
from typing import Any

from celery import signals

from jobs.lease import stopping
from workers import registry, sweeper

_owner = 0
_reading = _writing = -1


@signals.worker_init.connect
def make_pipe(**_: Any) -> None:
    """Make the pipe, before the children are forked."""
    global _owner, _reading, _writing  # noqa: PLW0603 - one worker a process
    if _owner != os.getpid():
        _reading, _writing = os.pipe()
        _owner = os.getpid()


@signals.celeryd_after_setup.connect
def announce(sender: str, instance: Any, **_: Any) -> None:
    """Say which worker this is, before the children are forked: they write its name into the history of jobs."""
    queues = list(instance.app.amqp.queues.consume_from)
    registry.announce(sender, queues, jobs_at_once=instance.concurrency or 1)


@signals.worker_ready.connect
def start_sweeper(**_: Any) -> None:
    """Start the sweeper in the main process of every worker."""
    threading.Thread(target=sweeper.run, name="sweeper", daemon=True).start()


@signals.worker_process_init.connect
def listen_for_stop(**_: Any) -> None:
    """In each forked child, wait for the main process to stop or die."""
    if _reading < 0 or _owner == os.getpid():
        return  # the solo pool runs jobs in the main process
    os.close(_writing)
    threading.Thread(
        target=_wait_for_stop, args=(_reading,), name="stop-listener", daemon=True
    ).start()


@signals.worker_shutting_down.connect
def stop_jobs(**_: Any) -> None:
    """Stop the jobs of the main process's threads, and through the pipe those of the children."""
    global _writing  # noqa: PLW0603 - closed once
    stopping.set()
    if _writing >= 0 and _owner == os.getpid():
        os.close(_writing)
        _writing = -1


@signals.setup_logging.connect
def keep_our_logging(**_: Any) -> None:
    """Keep the logging of the settings: Celery configures its own only when this signal has no receiver."""


def _wait_for_stop(descriptor: int) -> None:
    os.read(descriptor, 1)
    stopping.set()
