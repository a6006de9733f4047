"""A machine that gives the tools a fraction of a core."""

import contextlib
import os
import signal
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

from mediakit.sandbox import process

# One part in 26 of a core.
HELD_S, FREE_S = 0.5, 0.02


@dataclass(slots=True)
class Brake:
    """Holds all running tools most of the time, from `pull` until they were held for `total_s` in sum."""

    total_s: float
    held_s: float = 0.0
    _ended: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def pull(self) -> None:
        """Begin; once is enough."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._hold)
            self._thread.start()

    def _hold(self) -> None:
        while not self._ended.is_set() and self.held_s <= self.total_s:
            for number, pause_s in ((signal.SIGSTOP, HELD_S), (signal.SIGCONT, FREE_S)):
                for group in tuple(process._running_groups):
                    with contextlib.suppress(ProcessLookupError):
                        os.killpg(group, number)
                self._ended.wait(pause_s)
            self.held_s += HELD_S

    def release(self) -> None:
        self._ended.set()
        if self._thread is not None:
            self._thread.join()


@contextlib.contextmanager
def braked(total_s: float) -> Iterator[Brake]:
    brake = Brake(total_s)
    try:
        yield brake
    finally:
        brake.release()
