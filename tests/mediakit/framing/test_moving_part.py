"""A part of the picture on blur that follows its subject, in the plan, in the Short and in its cut."""

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import pytest

from mediakit.framing.crop_filters import crop_plan_graph, still_plan
from mediakit.framing.crop_plan import CropPlan, Override, PathPoint, Shot
from mediakit.framing.cut_plan import moved_path
from mediakit.framing.output_format import SHORT
from mediakit.framing.range_analysis import RangeAnalysis
from mediakit.framing.rect import Rect
from mediakit.framing.window_path import fitted_at
from tests.mediakit.face_fixtures import WHOLE_PICTURE, make_info, plan_of
from tests.mediakit.framing.test_salient_region import regions_of

SECONDS = 8


def runs(*lefts: float, width: float = 0.45) -> RangeAnalysis:
    """An analysis of something of that width whose left side is at these places, one after another."""
    return regions_of(*((left, left + width) for left in lefts), seconds=SECONDS)


def across() -> RangeAnalysis:
    """Something that stands at the left for 3 s, runs to the right and stays there."""
    return runs(*[0.03] * 6, 0.12, 0.25, 0.38, *[0.5] * 7)


def test_a_wide_subject_that_runs_is_followed_by_a_part_of_one_size():
    plan = plan_of(across())
    (shot,) = plan.shots
    (part,) = shot.parts
    assert (shot.layout, shot.reason, shot.zoom) == ("fit", "subject", 1)
    assert part.width == pytest.approx(0.5625, abs=0.01)
    for sample in across().samples:
        shown = fitted_at(shot, plan.area, sample.time_ms)
        assert sample.region is not None
        assert (shown.width, shown.left <= sample.region.left + 0.06) == (part.width, True)
        assert shown.right >= sample.region.right - 0.06
    assert all(before.x <= after.x for before, after in pairwise(shot.path))  # one move


def test_what_jumps_to_and_fro_is_not_followed():
    restless = runs(*[0.03, 0.03, 0.5, 0.5] * 4)
    assert {(shot.layout, shot.path) for shot in plan_of(restless).shots} == {("fit", ())}


def test_the_whole_picture_and_a_window_can_be_chosen_instead():
    (whole,) = plan_of(across(), overrides=[Override(500, layout="fit")]).shots
    assert (whole.layout, whole.parts, whole.path) == ("fit", (), ())
    (crop,) = plan_of(across(), overrides=[Override(500, layout="crop")]).shots
    assert (crop.layout, crop.parts) == ("crop", ())


def test_a_range_within_the_analysis_has_its_own_times():
    analysis = across()
    later = replace(
        analysis,
        start_ms=2_000,
        end_ms=2_000 + SECONDS * 1000,
        samples=tuple(replace(s, time_ms=s.time_ms + 2_000) for s in analysis.samples),
    )
    assert plan_of(later).shots[0].path == plan_of(analysis).shots[0].path


def moving(*keys: tuple[int, float], start_ms: int = 0, end_ms: int = 1_000) -> Shot:
    """A shot with a square part of a 16:9 picture at these places."""
    path = tuple(PathPoint(ms, x, 0.5) for ms, x in keys)
    part = Rect(keys[0][1] - 0.28125, 0, 0.5625, 1)
    return Shot(start_ms, end_ms, "fit", path, parts=(part,))


def test_its_stills_and_its_cut_are_where_it_is_then():
    plan = CropPlan(WHOLE_PICTURE, (moving((0, 0.3), (1_000, 0.7)),))
    (still,) = still_plan(plan, 500).shots
    assert fitted_at(still, plan.area, 0).centre[0] == pytest.approx(0.5)
    cut = replace(plan.shots[0], path=moved_path(plan.shots[0].path, 0, 500, Fraction(-500)))
    assert fitted_at(cut, plan.area, 0).centre[0] == pytest.approx(0.5)
    assert fitted_at(cut, plan.area, 500).centre[0] == pytest.approx(0.7)


def test_parts_of_one_size_that_move_are_one_chain_of_filters_and_a_resting_one_another():
    shots = (
        moving((0, 0.3), (400, 0.6), end_ms=500),
        moving((500, 0.4), (900, 0.7), start_ms=500),
        replace(moving((1_000, 0.4), start_ms=1_000, end_ms=2_000), path=()),
    )
    graph = crop_plan_graph(
        make_info().video, CropPlan(WHOLE_PICTURE, shots), SHORT.size, rate=Fraction(25)
    )
    assert graph.count("trim=start_frame") == 2
    assert graph.count("crop=1080:1080:x='if(lt(t,") == 1
    assert "crop=1080:1080:228:0" in graph
