"""`python -m benchmarks.speed [row ...]`: what Heimdex costs beside bare ffmpeg, as a table and as JSON.

Every row is a ratio of two things done in turn (A B A B, medians) on the same machine in the same run, or a time that
a person waits. Films are made here, and the S3 server and the browser are those of the tests.
"""

import argparse
import json
import os
import platform
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import environment, rows, serving
from benchmarks.bench import Bench, Figure
from mediakit.ffmpeg.installation import probe_tool

OUT = Path(__file__).resolve().parents[1] / "data" / "bench"
ROWS: dict[str, Callable[[Bench], list[Figure]]] = {
    one.__name__: one
    for one in (
        rows.ingest_memory,  # first: what others leave in this process is not to be counted
        *(rows.export_wall, rows.export_cpu, rows.smart_crop, rows.two_at_once, rows.seek),
        *(rows.late_bytes, rows.ingest, serving.waiting, serving.poll),
    )
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, keep; 1 when a figure is not what is wanted."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.speed", description=__doc__)
    parser.add_argument("rows", nargs="*", metavar="row", help=", ".join(ROWS))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--out", type=Path, default=OUT, help="films and figures are kept here")
    given = parser.parse_args(arguments)
    found: list[Figure] = []
    reels = given.out.resolve() / "films"
    reels.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=given.out, prefix="work-") as name:
        folder = Path(name).resolve()
        environment.open_workshop(folder)
        for row in given.rows or ROWS:
            for figure in ROWS[row](Bench(folder, reels, given.rounds)):
                found.append(figure)
                sys.stderr.write(f"{_line(figure)}  {figure.parts}\n")
    facts = {
        "date": f"{datetime.now(UTC):%Y-%m-%d %H:%M}",
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()}",
        "ffmpeg": ".".join(map(str, probe_tool("ffmpeg").version)),
        "rounds": given.rounds,
        "load": os.getloadavg()[0],
    }
    kept = {**facts, "figures": [asdict(one) for one in found]}
    (given.out / "speed.json").write_text(json.dumps(kept, indent=1), encoding="utf-8")
    head = "| what | against | wanted | measured |\n|---|---|---|---|\n"
    sys.stdout.write(head + "".join(f"{_line(one)}\n" for one in found))
    return 0 if all(one.ok for one in found) else 1


def _line(figure: Figure) -> str:
    unit = f" {figure.unit}" if figure.unit not in {"", "x"} else ""
    mark = "" if figure.ok else " **missed**"
    wanted, measured = f"<= {figure.wanted:g}{unit}", f"{figure.measured:.3g}{unit}{mark}"
    return f"| {figure.what} | {figure.against} | {wanted} | {measured} |"


if __name__ == "__main__":
    sys.exit(main())
