"""One long-lived thread per process that forks all children.

The kernel's parent-death signal refers to the *thread* that forked: children of a worker thread
would die when that thread ends. A forked process starts a thread of its own when it first needs one.
"""

import os
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import TypeVar

T = TypeVar("T")


class ForkServer:
    """Runs calls one after the other in a thread that lives as long as the process."""

    def __init__(self) -> None:
        self._calls: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def call(self, make: Callable[[], T], *, undo: Callable[[T], None]) -> T:
        """Call `make` in the thread and return its result.

        When the caller is interrupted while it waits, `undo` is called with the late result.
        """
        self._start()
        made: Future[T] = Future()

        def work() -> None:
            try:
                answer = make()
            except BaseException as error:  # noqa: BLE001 -- it belongs to the caller
                made.set_exception(error)
            else:
                made.set_result(answer)

        self._calls.put(work)
        try:
            return made.result()
        except BaseException:
            made.add_done_callback(partial(_undo_late, undo))
            raise

    def _start(self) -> None:
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="fork-server", daemon=True)
                self._thread.start()

    def _work(self) -> None:
        while True:
            self._calls.get()()


def _undo_late(undo: Callable[[T], None], made: "Future[T]") -> None:
    if made.exception() is None:
        undo(made.result())


_server = ForkServer()


def call(make: Callable[[], T], *, undo: Callable[[T], None]) -> T:
    """Call `make` in this process' own fork server; see `ForkServer.call`."""
    return _server.call(make, undo=undo)


def _replace_after_fork() -> None:
    """Start afresh: threads do not survive a fork, and their locks may stay held for ever."""
    global _server  # noqa: PLW0603 -- one a process
    _server = ForkServer()


os.register_at_fork(after_in_child=_replace_after_fork)
