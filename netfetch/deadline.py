"""How long a fetch may take, how slow it may be, and how to stop it, whatever the other side does."""

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from netfetch.errors import FetchError, FetchErrorCode

POLL_S = 0.25


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on one fetch: bytes, seconds, bytes a second.

    `min_rate` is averaged over `rate_window_s` seconds of waiting for the other side; the time this side takes to
    store what came does not count. `connect_s` holds for one address, `response_s` for a look-up and for the head of an
    answer, from its request to its last byte.
    """

    max_bytes: int
    total_s: float
    min_rate: int
    rate_window_s: float = 30
    connect_s: float = 5
    response_s: float = 30


class Deadline:
    """One fetch's bounds, asked again at least four times a second while it waits."""

    poll_s = POLL_S

    def __init__(self, limits: Limits, should_stop: Callable[[], bool]) -> None:
        self._limits = limits
        self._should_stop = should_stop
        self._end = time.monotonic() + limits.total_s
        self._response_end = self._end
        self._in_body = False
        self._waited_s, self._got = 0.0, 0

    def check(self) -> None:
        """FETCH_STOPPED when the caller says so, FETCH_TOO_SLOW when the time is over."""
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
        """In this block an answer must come within `response_s`."""
        self._response_end = time.monotonic() + self._limits.response_s
        try:
            yield
        finally:
            self._response_end = self._end

    def body_begins(self) -> None:
        """From now on the rate counts."""
        self._in_body = True

    def received(self, count: int, *, after_s: float) -> None:
        """So many bytes came after so much waiting; FETCH_TOO_SLOW when that has been too few for too long."""
        if not self._in_body:
            return
        self._waited_s += after_s
        self._got += count
        if self._waited_s >= self._limits.rate_window_s:
            if self._got < self._limits.min_rate * self._waited_s:
                raise too_slow("its server sends too slowly")
            self._waited_s, self._got = 0.0, 0


def too_slow(why: str) -> FetchError:
    """The error for whatever took too long."""
    return FetchError(FetchErrorCode.FETCH_TOO_SLOW, why)
