"""How long moving out of one process takes: copy_database with many rows, move_files with many files.

    python -m benchmarks.operations.moving_out [--rows 100000] [--files 5000]

Starts its own PostgreSQL and S3 server. Prints rows and seconds as JSON. A row is a cue of ten words with their
times; a file has 200 kB.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests import services

ROOT = Path(__file__).resolve().parents[2]
FILE_BYTES = 200_000
CUES_OF_VIDEO = 1_000
FILL = """
from itertools import islice
from accounts.models import User
from videos.models import Cue, Video
owner = User.objects.create(username="many")
count, of_video = {rows}, {of_video}
words = [[n * 300, n * 300 + 250, f"word{{n}}", 0.9] for n in range(10)]
for number in range(count // of_video):
    video = Video.objects.create(owner=owner, title=f"Talk {{number}}", filename="a.mp4",
        source_key=f"sources/{{number}}", size_bytes=1, status="ready")
    Cue.objects.bulk_create(
        [Cue(video=video, index=n, start_ms=n * 3_000, end_ms=n * 3_000 + 2_900, text="word " * 10, words=words)
         for n in range(of_video)], batch_size=500)
"""


def main() -> None:
    """Measure both and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--files", type=int, default=5_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        environ = {**os.environ, "HEIMDEX_DATA_DIR": folder, "HEIMDEX_FETCH_MODELS": "no"}
        figures = {
            "copy_database": copy_database(environ, options.rows),
            "move_files": move_files(environ, Path(folder), options.files),
        }
    print(json.dumps(figures, indent=2))


def copy_database(environ: dict[str, str], rows: int) -> dict[str, float]:
    """Copy so many cues from SQLite to PostgreSQL."""
    manage(environ, "migrate")
    manage(environ, "shell", "-c", FILL.format(rows=rows, of_video=CUES_OF_VIDEO))
    with services.postgres() as url:
        target = {**environ, "DATABASE_URL": url}
        manage(target, "migrate")
        return {"rows": rows, **timed(target, "copy_database")}


def move_files(environ: dict[str, str], folder: Path, count: int) -> dict[str, dict[str, float]]:
    """Move so many files from the folder to a bucket, and back."""
    media = folder / "media" / "sources"
    media.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        (media / f"{number}.mp4").write_bytes(os.urandom(FILE_BYTES))
    with services.s3() as bucket:
        target = {**environ, **bucket.environ()}
        return {
            "to_bucket": {"files": count, **timed(target, "move_files", "--to", "bucket")},
            "to_folder": {"files": count, **timed(target, "move_files", "--to", "folder")},
        }


def timed(environ: dict[str, str], *arguments: str) -> dict[str, float]:
    """Seconds of a command by the clock and of its processor time, and the most memory of a child so far in MB."""
    before, started_s = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    manage(environ, *arguments)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return {
        "s": round(time.monotonic() - started_s, 1),
        "cpu_s": round(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, 1),
        "most_mb": round(after.ru_maxrss / 1024),
    }


def manage(environ: dict[str, str], *arguments: str) -> None:
    """Run a management command to its end."""
    argv = [sys.executable, "manage.py", *arguments]
    subprocess.run(argv, cwd=ROOT, env=environ, check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    main()
