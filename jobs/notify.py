"""Messages that tell workers that there is work. A late, lost or repeated message does no harm.

A thread of its own sends them, so a broker that does not answer never delays a request. A message that cannot be sent
is dropped; the sweep sends one later.
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

MAX_PENDING_MESSAGES = 1000

Task = CeleryTask[Any, Any]


class Sender:
    """A thread that sends queued messages; the first message starts it."""

    def __init__(self) -> None:
        self._waiting: queue.Queue[tuple[Task, uuid.UUID | str]] = queue.Queue(MAX_PENDING_MESSAGES)
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    def send_later(self, task: Task, pk: uuid.UUID | str) -> None:
        """Queue a message; return at once. The message is dropped when the queue is full."""
        with contextlib.suppress(queue.Full):
            self._waiting.put_nowait((task, pk))
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="notify", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while True:
            task, pk = self._waiting.get()
            if not send(task, pk):
                self._drop_pending()  # each of them would wait as long in vain

    def _drop_pending(self) -> None:
        with contextlib.suppress(queue.Empty):
            while True:
                self._waiting.get_nowait()


def send_later(task: Task, pk: uuid.UUID | str) -> None:
    """Send a message for a row, or for a named task, without waiting for the broker."""
    _sender.send_later(task, pk)


def send(task: Task, pk: uuid.UUID | str) -> bool:
    """Send a message for a row now; return False when the broker did not accept it."""
    try:
        task.apply_async((str(pk),))
    except Exception:  # brokers raise exceptions of any kind
        logger.warning("%s %s waits for the sweep: no broker", task.name, pk, exc_info=True)
        return False
    reach("publish_after")
    return True


def queued_messages(task: Task) -> int:
    """Return the number of messages in the task's queue that no worker has taken; raises the broker's errors."""
    name = task.app.amqp.router.route({}, task.name)["queue"].name
    with task.app.connection_for_write() as link, link.channel() as channel:
        declare: Any = channel.queue_declare  # type: ignore[attr-defined] # every transport's channel has it
        try:
            return int(declare(queue=name, passive=True).message_count)
        except ChannelError:
            return 0  # the broker forgets a queue when it is empty


def _reset_after_fork() -> None:
    """Make a new sender in a forked child, which does not inherit the thread."""
    global _sender  # noqa: PLW0603 - one a process
    _sender = Sender()


_sender = Sender()
os.register_at_fork(after_in_child=_reset_after_fork)
