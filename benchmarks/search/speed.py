"""`make searchspeed`: how fast search is with a million scenes, on SQLite and on PostgreSQL.

The scenes are made up (`benchmarks.search.made_speech`), 20 % of them Korean. One person owns 99 of 100 videos,
another one the rest. Milliseconds are processor time of this process and of PostgreSQL's together, which is the waiting
time on an idle machine; the first query is timed by the clock, with the connection of a new process.

    python -m benchmarks.search.speed [--scenes 1000000] [--keep FOLDER] [--postgres URL]

`--keep` leaves SQLite's database in a folder, and `--postgres` uses a running server, so that the next run measures
without filling them again.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from tests import services

SCENES = 1_000_000
EQUAL_FIRST = 10
FIRST_QUERIES = 3


def main() -> None:
    """Fill both databases, measure each in processes of its own and print the tables."""
    options = _options()
    with tempfile.TemporaryDirectory() as folder:
        keep = Path(options.keep or folder)
        server = nullcontext(options.postgres) if options.postgres else services.postgres()
        with server as url:
            found = {
                name: _measured(keep / name, database, options.scenes)
                for name, database in (("sqlite", ""), ("postgresql", url))
            }
    print_tables(found)


def _options() -> Any:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenes", type=int, default=SCENES)
    parser.add_argument("--keep")
    parser.add_argument("--postgres")
    return parser.parse_args()


def _measured(folder: Path, database: str, scenes: int) -> dict[str, Any]:
    folder.mkdir(parents=True, exist_ok=True)
    run = _runner(folder, database, scenes)
    run("fill")
    first = [float(run("first", str(number))) for number in range(FIRST_QUERIES)]
    return {**json.loads(run("all")), "first_ms": max(first)}


def _runner(folder: Path, database: str, scenes: int) -> Callable[..., str]:
    environ = dict(os.environ) | ({"DATABASE_URL": database} if database else {})

    def run(*argv: str) -> str:
        command = [sys.executable, "-m", "benchmarks.search.measures", str(folder), str(scenes)]
        done = subprocess.run(
            [*command, *argv], env=environ, check=True, stdout=subprocess.PIPE, text=True
        )
        return done.stdout

    return run


def print_tables(found: dict[str, dict[str, Any]]) -> None:
    """Print what each database needs for each kind of query, and for the index."""
    print(
        "| query, of the person with | SQLite p50 / p95 ms | PostgreSQL p50 / p95 ms |\n|---|---|---|"
    )
    for key in found["sqlite"]["times"]:
        cells = [_percentiles(of["times"][key]) for of in found.values()]
        print(f"| {key} | {' | '.join(cells)} |")
    print("\n| what | SQLite | PostgreSQL |\n|---|---|---|")
    for text, form, key in (
        ("scenes", ",d", "scenes"),
        ("first query of a process, ms by the clock", ".0f", "first_ms"),
        ("more memory after all queries, MB", ".0f", "memory_mb"),
        ("index, bytes a scene", ".0f", "index_bytes"),
        ("with the entries it is kept from, bytes a scene", ".0f", "entry_bytes"),
        ("adding a transcript of 300 scenes, ms", ".0f", "add_ms"),
        ("deleting that video, ms", ".0f", "delete_ms"),
    ):
        print(f"| {text} | {' | '.join(format(of[key], form) for of in found.values())} |")
    pairs = zip(*(of["first"] for of in found.values()), strict=True)
    equal = [one[:EQUAL_FIRST] == other[:EQUAL_FIRST] for one, other in pairs]
    print(f"\nThe first {EQUAL_FIRST} are the same for {sum(equal)} of {len(equal)} queries.")


def _percentiles(times: list[float]) -> str:
    cuts = statistics.quantiles(times, n=20, method="inclusive")
    return f"{statistics.median(times):.1f} / {cuts[-1]:.1f}"


if __name__ == "__main__":
    main()
