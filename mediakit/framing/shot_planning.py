"""The crop plan of a Short: a layout for every shot, and a crop path or two stacked parts.

The whole shot is known before its path is planned. Nothing here reads a file. The same input always
gives the same plan. Positions are fractions of the picture, times are ms.
"""

import math
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

from mediakit.framing.camera_path import camera_path
from mediakit.framing.crop_plan import CropPlan, Layout, Override, RangeAnalysis, Rect, Shot
from mediakit.framing.crop_window import CropWindow, crop_window
from mediakit.framing.geometry import Size
from mediakit.framing.output_format import SHORT, cell_sizes
from mediakit.framing.overrides import override_for, override_layout, override_path
from mediakit.framing.tracking import ShotTracking, choose_layout, track_subjects
from mediakit.media_info import MediaInfo
from mediakit.probing.frame_rate import frame_count, output_rate

# A run of one layout no longer than this takes its neighbour's layout. At an edge of the Short the known part of the
# shot beyond the edge counts too, and "fit" is kept from MIN_EDGE_RUN_MS on: a crop would lose the picture's sides.
MIN_RUN_MS, MIN_EDGE_RUN_MS = 1_500, 500
STACK_FACE_HEIGHTS = 3.2  # the height of a stacked part, in heights of its face
MIN_STACK_SHARE = 0.35  # of the largest possible part
STACK_FACE_CENTRE = 0.42  # the face's centre in its part, from the top


def make_crop_plan(
    analysis: RangeAnalysis,
    info: MediaInfo,
    *,
    start_ms: int,
    end_ms: int,
    speech_ms: Sequence[tuple[int, int]] = (),
    pair_layout: Layout = "fit",
    empty_shot_layout: Layout = "fit",
    overrides: Sequence[Override] = (),
    canvas: Size = SHORT.size,
) -> CropPlan:
    """Plan the framing of the range, which must lie inside the analysed one, for a picture of the size `canvas`.

    `speech_ms` are the spans in which words are spoken. `pair_layout` is the layout for two people
    too far apart for one window ("crop" follows one of them), `empty_shot_layout` the one for a shot without faces
    ("crop" is centred). An override applies to the shot on screen at its time and always wins; the
    last of several counts.
    """
    window = crop_window(info.video, analysis.area, canvas)
    cell = crop_window(info.video, analysis.area, cell_sizes(canvas)[0])
    edges = shot_edges_ms(analysis, info, start_ms, end_ms)
    samples = analysis.within(start_ms, end_ms).samples
    tracked, drafts = [], []
    for low, high in pairwise(edges):
        inside = [s for s in samples if low <= s.time_ms - start_ms < high]
        tracking = track_subjects(inside, window_width=window.width, speech_ms=speech_ms)
        tracked.append((tracking, override_for(overrides, start_ms + low, start_ms + high)))
        layout = choose_layout(
            tracking, pair_layout=pair_layout, empty_shot_layout=empty_shot_layout
        )
        drafts.append(Shot(low, high, layout, people=tracking.people))
    merged = _merge_short_runs(drafts, beyond_ms=_known_beyond_ms(analysis, start_ms, end_ms))
    shots = []
    for shot, (tracking, override) in zip(merged, tracked, strict=True):
        # Overrides come after merging: an override of one shot changes no other shot.
        layout = override_layout(override, window) or shot.layout
        framed = replace(shot, layout=layout, chosen=override is not None)
        shots.append(
            _with_path(
                framed,
                tracking,
                override,
                window=window,
                cell=cell,
                start_ms=start_ms,
            )
        )
    return CropPlan(analysis.area, tuple(shots))


def with_layout(
    plan: CropPlan,
    layout: Layout,
    analysis: RangeAnalysis,
    info: MediaInfo,
    *,
    start_ms: int,
    speech_ms: Sequence[tuple[int, int]] = (),
    canvas: Size = SHORT.size,
) -> CropPlan:
    """The plan with every shot in the layout, as if each had an override to it.

    `plan` was made from the analysis for a picture of the size `canvas` and a range that begins at `start_ms`.
    """
    window = crop_window(info.video, analysis.area, canvas)
    cell = crop_window(info.video, analysis.area, cell_sizes(canvas)[0])

    def replanned(shot: Shot) -> Shot:
        if shot.layout == layout:
            return shot
        low, high = start_ms + shot.start_ms, start_ms + shot.end_ms
        inside = [s for s in analysis.samples if low <= s.time_ms < high]
        tracking = track_subjects(inside, window_width=window.width, speech_ms=speech_ms)
        bare = replace(shot, layout=layout, path=(), parts=())
        return _with_path(bare, tracking, None, window=window, cell=cell, start_ms=start_ms)

    return replace(plan, shots=tuple(map(replanned, plan.shots)))


def shot_edges_ms(
    analysis: RangeAnalysis, info: MediaInfo, start_ms: int, end_ms: int
) -> list[int]:
    """The shots' boundaries from 0 to the Short's length, each half a frame before a shot's first frame."""
    rate = output_rate(info.video)
    frames = frame_count(end_ms - start_ms, rate)
    edges = [0]
    for cut in analysis.cuts_us:
        first = math.floor(Fraction(cut - start_ms * 1000, 1_000_000) * rate + Fraction(1, 2))
        edge = round((first - Fraction(1, 2)) / rate * 1000)
        if 0 < first < frames and edge > edges[-1]:
            edges.append(edge)
    return [*edges, end_ms - start_ms]


def _known_beyond_ms(analysis: RangeAnalysis, start_ms: int, end_ms: int) -> tuple[int, int]:
    """How long the first shot is known to last before the range, and the last shot after it."""
    before = [cut // 1000 for cut in analysis.cuts_us if cut <= start_ms * 1000]
    after = [cut // 1000 for cut in analysis.cuts_us if cut >= end_ms * 1000]
    return start_ms - max([analysis.start_ms, *before]), min([analysis.end_ms, *after]) - end_ms


def _merge_short_runs(shots: Sequence[Shot], *, beyond_ms: tuple[int, int]) -> list[Shot]:
    """The shots, with each too short run of one layout given a neighbour's layout.

    The shortest run is merged first, into its longer neighbour. `beyond_ms` comes from `_known_beyond_ms`.
    """
    shots = list(shots)
    while True:
        runs = _layout_runs(shots)
        short = [run for run in runs if _is_short(shots, run, beyond_ms)]
        if len(runs) < 2 or not short:
            return shots
        run = min(short, key=lambda r: _run_length_ms(shots, r))
        at = runs.index(run)
        neighbours = [runs[i] for i in (at - 1, at + 1) if 0 <= i < len(runs)]
        layout = shots[max(neighbours, key=lambda r: _run_length_ms(shots, r))[0]].layout
        for i in run:
            # A stack needs two people, whom this run lacks; a crop fills the screen as well.
            shots[i] = replace(shots[i], layout="crop" if layout == "stack" else layout)
        if len(_layout_runs(shots)) == len(runs):
            return shots


def _is_short(shots: Sequence[Shot], run: Sequence[int], beyond_ms: tuple[int, int]) -> bool:
    length = _run_length_ms(shots, run)
    first, last = run[0] == 0, run[-1] == len(shots) - 1
    if (first or last) and length >= MIN_EDGE_RUN_MS:
        if shots[run[0]].layout == "fit":
            return False
        length += first * beyond_ms[0] + last * beyond_ms[1]
    return length < MIN_RUN_MS


def _layout_runs(shots: Sequence[Shot]) -> list[list[int]]:
    """Indices of consecutive shots with the same layout."""
    runs: list[list[int]] = []
    for i, shot in enumerate(shots):
        if runs and shots[runs[-1][0]].layout == shot.layout:
            runs[-1].append(i)
        else:
            runs.append([i])
    return runs


def _run_length_ms(shots: Sequence[Shot], run: Sequence[int]) -> int:
    return shots[run[-1]].end_ms - shots[run[0]].start_ms


def _with_path(
    shot: Shot,
    tracking: ShotTracking,
    override: Override | None,
    *,
    window: CropWindow,
    cell: CropWindow,
    start_ms: int,
) -> Shot:
    """The shot with the path of its crop window, or with the parts of its stack; `cell` is the largest such part."""
    if shot.layout == "stack":
        if tracking.likeliest_pair is None:
            return replace(shot, layout="fit")
        pair = tracking.likeliest_pair
        return replace(shot, parts=tuple(_stack_part(box, pair, cell) for box in pair))
    if shot.layout == "fit":
        return shot
    path = override_path(override, window, shot.start_ms) or camera_path(
        tracking.targets, shot, window, start_ms, secondary=tracking.secondary
    )
    return replace(shot, path=tuple(path))


def _stack_part(person: Rect, pair: tuple[Rect, Rect], largest: CropWindow) -> Rect:
    """The part shown of one of two people: the upper body, in the shape of `largest`."""
    area = largest.area
    distance = abs(pair[0].centre[0] - pair[1].centre[0])
    share = min(1.0, max(MIN_STACK_SHARE, STACK_FACE_HEIGHTS * person.height / largest.height))
    share = min(share, max(MIN_STACK_SHARE, distance / largest.width))
    width, height = largest.width * share, largest.height * share
    x, y = person.centre
    left = min(max(area.left, x - width / 2), area.right - width)
    top = min(max(area.top, y - height * STACK_FACE_CENTRE), area.top + area.height - height)
    return Rect(left, top, width, height)
