"""`python -m tests.hostile.flips --count 2000`: a good video with a few bytes overturned, again and again.

Each goes through probe, the first pass, and every tenth through an export with its check. The end is always
a good result or an error with a code; anything else is printed and counted as `broken`.
"""

import argparse
import os
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from mediakit.conformance.verification import verify_short
from mediakit.errors import MediaError
from mediakit.probing.probe import probe
from mediakit.render.short import ShortSpec, render_short
from mediakit.scenes.first_pass import run_first_pass
from tests.hostile.media import PICTURE, make_video

SEED = 20261122
EXPORT_EVERY = 10
BLOCK = 100  # the tally is printed after that many
TIMEOUT_S = 60
# What may be said of a damaged file. A tool that fails is one of ours only when the file was fine for the probe.
GOOD = "good"
EXPECTED = frozenset(
    {
        *(GOOD, "NOT_A_VIDEO", "TRUNCATED_FILE", "NO_VIDEO_STREAM", "UNSUPPORTED_CODEC"),
        *(
            "VIDEO_TOO_LARGE",
            "TOO_MANY_TRACKS",
            "TOOL_FAILED",
            "TOOL_TIMEOUT",
            "VERIFICATION_FAILED",
        ),
        *(
            "TOOL_LIMIT_MEMORY",
            "TOOL_LIMIT_CPU",
            "TOOL_LIMIT_SIZE",
            "SPAN_OUTSIDE_VIDEO",
            "SOUND_UNREADABLE",
        ),
    }
)


def damaged(data: bytes, number: int) -> bytes:
    """The n-th damaged copy: one to eight bits, in the headers every other time."""
    chance = random.Random(SEED + number)
    edited = bytearray(data)
    index = data.index(b"moov")
    first = index if number % 2 else 0
    for _ in range(chance.randint(1, 8)):
        edited[chance.randrange(first, len(edited))] ^= 1 << chance.randrange(8)
    return bytes(edited)


def outcome(data: bytes, folder: Path, number: int) -> str:
    """What becomes of one damaged video: "good", an error's code, or the name of what must not happen."""
    work = folder / str(number)
    work.mkdir()
    source = work / "video.mp4"
    source.write_bytes(damaged(data, number))
    try:
        info = probe(str(source), timeout_s=TIMEOUT_S)
        run_first_pass(str(source), info, work, timeout_s=TIMEOUT_S)
        if number % EXPORT_EVERY == 0:
            span = ShortSpec(0, min(500, info.duration_ms), "letterbox", "medium")
            short = work / "short.mp4"
            render_short(str(source), info, span, short, timeout_s=TIMEOUT_S)
            verify_short(str(short), info, span)
    except MediaError as error:
        return error.code
    except Exception as error:  # noqa: BLE001 - such errors are what the run searches for
        return f"{type(error).__name__}: {error}"
    finally:
        for path in work.iterdir():
            path.unlink()
    return GOOD


def run(numbers: Sequence[int]) -> Counter[str]:
    """How often each outcome came."""
    data = make_video(picture=PICTURE, seconds=1)
    with tempfile.TemporaryDirectory() as name, ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        folder = Path(name).resolve()
        return Counter(pool.map(partial(outcome, data, folder), numbers))


def main(argv: Sequence[str]) -> int:
    """Print the figure; 1 when anything was broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--first", type=int, default=0)
    given = parser.parse_args(argv)
    found: Counter[str] = Counter()
    last = given.first + given.count
    for first in range(given.first, last, BLOCK):
        found += run(range(first, min(first + BLOCK, last)))
        sys.stderr.write(f"{found.total()} of {given.count}: {dict(found)}\n")
    broken = sum(times for code, times in found.items() if code not in EXPECTED)
    words = ", ".join(f"{code} {times}" for code, times in found.most_common())
    sys.stdout.write(f"byte flips {given.count}: {words}; broken {broken}\n")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
