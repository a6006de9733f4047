"""How many planted answers are suggested: `python -m benchmarks.suggestions.quality`.

With `--captions FOLDER` the speech around the answers is the lines of real caption files. A suggestion finds an answer
if they share at least half of what both cover (intersection over union). Random windows and the loudest 30 s are judged
in the same way on the same transcripts; loudness has the planted energy to go by.
"""

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from statistics import fmean

from benchmarks.suggestions.baselines import Span, loudest, random_windows
from benchmarks.suggestions.made_transcripts import MadeTranscript, make_transcript
from mediakit.subtitles.formats import parse_captions
from mediakit.suggestions.suggest import suggest

LEAST_SHARE = 0.5
RANDOM_ROUNDS = 20
# What is asked of the suggestions.
LEAST_RECALL, LEAST_PRECISION, MOST_RANDOM = 0.80, 0.60, 0.15


def shares(first: Span, second: Span) -> float:
    """Return intersection over union of two ranges."""
    inside = max(0, min(first[1], second[1]) - max(first[0], second[0]))
    return inside / (max(first[1], second[1]) - min(first[0], second[0]) or 1)


def recall_and_precision(spans: Sequence[Span], answers: Sequence[Span]) -> tuple[float, float]:
    """Return the share of answers among the first 10 ranges, and of answers in the first 5 ranges."""

    def is_answer(span: Span) -> bool:
        return any(shares(span, answer) >= LEAST_SHARE for answer in answers)

    found = sum(any(shares(s, answer) >= LEAST_SHARE for s in spans[:10]) for answer in answers)
    return found / len(answers), sum(map(is_answer, spans[:5])) / 5


def suggested(made: MadeTranscript) -> list[Span]:
    """Return the ranges that are suggested, the best first."""
    return [(each.start_ms, each.end_ms) for each in suggest(made.material)]


def mean_of(
    made: Sequence[MadeTranscript], ranges: Callable[[MadeTranscript], list[Span]]
) -> tuple[float, float]:
    """Return recall@10 and precision@5, meaned over the transcripts."""
    figures = [recall_and_precision(ranges(each), each.answers) for each in made]
    return fmean(f[0] for f in figures), fmean(f[1] for f in figures)


def real_lines(folder: Path) -> list[str]:
    """Return the lines of all caption files in a folder, in order of their names."""
    files = sorted(f for f in folder.iterdir() if f.suffix in {".vtt", ".srt"})
    return [
        cue.text for file in files for cue in parse_captions(file.read_bytes(), filename=file.name)
    ]


def main() -> int:
    """Print the table; 1 if the suggestions miss what is asked of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--transcripts", type=int, default=40)
    parser.add_argument("--captions", type=Path, help="a folder of English caption files")
    given = parser.parse_args()
    lines = real_lines(given.captions) if given.captions else []
    made = [make_transcript(number, real_lines=lines) for number in range(given.transcripts)]
    began = time.process_time()
    ours = mean_of(made, suggested)
    cpu_s = time.process_time() - began
    random = Random(0)  # noqa: S311
    rounds = [
        mean_of(made, lambda each: random_windows(each.material, random))
        for _ in range(RANDOM_ROUNDS)
    ]
    chance = fmean(r[0] for r in rounds), fmean(r[1] for r in rounds)
    by_loudness = mean_of(made, lambda each: loudest(each.material))
    hours = sum(each.material.duration_ms for each in made) / 3_600_000
    print("| ranges | recall@10 | precision@5 | precision, times random |\n|---|---|---|---|")
    for name, (recall, precision) in (
        ("suggested", ours),
        ("loudest 30 s", by_loudness),
        ("random", chance),
    ):
        ratio = precision / chance[1] if chance[1] else 0.0
        print(f"| {name} | {recall:.2f} | {precision:.2f} | {ratio:.1f} |")
    print(f"{cpu_s / hours:.2f} CPU s for an hour of video; {len(made)} transcripts, {hours:.0f} h")
    good = ours[0] >= LEAST_RECALL and ours[1] >= LEAST_PRECISION and chance[1] <= MOST_RANDOM
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
