"""`python -m benchmarks.framing.quality [folder of clips]`: how well `smart_crop` keeps people visible, and its cost.

Videos of drawn people on known paths are made here. A folder (or HEIMDEX_BENCH_CLIPS) adds real clips. Their ground
truth is a finer detection than the planner's: YuNet on pictures of 640 by 360 pixels, ten a second. HEIMDEX_FACE_MODEL
names YuNet's file; without it OpenCV's cascades detect faces, real clips are left out, and the table says so.
"""

import argparse
import json
import os
import resource
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import pairwise
from pathlib import Path
from statistics import fmean

import numpy as np

from benchmarks.framing.people_models import body_finder, face_detector
from benchmarks.framing.planners import PLANNERS, STEPS_PER_S, step_times
from benchmarks.framing.synthetic_people import VIDEOS, make_video
from mediakit.errors import MediaError
from mediakit.framing.analysis import shot_analysis
from mediakit.framing.analysis.finders.face_detection import Detector, make_detector
from mediakit.framing.analysis.finders.object_finder import make_object_finder
from mediakit.framing.analysis.finders.text_finder import make_text_finder
from mediakit.framing.analysis.people import face_sampler
from mediakit.framing.crop_plan import CropPlan
from mediakit.framing.crop_window import CropWindow, crop_window
from mediakit.framing.geometry import SMART_CROP, Size
from mediakit.framing.output_format import SHORT
from mediakit.framing.people.face_tracks import find_tracks
from mediakit.framing.planning.shot_planning import make_crop_plan
from mediakit.framing.range_analysis import RangeAnalysis
from mediakit.framing.rect import Rect
from mediakit.framing.window_path import fitted_at, path_position
from mediakit.media_info import MediaInfo
from mediakit.probing.probe import probe

MAX_CLIP_MS = 30_000
TEXT_MODEL: Path | None = None  # with it text is found as well
OBJECT_MODEL: Path | None = None  # and with it what stands out
TRUTH_SAMPLES_PER_S, TRUTH_AREA_PX, TRUTH_MIN_SCORE = 10, 640 * 360, 0.7
STILL_PX = 0.5
FACE_TOLERANCE = 0.02  # of the face's width and height may be outside
GroundTruth = tuple[tuple[int, tuple[Rect, ...]], ...]
# As in the product, every analysis has its own detector.
DetectorFactory = Callable[[], Detector | None]


@dataclass(frozen=True, slots=True)
class PlannerScore:
    """One planner on one clip.

    `centre`, `whole` and `still` are shares from 0 to 1: of faces with their centre visible, of wholly visible faces,
    and of steps without motion. `reversals` are per second, `acceleration` is in picture widths per s².
    """

    centre: float
    whole: float
    still: float
    reversals: float
    acceleration: float


@dataclass(frozen=True, slots=True)
class Clip:
    """A clip with its ground truth: the faces to keep visible, by time in ms. `cost` is in CPU seconds a second."""

    name: str
    group: str
    info: MediaInfo
    analysis: RangeAnalysis
    truth: GroundTruth
    cost: float


def measure(clip: Clip, plan: CropPlan, canvas: Size = SHORT.size) -> PlannerScore:
    """Score a plan on a clip; the plan was made for a picture of the size `canvas`."""
    frame = crop_window(clip.info.video, plan.area, canvas)
    centres, wholes = [], []
    for time_ms, faces in clip.truth:
        seen = visible_parts(plan, frame, time_ms)
        for face in faces:
            centres.append(any(_contains_centre(part, face) for part in seen))
            wholes.append(any(_contains(part, face) for part in seen))
    return PlannerScore(
        fmean(centres) if centres else 1.0,
        fmean(wholes) if wholes else 1.0,
        *camera_motion(plan, frame),
    )


def camera_motion(plan: CropPlan, frame: CropWindow) -> tuple[float, float, float]:
    """The plan's `still`, `reversals` and `acceleration`, as in a `PlannerScore`."""
    steps = []
    for shot in plan.shots:
        if not shot.path:
            steps.append(np.zeros(len(step_times(shot))))
            continue
        axis = 1 if frame.moves_vertically else 0
        steps.append(np.array([path_position(shot.path, t)[axis] for t in step_times(shot)]))
    moves = [np.diff(s) for s in steps]
    still = np.concatenate(
        [np.abs(m) * frame.side_px < STILL_PX for m in moves] or [np.ones(1, bool)]
    )
    seconds = (plan.shots[-1].end_ms - plan.shots[0].start_ms) / 1000
    return (
        float(still.mean()) if still.size else 1.0,
        sum(_reversals(m * frame.side_px) for m in moves) / seconds,
        fmean([a for m in moves for a in _accelerations(m)] or [0.0]),
    )


def visible_parts(plan: CropPlan, frame: CropWindow, time_ms: int) -> list[Rect]:
    """The parts of the picture that a plan shows at a time."""
    shot = plan.shot_at(time_ms)
    if shot.layout == "fit":
        return [fitted_at(shot, plan.area, time_ms)]
    if shot.layout in {"stack", "inset"}:
        return list(shot.parts)
    x, y = path_position(shot.path, time_ms)
    own = frame.zoomed(shot.zoom)
    return [Rect(x - own.width / 2, y - own.height / 2, own.width, own.height)]


def _contains_centre(part: Rect, face: Rect) -> bool:
    x, y = face.centre
    return part.left <= x <= part.right and part.top <= y <= part.top + part.height


def _contains(part: Rect, face: Rect) -> bool:
    x, y = FACE_TOLERANCE * face.width, FACE_TOLERANCE * face.height
    return (
        part.left - x <= face.left
        and face.right <= part.right + x
        and (part.top - y <= max(0, face.top))
        and min(1, face.top + face.height) <= part.top + part.height + y
    )


def _reversals(pixels: np.ndarray) -> int:
    signs = [s for s in np.sign(np.where(np.abs(pixels) < 0.1, 0, pixels)) if s]
    return sum(a != b for a, b in pairwise(signs))


def _accelerations(moves: np.ndarray) -> list[float]:
    """Absolute accelerations between consecutive tenths of a second."""
    width = max(1, STEPS_PER_S // 10)
    speeds = [float(moves[i : i + width].mean()) * STEPS_PER_S for i in range(0, len(moves), width)]
    return [abs(b - a) * STEPS_PER_S / width for a, b in pairwise(speeds)]


def analyze_clip(path: Path, make_face_detector: DetectorFactory, name: str, group: str) -> Clip:
    """Analyse a clip as the product does; its ground truth is still empty."""
    info = probe(str(path))
    end_ms = min(info.duration_ms, MAX_CLIP_MS)
    before = cpu_s()
    with tempfile.TemporaryDirectory() as work:
        analysis = shot_analysis.analyze_shots(
            str(path),
            info,
            start_ms=0,
            end_ms=end_ms,
            detector=make_face_detector(),
            find_text=make_text_finder(TEXT_MODEL),
            find_object=make_object_finder(OBJECT_MODEL),
            find_bodies=body_finder(),
            work_dir=Path(work),
        )
    make_crop_plan(analysis, info, start_ms=0, end_ms=end_ms)
    cost = (cpu_s() - before) / (end_ms / 1000)
    return Clip(name, group, info, analysis, (), cost)


def cpu_s() -> float:
    """The processor time of this process and of its ended children, in s."""
    both = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(used.ru_utime + used.ru_stime for used in both)


def synthetic_clips(folder: Path, make_face_detector: DetectorFactory) -> list[Clip]:
    """The synthetic videos with their exact ground truth."""
    clips = []
    for video in VIDEOS:
        path = folder / f"{video.name.replace(' ', '_')}.mp4"
        if not path.exists():
            make_video(video, path)
        clip = analyze_clip(path, make_face_detector, video.name, "made")
        times = range(50, int(video.seconds * 1000), 100)
        truth = tuple((t, tuple(video.faces(t / 1000))) for t in times)
        clips.append(replace(clip, truth=truth))
    return clips


def real_clips(
    folder: Path,
    make_face_detector: DetectorFactory,
    fine_detector: Detector,
    truths: dict[Path, tuple[GroundTruth, str]],
) -> list[Clip]:
    """The folder's clips of people that are wide enough to crop. `truths` caches their ground truth."""
    clips = []
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        try:
            info = probe(str(path))
            if crop_window(info.video, Rect(0, 0, 1, 1)).width > 0.95:
                continue
            clip = analyze_clip(path, make_face_detector, path.stem[:34], "")
            if path not in truths:
                truths[path] = ground_truth(path, clip, fine_detector)
            truth, group = truths[path]
        except MediaError:
            continue
        if truth:
            clips.append(replace(clip, truth=truth, group=group))
            print(f"  analysed {clip.name}: {group}", file=sys.stderr)
    return clips


def ground_truth(path: Path, clip: Clip, fine_detector: Detector) -> tuple[GroundTruth, str]:
    """The ground truth of a real clip, and the group: one person or several. Empty where few pictures have a face."""
    known = face_sampler.SAMPLES_PER_S, shot_analysis.SAMPLE_AREA_PX
    face_sampler.SAMPLES_PER_S, shot_analysis.SAMPLE_AREA_PX = TRUTH_SAMPLES_PER_S, TRUTH_AREA_PX
    try:
        with tempfile.TemporaryDirectory() as work:
            end_ms = clip.analysis.end_ms
            analysis = shot_analysis.analyze_shots(
                str(path),
                clip.info,
                start_ms=0,
                end_ms=end_ms,
                detector=fine_detector,
                work_dir=Path(work),
            )
    finally:
        face_sampler.SAMPLES_PER_S, shot_analysis.SAMPLE_AREA_PX = known
    confident = [
        replace(s, faces=tuple(f for f in s.faces if f.score >= TRUTH_MIN_SCORE))
        for s in analysis.samples
    ]
    tracks = find_tracks(confident)
    kept = {(i, face) for track in tracks for i, face in track.faces.items()}
    truth, crowded = [], 0
    for i, sample in enumerate(confident):
        faces = [f.box for f in sample.faces if (i, f) in kept]
        if not faces:
            continue
        faces.sort(key=lambda box: -box.height * box.width)
        crowded += sum(box.height > 0.5 * faces[0].height for box in faces) > 1
        truth.append((sample.time_ms, (faces[0],)))
    if len(truth) < 0.25 * len(confident):
        return (), ""
    return tuple(truth), "several people" if crowded > 0.2 * len(truth) else "one person"


def report(clips: Sequence[Clip], detector_name: str) -> list[dict[str, object]]:
    """Print a table for every group, clip and planner, and return its rows."""
    rows: list[dict[str, object]] = []
    for group in dict.fromkeys(clip.group for clip in clips):
        inside = [clip for clip in clips if clip.group == group]
        sums: dict[str, list[PlannerScore]] = {name: [] for name in PLANNERS}
        print(f"\n{group} ({detector_name}), {len(inside)} clips")
        print(f"{'clip':36}{'planner':24}centre  whole  still  rev/s  accel   cost")
        for clip in inside:
            length = clip.analysis.end_ms
            ours = make_crop_plan(clip.analysis, clip.info, start_ms=0, end_ms=length)
            fit = sum(s.end_ms - s.start_ms for s in ours.shots if s.layout != "crop") / length
            for name, planner in PLANNERS.items():
                figures = measure(clip, planner(clip.analysis, clip.info, ours))
                sums[name].append(figures)
                shown = f"{clip.name} (fit {fit:.0%})" if fit else clip.name
                print(_line(shown if name == SMART_CROP else "", name, figures, clip.cost))
                row = {"group": group, "detector": detector_name, "clip": clip.name, "fit": fit}
                rows.append(row | {"planner": name, "cost": clip.cost} | asdict(figures))
        for name, found in sums.items():
            mean = PlannerScore(
                *(fmean(getattr(f, k) for f in found) for k in PlannerScore.__slots__)
            )
            print(
                _line(
                    "MEAN" if name == SMART_CROP else "",
                    name,
                    mean,
                    _mean_cost(inside),
                )
            )
    return rows


def _mean_cost(clips: Sequence[Clip]) -> float:
    """CPU seconds per second over all clips."""
    lengths = [clip.analysis.end_ms for clip in clips]
    return sum(c.cost * length for c, length in zip(clips, lengths, strict=True)) / sum(lengths)


def _line(clip: str, planner: str, f: PlannerScore, cost: float) -> str:
    numbers = (
        f"{f.centre:6.3f} {f.whole:6.3f} {f.still:6.2f} {f.reversals:6.2f} {f.acceleration:6.3f}"
    )
    return f"{clip:36}{planner:24}{numbers} {cost:5.3f}x"


def main() -> None:
    """Analyse all clips, score all planners, print the tables."""
    parser = argparse.ArgumentParser(description="How well smart_crop keeps people in sight.")
    parser.add_argument("clips", nargs="?", default=os.environ.get("HEIMDEX_BENCH_CLIPS"))
    parser.add_argument("--videos", help="a folder in which the synthetic videos are kept")
    parser.add_argument("--json", help="a file for the figures")
    parser.add_argument("--only", choices=["yunet", "haar"], help="one detector only")
    options = parser.parse_args()
    makers: dict[str, DetectorFactory] = {
        d.name: make for make in (face_detector, make_detector) if (d := make())
    }
    closer = face_detector() if "yunet" in makers else None
    rows = []
    truths: dict[Path, tuple[GroundTruth, str]] = {}
    with tempfile.TemporaryDirectory() as work:
        videos = Path(options.videos or work)
        videos.mkdir(exist_ok=True)
        for name, make in makers.items():
            if options.only not in {None, name}:
                continue
            clips = synthetic_clips(videos, make)
            if options.clips and closer:
                clips += real_clips(Path(options.clips), make, closer, truths)
            rows += report(clips, name)
    if options.json:
        Path(options.json).write_text(json.dumps(rows, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
