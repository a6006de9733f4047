"""A machine on which the tools stand still most of the time."""

import contextlib
import os
import signal
import time
from dataclasses import dataclass

from mediakit.sandbox import process

# Two holds are longer than a stall, and nearly half of one is left for a busy machine from progress to progress.
HELD_SHARE = 0.55


@dataclass(slots=True)
class Brake:
    """Holds all running tools for a part of a stall at each progress, until they were held longer than a whole one.

    Whoever reads their progress is held as well: what a fast tool has written meanwhile is read afterwards, piece by
    piece. So there are as many holds on any machine, and each follows a progress.
    """

    stall_s: float
    held_s: float = 0.0
    _reached: float = 0.0

    def pull(self, reached: float) -> None:
        """Tell how far the tools have come; the first progress begins."""
        if reached <= self._reached or self.held_s > self.stall_s:
            return
        self._reached = reached
        _signal_tools(signal.SIGSTOP)
        try:
            time.sleep(HELD_SHARE * self.stall_s)
        finally:
            _signal_tools(signal.SIGCONT)
        self.held_s += HELD_SHARE * self.stall_s


def _signal_tools(number: signal.Signals) -> None:
    for group in tuple(process._running_groups):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(group, number)
