"""Somebody far away with something beside them that moves by itself: both are shown."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from mediakit.framing.analysis.people.body_motion import beside_box
from mediakit.framing.range_analysis import RangeAnalysis
from mediakit.framing.rect import Rect
from tests.mediakit.face_fixtures import make_analysis, make_face, plan_of

FACE = Rect(0.28, 0.3, 0.04, 0.07)
DOG = Rect(0.6, 0.5, 0.15, 0.3)


def walked(
    beside: Callable[[float], Rect | None] = lambda _: DOG, *, size: float = 0.04
) -> RangeAnalysis:
    """8 s of a person at 0.3 whose motion is known, and what moves beside them."""
    still = make_analysis(lambda _: make_face(0.3, size=size), seconds=8)
    samples = tuple(
        replace(s, moving=s.faces[0].box, beside=beside(s.time_ms / 1000)) for s in still.samples
    )
    return replace(still, samples=samples)


def test_far_people_and_what_moves_beside_them_are_in_the_narrowest_part():
    (shot,) = plan_of(walked()).shots
    (part,) = shot.parts
    assert (shot.layout, shot.reason, part.width) == ("fit", "person", pytest.approx(0.5625))
    assert part.left <= 0.28
    assert part.right >= DOG.right
    known = RangeAnalysis.from_json(walked().to_json())
    assert known.samples[3].beside == DOG
    # Now and then, and while nobody can say, it is there as well; where no part holds both the picture is whole.
    seldom = walked(lambda t: DOG if t % 1 < 0.4 else None)
    assert plan_of(seldom).shots[0].parts == shot.parts
    (whole,) = plan_of(walked(lambda _: Rect(0.78, 0.5, 0.22, 0.3))).shots
    assert (whole.layout, whole.parts) == ("fit", ())
    # It is larger again when they come together for long enough.
    apart = Rect(0.8, 0.5, 0.2, 0.3)
    first, second = plan_of(walked(lambda t: apart if t < 2.8 else replace(DOG, left=0.5))).shots
    assert (first.parts, second.parts[0].width) == ((), pytest.approx(0.45))


def test_in_a_brief_shot_two_samples_of_it_are_enough():
    brief = replace(walked(lambda t: DOG if 0.3 < t < 0.7 else None), cuts_us=(1_200_000,))
    assert plan_of(brief).shots[0].layout == "fit"
    once = replace(walked(lambda t: DOG if 0.3 < t < 0.5 else None), cuts_us=(1_200_000,))
    assert plan_of(once).shots[0].layout == "crop"


@pytest.mark.parametrize(
    "analysis",
    [
        walked(size=0.13),  # near: what is behind whoever talks
        walked(lambda t: DOG if t < 1 else None),  # passes
        walked(lambda t: DOG if int(t) % 2 else Rect(0.01, 0.5, 0.15, 0.3)),  # on both sides
        walked(lambda _: Rect(0.36, 0.5, 0.05, 0.3)),  # in the window
    ],
)
def test_otherwise_the_window_stays_with_the_person(analysis: RangeAnalysis):
    assert {shot.layout for shot in plan_of(analysis).shots} == {"crop"}


def test_what_is_beside_people_moves_more_than_they_do_in_one_place():
    def grid(*places: tuple[slice, slice, float]) -> np.ndarray:
        motion = np.zeros((22, 40), np.float32)
        for rows, columns, amount in places:
            motion[rows, columns] = amount
        return motion

    dog = (slice(11, 18), slice(24, 30), 10.0)
    assert (box := beside_box(grid(dog), [FACE])) is not None
    assert (box.left, box.right) == pytest.approx((0.6, 0.75), abs=0.03)
    assert (box.top, box.bottom) == pytest.approx((0.5, 0.82), abs=0.05)
    person = (slice(4, 22), slice(10, 14), 6.0)
    for other in (
        grid(dog, person),  # whoever moves as much is the subject
        grid((slice(11, 18), slice(0, 40), 10.0)),  # traffic
        grid((slice(6, 9), slice(24, 26), 10.0)),  # a leaf
        None,
    ):
        assert beside_box(other, [FACE]) is None
    assert beside_box(grid(dog), []) is None
