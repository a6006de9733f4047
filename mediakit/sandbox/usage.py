"""What a running child uses in sum: the kernel's limits hold for one file and one process each."""

import os
import time
from pathlib import Path

from mediakit.sandbox.config import Limits

CHECK_S = 0.2


class UsageMonitor:
    """Compares a child's CPU time, threads and files with its limits, at most every `CHECK_S` seconds.

    Files count by their length, holes and all, in its folder and below: it can make files nowhere
    else, and none without a name. What was there before the child does not count.
    """

    def __init__(self, folder: Path | None, limits: Limits, *, cpu_s: int) -> None:
        self._cpu_s = cpu_s
        self._folder = folder
        self._limits = limits
        self._size_before, self._count_before = _usage(folder)
        self._next_check = 0.0

    def exceeded(self, pid: int) -> str:
        """The limit that is exceeded ("cpu", "memory" or "size"), "" when none is or it is too early to look."""
        now = time.monotonic()
        if now < self._next_check:
            return ""
        self._next_check = now + CHECK_S
        # The kernel's own limit is a signal, which ffmpeg catches and takes for a wish to end.
        if _cpu_time_s(pid) > self._cpu_s:
            return "cpu"
        # The stacks of threads lie in the kernel's memory, which no limit of the child counts.
        return "memory" if _thread_count(pid) > self._limits.threads else self.final()

    def final(self) -> str:
        """What `exceeded` says of the files alone: for a child that has ended."""
        size, count = _usage(self._folder)
        too_large = size - self._size_before > self._limits.file_size
        return "size" if too_large or count - self._count_before > self._limits.files else ""


def _usage(folder: Path | None) -> tuple[int, int]:
    """(bytes, number) of the plain files in a folder and below."""
    size = count = 0
    for root, _folders, names in os.walk(folder) if folder is not None else ():
        for name in names:
            try:
                size += os.lstat(os.path.join(root, name)).st_size  # noqa: PTH118 -- called often
            except FileNotFoundError:
                continue  # the caller removed it
            count += 1
    return size, count


def _cpu_time_s(pid: int) -> float:
    """The CPU time of all threads of a process; 0 where the system does not say."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return 0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")  # utime and stime


def _thread_count(pid: int) -> int:
    """How many threads a process has; 0 where the system does not say."""
    try:
        return os.stat(f"/proc/{pid}/task").st_nlink - 2  # noqa: PTH116
    except OSError:
        return 0
