"""The first pass over a video in a thread of its own, so that its sound can be heard while it is being written."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from threading import Event
from types import TracebackType
from typing import Self

from mediakit.scenes.first_pass import FirstPass


class BackgroundScan:
    """Runs `scan` beside the block; leaving the block by an error stops it. `scan` gets its own `should_stop`."""

    def __init__(
        self, scan: Callable[[Callable[[], bool]], FirstPass], *, should_stop: Callable[[], bool]
    ) -> None:
        self._scan = scan
        self._stop_requested = should_stop
        self._abandoned = Event()
        self._pool = ThreadPoolExecutor(1, "first-pass")
        self._future: Future[FirstPass] | None = None

    def __enter__(self) -> Self:
        self._future = self._pool.submit(copy_context().run, self._scan, self._should_stop)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        if error is not None:
            self._abandoned.set()
        self._pool.shutdown(wait=True)

    def is_done(self) -> bool:
        """Whether it has ended, well or not."""
        return self._future is not None and self._future.done()

    def has_failed(self) -> bool:
        """Whether it has ended by an error, which `result` raises."""
        return self._future is not None and self.is_done() and bool(self._future.exception())

    def result(self) -> FirstPass:
        """Its result, waited for. Raises what it raised."""
        assert self._future is not None  # noqa: S101 - asked inside the block or after it
        return self._future.result()

    def _should_stop(self) -> bool:
        return self._abandoned.is_set() or self._stop_requested()
