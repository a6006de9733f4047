"""How long another visitor's page takes while `manage.py serve` holds slow readers, writers and heads.

`python -m benchmarks.operations.slow_visitors [COUNT]`, 2,000 by default. Loopback only.
"""

import argparse
import statistics
import tempfile
import time
from pathlib import Path

import httpx

from tests.e2e.server import Installation
from tests.slow_visitors import Slow, person_with_a_long_video

PAGES = 40


def page_times(url: str) -> list[float]:
    """Return the milliseconds of successive login pages, each on its own connection."""
    taken = []
    for _ in range(PAGES):
        began = time.perf_counter()
        httpx.get(f"{url}/account/login", timeout=60).raise_for_status()
        taken.append((time.perf_counter() - began) * 1000)
    return sorted(taken)


def shown(taken: list[float]) -> str:
    """Median, 95 % and most."""
    return f"{statistics.median(taken):.0f} / {taken[int(PAGES * 0.95)]:.0f} / {taken[-1]:.0f} ms"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description="How long a page takes while slow readers, writers and heads are held."
    )
    parser.add_argument("count", nargs="?", type=int, default=2000, help="how many; 2000")
    count: int = parser.parse_args().count
    with tempfile.TemporaryDirectory() as folder:
        installation = Installation(Path(folder))
        installation.manage("migrate", "--verbosity", "0")
        video, session = person_with_a_long_video(installation, "slow")
        with installation.serving() as server:
            page_times(server.url)
            before = page_times(server.url)
            with Slow(server.url, video=video, session=session).visitors(count):
                during = page_times(server.url)
                status = Path(f"/proc/{server.child.pid}/status").read_text()
            memory = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    print("page for another visitor, median / 95 % / most")
    print(f"before: {shown(before)}")
    print(f"with {count} slow readers, writers and heads: {shown(during)}; {memory}")


if __name__ == "__main__":
    main()
