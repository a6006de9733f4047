"""The layout of shots: by the people in them, by their length, and by overrides."""

from dataclasses import replace
from fractions import Fraction
from functools import partial

import pytest

from mediakit.framing.crop_filters import crop_plan_graph
from mediakit.framing.crop_plan import CropPlan, Layout, Override
from mediakit.framing.crop_window import crop_window
from mediakit.framing.output_format import SIZES, cells
from mediakit.framing.planning.overrides import apply_overrides
from mediakit.framing.planning.parts.inset_parts import inset_shot
from mediakit.framing.planning.parts.stack_parts import drawn_parts
from mediakit.framing.planning.shot_planning import make_crop_plan, with_layout
from mediakit.framing.range_analysis import RangeAnalysis
from mediakit.framing.rect import Rect
from tests.mediakit.face_fixtures import (
    WHOLE_PICTURE,
    WINDOW_WIDTH,
    make_analysis,
    make_face,
    make_info,
    plan_of,
    window_centre,
)


@pytest.mark.parametrize("pair", ["fit", "stack", "crop"])
def test_two_people_apart_are_laid_out_as_wished(pair):
    plan = plan_of(make_analysis(lambda _: 0.15, lambda _: 0.85, seconds=5), pair_layout=pair)
    (shot,) = plan.shots
    assert (shot.layout, shot.people) == (pair, 2)
    for part, x in zip(shot.parts, (0.15, 0.85), strict=False):
        assert part.left <= x - 0.06
        assert x + 0.06 <= part.right
        shape = part.width * 1920 / (part.height * 1080)
        assert shape == pytest.approx(9 / 8, rel=0.02)


@pytest.mark.parametrize("places", [(0.1, 0.4, 0.8), (0.1, 0.35, 0.62, 0.88)])
def test_more_people_apart_have_a_part_each(places):
    people = [lambda _, x=x: x for x in places]
    (shot,) = plan_of(make_analysis(*people, seconds=5)).shots
    assert (shot.layout, shot.people, len(shot.parts)) == ("stack", len(places), len(places))
    for part, x in zip(shot.parts, places, strict=True):
        assert part.left <= x - 0.06
        assert x + 0.06 <= part.right
        assert not any(part.left < other < part.right for other in places if other != x)
        shape = part.width * 1920 / (part.height * 1080)
        assert shape == pytest.approx(1080 / 640 if len(places) == 3 else 9 / 16, rel=0.02)


def test_people_near_one_another_are_shown_together_where_a_part_each_would_be_blurred():
    near = make_analysis(
        *(lambda _, x=x: make_face(x, size=0.07) for x in (0.32, 0.5, 0.68)), seconds=4
    )
    small = make_info(854, 480)
    (shot,) = plan_of(near, small).shots
    assert (shot.layout, shot.reason, shot.parts) == ("fit", "apart", ())
    (wished,) = plan_of(near, small, pair_layout="stack").shots
    assert (wished.layout, len(wished.parts)) == ("stack", 3)
    assert plan_of(near).shots[0].layout == "stack"  # sharp enough
    apart = make_analysis(*(lambda _, x=x: x for x in (0.1, 0.4, 0.8)), seconds=4)
    assert plan_of(apart, small).shots[0].layout == "stack"


def test_a_large_face_in_a_part_is_whole_before_its_neighbours_are_left_out():
    people = [lambda _, x=x: make_face(x, size=0.25) for x in (0.2, 0.5, 0.8)]
    (shot,) = plan_of(make_analysis(*people, seconds=5)).shots
    assert shot.layout == "stack"
    for part, x in zip(shot.parts, (0.2, 0.5, 0.8), strict=True):
        face = make_face(x, size=0.25).box
        assert part.left <= face.left
        assert face.right <= part.right
        assert part.top <= face.top
        assert face.top + face.height <= part.top + part.height


def test_a_face_wider_than_the_window_is_shown_whole():
    plan = plan_of(make_analysis(lambda _: make_face(0.5, size=0.35), seconds=5))
    assert (plan.shots[0].layout, plan.shots[0].reason) == ("fit", "person")
    plan = plan_of(make_analysis(lambda _: make_face(0.5, size=0.26), seconds=5))
    assert plan.shots[0].layout == "crop"


def test_two_people_together_are_framed_together():
    plan = plan_of(make_analysis(lambda _: 0.43, lambda _: 0.56, seconds=5))
    assert plan.shots[0].layout == "crop"
    assert window_centre(plan, 2) == pytest.approx(0.495, abs=0.03)


def test_two_people_of_whom_one_is_found_at_a_time_are_two_people_apart():
    plan = plan_of(make_analysis(lambda t: 0.2 if int(t * 5) % 2 else 0.8, seconds=5))
    assert (plan.shots[0].layout, plan.shots[0].people) == ("stack", 2)


def test_a_flash_without_anybody_joins_its_neighbours_and_a_longer_one_is_shown_whole():
    def way(t: float) -> float | None:
        return None if 3 <= t < 3.4 or t >= 7 else 0.3

    plan = plan_of(make_analysis(way, seconds=10, cuts_s=(3, 3.4, 7)))
    assert [shot.layout for shot in plan.shots] == ["crop", "crop", "crop", "fit"]
    wall = plan_of(make_analysis(way, seconds=10, cuts_s=(3, 3.6, 7)))
    assert [shot.layout for shot in wall.shots] == ["crop", "fit", "crop", "fit"]
    centred = plan_of(make_analysis(way, seconds=10, cuts_s=(3, 4, 7)), empty_shot_layout="crop")
    assert window_centre(centred, 8) == 0.5


def test_a_person_in_a_brief_shot_is_larger_than_whole_beside_what_is_whole():
    analysis = make_analysis(lambda t: 0.3 if 3 <= t < 3.6 else None, seconds=6, cuts_s=(3, 3.6))
    before, brief, after = plan_of(analysis).shots
    assert [(s.layout, s.reason) for s in (before, brief, after)] == [
        ("fit", "nobody"),
        ("fit", "person"),
        ("fit", "nobody"),
    ]
    (part,) = brief.parts
    assert (part.left, part.width) == pytest.approx((0, 0.75), abs=0.01)
    assert not before.parts + after.parts
    # Within a shot a change of size for so short a time would be restless.
    glimpse = replace(analysis, cuts_us=(3_000_000,))
    assert all(not shot.parts for shot in plan_of(glimpse).shots)


def test_what_is_shown_whole_at_an_edge_stays_so_unless_it_is_a_flash():
    def way(t: float) -> float | None:
        return 0.3 if 1 <= t < 5 else None

    plan = plan_of(make_analysis(way, seconds=6, cuts_s=(1, 5)))
    assert [shot.layout for shot in plan.shots] == ["fit", "crop", "fit"]
    plan = plan_of(make_analysis(way, seconds=5.4, cuts_s=(1, 5)))
    assert [shot.layout for shot in plan.shots] == ["fit", "crop", "crop"]


def test_a_shot_that_goes_on_beyond_the_range_keeps_its_layout():
    analysis = make_analysis(lambda t: None if t < 4 else 0.3, seconds=8, cuts_s=(4,))
    shorter = analysis.within(0, 4_900)

    def layouts(analysis: RangeAnalysis, start_ms: int, end_ms: int) -> list[str]:
        plan = make_crop_plan(analysis, make_info(), start_ms=start_ms, end_ms=end_ms)
        return [shot.layout for shot in plan.shots]

    assert layouts(analysis, 0, 4_900) == ["fit", "crop"]
    assert layouts(analysis, 0, 4_400) == ["fit", "fit"]
    assert layouts(shorter, 0, 4_900) == ["fit", "fit"]  # it is unknown whether it continues
    back = make_analysis(lambda t: 0.3 if t < 4 else None, seconds=8, cuts_s=(4,))
    assert layouts(back, 3_000, 8_000) == ["crop", "fit"]


def test_a_person_who_only_passes_by_does_not_leave_an_empty_window_behind():
    passing = plan_of(make_analysis(lambda t: 0.6 + 0.2 * t if t < 1.2 else None, seconds=4))
    assert [shot.layout for shot in passing.shots] == ["fit"]
    seldom_found = plan_of(make_analysis(lambda t: 0.7 if int(t * 5) % 3 == 0 else None, seconds=4))
    assert [shot.layout for shot in seldom_found.shots] == ["crop"]


def test_an_override_always_wins():
    analysis = make_analysis(lambda _: 0.3, seconds=6, cuts_s=(3.0, 3.6))
    overrides = [
        Override(500, layout="fit"),
        Override(3_100, focus=(0.95, 0.5)),
        Override(4_000, box=Rect(0.5, 0.2, 0.2, 0.3)),
    ]
    first, second, third = plan_of(analysis, overrides=overrides).shots
    assert (first.layout, first.chosen) == ("fit", True)
    # Shorter than any layout would be by itself, and no farther than the picture goes.
    assert second.path[0].x == pytest.approx(1 - WINDOW_WIDTH / 2, abs=0.001)
    assert third.path[0].x == pytest.approx(0.6)
    wide = plan_of(analysis, overrides=[Override(0, box=Rect(0.1, 0, 0.8, 1))])
    assert wide.shots[0].layout == "fit"
    tall = plan_of(
        analysis, make_info(1080, 2400), overrides=[Override(0, box=Rect(0, 0, 0.5, 0.9))]
    )
    assert tall.shots[0].layout == "fit"


def test_an_override_of_a_shot_changes_none_beside_it():
    short = make_analysis(lambda _: 0.3, seconds=3.8, cuts_s=(2.6,))
    shots = plan_of(short, overrides=[Override(1_000, layout="fit")]).shots
    assert [shot.layout for shot in shots] == ["fit", "crop"]


def test_an_override_for_two_is_kept_although_one_was_seldom_detected():
    analysis = make_analysis(lambda _: 0.2, lambda t: 0.8 if t < 1.5 else None, seconds=5)
    assert plan_of(analysis).shots[0].layout == "crop"
    (shot,) = plan_of(analysis, overrides=[Override(1_000, layout="stack")]).shots
    assert (shot.layout, len(shot.parts)) == ("stack", 2)


def test_a_stored_plan_with_overrides_applied_is_what_the_planner_makes_of_them():
    def main(t: float) -> float | None:
        return {0: 0.3, 1: 0.15, 2: None}.get(int(t // 4), 0.7 if t > 15 else None)

    analysis = make_analysis(
        main, lambda t: 0.85 if 4 <= t < 8 or t < 1 else None, seconds=16, cuts_s=(4, 8, 12)
    )
    plain = plan_of(analysis)
    assert [shot.layout for shot in plain.shots] == ["crop", "stack", "fit", "fit"]
    info = make_info()
    variants: dict[Layout, CropPlan] = {
        "crop": with_layout(plain, "crop", analysis, info, start_ms=0),
        "stack": with_layout(plain, "stack", analysis, info, start_ms=0),
    }
    overrides = (
        *(Override(0, layout="crop"), Override(0, layout="fit"), Override(0, layout="stack")),
        *(Override(0, focus=(0.9, 0.2)), Override(0, layout="crop", box=Rect(0.5, 0, 0.8, 1))),
        *(Override(0, box=Rect(0.1, 0, 0.2, 1)), Override(0, box=Rect(0.1, 0, 0.8, 1))),
        *(Override(0, "inset"), Override(0, "inset", box=Rect(0.1, 0.5, 0.2, 0.3))),
        Override(0, tiles=(Rect(0, 0.2, 0.3, 0.3), Rect(0.6, 0.2, 0.1, 0.4))),
    )
    inset_of = partial(
        inset_shot, analysis=analysis, video=info.video, canvas=SIZES["9:16"], start_ms=0
    )
    tiles_of = partial(drawn_parts, video=info.video, area=WHOLE_PICTURE, canvas=SIZES["9:16"])
    applied = partial(apply_overrides, inset_of=inset_of, tiles_of=tiles_of)
    for at_ms in (500, 5_000, 9_000, 14_000):
        for override in overrides:
            both = [Override(at_ms, layout="fit"), replace(override, at_ms=at_ms)]
            frame = crop_window(info.video, WHOLE_PICTURE)
            made = applied(plain, variants, both, window=frame, start_ms=0)
            assert made == plan_of(analysis, overrides=both), (at_ms, override)


def test_the_parts_of_a_stack_are_drawn_by_hand():
    one = make_analysis(lambda _: 0.5, seconds=5)
    drawn = (Rect(0, 0.1, 0.1, 0.5), Rect(0.8, 0, 0.19, 0.2), Rect(0.4, 0.4, 0.01, 0.01))
    (shot,) = plan_of(one, overrides=[Override(1_000, tiles=drawn)]).shots
    assert (shot.layout, len(shot.parts), shot.chosen) == ("stack", 3, True)
    for box, part, cell in zip(drawn, shot.parts, cells(SIZES["9:16"], 3), strict=True):
        assert part.left <= box.left + 1e-9
        assert part.top <= box.top + 1e-9
        assert part.right >= box.right - 1e-9
        assert part.bottom >= box.bottom - 1e-9
        assert part.width * 1920 / (part.height * 1080) == pytest.approx(
            cell.size.width / cell.size.height, rel=0.02
        )
    assert shot.parts[2].width > 0.05  # a speck is not enlarged a hundred times
    kept = Override.from_json(Override(1_000, tiles=drawn).to_json())
    assert kept.tiles == drawn


def test_a_close_up_that_does_not_fit_the_window_is_shown_whole():
    close = make_analysis(lambda _: make_face(0.5, size=WINDOW_WIDTH * 1.1), seconds=5)
    (shot,) = plan_of(close).shots
    assert (shot.layout, shot.reason) == ("fit", "person")
    (square,) = plan_of(close, canvas=SIZES["1:1"]).shots
    assert (square.layout, square.reason) == ("crop", "person")


def test_a_window_that_shows_everything_needs_no_blur():
    nobody = make_analysis(lambda t: 0.4 if t < 1 else None, seconds=8)
    apart = make_analysis(lambda _: 0.15, lambda _: 0.85, seconds=5)
    assert plan_of(nobody).shots[0].layout == "fit"
    for analysis in (nobody, apart):
        plan = plan_of(analysis, canvas=SIZES["16:9"], pair_layout="fit")
        assert [shot.layout for shot in plan.shots] == ["crop"]


def test_who_is_hardly_ever_seen_has_no_part():
    places = (0.1, 0.5, 0.9)
    seldom = [0, 1.4, 2.8, 4.2]  # at most 1.6 s apart, so the place is known in between
    people = [
        lambda t, x=x: x if x != 0.5 or any(abs(t - at) < 0.01 for at in seldom) else None
        for x in places
    ]
    (shot,) = plan_of(make_analysis(*people, seconds=5)).shots
    assert (shot.layout, shot.people, len(shot.parts)) == ("stack", 2, 2)


@pytest.mark.parametrize(("ratio", "shape"), [("4:5", 1080 / 674), ("1:1", 540 / 1080)])
def test_two_people_share_each_shape_in_its_own_way(ratio: str, shape: float):
    info, canvas = make_info(), SIZES[ratio]
    apart = make_analysis(lambda _: 0.1, lambda _: 0.9, seconds=5)
    plan = plan_of(apart, info, canvas=canvas, pair_layout="stack")
    (shot,) = plan.shots
    assert shot.layout == "stack"
    for part, x in zip(shot.parts, (0.1, 0.9), strict=True):
        assert part.left <= x <= part.right
        assert part.width * 1920 / (part.height * 1080) == pytest.approx(shape, rel=0.02)
    graph = crop_plan_graph(info.video, plan, canvas, rate=Fraction(25))
    second = "540_0" if ratio == "1:1" else "0_674"
    assert f"xstack=inputs=2:layout=0_0|{second}[" in graph


def test_a_face_too_wide_for_the_window_has_a_part_of_the_picture_that_holds_it():
    (shot,) = plan_of(make_analysis(lambda _: make_face(0.55, size=0.35), seconds=4)).shots
    assert (shot.layout, shot.reason) == ("fit", "person")
    (part,) = shot.parts
    assert part.width == pytest.approx(1080 / 1920)
    assert part.left <= 0.55 - 0.35 / 2 - 0.04
    assert part.right >= 0.55 + 0.35 / 2 + 0.04
    (wider,) = plan_of(make_analysis(lambda _: make_face(0.5, size=0.6), seconds=4)).shots
    assert (wider.layout, wider.parts) == ("fit", ())
