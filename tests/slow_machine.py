"""A machine on which the tools stand still most of the time."""

import contextlib
import os
import signal
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

from mediakit.sandbox import process

# A machine may take six tenths of a stall from progress to progress, beside whatever else it does.
HELD_SHARE = 0.4


@dataclass(slots=True)
class Brake:
    """Holds all running tools for a part of a stall at each progress, until they were held longer than a whole one.

    They run free until they have come further, so that a busy machine adds to the time and not to a stall.
    """

    stall_s: float
    held_s: float = 0.0
    _reached: float = 0.0
    _progressed: threading.Event = field(default_factory=threading.Event)
    _ended: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def pull(self, reached: float) -> None:
        """Tell how far the tools have come; the first progress begins."""
        if reached <= self._reached:
            return
        self._reached = reached
        self._progressed.set()
        if self._thread is None:
            self._thread = threading.Thread(target=self._hold)
            self._thread.start()

    def _hold(self) -> None:
        while self._progressed.wait() and not self._ended.is_set() and self.held_s <= self.stall_s:
            _signal_tools(signal.SIGSTOP)
            self._ended.wait(HELD_SHARE * self.stall_s)
            self.held_s += HELD_SHARE * self.stall_s
            self._progressed.clear()
            _signal_tools(signal.SIGCONT)

    def release(self) -> None:
        self._ended.set()
        self._progressed.set()
        if self._thread is not None:
            self._thread.join()


def _signal_tools(number: signal.Signals) -> None:
    for group in tuple(process._running_groups):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(group, number)


@contextlib.contextmanager
def braked(stall_s: float) -> Iterator[Brake]:
    brake = Brake(stall_s)
    try:
        yield brake
    finally:
        brake.release()
