"""People whom an upright window would cut are shown in a wider part of the picture."""

from dataclasses import replace

import pytest

from mediakit.framing.crop_plan import Override
from mediakit.framing.range_analysis import RangeAnalysis, ShotContent
from mediakit.framing.rect import Rect
from tests.mediakit.face_fixtures import (
    WINDOW_WIDTH,
    make_analysis,
    make_face,
    plan_of,
    window_centre,
)


def two(distance: float, size: float = 0.12, other: float = 0.12) -> RangeAnalysis:
    """Two faces whose middles are so far from one another."""
    return make_analysis(
        lambda _: make_face(0.5 - distance / 2, size=size),
        lambda _: make_face(0.5 + distance / 2, size=other),
        seconds=4,
    )


def test_two_faces_of_which_the_window_would_cut_one_are_whole_in_a_wider_part():
    (shot,) = plan_of(two(0.19)).shots
    (part,) = shot.parts
    assert (shot.layout, shot.reason, shot.people) == ("fit", "group", 2)
    assert part.left <= 0.5 - 0.19 / 2 - 0.07
    assert part.right >= 0.5 + 0.19 / 2 + 0.07
    assert part.width == pytest.approx(0.45, abs=0.01)
    assert plan_of(two(0.13)).shots[0].layout == "crop"  # both fit the window
    assert plan_of(two(0.35)).shots[0].layout == "stack"
    # Somebody smaller in the background is not worth a smaller picture.
    assert plan_of(two(0.19, other=0.05)).shots[0].layout == "crop"


def test_a_window_that_is_chosen_by_hand_stays_one():
    (shot,) = plan_of(two(0.19), overrides=[Override(500, layout="crop")]).shots
    assert (shot.layout, shot.parts) == ("crop", ())


def sways(size: float, by: float) -> RangeAnalysis:
    """Somebody whose face has that share of the window and sways to and fro by so much of it each second."""
    wide = size * WINDOW_WIDTH
    return make_analysis(
        lambda t: make_face(0.5 + by * WINDOW_WIDTH * ((t * 5) % 5 >= 2.5), size=wide), seconds=6
    )


def test_a_head_about_as_wide_as_the_window_is_shown_with_its_sway_in_the_narrowest_part():
    (still,) = plan_of(sways(0.75, 0)).shots  # hair fits beside it
    assert still.layout == "crop"
    for size, by in ((0.95, 0.0), (0.85, 0.12)):
        (shot,) = plan_of(sways(size, by)).shots
        (part,) = shot.parts
        assert (shot.layout, shot.reason) == ("fit", "person")
        assert part.width == pytest.approx(0.45)  # 4:5
        assert part.left <= 0.5 - 0.6 * size * WINDOW_WIDTH
        assert part.right >= 0.5 + (by + 0.6 * size) * WINDOW_WIDTH
    # Who walks is followed: a part that holds all the way would be small.
    walks = make_analysis(lambda t: make_face(0.3 + 0.06 * t, size=0.27), seconds=6)
    assert plan_of(walks).shots[0].layout == "crop"
    # A close face is not shown smaller than a square has to: with its sway it spans half of the picture.
    (close,) = plan_of(sways(0.37 / WINDOW_WIDTH, 0.07 / WINDOW_WIDTH)).shots
    assert close.parts[0].width == pytest.approx(0.5625)


def spreads_arms(region: Rect | None, *, lost: bool = False) -> RangeAnalysis:
    """Somebody whose face is seen for 3 s of 5 and whose body then fills the region."""
    analysis = make_analysis(lambda t: make_face(0.5, size=0.04) if t < 3 else None, seconds=5)
    samples = tuple(
        s if s.faces else replace(s, region=region, lost=lost) for s in analysis.samples
    )
    return replace(analysis, samples=samples)


def test_a_body_that_reaches_beyond_the_window_is_whole():
    (shot,) = plan_of(spreads_arms(Rect(0.28, 0.2, 0.44, 0.7))).shots
    (part,) = shot.parts
    assert (shot.layout, shot.reason) == ("fit", "person")
    assert part.left <= 0.28
    assert part.right >= 0.72
    for other in (
        spreads_arms(Rect(0.42, 0.2, 0.16, 0.7)),  # the window holds it
        spreads_arms(Rect(0.55, 0.2, 0.44, 0.7)),  # something else
    ):
        plan = plan_of(other)
        assert plan.shots[0].layout == "crop"
        assert window_centre(plan, 1) == pytest.approx(0.5, abs=0.03)


def test_a_part_shows_no_bars_that_only_its_shot_has():
    content = ShotContent(0, 5_000, area=Rect(0.2, 0, 0.6, 1))
    analysis = replace(spreads_arms(Rect(0.22, 0.2, 0.56, 0.7)), contents=(content,))
    (shot,) = plan_of(analysis).shots
    assert (shot.parts[0].left, shot.parts[0].width) == pytest.approx((0.2, 0.6))
