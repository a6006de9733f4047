"""The camera's way through a Short: planned from what was seen, with the whole shot known.

The window holds still wherever the subject stays in its middle part; otherwise it moves early, no
slower than MIN_SPEED and no faster or rougher than need be. A small dynamic programme over place
and speed finds the cheapest way; the same input always gives the same plan. Nothing here reads a
file. Places are shares of the picture; times in ms.
"""

import math
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np

from mediakit.framing.crop_plan import Analysis, Box, Key, Layout, Override, Plan, Shot
from mediakit.framing.crop_window import Frame, frame_of
from mediakit.framing.geometry import CANVAS
from mediakit.framing.overrides import layout_asked, window_asked, wish_for
from mediakit.framing.tracking import Cast, Companion, Target, cast, layout_of
from mediakit.media_info import MediaInfo, VideoTrack
from mediakit.probing.frame_rate import frame_count, output_rate

STEP_MS = 200
# Pixels of the source a second. Slower than this the window ticks along, as chroma lies on even ones.
MIN_SPEED = 60
# Places the window can be in are at least this share of the picture apart, which bounds the work.
FINEST = 1 / 160
FASTEST = 16  # in places per step
# A layout that lasts no longer than this joins its neighbour's. At an edge of the Short, what is known of the shot
# beyond it counts too, and what is shown whole stays so from SHORTEST_EDGE_MS on: joined, its sides would be lost.
SHORTEST_RUN_MS, SHORTEST_EDGE_MS = 1_500, 500
# A sighting counts fully for so long around it, and half for so long.
SURE_MS, UNSURE_MS = 450, 1_300
# Costs per step, with places measured in half windows from the middle. Free within EASY.
EASY = 0.32
DRIFT_COST = 0.04  # of the square of the distance, so that the middle is best
OFF_COST = 1.6  # of the square beyond EASY
CUT_OFF_COST, CUT_OFF_SLOPE = 2.0, 12.0  # a face not wholly inside
LOST_COST = 8.0  # its middle outside
START_COST = 2.2  # a move begins
MOVE_COST = 0.10  # a step of a move, whatever its speed
WAY_COST = 0.25  # a whole half window of way
ROUGH_COST = 1.2  # a change of speed by a half window per step
COMPANY_COST = 0.5  # all are left out who weigh together as much as the subject, or more
FACE_ROOM = 1.15  # a face with some hair around it
# A face stands so far above the middle of a window that is lower than the picture.
HEAD_ROOM = 0.1
STACK_CANVAS = (CANVAS[0], CANVAS[1] // 2)
STACK_HEIGHT = 3.2  # of a face
STACK_LEAST = 0.35

Floats = np.ndarray[Any, np.dtype[np.float64]]


def make_plan(
    analysis: Analysis,
    info: MediaInfo,
    *,
    start_ms: int,
    end_ms: int,
    speech_ms: Sequence[tuple[int, int]] = (),
    pair: Layout = "fit",
    nobody: Layout = "fit",
    overrides: Sequence[Override] = (),
) -> Plan:
    """How to frame that range, which the analysis covers.

    `speech_ms` says when words are said, `pair` how two people apart are laid out ("crop" follows
    one), `nobody` a shot without anybody ("crop" is the middle). An override is about the shot that
    is on screen at its time, and always wins; the last of several counts.
    """
    frame = frame_of(info.video, analysis.area)
    edges = shot_edges(analysis, info, start_ms, end_ms)
    seen = analysis.within(start_ms, end_ms).samples
    casts, drafts = [], []
    for low, high in pairwise(edges):
        inside = [s for s in seen if low <= s.time_ms - start_ms < high]
        found = cast(inside, window=frame.width, speech_ms=speech_ms) if inside else Cast()
        wanted = wish_for(overrides, start_ms + low, start_ms + high)
        casts.append((found, wanted))
        layout = layout_of(found, pair=pair, nobody=nobody)
        drafts.append(Shot(low, high, layout, people=found.people))
    joined = _joined(drafts, beyond_ms=_beyond(analysis, start_ms, end_ms))
    filled = []
    for shot, (found, wanted) in zip(joined, casts, strict=True):
        # Wishes come after: one about a shot changes none beside it.
        layout = layout_asked(wanted, frame) or shot.layout
        asked = replace(shot, layout=layout, chosen=wanted is not None)
        filled.append(
            _filled(asked, found, wanted, frame=frame, video=info.video, start_ms=start_ms)
        )
    return Plan(analysis.area, tuple(filled))


def laid_out(
    plan: Plan,
    layout: Layout,
    analysis: Analysis,
    info: MediaInfo,
    *,
    start_ms: int,
    speech_ms: Sequence[tuple[int, int]] = (),
) -> Plan:
    """The plan with every shot in that layout, as each would be if a person wished so of it.

    `plan` was made of that analysis for a range that begins at `start_ms`.
    """
    frame = frame_of(info.video, analysis.area)

    def other(shot: Shot) -> Shot:
        if shot.layout == layout:
            return shot
        low, high = start_ms + shot.start_ms, start_ms + shot.end_ms
        inside = [s for s in analysis.samples if low <= s.time_ms < high]
        found = cast(inside, window=frame.width, speech_ms=speech_ms) if inside else Cast()
        bare = replace(shot, layout=layout, keys=(), parts=())
        return _filled(bare, found, None, frame=frame, video=info.video, start_ms=start_ms)

    return replace(plan, shots=tuple(map(other, plan.shots)))


def shot_edges(analysis: Analysis, info: MediaInfo, start_ms: int, end_ms: int) -> list[int]:
    """Where shots begin and end, from 0 to the Short's length: half a picture before each first one."""
    rate = output_rate(info.video)
    frames = frame_count(end_ms - start_ms, rate)
    edges = [0]
    for cut in analysis.cuts_us:
        first = math.floor(Fraction(cut - start_ms * 1000, 1_000_000) * rate + Fraction(1, 2))
        edge = round((first - Fraction(1, 2)) / rate * 1000)
        if 0 < first < frames and edge > edges[-1]:
            edges.append(edge)
    return [*edges, end_ms - start_ms]


def _beyond(analysis: Analysis, start_ms: int, end_ms: int) -> tuple[int, int]:
    """How much of the first and of the last shot is known beyond the range: before it, after it."""
    before = [cut // 1000 for cut in analysis.cuts_us if cut <= start_ms * 1000]
    after = [cut // 1000 for cut in analysis.cuts_us if cut >= end_ms * 1000]
    return start_ms - max([analysis.start_ms, *before]), min([analysis.end_ms, *after]) - end_ms


def _joined(shots: Sequence[Shot], *, beyond_ms: tuple[int, int]) -> list[Shot]:
    """The shots, with runs of one layout that are too short given a neighbour's.

    The shortest goes first, to its longer neighbour. `beyond_ms` is what is known of the first shot before the
    range, and of the last one after it.
    """
    shots = list(shots)
    while True:
        runs = _runs(shots)
        short = [run for run in runs if _is_short(shots, run, beyond_ms)]
        if len(runs) < 2 or not short:
            return shots
        run = min(short, key=lambda r: _length(shots, r))
        at = runs.index(run)
        beside = [runs[i] for i in (at - 1, at + 1) if 0 <= i < len(runs)]
        layout = shots[max(beside, key=lambda r: _length(shots, r))[0]].layout
        for i in run:
            # A stack needs two people, who are not here; it too fills the screen.
            shots[i] = replace(shots[i], layout="crop" if layout == "stack" else layout)
        if len(_runs(shots)) == len(runs):
            return shots


def _is_short(shots: Sequence[Shot], run: Sequence[int], beyond_ms: tuple[int, int]) -> bool:
    length = _length(shots, run)
    first, last = run[0] == 0, run[-1] == len(shots) - 1
    if (first or last) and length >= SHORTEST_EDGE_MS:
        if shots[run[0]].layout == "fit":
            return False
        length += first * beyond_ms[0] + last * beyond_ms[1]
    return length < SHORTEST_RUN_MS


def _runs(shots: Sequence[Shot]) -> list[list[int]]:
    runs: list[list[int]] = []
    for i, shot in enumerate(shots):
        if runs and shots[runs[-1][0]].layout == shot.layout:
            runs[-1].append(i)
        else:
            runs.append([i])
    return runs


def _length(shots: Sequence[Shot], run: Sequence[int]) -> int:
    return shots[run[-1]].end_ms - shots[run[0]].start_ms


def _filled(
    shot: Shot,
    found: Cast,
    wanted: Override | None,
    *,
    frame: Frame,
    video: VideoTrack,
    start_ms: int,
) -> Shot:
    """The shot with the window's way, or with the parts that are stacked."""
    if shot.layout == "stack":
        if found.two is None:
            return replace(shot, layout="fit")
        parts = tuple(_part(box, found.two, video, frame.area) for box in found.two)
        return replace(shot, parts=parts)
    if shot.layout == "fit":
        return shot
    asked = window_asked(wanted, frame, shot.start_ms)
    if asked:
        return replace(shot, keys=asked)
    way = camera_path(found.targets, shot, frame, start_ms, company=found.company)
    return replace(shot, keys=tuple(way))


def _part(person: Box, pair: tuple[Box, Box], video: VideoTrack, area: Box) -> Box:
    """What is shown of one of two people: their upper body, in half the canvas's shape."""
    whole = frame_of(video, area, STACK_CANVAS)
    apart = abs(pair[0].centre[0] - pair[1].centre[0])
    share = min(1.0, max(STACK_LEAST, STACK_HEIGHT * person.height / whole.height))
    share = min(share, max(STACK_LEAST, apart / whole.width))
    width, height = whole.width * share, whole.height * share
    x, y = person.centre
    left = min(max(area.left, x - width / 2), area.right - width)
    top = min(max(area.top, y - height * 0.42), area.top + area.height - height)
    return Box(left, top, width, height)


def camera_path(
    targets: Sequence[Target],
    shot: Shot,
    frame: Frame,
    start_ms: int,
    *,
    company: Sequence[Companion] = (),
) -> list[Key]:
    """The window's way through a shot that keeps the targets in sight; times as in the shot.

    Where the targets leave room for it, the company is kept in sight too. Without targets it is the
    middle. It never shows what lies outside the frame's area.
    """
    low, high = frame.bounds
    finest = max(MIN_SPEED * STEP_MS / 1000 / frame.pixels, FINEST)
    places = math.floor((high - low) / finest + 1e-9)
    if not targets or high - low < 1e-6:
        return [frame.key(shot.start_ms, (low + high) / 2)]
    steps = max(1, -(-(shot.end_ms - shot.start_ms) // STEP_MS))
    times = [start_ms + shot.start_ms + i * STEP_MS for i in range(steps + 1)]
    wanted, reach, weight = _course(targets, times, frame)
    if places < 1:
        middle = float(np.average(wanted, weights=weight))
        return [frame.key(shot.start_ms, min(high, max(low, middle)))]
    grid = np.linspace(low, high, places + 1)
    costs = _place_costs(grid, wanted, reach, weight, frame.length / 2)
    crowd = max(1.0, sum(other.weight for other in company))
    for other in company:
        # Between and beyond their sightings they are taken to be where they were seen.
        there, wide, _ = _course(other.targets, times, frame)
        left_out = _left_out(grid, there, wide, frame.length / 2)
        costs += COMPANY_COST * other.weight / crowd * left_out * weight[:, None]
    way = _cheapest(costs, (high - low) / places / (frame.length / 2))
    return _keys([float(grid[i]) for i in way], shot, frame)


def _course(
    targets: Sequence[Target], times: Sequence[int], frame: Frame
) -> tuple[Floats, Floats, Floats]:
    """At each time: where the target's middle is, how far it reaches, and how sure that is."""
    at = np.array([t.time_ms for t in targets], float)
    axis = 1 if frame.upright else 0
    middles = np.array([t.box.centre[axis] for t in targets])
    reaches = np.array([(t.box.height if frame.upright else t.box.width) / 2 for t in targets])
    if frame.upright:
        middles = middles + HEAD_ROOM * frame.height
    middles = _without_jumps(middles)
    asked = np.array(times, float)
    nearest = np.abs(asked[:, None] - at[None, :]).min(axis=1)
    weight = np.where(nearest <= SURE_MS, 1.0, np.where(nearest <= UNSURE_MS, 0.5, 0.02))
    return np.interp(asked, at, middles), np.interp(asked, at, reaches), weight


def _without_jumps(values: Floats) -> Floats:
    """Single values out of line replaced by the middle one of three."""
    if len(values) < 3:
        return values
    threes = np.stack([values[:-2], values[1:-1], values[2:]])
    return np.concatenate([values[:1], np.median(threes, axis=0), values[-1:]])


def _place_costs(
    grid: Floats, wanted: Floats, reach: Floats, weight: Floats, half: float
) -> Floats:
    """What each place costs at each time."""
    off = np.abs(grid[None, :] - wanted[:, None]) / half
    room = np.maximum(0.1, 1 - FACE_ROOM * reach / half)[:, None]
    easy = np.minimum(EASY, room)
    cost = DRIFT_COST * off**2 + OFF_COST * np.maximum(0, off - easy) ** 2
    outside = np.maximum(0, off - room)
    cost = cost + np.where(outside > 0, CUT_OFF_COST, 0) + CUT_OFF_SLOPE * outside
    cost = cost + np.where(off > 0.97, LOST_COST, 0)
    result: Floats = cost * weight[:, None]
    return result


def _left_out(grid: Floats, there: Floats, reach: Floats, half: float) -> Floats:
    """How much each place leaves somebody out: 0 with their face inside, 1 with its middle outside.

    Never more than 1, so that nobody draws the window who cannot be had with the subject.
    """
    off = np.abs(grid[None, :] - there[:, None]) / half
    room = np.maximum(0.1, 1 - FACE_ROOM * reach / half)[:, None]
    result: Floats = np.clip((off - room) / np.maximum(0.05, 0.97 - room), 0, 1)
    return result


def _cheapest(costs: Floats, unit: float) -> list[int]:
    """The cheapest way through the places, one for each time; `unit` is one place in half windows."""
    steps, places = costs.shape
    fastest = min(FASTEST, max(1, places - 1))
    speeds = np.arange(-fastest, fastest + 1)
    change = np.abs(speeds[:, None] - speeds[None, :]) * unit
    turns = (speeds[:, None] * speeds[None, :] < 0) * START_COST
    starts = ((speeds[:, None] == 0) & (speeds[None, :] != 0)) * START_COST
    step = (speeds != 0) * MOVE_COST + np.abs(speeds) * unit * WAY_COST
    between = ROUGH_COST * change + turns + starts + step[None, :]  # from speed, to speed
    source = np.arange(places)[:, None] - speeds[None, :]
    inside = (source >= 0) & (source < places)
    source = np.clip(source, 0, places - 1)
    column = np.arange(len(speeds))[None, :]

    best = np.full((places, len(speeds)), np.inf)
    best[:, fastest] = costs[0]
    came = np.zeros((steps, places, len(speeds)), np.int8)
    for now in range(1, steps):
        ways = best[:, :, None] + between[None, :, :]
        before = ways.argmin(axis=1)
        cheapest = np.take_along_axis(ways, before[:, None, :], axis=1)[:, 0, :]
        came[now] = np.where(inside, before[source, column], 0)
        best = np.where(inside, cheapest[source, column], np.inf) + costs[now][:, None]
    place, speed = divmod(int(best.argmin()), len(speeds))
    way = [place]
    for now in range(steps - 1, 0, -1):
        before_speed = int(came[now, place, speed])
        place -= int(speeds[speed])
        speed = before_speed
        way.append(place)
    return way[::-1]


def _keys(places: Sequence[float], shot: Shot, frame: Frame) -> list[Key]:
    """The way as keys, its corners rounded: a quadratic spline in quarter steps, what is straight left out."""
    padded = [places[0], *places, places[-1]]
    points: list[tuple[int, float]] = []
    for i in range(len(places)):
        a, b, c = padded[i : i + 3]
        for quarter in (-2, -1, 0, 1):
            u = (quarter + 2) / 4
            value = ((1 - u) ** 2 * a + (1 + 2 * u - 2 * u * u) * b + u * u * c) / 2
            points.append((i * STEP_MS + quarter * STEP_MS // 4, value))
    points.append((len(places) * STEP_MS, places[-1]))
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
    return [frame.key(shot.start_ms + t, v) for t, v in kept]
