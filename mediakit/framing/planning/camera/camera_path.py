"""The path of the crop window through one shot.

The window rests while the subject stays in its middle part. Otherwise it moves early, no slower than
MIN_SPEED_PX_S and no faster or rougher than necessary. A dynamic programme over position and speed
finds the cheapest path. Positions are fractions of the picture, times are ms.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from mediakit.framing.crop_plan import PathPoint, Shot
from mediakit.framing.crop_window import CropWindow
from mediakit.framing.people.tracking import SecondaryTrack, Target
from mediakit.framing.planning.camera.body_room import (
    Bodies,
    bodies_beyond,
    head_reach,
    heads_at_edges,
)
from mediakit.framing.planning.camera.composition import eye_line, eye_y, look_room
from mediakit.framing.planning.camera.hands import hands_beyond
from mediakit.framing.rect import Rect

STEP_MS = 200
# Source pixels per second. A slower window visibly jerks, because chroma lies on even pixels only.
MIN_SPEED_PX_S = 60
# The grid of positions is at least this coarse, as a fraction of the picture; it bounds the work.
MIN_GRID_STEP = 1 / 160
MAX_GRID_SPEED = 16  # grid positions per step
# A detection has full weight up to the first time from it, and half weight up to the second.
FULL_WEIGHT_MS, HALF_WEIGHT_MS = 450, 1_300
# Costs per step, with distances in half windows from the centre. Within DEAD_ZONE only DRIFT_COST counts.
DEAD_ZONE = 0.32
# Times the squared distance, so that the centre is cheapest; more of a subject without a face: all of it is looked at.
DRIFT_COST, SUBJECT_DRIFT_COST = 0.04, 0.12
OFF_CENTRE_COST = 1.6  # times the squared distance beyond DEAD_ZONE
CLIPPED_FACE_COST, CLIPPED_FACE_SLOPE = 2.0, 12.0  # the face is not wholly inside
HAIR_COST = 0.5  # times how far a head with its hair is from keeping HEAD_MARGIN from the edges
LOST_TARGET_COST = 8.0  # the face's centre is outside
LOST_DISTANCE = 0.97  # from where on a centre counts as outside
MOVE_START_COST = 2.2  # a move begins or turns
MOVE_STEP_COST = 0.10  # a step of a move at any speed
DISTANCE_COST = 0.25  # per half window
ACCELERATION_COST = 1.2  # a change of speed by half a window per step
EXCLUSION_COST = (
    0.5  # all secondary people are outside, if together they weigh as much as the subject or more
)
FACE_MARGIN = 1.15  # the size of a face with its hair, in face boxes
WIDE_HEAD = 1.2  # in face boxes: a large head keeps as much when it looks aside
HANDS_COST, BODY_COST = 0.5, 0.5  # half a window of what they need is outside
HALF_FACE_COST = 0.1  # the window's edge cuts a neighbour's face in the middle

Floats = np.ndarray[Any, np.dtype[np.float64]]


def camera_path(
    targets: Sequence[Target],
    shot: Shot,
    window: CropWindow,
    start_ms: int,
    *,
    secondary: Sequence[SecondaryTrack] = (),
    neighbours: Sequence[Sequence[Target]] = (),
    moving: Mapping[int, Rect] | None = None,
    bodies: Bodies | None = None,
) -> list[PathPoint]:
    """The crop window's path through a shot that keeps the targets visible.

    `start_ms` is when the Short begins in the video; the points' times count from the Short's start.
    Secondary people are kept visible where the targets allow it, and no edge cuts a neighbour's face where they
    do. `moving` is what moves in one piece with the faces, by time: hands among it are shown where the window can.
    `bodies` are those that are known, by time: they say how far hair reaches, and are inside where they have room.
    Without targets the window is centred. It never shows what lies outside its area.
    """
    low, high = window.bounds
    grid_step = max(MIN_SPEED_PX_S * STEP_MS / 1000 / window.side_px, MIN_GRID_STEP)
    cells = math.floor((high - low) / grid_step + 1e-9)
    if not targets or high - low < 1e-6:
        return [window.path_point(shot.start_ms, (low + high) / 2)]
    steps = max(1, -(-(shot.end_ms - shot.start_ms) // STEP_MS))
    times = [start_ms + shot.start_ms + i * STEP_MS for i in range(steps + 1)]
    centres, extents, weights = _target_course(targets, times, window)
    wanted = centres + _composed(targets, times, window)
    if cells < 1:
        mean = float(np.average(wanted, weights=weights))
        return [window.path_point(shot.start_ms, min(high, max(low, mean)))]
    grid = np.linspace(low, high, cells + 1)
    drift = SUBJECT_DRIFT_COST if shot.reason == "subject" else DRIFT_COST
    costs = _position_costs(
        *(grid, (centres, wanted), extents, weights, window.length / 2), drift_cost=drift
    )
    if shot.reason != "subject":
        reach = head_reach(targets, {} if window.moves_vertically else bodies or {}, times)
        near = heads_at_edges(grid, window.length / 2, (centres, extents), reach)
        costs += HAIR_COST * near * weights[:, None]
    total = max(1.0, sum(other.weight for other in secondary))
    for other in secondary:
        # Between and beyond their detections they are assumed to be at the nearest known positions.
        positions, sizes, _ = _target_course(other.targets, times, window)
        excluded = _exclusion(grid, positions, sizes, window.length / 2)
        costs += EXCLUSION_COST * other.weight / total * excluded * weights[:, None]
    for neighbour in neighbours:
        positions, sizes, known = _target_course(neighbour, times, window)
        costs += (
            HALF_FACE_COST
            * _cut_faces(grid, positions, sizes, window.length / 2)
            * ((known > 0.5) * weights)[:, None]
        )
    if moving and not window.moves_vertically:
        costs += HANDS_COST * hands_beyond(grid, window.length / 2, targets, moving, times)
    if bodies and not window.moves_vertically:
        costs += BODY_COST * bodies_beyond(grid, window.length / 2, targets, bodies, times)
    path = _cheapest_path(costs, (high - low) / cells / (window.length / 2))
    return _smoothed_points([float(grid[i]) for i in path], shot, window)


def _target_course(
    targets: Sequence[Target], times_ms: Sequence[int], window: CropWindow
) -> tuple[Floats, Floats, Floats]:
    """At each time: the target's centre, its half extent, and the weight of that knowledge (0 to 1)."""
    detected_ms = np.array([t.time_ms for t in targets], float)
    axis = 1 if window.moves_vertically else 0
    centres = np.array([t.box.centre[axis] for t in targets])
    extents = np.array([window.extent(t.box) / 2 for t in targets])
    centres = _median_filter(centres)
    at_ms = np.array(times_ms, float)
    nearest = np.abs(at_ms[:, None] - detected_ms[None, :]).min(axis=1)
    weights = np.where(
        nearest <= FULL_WEIGHT_MS, 1.0, np.where(nearest <= HALF_WEIGHT_MS, 0.5, 0.02)
    )
    return np.interp(at_ms, detected_ms, centres), np.interp(at_ms, detected_ms, extents), weights


def _composed(targets: Sequence[Target], times_ms: Sequence[int], window: CropWindow) -> Floats:
    """At each time: how far the window's centre should be beyond the target's, for its look and its eye line."""
    if window.moves_vertically:
        shares = (t.box.height / window.height for t in targets)
        lines = (0.5 - eye_line(share) for share in shares)
        offs = [
            eye_y(t) - t.box.centre[1] + line * window.height
            for t, line in zip(targets, lines, strict=True)
        ]
    else:
        offs = [
            _clipped(room * window.width, (window.width - WIDE_HEAD * t.box.width) / 2)
            for room, t in zip(look_room(targets), targets, strict=True)
        ]
    detected_ms = np.array([t.time_ms for t in targets], float)
    result: Floats = np.interp(
        np.array(times_ms, float), detected_ms, _median_filter(np.array(offs))
    )
    return result


def _clipped(off: float, most: float) -> float:
    """A distance to either side, no greater than `most`: a large face is not cut for the room before it."""
    return min(max(off, -max(0.0, most)), max(0.0, most))


def _median_filter(values: Floats) -> Floats:
    """Replace single outliers: a median filter of three, both ends kept."""
    if len(values) < 3:
        return values
    threes = np.stack([values[:-2], values[1:-1], values[2:]])
    return np.concatenate([values[:1], np.median(threes, axis=0), values[-1:]])


def _position_costs(
    grid: Floats,
    places: tuple[Floats, Floats],
    extents: Floats,
    weights: Floats,
    half: float,
    *,
    drift_cost: float,
) -> Floats:
    """The cost of each grid position at each time, shape (times, positions).

    `places` are the targets' centres, and where the window's centre should be for them.
    """
    off, drift = (np.abs(grid[None, :] - place[:, None]) / half for place in places)
    room = _room(extents, half)
    dead_zone = np.minimum(DEAD_ZONE, room)
    cost = drift_cost * drift**2 + OFF_CENTRE_COST * np.maximum(0, drift - dead_zone) ** 2
    outside = np.maximum(0, off - room)
    cost = cost + np.where(outside > 0, CLIPPED_FACE_COST, 0) + CLIPPED_FACE_SLOPE * outside
    cost = cost + np.where(off > LOST_DISTANCE, LOST_TARGET_COST, 0)
    result: Floats = cost * weights[:, None]
    return result


def _room(extents: Floats, half: float) -> Floats:
    """How far from the window's centre a face of that half extent is still wholly inside."""
    room: Floats = np.maximum(0.1, 1 - FACE_MARGIN * extents / half)[:, None]
    return room


def _exclusion(grid: Floats, centres: Floats, extents: Floats, half: float) -> Floats:
    """How far each position excludes a face: 0 with the face inside, 1 with its centre outside.

    It never exceeds 1, so a person who cannot fit beside the subject does not pull the window.
    """
    off = np.abs(grid[None, :] - centres[:, None]) / half
    room = _room(extents, half)
    result: Floats = np.clip((off - room) / np.maximum(0.05, LOST_DISTANCE - room), 0, 1)
    return result


def _cut_faces(grid: Floats, centres: Floats, extents: Floats, half: float) -> Floats:
    """How far an edge of the window is from leaving each face alone: 1 in its middle, 0 beside its hair."""
    off = np.abs(grid[None, :] - centres[:, None]) - half
    reach = np.maximum(1e-6, FACE_MARGIN * extents)[:, None]
    result: Floats = np.maximum(0, 1 - np.abs(off) / reach)
    return result


def _cheapest_path(costs: Floats, unit: float) -> list[int]:
    """The cheapest sequence of grid positions, one for each time.

    `costs` has the shape (times, positions). `unit` is the distance of two positions in half windows.
    """
    steps, positions = costs.shape
    fastest = min(MAX_GRID_SPEED, max(1, positions - 1))
    speeds = np.arange(-fastest, fastest + 1)
    change = np.abs(speeds[:, None] - speeds[None, :]) * unit
    turns = (speeds[:, None] * speeds[None, :] < 0) * MOVE_START_COST
    starts = ((speeds[:, None] == 0) & (speeds[None, :] != 0)) * MOVE_START_COST
    step = (speeds != 0) * MOVE_STEP_COST + np.abs(speeds) * unit * DISTANCE_COST
    transition = ACCELERATION_COST * change + turns + starts + step[None, :]  # [from, to]
    source = np.arange(positions)[:, None] - speeds[None, :]
    inside = (source >= 0) & (source < positions)
    source = np.clip(source, 0, positions - 1)
    column = np.arange(len(speeds))[None, :]

    best = np.full((positions, len(speeds)), np.inf)
    best[:, fastest] = costs[0]
    previous = np.zeros((steps, positions, len(speeds)), np.int8)  # the speed of the step before
    for now in range(1, steps):
        candidates = best[:, :, None] + transition[None, :, :]
        before = candidates.argmin(axis=1)
        cheapest = np.take_along_axis(candidates, before[:, None, :], axis=1)[:, 0, :]
        previous[now] = np.where(inside, before[source, column], 0)
        best = np.where(inside, cheapest[source, column], np.inf) + costs[now][:, None]
    position, speed = divmod(int(best.argmin()), len(speeds))
    path = [position]
    for now in range(steps - 1, 0, -1):
        speed_before = int(previous[now, position, speed])
        position -= int(speeds[speed])
        speed = speed_before
        path.append(position)
    return path[::-1]


def _smoothed_points(positions: Sequence[float], shot: Shot, window: CropWindow) -> list[PathPoint]:
    """The path as points: a quadratic spline in quarter steps, without points on a straight line."""
    padded = [positions[0], *positions, positions[-1]]
    points: list[tuple[int, float]] = []
    for i in range(len(positions)):
        a, b, c = padded[i : i + 3]
        for quarter in (-2, -1, 0, 1):
            u = (quarter + 2) / 4
            value = ((1 - u) ** 2 * a + (1 + 2 * u - 2 * u * u) * b + u * u * c) / 2
            points.append((i * STEP_MS + quarter * STEP_MS // 4, value))
    points.append((len(positions) * STEP_MS, positions[-1]))
    length = shot.end_ms - shot.start_ms
    inside = [(t, v) for t, v in points if 0 <= t <= length]
    kept = [inside[0]]
    for i in range(1, len(inside) - 1):
        (t0, v0), (t1, v1), (t2, v2) = kept[-1], inside[i], inside[i + 1]
        straight = v0 + (v2 - v0) * (t1 - t0) / (t2 - t0)
        if abs(straight - v1) > 1e-5:
            kept.append(inside[i])
    if len(inside) > 1 and (len(kept) > 1 or abs(inside[-1][1] - kept[0][1]) > 1e-6):
        kept.append(inside[-1])
    return [window.path_point(shot.start_ms + t, v) for t, v in kept]
