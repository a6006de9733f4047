"""People whom an upright window would cut are shown in a wider part of the picture."""

from dataclasses import replace

import pytest

from mediakit.framing.crop_plan import Override, PathPoint, Shot
from mediakit.framing.crop_window import crop_window
from mediakit.framing.output_format import SHORT
from mediakit.framing.people.speech import Speech
from mediakit.framing.planning.people.whole_people import part_around_people
from mediakit.framing.range_analysis import Body, Face, FaceSample, RangeAnalysis, ShotContent
from mediakit.framing.rect import WHOLE_PICTURE, Rect
from tests.mediakit.face_fixtures import (
    WINDOW_WIDTH,
    make_analysis,
    make_face,
    make_info,
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


def with_outline(reach: float, every: int = 5) -> RangeAnalysis:
    """Somebody whose face has 0.75 of the window, and whose hair is known to reach so far (of it) from the middle."""
    still = sways(0.75, 0)
    head = Rect(0.5 - reach * WINDOW_WIDTH, 0.2, 2 * reach * WINDOW_WIDTH, 0.6)
    body = Body(Rect(0.2, 0.2, 0.6, 0.8), head)
    return replace(
        still,
        samples=tuple(
            replace(s, bodies=(body,)) if i % every == 0 else s for i, s in enumerate(still.samples)
        ),
    )


def test_a_head_whose_known_outline_the_window_cuts_is_shown_with_its_hair_in_the_narrowest_part():
    (shot,) = plan_of(with_outline(0.65)).shots
    (part,) = shot.parts
    assert (shot.layout, part.width) == ("fit", pytest.approx(0.45))  # 4:5
    assert part.left <= 0.5 - 0.65 * WINDOW_WIDTH
    assert part.right >= 0.5 + 0.65 * WINDOW_WIDTH
    (wide,) = plan_of(with_outline(0.8)).shots
    assert wide.parts[0].width == pytest.approx(0.5625)
    for other in (
        with_outline(0.51),  # single hairs
        with_outline(0.65, every=99),  # seen once
        with_outline(1.2),  # no part holds it that would not show less of the face
    ):
        assert plan_of(other).shots[0].layout == "crop"


def in_turns(near: float) -> RangeAnalysis:
    """Two close faces who speak in turns; the second one's middle is `near`, and the first one's hair is known."""
    wide = 0.75 * WINDOW_WIDTH
    talks = make_analysis(
        lambda t: make_face(0.25, size=wide, motion=0.03 if t <= 4 else 0.006),
        lambda t: make_face(near, size=wide, motion=0.006 if t <= 4 else 0.03),
        seconds=8,
    )
    bodies = (
        Body(Rect(0, 0.2, 0.48, 0.8), Rect(0.03, 0.2, 0.44, 0.6)),
        Body(Rect(near - 0.2, 0.2, 0.4, 0.8)),
    )
    return replace(talks, samples=tuple(replace(s, bodies=bodies) for s in talks.samples))


def test_who_speaks_keeps_their_hair_where_the_part_shows_nobody_else():
    speech = Speech(((0, 8_000),))
    first, second = plan_of(in_turns(0.8), speech=speech).shots
    assert (first.layout, first.reason, second.layout) == ("fit", "speaker", "crop")
    (part,) = first.parts
    assert (part.left, part.right) == pytest.approx((0.025, 0.475), abs=0.01)
    first, _ = plan_of(in_turns(0.6), speech=speech).shots
    assert (first.layout, first.reason) == ("crop", "speaker")


def far_people(distance: float, third: float | None = None) -> RangeAnalysis:
    """Two far people so far from one another, and one more of whom the face is seen in three samples only."""

    def turned(t: float) -> Face | None:
        return make_face(third, size=0.05) if third is not None and 1 <= t < 1.6 else None

    return make_analysis(
        lambda _: make_face(0.5 - distance / 2, size=0.05),
        lambda _: make_face(0.5 + distance / 2, size=0.05),
        turned,
        seconds=4,
    )


def test_far_people_who_are_framed_together_keep_their_shoulders():
    assert plan_of(far_people(0.13)).shots[0].layout == "crop"
    (shot,) = plan_of(far_people(0.19)).shots
    (part,) = shot.parts
    assert (shot.layout, shot.reason, part.width) == ("fit", "group", pytest.approx(0.45))
    # Who has turned away, and is seen now and then, is shown with them.
    (three,) = plan_of(far_people(0.19, third=0.25)).shots
    assert (three.people, three.parts[0].width) == (2, pytest.approx(0.5625))
    assert three.parts[0].left <= 0.2
    assert plan_of(far_people(0.13, third=0.25)).shots[0].layout == "crop"
    # A picture that is hardly wider than a square is whole where no part holds them.
    (whole,) = plan_of(far_people(0.36, third=0.1), make_info(1440, 1080)).shots
    assert (whole.layout, whole.reason, whole.parts[0]) == ("fit", "group", Rect(0, 0, 1, 1))


def test_a_part_is_moved_off_the_bars_of_its_shot():
    content = ShotContent(0, 4_000, area=Rect(0.3, 0, 0.6, 1))
    (shot,) = plan_of(replace(far_people(0.19), contents=(content,))).shots
    assert (shot.parts[0].left, shot.parts[0].width) == pytest.approx((0.3, 0.45), abs=0.001)


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


def test_arms_that_are_spread_while_the_face_is_lost_for_a_moment_are_whole():
    def waves(every: int, reach: float) -> RangeAnalysis:
        """The face is lost in three samples of so many, in which the arms reach so far on either side."""
        still = make_analysis(lambda _: make_face(0.5, size=0.04), seconds=5)
        wide = Rect(0.5 - reach, 0.2, 2 * reach, 0.7)
        samples = [
            replace(s, faces=(), region=wide) if i % every in {1, 2, 3} else s
            for i, s in enumerate(still.samples)
        ]
        return replace(still, samples=tuple(samples))

    (shot,) = plan_of(waves(8, 0.3)).shots
    assert (shot.layout, shot.reason) == ("fit", "person")
    assert shot.parts[0].left <= 0.2
    assert shot.parts[0].right >= 0.8
    assert plan_of(waves(8, 0.15)).shots[0].layout == "crop"  # the window holds them
    assert plan_of(waves(25, 0.3)).shots[0].layout == "crop"  # now and then


def test_a_part_shows_no_bars_that_only_its_shot_has():
    content = ShotContent(0, 5_000, area=Rect(0.2, 0, 0.6, 1))
    analysis = replace(spreads_arms(Rect(0.22, 0.2, 0.56, 0.7)), contents=(content,))
    (shot,) = plan_of(analysis).shots
    assert (shot.parts[0].left, shot.parts[0].width) == pytest.approx((0.2, 0.6))


def test_a_part_of_a_shot_in_which_none_of_a_group_is_seen_has_no_wider_part():
    video = make_info().video
    window = crop_window(video, WHOLE_PICTURE, SHORT.size)
    samples = [FaceSample(time_ms) for time_ms in range(0, 2_000, 200)]
    path = (PathPoint(0, 0.5, 0.5),)
    group = Shot(0, 2_000, "crop", path, people=2, reason="group")
    assert part_around_people(group, window, samples, 0, video) is None
