"""`python -m tests.hostile.launcher`: measures the cost of a child's confinement, compared with the bare tool."""

import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from statistics import median

from mediakit.sandbox.config import Limits
from mediakit.sandbox.process import run

TIMES = 30


def cost(call: Callable[[], object]) -> tuple[float, float]:
    """Return the median wall time and the mean processor time of a call with its child, in ms."""
    walls, before = [], _processor_s()
    for _ in range(TIMES):
        began = time.perf_counter()
        call()
        walls.append(time.perf_counter() - began)
    return median(walls) * 1000, (_processor_s() - before) / TIMES * 1000


def _processor_s() -> float:
    used = [resource.getrusage(scope) for scope in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def main(argv: Sequence[str]) -> None:
    """Print both costs and their ratio for a command, by default `ffmpeg -version`."""
    command = list(argv) or ["ffmpeg", "-version"]
    bare = cost(lambda: subprocess.run(command, capture_output=True, check=True))
    confined = cost(lambda: run(command, timeout_s=60, limits=Limits(nice=0)))
    words = " ".join(command)
    sys.stdout.write(f"{words}: bare {bare[0]:.1f} ms wall, {bare[1]:.1f} ms processor; ")
    sys.stdout.write(f"confined {confined[0]:.1f} ms wall, {confined[1]:.1f} ms processor; ")
    sys.stdout.write(
        f"ratio {confined[0] / bare[0]:.2f} wall, {confined[1] / bare[1]:.2f} processor\n"
    )


if __name__ == "__main__":
    main(sys.argv[1:])
