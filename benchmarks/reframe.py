"""`python -m benchmarks.reframe [folder of clips]`: how well `smart_crop` keeps people in sight, and what it costs.

Films with drawn people on known ways are made on the spot. A folder (or HEIMDEX_BENCH_CLIPS) adds real clips, whose
truth is a closer look than the planner has: YuNet on pictures of 640 by 360 pixels, ten a second. HEIMDEX_FACE_MODEL
names YuNet's file; without it faces are found by OpenCV's cascades, real clips are left out, and the table says so.

Every planner gets the same shots and the same sightings.
"""

import argparse
import json
import os
import resource
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from itertools import pairwise
from pathlib import Path
from statistics import fmean

import numpy as np

from benchmarks.synthetic_people import FILMS, make_film
from mediakit.errors import MediaError
from mediakit.framing import shot_analysis as watching
from mediakit.framing.crop_plan import CropPlan, PathPoint, RangeAnalysis, Rect, Shot, path_position
from mediakit.framing.crop_window import CropWindow, crop_window
from mediakit.framing.face_detection import Detector, make_detector
from mediakit.framing.geometry import SMART_CROP
from mediakit.framing.shot_planning import make_crop_plan
from mediakit.framing.tracking import find_tracks, track_subjects
from mediakit.media_info import MediaInfo
from mediakit.probing.probe import probe

LONGEST_MS = 30_000
TRUTH_RATE, TRUTH_PIXELS, TRUTH_SCORE = 10, 640 * 360, 0.7
RATE = 25  # steps a second in which motion is measured
STILL_PIXELS = 0.5
NEAR = 0.02  # a face may stick out by so much of its width and still be whole
Truth = tuple[tuple[int, tuple[Rect, ...]], ...]
Planner = Callable[[RangeAnalysis, MediaInfo, CropPlan], CropPlan]
# As in the product, every look has a detector of its own.
Maker = Callable[[], Detector | None]


@dataclass(frozen=True, slots=True)
class Figures:
    """One planner on one clip. Shares from 0 to 1; acceleration in picture widths per s²."""

    centre: float
    whole: float
    still: float
    reversals: float
    acceleration: float


@dataclass(frozen=True, slots=True)
class Clip:
    """A clip with its truth: faces that must be in sight, by time in ms. `group` sorts the table."""

    name: str
    group: str
    info: MediaInfo
    analysis: RangeAnalysis
    truth: Truth
    cost: float


def centre_crop(_analysis: RangeAnalysis, _info: MediaInfo, ours: CropPlan) -> CropPlan:
    """The middle, always."""
    x, y = ours.area.centre
    return _with_keys(ours, lambda shot: [PathPoint(shot.start_ms, x, y)])


def smart(_analysis: RangeAnalysis, _info: MediaInfo, ours: CropPlan) -> CropPlan:
    """The product's."""
    return ours


def exponential(analysis: RangeAnalysis, info: MediaInfo, ours: CropPlan) -> CropPlan:
    """Exponential smoothing of the subject's place, anew in each shot."""

    def way(shot: Shot, frame: CropWindow, at: np.ndarray, x: np.ndarray) -> np.ndarray:
        times = _grid(shot)
        wanted, now, found = np.interp(times, at, x), float(x[0]), []
        for value in wanted:
            now += (value - now) * (1 - np.exp(-1 / RATE / 0.4))
            found.append(now)
        return np.array(found)

    return _following(analysis, info, ours, way)


def spring(analysis: RangeAnalysis, info: MediaInfo, ours: CropPlan) -> CropPlan:
    """A critically damped spring that pulls once the subject has left a dead zone."""

    def way(shot: Shot, frame: CropWindow, at: np.ndarray, x: np.ndarray) -> np.ndarray:
        wanted, now, speed, found = np.interp(_grid(shot), at, x), float(x[0]), 0.0, []
        dead, stiff = 0.1 * frame.length, 3.0
        for value in wanted:
            off = value - now
            pull = off - np.sign(off) * dead if abs(off) > dead else 0.0
            speed += (stiff * stiff * pull - 2 * stiff * speed) / RATE
            now += speed / RATE
            found.append(now)
        return np.array(found)

    return _following(analysis, info, ours, way)


def steady_or_track(analysis: RangeAnalysis, info: MediaInfo, ours: CropPlan) -> CropPlan:
    """Per shot: still when the subject stays within half a window, else a polynomial through its places."""

    def way(shot: Shot, frame: CropWindow, at: np.ndarray, x: np.ndarray) -> np.ndarray:
        times = _grid(shot)
        if x.max() - x.min() <= frame.length / 2 or len(x) < 6:
            return np.full(len(times), (x.max() + x.min()) / 2)
        scale = max(1.0, float(at[-1] - at[0]))
        fit = np.polynomial.Polynomial.fit((at - at[0]) / scale, x, 4)
        inside = np.clip((times - at[0]) / scale, 0, 1)
        return np.asarray(fit(inside))

    return _following(analysis, info, ours, way)


PLANNERS: dict[str, Planner] = {
    SMART_CROP: smart,
    "centre crop": centre_crop,
    "exponential smoothing": exponential,
    "spring, dead zone": spring,
    "steady or polynomial": steady_or_track,
}
Way = Callable[[Shot, CropWindow, "np.ndarray", "np.ndarray"], "np.ndarray"]


def _grid(shot: Shot) -> np.ndarray:
    return np.arange(shot.start_ms, shot.end_ms, 1000 / RATE)


def _following(analysis: RangeAnalysis, info: MediaInfo, ours: CropPlan, way: Way) -> CropPlan:
    """A plan of crops only, each shot's way from the places of its largest face."""
    frame = crop_window(info.video, ours.area)
    low, high = frame.bounds

    def keys(shot: Shot) -> list[PathPoint]:
        inside = [
            s
            for s in analysis.samples
            if shot.start_ms <= s.time_ms - analysis.start_ms < shot.end_ms
        ]
        found = track_subjects(inside, window_width=0, speech_ms=()).targets if inside else ()
        if not found:
            return [frame.path_point(shot.start_ms, (low + high) / 2)]
        at = np.array([t.time_ms - analysis.start_ms for t in found], float)
        x = np.array([t.box.centre[1 if frame.moves_vertically else 0] for t in found])
        places = np.clip(way(shot, frame, at, x), low, high)
        return [
            frame.path_point(round(t), float(p)) for t, p in zip(_grid(shot), places, strict=True)
        ]

    return _with_keys(ours, keys)


def _with_keys(plan: CropPlan, keys: Callable[[Shot], Sequence[PathPoint]]) -> CropPlan:
    shots = (replace(s, layout="crop", path=tuple(keys(s)), parts=()) for s in plan.shots)
    return CropPlan(plan.area, tuple(shots))


def measure(clip: Clip, plan: CropPlan) -> Figures:
    """How a plan does on a clip."""
    frame = crop_window(clip.info.video, plan.area)
    centres, wholes = [], []
    for time_ms, faces in clip.truth:
        seen = _seen(plan, frame, time_ms)
        for face in faces:
            centres.append(any(_holds_centre(part, face) for part in seen))
            wholes.append(any(_holds(part, face) for part in seen))
    steps = []
    for shot in plan.shots:
        if shot.layout != "crop" or not shot.path:
            steps.append(np.zeros(len(_grid(shot))))
            continue
        axis = 1 if frame.moves_vertically else 0
        steps.append(np.array([path_position(shot.path, t)[axis] for t in _grid(shot)]))
    moves = [np.diff(s) for s in steps]
    still = np.concatenate(
        [np.abs(m) * frame.side_px < STILL_PIXELS for m in moves] or [np.ones(1, bool)]
    )
    seconds = (plan.shots[-1].end_ms - plan.shots[0].start_ms) / 1000
    return Figures(
        centre=fmean(centres) if centres else 1.0,
        whole=fmean(wholes) if wholes else 1.0,
        still=float(still.mean()) if still.size else 1.0,
        reversals=sum(_reversals(m * frame.side_px) for m in moves) / seconds,
        acceleration=fmean([a for m in moves for a in _accelerations(m)] or [0.0]),
    )


def _seen(plan: CropPlan, frame: CropWindow, time_ms: int) -> list[Rect]:
    shot = plan.shot_at(time_ms)
    if shot.layout == "fit":
        return [plan.area]
    if shot.layout == "stack":
        return list(shot.parts)
    x, y = path_position(shot.path, time_ms)
    return [Rect(x - frame.width / 2, y - frame.height / 2, frame.width, frame.height)]


def _holds_centre(part: Rect, face: Rect) -> bool:
    x, y = face.centre
    return part.left <= x <= part.right and part.top <= y <= part.top + part.height


def _holds(part: Rect, face: Rect) -> bool:
    spare = NEAR * face.width
    return part.left - spare <= face.left and face.right <= part.right + spare


def _reversals(pixels: np.ndarray) -> int:
    signs = [s for s in np.sign(np.where(np.abs(pixels) < 0.1, 0, pixels)) if s]
    return sum(a != b for a, b in pairwise(signs))


def _accelerations(moves: np.ndarray) -> list[float]:
    """Changes of speed, from one tenth of a second to the next."""
    width = max(1, RATE // 10)
    speeds = [float(moves[i : i + width].mean()) * RATE for i in range(0, len(moves), width)]
    return [abs(b - a) * RATE / width for a, b in pairwise(speeds)]


def look(path: Path, make: Maker, name: str, group: str) -> Clip:
    """A clip as the product sees it, with no truth yet; the cost is CPU seconds per second of clip."""
    info = probe(str(path))
    end_ms = min(info.duration_ms, LONGEST_MS)
    before = _cpu_s()
    with tempfile.TemporaryDirectory() as work:
        analysis = watching.analyze_shots(
            str(path), info, start_ms=0, end_ms=end_ms, detector=make(), work_dir=Path(work)
        )
    make_crop_plan(analysis, info, start_ms=0, end_ms=end_ms)
    cost = (_cpu_s() - before) / (end_ms / 1000)
    return Clip(name, group, info, analysis, (), cost)


def _cpu_s() -> float:
    both = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(used.ru_utime + used.ru_stime for used in both)


def made_clips(folder: Path, make: Maker) -> list[Clip]:
    """The films, with the truth they were drawn from."""
    clips = []
    for film in FILMS:
        path = folder / f"{film.name.replace(' ', '_')}.mp4"
        if not path.exists():
            make_film(film, path)
        clip = look(path, make, film.name, "made")
        times = range(50, int(film.seconds * 1000), 100)
        truth = tuple((t, tuple(film.faces(t / 1000))) for t in times)
        clips.append(replace(clip, truth=truth))
    return clips


def real_clips(
    folder: Path, make: Maker, closer: Detector, truths: dict[Path, tuple[Truth, str]]
) -> list[Clip]:
    """Clips of people in a folder, wide enough for a choice of what to show. `truths` are found once."""
    clips = []
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        try:
            info = probe(str(path))
            if crop_window(info.video, Rect(0, 0, 1, 1)).width > 0.95:
                continue
            clip = look(path, make, path.stem[:34], "")
            if path not in truths:
                truths[path] = _closer_look(path, clip, closer)
            truth, group = truths[path]
        except MediaError:
            continue
        if truth:
            clips.append(replace(clip, truth=truth, group=group))
            print(f"  looked at {clip.name}: {group}", file=sys.stderr)
    return clips


def _closer_look(path: Path, clip: Clip, closer: Detector) -> tuple[Truth, str]:
    """The truth about a real clip, and whether it shows one person or more."""
    known = watching.SAMPLES_PER_S, watching.SAMPLE_AREA_PX
    watching.SAMPLES_PER_S, watching.SAMPLE_AREA_PX = TRUTH_RATE, TRUTH_PIXELS
    try:
        with tempfile.TemporaryDirectory() as work:
            end_ms = clip.analysis.end_ms
            seen = watching.analyze_shots(
                str(path),
                clip.info,
                start_ms=0,
                end_ms=end_ms,
                detector=closer,
                work_dir=Path(work),
            )
    finally:
        watching.SAMPLES_PER_S, watching.SAMPLE_AREA_PX = known
    sure = [
        replace(s, faces=tuple(f for f in s.faces if f.score >= TRUTH_SCORE)) for s in seen.samples
    ]
    tracks = find_tracks(sure)
    kept = {(i, face) for track in tracks for i, face in track.faces.items()}
    truth, crowded = [], 0
    for i, sample in enumerate(sure):
        faces = [f.box for f in sample.faces if (i, f) in kept]
        if not faces:
            continue
        faces.sort(key=lambda box: -box.height * box.width)
        crowded += sum(box.height > 0.5 * faces[0].height for box in faces) > 1
        truth.append((sample.time_ms, (faces[0],)))
    if len(truth) < 0.25 * len(sure):
        return (), ""
    return tuple(truth), "several people" if crowded > 0.2 * len(truth) else "one person"


def report(clips: Sequence[Clip], detector_name: str) -> list[dict[str, object]]:
    """Print a table for every group, clip and planner; the same as rows."""
    rows: list[dict[str, object]] = []
    for group in dict.fromkeys(clip.group for clip in clips):
        inside = [clip for clip in clips if clip.group == group]
        sums: dict[str, list[Figures]] = {name: [] for name in PLANNERS}
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
            mean = Figures(*(fmean(getattr(f, k) for f in found) for k in Figures.__slots__))
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
    """CPU seconds for a second of all of them together."""
    lengths = [clip.analysis.end_ms for clip in clips]
    return sum(c.cost * length for c, length in zip(clips, lengths, strict=True)) / sum(lengths)


def _line(clip: str, planner: str, f: Figures, cost: float) -> str:
    numbers = (
        f"{f.centre:6.3f} {f.whole:6.3f} {f.still:6.2f} {f.reversals:6.2f} {f.acceleration:6.3f}"
    )
    return f"{clip:36}{planner:24}{numbers} {cost:5.3f}x"


def main() -> None:
    """Make, look, plan, measure, print."""
    parser = argparse.ArgumentParser(description="How well smart_crop keeps people in sight.")
    parser.add_argument("clips", nargs="?", default=os.environ.get("HEIMDEX_BENCH_CLIPS"))
    parser.add_argument("--films", help="a folder in which the made films are kept")
    parser.add_argument("--json", help="a file for the figures")
    parser.add_argument("--only", choices=["yunet", "haar"], help="one detector only")
    wanted = parser.parse_args()
    model = os.environ.get("HEIMDEX_FACE_MODEL")
    sha256 = os.environ.get("HEIMDEX_FACE_MODEL_SHA256", "")
    best = partial(make_detector, Path(model) if model else None, sha256)
    makers: dict[str, Maker] = {d.name: make for make in (best, make_detector) if (d := make())}
    closer = best() if "yunet" in makers else None
    rows = []
    truths: dict[Path, tuple[Truth, str]] = {}
    with tempfile.TemporaryDirectory() as work:
        films = Path(wanted.films or work)
        films.mkdir(exist_ok=True)
        for name, make in makers.items():
            if wanted.only not in {None, name}:
                continue
            clips = made_clips(films, make)
            if wanted.clips and closer:
                clips += real_clips(Path(wanted.clips), make, closer, truths)
            rows += report(clips, name)
    if wanted.json:
        Path(wanted.json).write_text(json.dumps(rows, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
