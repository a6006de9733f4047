"""Measure wall time, CPU time and memory of this process and its children."""

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
class Duration:
    """Wall time, and CPU time of this process and its ended children, in seconds."""

    wall_s: float
    cpu_s: float


def measure(work: Callable[[], object]) -> Duration:
    """Call the function once and measure it."""
    began, used = time.monotonic(), _cpu_s()
    work()
    return Duration(time.monotonic() - began, _cpu_s() - used)


def measure_command(argv: Sequence[str], *, folder: Path) -> Duration:
    """Run a command at the nice level of the product's children; RuntimeError with its output if it fails."""
    nice = ("nice", "-n", str(config.current().limits.nice))

    def run() -> None:
        done = subprocess.run([*nice, *argv], cwd=folder, capture_output=True, check=False)
        if done.returncode:
            raise RuntimeError(done.stderr.decode("utf-8", "replace")[-2000:])

    return measure(run)


def interleave(rounds: int, *works: Callable[[], Duration]) -> list[list[Duration]]:
    """Call each function `rounds` times, interleaved (A B A B), so that changes of load affect all alike."""
    found: list[list[Duration]] = [[] for _ in works]
    for _ in range(rounds):
        for times, work in zip(found, works, strict=True):
            times.append(work())
    return found


def median_wall_s(times: Sequence[Duration]) -> float:
    """The median wall time in seconds."""
    return statistics.median(one.wall_s for one in times)


def median_cpu_s(times: Sequence[Duration]) -> float:
    """The median CPU time in seconds."""
    return statistics.median(one.cpu_s for one in times)


@dataclass(slots=True)
class PeakMemory:
    """The peak memory in bytes (PSS: shared pages are counted once)."""

    bytes: int = 0


@contextlib.contextmanager
def peak_memory() -> Iterator[PeakMemory]:
    """Sample the memory of this process and all its descendants."""
    peak, ended = PeakMemory(), threading.Event()

    def sample() -> None:
        while not ended.wait(SAMPLE_S):
            peak.bytes = max(peak.bytes, sum(map(_pss_bytes, _process_tree(os.getpid()))))

    thread = threading.Thread(target=sample, daemon=True)
    thread.start()
    try:
        yield peak
    finally:
        ended.set()
        thread.join()


def _cpu_s() -> float:
    both = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in both)


def _process_tree(pid: int) -> list[int]:
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


def _pss_bytes(pid: int) -> int:
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return 0
