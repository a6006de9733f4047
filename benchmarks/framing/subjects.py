"""`python -m benchmarks.framing.subjects [folder of clips]`: how well `smart_crop` shows a subject without a face.

Films of drawn subjects are made here, so their truth is exact. Of a folder (or HEIMDEX_BENCH_CLIPS), the clips that
`noted_subjects.json` names are measured: rectangles noted by eye at up to four times of the first 10 s. Faces are
detected as in `benchmarks.framing.quality`, so the figures also hold where a face is found by mistake.
"""

import argparse
import json
import os
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean

from benchmarks.framing import quality
from benchmarks.framing.drawn_subjects import FILMS, SECONDS, make_film
from benchmarks.framing.people_models import face_detector
from benchmarks.framing.planners import centre_crop
from mediakit.framing.crop_plan import CropPlan
from mediakit.framing.output_format import SHORT
from mediakit.framing.planning.shot_planning import make_crop_plan
from mediakit.framing.rect import Rect
from mediakit.framing.shot_report import shot_reports
from mediakit.media_info import MediaInfo

NOTES = Path(__file__).with_name("noted_subjects.json")
NOTED_MS = 10_000


@dataclass(frozen=True, slots=True)
class Score:
    """Shares of the truth whose centre and whose whole are visible, and how many times larger than whole on blur."""

    centre: float
    whole: float
    size: float
    still: float
    reversals: float


def whole_on_blur(plan: CropPlan) -> CropPlan:
    """Every shot whole."""
    shots = (replace(shot, layout="fit", parts=(), path=()) for shot in plan.shots)
    return CropPlan(plan.area, tuple(shots))


def measure(clip: quality.Clip, plan: CropPlan) -> Score:
    """Score a plan on a clip."""
    seen = quality.measure(clip, plan)
    sizes = [
        _enlargement(plan, clip.info, time_ms)
        / _enlargement(whole_on_blur(plan), clip.info, time_ms)
        for time_ms, _ in clip.truth
    ]
    return Score(seen.centre, seen.whole, fmean(sizes), seen.still, seen.reversals)


def _enlargement(plan: CropPlan, info: MediaInfo, time_ms: int) -> float:
    shot = replace(plan, shots=(plan.shot_at(time_ms),))
    return float(shot_reports(shot, info.video, SHORT.size)[0]["enlargement"])


def report(group: str, clips: list[quality.Clip]) -> None:
    """Print a row for every clip and planner, and the means."""
    sums: dict[str, list[Score]] = {}
    print(f"\n{group}: {len(clips)} clips")
    print(f"{'clip':36}{'planner':16}centre  whole   size  still  rev/s")
    for clip in clips:
        end_ms = clip.analysis.end_ms
        ours = make_crop_plan(clip.analysis, clip.info, start_ms=0, end_ms=end_ms)
        plans = {
            "smart_crop": ours,
            "whole on blur": whole_on_blur(ours),
            "centre crop": centre_crop(clip.analysis, clip.info, ours),
        }
        layouts = "/".join(dict.fromkeys(f"{s.layout} {s.reason}" for s in ours.shots))
        for name, plan in plans.items():
            score = measure(clip, plan)
            sums.setdefault(name, []).append(score)
            print(_line(clip.name if name == "smart_crop" else "", name, score), end="")
            print(f"  {layouts}" if name == "smart_crop" else "")
    for name, found in sums.items():
        mean = Score(*(fmean(getattr(f, key) for f in found) for key in Score.__slots__))
        print(_line("MEAN", name, mean))
    print(f"cost {fmean(clip.cost for clip in clips):.3f}x")


def _line(clip: str, planner: str, score: Score) -> str:
    return (
        f"{clip:36}{planner:16}{score.centre:6.3f} {score.whole:6.3f} {score.size:6.2f} "
        f"{score.still:6.2f} {score.reversals:6.2f}"
    )


def main() -> None:
    """Measure the drawn films, then the noted clips of a folder."""
    parser = argparse.ArgumentParser(
        description="How well smart_crop shows subjects without a face."
    )
    parser.add_argument("clips", nargs="?", default=os.environ.get("HEIMDEX_BENCH_CLIPS"))
    parser.add_argument(
        "--text-model", type=Path, help="PP-OCRv4's detector; text is found with it"
    )
    parser.add_argument(
        "--object-model", type=Path, help="U2-Netp; what stands out is found with it"
    )
    options = parser.parse_args()
    quality.OBJECT_MODEL = options.object_model
    quality.TEXT_MODEL = options.text_model
    quality.MAX_CLIP_MS = NOTED_MS
    with tempfile.TemporaryDirectory() as work:
        drawn = []
        for film in FILMS:
            path = make_film(film, Path(work) / "film.mp4")
            clip = quality.analyze_clip(path, face_detector, film.name, "drawn")
            times = range(300, SECONDS * 1000 - 300, 200)
            drawn.append(replace(clip, truth=tuple((t, (film.truth(t / 1000),)) for t in times)))
        report("drawn", drawn)
    if not options.clips:
        return
    notes = json.loads(NOTES.read_text(encoding="utf-8"))
    real = []
    for path in sorted(p for p in Path(options.clips).rglob("*") if p.stem in notes):
        clip = quality.analyze_clip(path, face_detector, path.stem[:34], "real")
        truth = tuple((int(t), (Rect(*box),)) for t, *box in notes[path.stem])
        real.append(replace(clip, truth=truth))
    report("real, noted by eye", real)


if __name__ == "__main__":
    main()
