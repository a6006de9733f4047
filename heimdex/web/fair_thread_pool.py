"""Threads for one kind of requests, given to the visitors who wait in turn."""

import asyncio
from collections import Counter, OrderedDict, deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class FairThreadPool:
    """A bounded pool of threads in which no visitor waits behind all requests of another.

    At most `each` calls of one visitor run at the same time. The next free thread goes to the visitor whose last
    turn is the longest ago. To be used in one event loop.
    """

    def __init__(self, name: str, *, threads: int, each: int) -> None:
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._free = threads
        self._each = each
        self._running: Counter[str] = Counter()
        self._waiting: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()

    async def run(
        self, visitor: str, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """The function's result, in the visitor's turn. A call that is cancelled while it waits never runs."""
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[None] = loop.create_future()
        self._waiting.setdefault(visitor, deque()).append(waiter)
        self._admit()
        try:
            await waiter
        except asyncio.CancelledError:
            if waiter.cancelled():
                self._forget(visitor, waiter)
            else:
                self._release(visitor)
            raise
        running = loop.run_in_executor(self._threads, lambda: function(*args, **kwargs))
        # The thread is busy until the function returns, also after its caller has given up.
        running.add_done_callback(lambda _done: self._release(visitor))
        return await asyncio.shield(running)

    @property
    def is_idle(self) -> bool:
        """Whether no call is running."""
        return not self._running.total()

    def close(self) -> None:
        """Take no further calls. Those that run end by themselves."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _admit(self) -> None:
        """Give free threads to visitors who wait and have fewer than `each`. Never more than one has become free."""
        for visitor in list(self._waiting):
            if not self._free:
                return
            if self._running[visitor] >= self._each:
                continue
            waiters = self._waiting[visitor]
            waiter = waiters.popleft()
            if waiters:
                self._waiting.move_to_end(visitor)
            else:
                del self._waiting[visitor]
            self._free -= 1
            self._running[visitor] += 1
            waiter.set_result(None)

    def _release(self, visitor: str) -> None:
        self._free += 1
        self._running -= Counter([visitor])  # drops visitors who have none
        self._admit()

    def _forget(self, visitor: str, waiter: asyncio.Future[None]) -> None:
        waiters = self._waiting.get(visitor)
        if waiters and waiter in waiters:
            waiters.remove(waiter)
            if not waiters:
                del self._waiting[visitor]
