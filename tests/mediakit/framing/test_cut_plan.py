"""Crop plans in cut time: the same picture of every kept frame as in the plan of the whole."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediakit.cutting.cut_time import cut_time
from mediakit.framing.crop_plan import CropPlan, PathPoint, Shot
from mediakit.framing.cut_plan import (
    analysis_in_cut,
    common_area,
    crop_plan_in_cut,
    group_spans_ms,
)
from mediakit.framing.planning.shot_planning import make_crop_plan
from mediakit.framing.range_analysis import Face, FaceSample, RangeAnalysis
from mediakit.framing.rect import WHOLE_PICTURE, Rect
from mediakit.framing.window_path import path_position
from tests.mediakit.cutting.test_cut_time import RATES, info_at, kept_ranges

FACE = Rect(0.2, 0.2, 0.1, 0.2)


def analysis_of(start_ms: int, end_ms: int, cuts_ms=()) -> RangeAnalysis:
    """A face that walks from left to right once in ten seconds."""
    samples = tuple(
        FaceSample(at, (Face(replace(FACE, left=0.05 + 0.8 * (at % 10_000) / 10_000), 0.9),))
        for at in range(start_ms, end_ms, 200)
    )
    cuts = tuple(at * 1000 for at in cuts_ms if start_ms < at < end_ms)
    return RangeAnalysis(start_ms, end_ms, "yunet", WHOLE_PICTURE, cuts, samples)


@given(kept_ranges(), st.sampled_from(RATES), st.data())
def test_every_kept_frame_is_framed_as_in_the_plan_of_the_whole(ranges, rate, data):
    info = info_at(rate)
    cut = cut_time(info, ranges)
    plans = []
    for start_ms, end_ms in group_spans_ms(cut):
        middle = (end_ms - start_ms) // 2
        path = (PathPoint(0, 0.2, 0.5), PathPoint(max(1, middle), 0.8, 0.5))
        plans.append(
            CropPlan(
                WHOLE_PICTURE,
                (Shot(0, middle, "crop", path=path), Shot(middle, end_ms - start_ms, "fit")),
            )
        )

    plan = crop_plan_in_cut(plans, cut)

    assert plan.shots[0].start_ms == 0
    assert [shot.end_ms for shot in plan.shots[:-1]] == [s.start_ms for s in plan.shots[1:]]
    number = data.draw(st.integers(0, len(cut.pieces) - 1))
    piece = cut.pieces[number]
    group = next(at for at, group in enumerate(cut.groups) if piece in group)
    frame = data.draw(st.integers(piece.first, piece.end - 1))
    was_ms, is_ms = (cut.frames_ms(f) for f in (frame, piece.cut_first + frame - piece.first))
    was, shown = plans[group].shot_at(int(was_ms)), plan.shot_at(int(is_ms))
    if abs(was_ms - plans[group].shots[0].end_ms) > 1:
        assert shown.layout == was.layout
        if shown.path:
            expected = path_position(was.path, float(was_ms))
            speed = 0.6 / max(1, was.path[-1].time_ms)
            assert path_position(shown.path, float(is_ms)) == pytest.approx(
                expected, abs=2 * speed + 1e-9
            )


def test_the_window_jumps_at_a_join_to_where_the_person_is_by_then():
    info = info_at(Fraction(25))
    cut = cut_time(info, [(0, 2_000), (6_000, 8_000)])
    (span,) = group_spans_ms(cut)
    plan = make_crop_plan(analysis_of(*span), info, start_ms=span[0], end_ms=span[1])

    made = crop_plan_in_cut([plan], cut)

    before, after = made.shots[0], made.shots[-1]
    assert (before.end_ms, after.start_ms, made.shots[-1].end_ms) == (1_980, 1_980, 4_000)
    end, start = path_position(before.path, 1_960)[0], path_position(after.path, 2_000)[0]
    whole = plan.shots[0].path
    assert (end, start) == pytest.approx(
        (path_position(whole, 1_960)[0], path_position(whole, 6_000)[0]), abs=0.01
    )
    assert start - end > 0.3  # four seconds of walking


def test_the_analysis_moves_with_the_pieces():
    cut = cut_time(info_at(Fraction(25)), [(1_000, 2_000), (4_000, 5_000), (60_000, 61_000)])
    spans = group_spans_ms(cut)
    assert spans == ((1_000, 5_000), (60_000, 61_000))

    found = analysis_in_cut([analysis_of(*span, cuts_ms=(4_400, 60_480)) for span in spans], cut)

    assert (found.start_ms, found.end_ms) == (0, 3_000)
    assert found.cuts_us == (1_000_000, 1_400_000, 2_000_000, 2_480_000)
    assert [sample.time_ms for sample in found.samples] == list(range(0, 3_000, 200))
    assert found.samples[5].faces[0].box.left == pytest.approx(0.05 + 0.8 * 0.4)


def test_bars_that_are_there_for_a_part_only_are_part_of_the_picture():
    wide = replace(analysis_of(0, 1_000), area=Rect(0.0, 0.1, 1.0, 0.8))
    high = replace(analysis_of(0, 1_000), area=Rect(0.2, 0.0, 0.6, 1.0))

    area = common_area([wide, high])

    assert (area.left, area.top) == (0, 0)
    assert (area.width, area.height) == pytest.approx((1, 1))
