"""Tells work that is slow from work that hangs: progress decides, not the clock."""

import time
from collections.abc import Callable

from mediakit.errors import StoppedError, ToolTimeoutError


class Watchdog:
    """Stops work that made no progress for `stall_s` seconds, or that took `limit_s` seconds in all.

    `name` begins its sentences: "The export". `should_stop` comes from the holder of the job.
    """

    def __init__(
        self, name: str, *, stall_s: float, limit_s: float, should_stop: Callable[[], bool]
    ) -> None:
        self._name = name
        self._stall_s, self._limit_s = stall_s, limit_s
        self._stop_requested = should_stop
        self._deadline = time.monotonic() + limit_s
        self._stalls_at = time.monotonic() + stall_s
        self._reached: object = None

    @property
    def left_s(self) -> float:
        """Seconds until the last deadline, at least 0.1."""
        return max(0.1, self._deadline - time.monotonic())

    def note(self, reached: object) -> None:
        """Note how far the work is; the same value again is no progress."""
        if reached != self._reached:
            self._reached = reached
            self._stalls_at = time.monotonic() + self._stall_s

    def should_stop(self) -> bool:
        """Whether the work must stop: it was requested, or `check` would find that it took too long."""
        return self._stop_requested() or bool(self._overrun())

    def check(self) -> None:
        """Raise `StoppedError` when a stop was requested, `ToolTimeoutError` after a stall or the last deadline."""
        if self._stop_requested():
            raise StoppedError(f"{self._name} was stopped.")
        if overrun := self._overrun():
            raise ToolTimeoutError(overrun, tool="ffmpeg", returncode=None)

    def _overrun(self) -> str:
        """How the work took too long; "" if it did not."""
        now = time.monotonic()
        if now > self._deadline:
            return f"{self._name} took longer than {self._limit_s:g} s."
        if now > self._stalls_at:
            return f"{self._name} made no progress for {self._stall_s:g} s."
        return ""
