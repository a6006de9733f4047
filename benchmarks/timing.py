"""Stop watches: wall time, processor time and memory of this process and everything it starts."""

import contextlib
import os
import resource
import statistics
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from mediakit.sandbox import config

SAMPLE_S = 0.1


@dataclass(frozen=True, slots=True)
class Took:
    """Seconds on the wall, and of processors by this process and the children that have ended."""

    wall_s: float
    cpu_s: float


def took(work: Callable[[], object]) -> Took:
    """Do something once, and how long it took."""
    began, used = time.monotonic(), _cpu_s()
    work()
    return Took(time.monotonic() - began, _cpu_s() - used)


def command(argv: Sequence[str], *, folder: Path) -> Took:
    """Run a bare command, as nice as our own children are; RuntimeError with its words when it fails."""
    nice = ("nice", "-n", str(config.current().limits.nice))

    def run() -> None:
        done = subprocess.run([*nice, *argv], cwd=folder, capture_output=True, check=False)
        if done.returncode:
            raise RuntimeError(done.stderr.decode("utf-8", "replace")[-2000:])

    return took(run)


def in_turn(rounds: int, *works: Callable[[], Took]) -> list[list[Took]]:
    """A B A B: every work `rounds` times, in turn, so that what changes on the machine meets all alike."""
    found: list[list[Took]] = [[] for _ in works]
    for _ in range(rounds):
        for times, work in zip(found, works, strict=True):
            times.append(work())
    return found


def wall(times: Sequence[Took]) -> float:
    """The median on the wall, in seconds."""
    return statistics.median(one.wall_s for one in times)


def cpu(times: Sequence[Took]) -> float:
    """The median of processor seconds."""
    return statistics.median(one.cpu_s for one in times)


@dataclass(slots=True)
class Peak:
    """The most memory seen, in bytes: shared pages are counted once (PSS)."""

    bytes: int = 0


@contextlib.contextmanager
def memory() -> Iterator[Peak]:
    """Watch the memory of this process and all its descendants."""
    peak, ended = Peak(), threading.Event()

    def watch() -> None:
        while not ended.wait(SAMPLE_S):
            peak.bytes = max(peak.bytes, sum(map(_pss, _family(os.getpid()))))

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield peak
    finally:
        ended.set()
        thread.join()


def _cpu_s() -> float:
    both = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in both)


def _family(pid: int) -> list[int]:
    """A process and all its descendants, from /proc."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError, ValueError, IndexError):
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
                parents.setdefault(int(fields[1]), []).append(int(entry.name))
    found, todo = [], [pid]
    while todo:
        one = todo.pop()
        found.append(one)
        todo += parents.get(one, [])
    return found


def _pss(pid: int) -> int:
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return 0
