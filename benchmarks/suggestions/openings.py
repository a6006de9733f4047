"""How many suggestions open on a black or frozen picture: `python -m benchmarks.suggestions.openings`.

Films are made whose answers mostly begin with a black or a frozen stretch of 3 s. What a suggestion opens on is read
from the finished film by blackdetect and freezedetect, which the product does not use here. Beside it, the same rules
without knowledge of the picture.
"""

import argparse
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from random import Random

from benchmarks.suggestions.made_transcripts import MadeTranscript, make_transcript
from mediakit.media_info import MediaInfo
from mediakit.probing.probe import probe
from mediakit.scenes.first_pass import run_first_pass
from mediakit.scenes.openings import look_at_openings
from mediakit.suggestions.suggest import suggest, suggest_by_openings

Span = tuple[int, int]
OPENING_MS, LEAST_MS, FAULT_MS = 3_000, 1_000, 3_000
FPS = 12


def faults(made: MadeTranscript, seed: int) -> dict[str, list[Span]]:
    """Where the film is black and where it is frozen: at the openings of most answers."""
    random = Random(seed)  # noqa: S311 -- films, not secrets
    found: dict[str, list[Span]] = {"black": [], "frozen": []}
    for start_ms, _ in made.answers:
        kind = random.choice(["black", "frozen", ""])
        if kind:
            found[kind].append((start_ms - 300, start_ms - 300 + FAULT_MS))
    return found


def make_film(
    path: Path, wanted: dict[str, list[Span]], *, length_s: float, keyframe_s: float
) -> None:
    """A moving picture that is black or stands still in these ranges."""

    def inside(spans: list[Span]) -> str:
        return "+".join(f"between(t,{a / 1000},{b / 1000})" for a, b in spans) or "0"

    # A frozen picture: frames of the range are dropped, and `fps` repeats the last one before.
    graph = (
        f"testsrc2=s=320x180:r={FPS}:d={length_s},noise=alls=4:allf=t,"
        f"select='not({inside(wanted['frozen'])})',fps={FPS},"
        f"drawbox=c=black:t=fill:enable='{inside(wanted['black'])}'"
    )
    argv = ["ffmpeg", "-nostdin", "-v", "error", "-y", "-f", "lavfi", "-i", graph]
    argv += ["-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p"]
    argv += ["-g", str(round(FPS * keyframe_s)), str(path)]
    subprocess.run(argv, check=True)


def bad_ranges(path: Path) -> list[Span]:
    """Where the film is black or frozen, by ffmpeg's own detectors."""
    filters = "blackdetect=d=0.5:pic_th=0.98:pix_th=0.1,freezedetect=n=-60dB:d=1"
    argv = [
        "ffmpeg",
        "-nostdin",
        "-hide_banner",
        "-i",
        str(path),
        "-vf",
        filters,
        "-f",
        "null",
        "-",
    ]
    said = subprocess.run(argv, check=True, capture_output=True, text=True).stderr
    black = re.findall(r"black_start:(\S+) black_end:(\S+)", said)
    starts = re.findall(r"freeze_start: (\S+)", said)
    ends = [*re.findall(r"freeze_end: (\S+)", said), "inf"]
    pairs = [*black, *zip(starts, ends, strict=False)]
    return [(round(float(a) * 1000), round(min(float(b), 1e6) * 1000)) for a, b in pairs]


def opens_badly(start_ms: int, bad: list[Span]) -> bool:
    """Whether at least LEAST_MS of an opening are black or frozen."""
    overlaps = (min(b, start_ms + OPENING_MS) - max(a, start_ms) for a, b in bad)
    return max(overlaps, default=0) >= LEAST_MS


def _look(path: Path, info: MediaInfo, starts_ms: Sequence[int]) -> list[tuple[bool, bool]]:
    found = look_at_openings(str(path), info, starts_ms)
    return [(opening.is_black, opening.is_frozen) for opening in found]


def main() -> int:
    """Print how many suggestions open badly; 1 if any does."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--films", type=int, default=3)
    films = parser.parse_args().films
    counts = {"suggested": [0, 0], "without the picture": [0, 0]}
    with tempfile.TemporaryDirectory() as name:
        for seed in range(films):
            made = make_transcript(seed)
            path = Path(name) / f"{seed}.mp4"
            make_film(
                path,
                faults(made, seed),
                length_s=made.material.duration_ms / 1000,
                keyframe_s=(2, 5, 10)[seed % 3],
            )
            work = Path(name) / f"work{seed}"
            work.mkdir()
            info = probe(str(path))
            scan = run_first_pass(str(path), info, work)
            seen = replace(made.material, dark_ms=scan.dark_ms, still_ms=scan.still_ms)
            bad = bad_ranges(path)
            look = partial(_look, path, info)
            rows = {
                "suggested": suggest_by_openings(seen, look),
                "without the picture": suggest(made.material),
            }
            for row, found in rows.items():
                counts[row][0] += sum(opens_badly(each.start_ms, bad) for each in found)
                counts[row][1] += len(found)
    for row, (badly, total) in counts.items():
        print(f"{row}: {badly} of {total} open on a black or frozen picture")
    return int(counts["suggested"][0] > 0)


if __name__ == "__main__":
    sys.exit(main())
