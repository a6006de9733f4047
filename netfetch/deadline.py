"""Limits of a fetch's time and rate, and its stop request. They hold for every behaviour of the server."""

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from netfetch.errors import FetchError, FetchErrorCode

POLL_S = 0.25


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on one fetch.

    `min_rate` is in bytes per second, averaged over `rate_window_s` seconds of waiting for the server; the time that
    the caller takes to store the bytes does not count. `connect_s` holds for one address, `response_s` for a name
    lookup, and for a response's head from the request to the last byte of the head.
    """

    max_bytes: int
    total_s: float
    min_rate: int
    rate_window_s: float = 30
    connect_s: float = 5
    response_s: float = 30


class Deadline:
    """Enforces the bounds of one fetch; `check` is called at least four times a second while it waits."""

    poll_s = POLL_S

    def __init__(self, limits: Limits, should_stop: Callable[[], bool]) -> None:
        self._limits = limits
        self._should_stop = should_stop
        self._end = time.monotonic() + limits.total_s
        self._response_end = self._end
        self._in_body = False
        self._waited_s, self._received_bytes = 0.0, 0

    def check(self) -> None:
        """Raise FETCH_STOPPED, FETCH_TOO_SLOW after `total_s`, or FETCH_NOT_REACHABLE after `response_s`."""
        if self._should_stop():
            raise FetchError(FetchErrorCode.FETCH_STOPPED, "stopped")
        now = time.monotonic()
        if now > self._end:
            raise too_slow("it took too long")
        if now > self._response_end:
            raise FetchError(
                FetchErrorCode.FETCH_NOT_REACHABLE, "no answer in time", is_transient=True
            )

    @contextlib.contextmanager
    def for_response(self) -> Iterator[None]:
        """Require a response within `response_s` in this block."""
        self._response_end = time.monotonic() + self._limits.response_s
        try:
            yield
        finally:
            self._response_end = self._end

    def body_begins(self) -> None:
        """Start measuring the rate."""
        self._in_body = True

    def received(self, count: int, *, after_s: float) -> None:
        """Count received bytes and the seconds waited for them; raises FETCH_TOO_SLOW below the minimum rate."""
        if not self._in_body:
            return
        self._waited_s += after_s
        self._received_bytes += count
        if self._waited_s >= self._limits.rate_window_s:
            if self._received_bytes < self._limits.min_rate * self._waited_s:
                raise too_slow("its server sends too slowly")
            self._waited_s, self._received_bytes = 0.0, 0


def too_slow(why: str) -> FetchError:
    """Return the error for a fetch that is too slow."""
    return FetchError(FetchErrorCode.FETCH_TOO_SLOW, why)
