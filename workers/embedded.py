"""Celery workers and the periodic schedule as threads of the web process.

`manage.py serve` is the whole product in one process. ffmpeg does the heavy work in child processes, so threads are
enough here. Each queue has its own worker, so an hour-long import never delays a Short.
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
from workers import registry, sweeper

logger = logging.getLogger(__name__)

RESTART_PAUSE_S = 1.0


@dataclass(frozen=True, slots=True)
class WorkerQueue:
    """A queue, and the number of its jobs that run at once."""

    name: str
    threads: int


def worker_queues() -> tuple[WorkerQueue, ...]:
    """Return the product's queues with their number of threads, from the settings."""
    return (
        WorkerQueue("exports", settings.EXPORT_WORKERS),
        WorkerQueue("videos", settings.VIDEO_WORKERS),
        WorkerQueue("proxies", settings.PROXY_WORKERS),
    )


class EmbeddedWorkers:
    """The workers of all queues, the sweeper and the schedule. Call `start` once and `stop` once."""

    def __init__(self) -> None:
        self._threads: list[threading.Thread] = []
        self._schedule: Service | None = None

    def start(self) -> None:
        """Start all threads; return at once."""
        # The system checks ran when the command started; each worker would repeat them.
        os.environ["CELERY_SKIP_CHECKS"] = "1"
        stopping.clear()
        worker_state.should_stop = None
        queues = worker_queues()
        names = [queue.name for queue in queues]
        at_once = sum(queue.threads for queue in queues)
        registry.announce(registry.embedded_name(), names, jobs_at_once=at_once)
        for queue in queues:
            self._spawn(f"worker-{queue.name}", _run_worker, queue)
        self._spawn("sweeper", _run_sweeper)
        self._schedule = Service(current_app, max_interval=1, scheduler_cls=Scheduler)
        self._spawn("schedule", _run_schedule, self._schedule)

    def request_stop(self) -> None:
        """Accept no new work, and make running jobs return their rows. Safe in a signal handler."""
        stopping.set()
        worker_state.should_stop = EX_OK  # type: ignore[assignment] # celery types it as None only
        if self._schedule is not None:
            self._schedule.stop()

    def stop(self, *, within_s: float) -> bool:
        """Stop, and wait for all threads; return False when one still runs after `within_s` seconds."""
        self.request_stop()
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


def _run_worker(queue: WorkerQueue) -> None:
    """Run a worker for one queue until the process stops, and restart it when it crashes."""
    while not stopping.is_set():
        try:
            _make_worker(queue).start()
        except Exception:
            logger.exception("the worker for %s crashed", queue.name)
        finally:
            connection.close()
        stopping.wait(RESTART_PAUSE_S)


def _run_sweeper() -> None:
    """Sweep until the process stops. The first round finds rows of an earlier process, whose messages are lost."""
    try:
        sweeper.run()
    finally:
        connection.close()


def _make_worker(queue: WorkerQueue) -> WorkController:
    """Make a worker that consumes one queue only.

    It has its own Celery application, because the application holds the list of consumed queues. All applications of
    a process share the tasks.
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


def _run_schedule(schedule: Service) -> None:
    """Send the periodic tasks until the process stops, and retry while the broker is unreachable."""
    while not stopping.is_set():
        try:
            schedule.start()
        except Exception:
            logger.exception("the schedule crashed")
        stopping.wait(RESTART_PAUSE_S)
