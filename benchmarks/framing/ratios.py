"""`python -m benchmarks.framing.ratios FOLDER`: every aspect ratio from one analysis, on real clips of people.

For each ratio the share of faces that are whole, and whose centre is visible, by the ground truth of
`benchmarks.framing.quality`; and what planning for all ratios adds to the processor time of looking at the clip and
planning for one. HEIMDEX_FACE_MODEL names YuNet's file, which the ground truth needs.
"""

import argparse
import resource
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean

from benchmarks.framing import quality
from benchmarks.framing.people_models import face_detector
from benchmarks.framing.quality import Clip, PlannerScore
from mediakit.errors import MediaError
from mediakit.framing.output_format import ASPECT_RATIOS, VERTICAL, output_format
from mediakit.framing.planning.shot_planning import make_crop_plan
from mediakit.probing.probe import probe

MEASURED_PLANS = 5  # of which the mean is taken, since one takes milliseconds


@dataclass(frozen=True, slots=True)
class RatioScores:
    """The scores of one clip by ratio, with CPU seconds: of its analysis with one plan, and of each ratio's plan."""

    clip: Clip
    scores: dict[str, PlannerScore]
    analysis_s: float
    plan_s: dict[str, float]

    @property
    def relative_cost(self) -> float:
        """The cost of all ratios, where one is 1."""
        others = sum(cost for ratio, cost in self.plan_s.items() if ratio != VERTICAL)
        return 1 + others / self.analysis_s


def score(clip: Clip) -> RatioScores:
    """Plan a clip in every ratio from its one analysis, and measure the plans."""
    scores, costs = {}, {}
    for ratio in ASPECT_RATIOS:
        canvas = output_format(ratio, clip.info.video).size
        before = _cpu_s()
        for _ in range(MEASURED_PLANS):
            plan = make_crop_plan(
                clip.analysis, clip.info, start_ms=0, end_ms=clip.analysis.end_ms, canvas=canvas
            )
        costs[ratio] = (_cpu_s() - before) / MEASURED_PLANS
        scores[ratio] = quality.measure(clip, plan, canvas)
    return RatioScores(clip, scores, clip.cost * clip.analysis.end_ms / 1000, costs)


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def report(found: Sequence[RatioScores]) -> None:
    """Print a line for each clip, and the means."""
    heads = "".join(f"{ratio:>16}" for ratio in ASPECT_RATIOS)
    print(f"{'clip':36}{heads}    cost of all")
    print(f"{'':36}" + "  whole   centre" * len(ASPECT_RATIOS))
    for one in found:
        print(_line(one.clip.name, one.scores, one.relative_cost))
    means = {
        ratio: replace(
            found[0].scores[ratio],
            whole=fmean(one.scores[ratio].whole for one in found),
            centre=fmean(one.scores[ratio].centre for one in found),
        )
        for ratio in ASPECT_RATIOS
    }
    added = sum((one.relative_cost - 1) * one.analysis_s for one in found)
    print(_line("MEAN", means, 1 + added / sum(one.analysis_s for one in found)))


def _line(name: str, scores: dict[str, PlannerScore], cost: float) -> str:
    shown = "".join(f"{s.whole:8.3f}{s.centre:8.3f}" for s in scores.values())
    return f"{name:36}{shown}    {cost:6.3f}x"


def main() -> None:
    """Analyse every clip of the folder once, and score every ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clips", type=Path, nargs="+", help="folders of clips")
    folders = parser.parse_args().clips
    detector = face_detector()
    if detector is None or detector.name != "yunet":
        raise SystemExit("HEIMDEX_FACE_MODEL is not YuNet's file.")
    found = []
    for path in sorted(p for folder in folders for p in folder.rglob("*") if p.is_file()):
        try:
            probe(str(path))
            clip = quality.analyze_clip(path, face_detector, path.stem[:34], "")
            truth, group = quality.ground_truth(path, clip, detector)
        except MediaError:
            continue
        if truth:
            found.append(score(replace(clip, truth=truth, group=group)))
            print(_line(clip.name, found[-1].scores, found[-1].relative_cost), flush=True)
    report(found)


if __name__ == "__main__":
    main()
