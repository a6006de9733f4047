"""Planners of a crop to compare with the product's. All get the same shots and detections."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from mediakit.framing.crop_plan import CropPlan, PathPoint, Shot
from mediakit.framing.crop_window import CropWindow, crop_window
from mediakit.framing.geometry import SMART_CROP
from mediakit.framing.people.tracking import track_subjects
from mediakit.framing.range_analysis import RangeAnalysis
from mediakit.media_info import MediaInfo

STEPS_PER_S = 25  # at which a path is computed and its motion measured
Planner = Callable[[RangeAnalysis, MediaInfo, CropPlan], CropPlan]


def centre_crop(_analysis: RangeAnalysis, _info: MediaInfo, ours: CropPlan) -> CropPlan:
    """Always the centre."""
    x, y = ours.area.centre
    return _with_paths(ours, lambda shot: [PathPoint(shot.start_ms, x, y)])


def smart_crop(_analysis: RangeAnalysis, _info: MediaInfo, ours: CropPlan) -> CropPlan:
    """The product's plan."""
    return ours


def exponential(analysis: RangeAnalysis, info: MediaInfo, ours: CropPlan) -> CropPlan:
    """Exponential smoothing of the subject's position in each shot."""

    def path(shot: Shot, frame: CropWindow, at: np.ndarray, x: np.ndarray) -> np.ndarray:
        times = step_times(shot)
        targets, now, found = np.interp(times, at, x), float(x[0]), []
        for value in targets:
            now += (value - now) * (1 - np.exp(-1 / STEPS_PER_S / 0.4))
            found.append(now)
        return np.array(found)

    return _plan_paths(analysis, info, ours, path)


def spring(analysis: RangeAnalysis, info: MediaInfo, ours: CropPlan) -> CropPlan:
    """A critically damped spring that pulls once the subject has left a dead zone."""

    def path(shot: Shot, frame: CropWindow, at: np.ndarray, x: np.ndarray) -> np.ndarray:
        targets, now, speed, found = np.interp(step_times(shot), at, x), float(x[0]), 0.0, []
        dead, stiff = 0.1 * frame.length, 3.0
        for value in targets:
            off = value - now
            pull = off - np.sign(off) * dead if abs(off) > dead else 0.0
            speed += (stiff * stiff * pull - 2 * stiff * speed) / STEPS_PER_S
            now += speed / STEPS_PER_S
            found.append(now)
        return np.array(found)

    return _plan_paths(analysis, info, ours, path)


def steady_or_track(analysis: RangeAnalysis, info: MediaInfo, ours: CropPlan) -> CropPlan:
    """Per shot: at rest if the subject stays within half a window, otherwise a polynomial of its positions."""

    def path(shot: Shot, frame: CropWindow, at: np.ndarray, x: np.ndarray) -> np.ndarray:
        times = step_times(shot)
        if x.max() - x.min() <= frame.length / 2 or len(x) < 6:
            return np.full(len(times), (x.max() + x.min()) / 2)
        scale = max(1.0, float(at[-1] - at[0]))
        fit = np.polynomial.Polynomial.fit((at - at[0]) / scale, x, 4)
        inside = np.clip((times - at[0]) / scale, 0, 1)
        return np.asarray(fit(inside))

    return _plan_paths(analysis, info, ours, path)


PLANNERS: dict[str, Planner] = {
    SMART_CROP: smart_crop,
    "centre crop": centre_crop,
    "exponential smoothing": exponential,
    "spring, dead zone": spring,
    "steady or polynomial": steady_or_track,
}
PathFunction = Callable[[Shot, CropWindow, "np.ndarray", "np.ndarray"], "np.ndarray"]


def step_times(shot: Shot) -> np.ndarray:
    """The times in ms of a shot's steps, from the start of the range."""
    return np.arange(shot.start_ms, shot.end_ms, 1000 / STEPS_PER_S)


def _plan_paths(
    analysis: RangeAnalysis, info: MediaInfo, ours: CropPlan, path: PathFunction
) -> CropPlan:
    """A plan of crops only, each shot's path computed from the positions of its largest face."""
    frame = crop_window(info.video, ours.area)
    low, high = frame.bounds

    def points(shot: Shot) -> list[PathPoint]:
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
        positions = np.clip(path(shot, frame, at, x), low, high)
        return [
            frame.path_point(round(t), float(p))
            for t, p in zip(step_times(shot), positions, strict=True)
        ]

    return _with_paths(ours, points)


def _with_paths(plan: CropPlan, points: Callable[[Shot], Sequence[PathPoint]]) -> CropPlan:
    shots = (
        replace(s, layout="crop", path=tuple(points(s)), parts=(), zoom=1.0) for s in plan.shots
    )
    return CropPlan(plan.area, tuple(shots))
