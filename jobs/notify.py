"""Waking workers. A message only says "there is work": late, lost or twice, it harms nothing.

Messages go out from a thread of their own, so that a broker that does not answer never keeps a person waiting. What
cannot be sent is dropped: the sweep wakes the row's worker later.
"""

import contextlib
import logging
import os
import queue
import threading
import uuid
from typing import Any

from celery import Task as CeleryTask
from kombu.exceptions import ChannelError

from jobs.killpoints import reach

logger = logging.getLogger(__name__)

MOST_WAITING = 1000

Task = CeleryTask[Any, Any]


class Sender:
    """A thread that sends what `soon` was asked to; started by the first message."""

    def __init__(self) -> None:
        self._waiting: queue.Queue[tuple[Task, uuid.UUID | str]] = queue.Queue(MOST_WAITING)
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    def soon(self, task: Task, pk: uuid.UUID | str) -> None:
        """Have a message sent; returns at once."""
        with contextlib.suppress(queue.Full):
            self._waiting.put_nowait((task, pk))
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="wake", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while True:
            task, pk = self._waiting.get()
            if not send(task, pk):
                self._forget()  # the others would wait as long in vain

    def _forget(self) -> None:
        with contextlib.suppress(queue.Empty):
            while True:
                self._waiting.get_nowait()


def soon(task: Task, pk: uuid.UUID | str) -> None:
    """Wake a worker for a row, or for what a word names, without waiting for the broker."""
    _sender.soon(task, pk)


def send(task: Task, pk: uuid.UUID | str) -> bool:
    """Wake a worker for a row now; False when the broker did not take the message."""
    try:
        task.apply_async((str(pk),))
    except Exception:  # brokers raise what they like
        logger.warning("%s %s waits for the sweep: no broker", task.name, pk, exc_info=True)
        return False
    reach("publish_after")
    return True


def unheard(task: Task) -> int:
    """How many messages lie in the task's queue and nobody has taken yet; raises what the broker raises."""
    name = task.app.amqp.router.route({}, task.name)["queue"].name
    with task.app.connection_for_write() as link, link.channel() as channel:
        declare: Any = channel.queue_declare  # type: ignore[attr-defined] # every transport's channel has it
        try:
            return int(declare(queue=name, passive=True).message_count)
        except ChannelError:
            return 0  # the broker forgets a queue when it is empty


def _renew() -> None:
    """In a forked child the thread is gone: begin anew."""
    global _sender  # noqa: PLW0603 - one a process
    _sender = Sender()


_sender = Sender()
os.register_at_fork(after_in_child=_renew)
