"""`python -m benchmarks.speed_table [row ...]`: Heimdex's cost compared with bare ffmpeg, as a table and JSON.

Every row is a ratio of two interleaved measurements (A B A B, medians) in the same run, or a waiting time. The
sample videos are made here; the S3 server and the browser are those of the tests.
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

from benchmarks import environment
from benchmarks.speed_table import editor_page, ffmpeg_comparison, web_latency
from benchmarks.speed_table.figures import Context, Figure
from mediakit.ffmpeg.installation import probe_tool

OUT_DIR = Path(__file__).resolve().parents[2] / "data" / "bench"
ROWS: dict[str, Callable[[Context], list[Figure]]] = {
    # First, because memory left over from the other rows would be counted.
    "ingest_memory": ffmpeg_comparison.processing_memory,
    "export_wall": ffmpeg_comparison.export_wall_time,
    "export_cpu": ffmpeg_comparison.export_cpu_time,
    "smart_crop": ffmpeg_comparison.smart_crop_time,
    "two_at_once": ffmpeg_comparison.parallel_exports,
    "seek": ffmpeg_comparison.late_clip_time,
    "late_bytes": ffmpeg_comparison.late_clip_bytes,
    "ingest": ffmpeg_comparison.processing_time,
    "waiting": web_latency.wait_times,
    "poll": web_latency.poll_cost,
    "editor": editor_page.page_costs,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print and store the figures; 1 if a limit is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.speed_table", description=__doc__)
    parser.add_argument("rows", nargs="*", metavar="row", help=", ".join(ROWS))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--out", type=Path, default=OUT_DIR, help="folder of the sample videos and the figures"
    )
    options = parser.parse_args(arguments)
    found: list[Figure] = []
    videos = options.out.resolve() / "videos"
    videos.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=options.out, prefix="work-") as name:
        folder = Path(name).resolve()
        environment.set_up(folder)
        for row in options.rows or ROWS:
            for figure in ROWS[row](Context(folder, videos, options.rounds)):
                found.append(figure)
                sys.stderr.write(f"{_line(figure)}  {figure.parts}\n")
    facts = {
        "date": f"{datetime.now(UTC):%Y-%m-%d %H:%M}",
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()}",
        "ffmpeg": ".".join(map(str, probe_tool("ffmpeg").version)),
        "rounds": options.rounds,
        "load": os.getloadavg()[0],
    }
    stored = {**facts, "figures": [asdict(one) for one in found]}
    (options.out / "speed.json").write_text(json.dumps(stored, indent=1), encoding="utf-8")
    head = "| what | against | bound | measured |\n|---|---|---|---|\n"
    sys.stdout.write(head + "".join(f"{_line(one)}\n" for one in found))
    return 0 if all(one.ok for one in found) else 1


def _line(figure: Figure) -> str:
    unit = f" {figure.unit}" if figure.unit not in {"", "x"} else ""
    mark = "" if figure.ok else " **missed**"
    limit, measured = f"<= {figure.limit:g}{unit}", f"{figure.measured:.3g}{unit}{mark}"
    return f"| {figure.what} | {figure.baseline} | {limit} | {measured} |"


if __name__ == "__main__":
    sys.exit(main())
