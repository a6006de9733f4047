"""Background work inside the web process: Celery workers and the schedule, in threads.

`manage.py serve` is the whole product in one process. ffmpeg does the heavy work in child processes, so threads are
enough here. Each queue has a worker of its own: an hour-long import never holds up a Short.
"""

import logging
import os
import threading
import time
from dataclasses import dataclass

from celery import Celery, current_app
from celery.beat import Scheduler, Service
from celery.platforms import EX_OK
from celery.worker import WorkController
from celery.worker import state as worker_state
from django.conf import settings
from django.db import connection

from jobs.lease import stopping
from workers import sweeper

logger = logging.getLogger(__name__)

RESTART_PAUSE_S = 1.0


@dataclass(frozen=True, slots=True)
class Queue:
    """A queue, and how many of its jobs run at once."""

    name: str
    threads: int


def queues() -> tuple[Queue, ...]:
    """The queues of the product with their number of threads, from the settings."""
    return (
        Queue("exports", settings.EXPORT_WORKERS),
        Queue("videos", settings.VIDEO_WORKERS),
    )


class Background:
    """Workers for every queue and the periodic schedule. `start` once, `stop` once."""

    def __init__(self) -> None:
        self._threads: list[threading.Thread] = []
        self._schedule: Service | None = None

    def start(self) -> None:
        """Start everything; returns at once."""
        # The system checks ran when the command started; each worker would run them again.
        os.environ["CELERY_SKIP_CHECKS"] = "1"
        stopping.clear()
        worker_state.should_stop = None
        for queue in queues():
            self._spawn(f"worker-{queue.name}", _work, queue)
        self._spawn("sweeper", _sweep)
        self._schedule = Service(current_app, max_interval=1, scheduler_cls=Scheduler)
        self._spawn("schedule", _keep_time, self._schedule)

    def ask_to_stop(self) -> None:
        """Take no new work, and tell running jobs to hand their rows back. Safe in a signal handler."""
        stopping.set()
        worker_state.should_stop = EX_OK  # type: ignore[assignment] # celery types it as None only
        if self._schedule is not None:
            self._schedule.stop()

    def stop(self, *, within_s: float) -> bool:
        """Stop, and wait until everything has ended; False when something still runs after `within_s` seconds."""
        self.ask_to_stop()
        deadline = time.monotonic() + within_s
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        if any(thread.is_alive() for thread in self._threads):
            return False
        worker_state.should_stop = None
        return True

    def _spawn(self, name: str, work: object, *args: object) -> None:
        thread = threading.Thread(target=work, args=args, name=name, daemon=True)  # type: ignore[arg-type] # callables of different arity
        thread.start()
        self._threads.append(thread)


def _work(queue: Queue) -> None:
    """Run a worker for one queue until the process stops; one that breaks down is replaced."""
    while not stopping.is_set():
        try:
            _worker(queue).start()
        except Exception:
            logger.exception("the worker for %s broke down", queue.name)
        finally:
            connection.close()
        stopping.wait(RESTART_PAUSE_S)


def _sweep() -> None:
    """Its first round takes up the rows of the process before this one, whose messages died with it."""
    try:
        sweeper.run()
    finally:
        connection.close()


def _worker(queue: Queue) -> WorkController:
    """A worker that hears one queue only.

    It gets a Celery application of its own, because which queues are heard is kept on the application. Tasks are
    shared by all applications of a process.
    """
    app = Celery(f"heimdex-{queue.name}", set_as_current=False)
    app.config_from_object("django.conf:settings", namespace="CELERY")
    app.conf.worker_enable_remote_control = False
    app.autodiscover_tasks()
    return WorkController(
        app=app,
        hostname=f"{queue.name}@embedded",
        queues=[queue.name],
        pool_cls="threads",
        concurrency=queue.threads,
        use_eventloop=False,
        without_heartbeat=True,
        without_mingle=True,
        without_gossip=True,
    )


def _keep_time(schedule: Service) -> None:
    """Send the periodic tasks until the process stops; a broker that is away is tried again."""
    while not stopping.is_set():
        try:
            schedule.start()
        except Exception:
            logger.exception("the schedule broke down")
        stopping.wait(RESTART_PAUSE_S)
