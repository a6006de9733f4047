"""Ten Shorts of one long film as a batch, beside their bare ffmpeg commands: `python -m benchmarks.exports.batch FILM`.

The batch is requested, rendered, stored and verified as a worker does it; then its ten encodes are run again
without Heimdex. Processing the film is not counted.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks import environment, timing
from mediakit.framing.geometry import CENTER_CROP, STRATEGIES
from mediakit.render.encoders import HIGH

SHORTS, LENGTH_MS, LEAST_RATIO = 10, 30_000, 1.05
CAPTIONS = "WEBVTT\n\n00:00.000 --> 00:10.000\nA talk.\n"


def main() -> int:
    """Print both times and their ratio; 1 if a receipt is not right."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("film", type=Path)
    parser.add_argument("--strategy", choices=STRATEGIES, default=CENTER_CROP)
    parser.add_argument("--at-once", type=int, default=1, help="how many workers render it")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.film.parent) as name:
        folder = Path(name)
        environment.set_up(folder)
        owner = environment.create_user()
        video = environment.create_video(options.film, owner, captions=CAPTIONS)
        environment.process_all()
        video.refresh_from_db()
        return _compare(folder, owner, video, options)


def _compare(folder: Path, owner: Any, video: Any, options: argparse.Namespace) -> int:
    from exports.batches.items import BatchItem, BatchOptions, read_items  # noqa: PLC0415
    from exports.batches.services import request_batch  # noqa: PLC0415
    from exports.tasks import render_export  # noqa: PLC0415

    step_ms = (video.duration_ms - LENGTH_MS) // SHORTS
    spans = [(at * step_ms, at * step_ms + LENGTH_MS) for at in range(SHORTS)]
    items = [BatchItem("video_id", video.pk, [span]) for span in spans]
    batch = request_batch(owner, read_items(owner, items, BatchOptions(options.strategy, HIGH)))
    commands = folder / "commands"
    commands.mkdir()
    with environment.record_encodes(commands) as recorded:
        made = timing.measure(partial(_at_once, options.at_once, render_export))
    rows = list(batch.exports.order_by("batch_number"))
    right = sum(row.status == "completed" for row in rows)
    warned = sorted(
        {r["name"] for row in rows for r in row.receipt.get("rules", ()) if not r["ok"]}
    )
    bare = [one.measure() for one in recorded]
    wall_s, cpu_s = sum(one.wall_s for one in bare), sum(one.cpu_s for one in bare)
    for line in (
        f"{right} of {SHORTS} receipts right; warnings: {', '.join(warned) or 'none'}",
        f"batch {made.wall_s:.1f} s, {made.cpu_s:.1f} CPU s",
        f"{len(recorded)} bare commands {wall_s:.1f} s, {cpu_s:.1f} CPU s",
        f"wall time {made.wall_s / wall_s:.3f}x, processor time {made.cpu_s / cpu_s:.3f}x",
    ):
        print(line)
    return int(right < SHORTS)


def _at_once(count: int, work: Callable[[], object]) -> None:
    """Do the work in so many threads, as workers of one process do."""
    with ThreadPoolExecutor(count) as pool:
        for done in [pool.submit(work) for _ in range(count)]:
            done.result()


if __name__ == "__main__":
    sys.exit(main())
