"""`python -m benchmarks.framing.insets FOLDER`: how exactly insets are found, how often falsely, at what cost.

Films are composed of a folder's real clips of one person each, laid in a corner of slides, a screen or a game
(`benchmarks.framing.inset_films`), so the rectangle is known exactly. The same clips by themselves have none.
HEIMDEX_FACE_MODEL names YuNet's file, HEIMDEX_BODY_MODEL that of bodies. Everything follows from the seed.
"""

import argparse
import random
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import fmean

from benchmarks.framing.inset_films import InsetFilm, make_inset_film, read_scene
from benchmarks.framing.people_models import body_finder, face_detector
from benchmarks.framing.quality import cpu_s
from benchmarks.framing.talk_films import TalkClip, read_clips
from mediakit.errors import MediaError
from mediakit.framing.analysis.finders.face_detection import Detector
from mediakit.framing.analysis.shot_analysis import analyze_shots
from mediakit.framing.range_analysis import RangeAnalysis, ShotContent
from mediakit.framing.rect import Rect
from mediakit.probing.probe import probe

GOOD = 0.90
MAX_CLIP_MS = 60_000


def overlap(a: Rect, b: Rect) -> float:
    """The area that two rectangles have in common, as a share of what they cover together."""
    across = min(a.right, b.right) - max(a.left, b.left)
    down = min(a.bottom, b.bottom) - max(a.top, b.top)
    common = max(0.0, across) * max(0.0, down)
    return common / (a.width * a.height + b.width * b.height - common)


def analysis_of(path: Path, detector: Detector) -> tuple[RangeAnalysis, float]:
    """The analysis of a clip's first minute, and its cost in CPU seconds per second."""
    info = probe(str(path))
    end_ms = min(info.duration_ms, MAX_CLIP_MS)
    before = cpu_s()
    with tempfile.TemporaryDirectory() as work:
        analysis = analyze_shots(
            *(str(path), info),
            start_ms=0,
            end_ms=end_ms,
            detector=detector,
            find_bodies=body_finder(),
            work_dir=Path(work),
        )
    return analysis, (cpu_s() - before) / (end_ms / 1000)


def score(film: InsetFilm, analysis: RangeAnalysis) -> float:
    """The overlap of what was found with the inset, with or without its white border, as a mean over time."""
    contents = analysis.contents
    rectangles = (film.inset, film.bordered)
    total = sum(content.end_ms - content.start_ms for content in contents)
    found = (
        max(overlap(content.inset, one) for one in rectangles) * (content.end_ms - content.start_ms)
        for content in contents
        if content.inset
    )
    return sum(found) / total


def read_folder(folder: Path, detector: Detector) -> list[TalkClip]:
    """The clips of one person in a folder."""
    found: list[TalkClip] = []
    for path in sorted(folder.rglob("*")):
        try:
            found += read_clips(path, probe(str(path)), detector) if path.is_file() else []
        except MediaError:
            continue
    return found


def shots_with(
    has: Callable[[ShotContent], bool], paths: Sequence[Path], detector: Detector
) -> tuple[int, list[str]]:
    """How many shots clips have, and the file of each shot that has something."""
    shots, names = 0, []
    for path in paths:
        try:
            analysis, _ = analysis_of(path, detector)
        except MediaError:
            continue
        shots += len(analysis.contents)
        names += [path.name for content in analysis.contents if has(content)]
    return shots, names


def main() -> None:
    """Compose the films, analyse them, print the figures."""
    parser = argparse.ArgumentParser(description="How exactly insets are found.")
    parser.add_argument("clips", type=Path, help="a folder of clips of one person each")
    parser.add_argument("--scenes", type=Path, help="a folder of clips that stand for games")
    parser.add_argument("--without", type=Path, nargs="*", help="more clips without an inset")
    parser.add_argument("--films", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="a folder in which the films are kept")
    options = parser.parse_args()
    detector = face_detector()
    if detector is None:
        sys.exit("OpenCV is not installed.")
    people = read_folder(options.clips, detector)
    scenes = sorted(options.scenes.iterdir()) if options.scenes else []
    if not people:
        sys.exit("No clip of one person who speaks was found.")
    scores, costs = [], []
    with tempfile.TemporaryDirectory() as work:
        folder = options.keep or Path(work)
        folder.mkdir(exist_ok=True)
        for number in range(options.films):
            chance = random.Random(f"{options.seed} {number}")  # noqa: S311 -- not for secrets
            scene = read_scene(chance.choice(scenes)) if scenes else None
            film = make_inset_film(
                chance.choice(people), scene, folder / f"film{number}.mp4", chance
            )
            analysis, cost = analysis_of(film.path, detector)
            scores.append(score(film, analysis))
            costs.append(cost)
            print(f"{number:3} {film.content:8}{film.inset.width:.2f}  {scores[-1]:.3f}")
    good = fmean(value >= GOOD for value in scores)
    print(
        f"{len(scores)} films ({detector.name}): overlap {fmean(scores):.3f}, {good:.1%} at least {GOOD}"
    )
    print(f"analysis {fmean(costs):.3f}x")
    paths = [path for path in options.clips.rglob("*") if path.is_file()]
    paths += [path for folder in options.without or [] for path in folder.iterdir()]
    shots, names = shots_with(lambda content: content.inset is not None, sorted(paths), detector)
    print(f"{len(paths)} clips without one: {len(names)} of {shots} shots with an inset {names}")


if __name__ == "__main__":
    main()
