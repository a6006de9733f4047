"""What stands out in shots without a face: its box, and when it takes the place of what moves or has a colour."""

from dataclasses import replace

import numpy as np
import pytest

from mediakit.framing.analysis.finders.object_finder import Standout, standout
from mediakit.framing.analysis.pictures import cv2
from mediakit.framing.analysis.subjects.object_regions import with_objects
from mediakit.framing.analysis.subjects.salient_region import Evidence
from mediakit.framing.range_analysis import FaceSample, RangeAnalysis
from mediakit.framing.rect import Rect
from tests.mediakit.face_fixtures import make_analysis, make_face, plan_of

WIDE = Rect(0.05, 0.1, 0.9, 0.8)
SECONDS = 8


def value_map(*discs: tuple[int, int, int], ground: float = 0.0) -> np.ndarray:
    """A map of 200 by 100 points with discs of full value at (x, y), with a radius."""
    values = np.full((100, 200), ground, np.float32)
    for x, y, radius in discs:
        cv2.circle(values, (x, y), radius, 1.0, -1)
    return values


def evidence(*moving_at: float | None) -> Evidence:
    """A picture in which something moves at some places from left to right, or nothing does."""
    motion = np.zeros((9, 20), np.float32)
    for place in moving_at:
        if place is not None:
            motion[:, int(place * 20)] = 20
    return Evidence(motion, np.zeros((9, 20, 3), np.float32), ())


@pytest.fixture
def looks(tmp_path):
    """Looks twice a second, each with ten times its number as its grey."""
    found = []
    for number in range(SECONDS * 2):
        path = tmp_path / f"{number}.png"
        cv2.imwrite(str(path), np.full((9, 16, 3), number * 10, np.uint8))
        found.append((number * 500, path))
    return found


def number_of(picture: np.ndarray) -> int:
    return int(picture[0, 0, 0]) // 10


def regions(looks, find, seen=None, faces=()) -> list[Rect | None]:
    """The regions of a shot whose own are wide."""
    samples = [FaceSample(i * 200, faces, None if faces else WIDE) for i in range(SECONDS * 5)]
    given = [seen or evidence()] * len(samples)
    found = with_objects(looks, [0, SECONDS * 1000 + 1], samples, given, find)
    return [sample.region for sample in found]


def test_the_box_holds_all_large_pieces_and_no_small_one():
    box = standout(value_map((60, 50, 15), (110, 50, 12), (190, 10, 2))).box
    assert box is not None
    assert (box.left, box.right) == pytest.approx((0.215, 0.625), abs=0.01)
    assert (box.top, box.top + box.height) == pytest.approx((0.34, 0.67), abs=0.02)


def test_nothing_stands_out_in_scenery_or_where_everything_does():
    assert standout(value_map()) == Standout(None, is_empty=True)
    for values in (value_map((60, 50, 15), ground=0.3), value_map((100, 50, 100))):
        assert (standout(values).box, standout(values).is_empty) == (None, False)


def test_what_may_belong_to_an_unclear_thing_is_in_doubt():
    unclear = standout(value_map((60, 50, 3)) * 0.6 + value_map((60, 50, 10)) * 0.3)
    assert unclear.box is None
    assert unclear.doubtful is not None
    assert unclear.doubtful.centre[0] == pytest.approx(0.3, abs=0.01)
    assert unclear.doubtful.width == pytest.approx(0.125, abs=0.01)
    assert standout(value_map(ground=0.3)).doubtful is None


def test_what_stands_out_is_the_subject_instead_of_a_wider_region(looks):
    searched = []

    def find(picture: np.ndarray) -> Standout:
        searched.append(number_of(picture))
        return Standout(Rect(0.4 + 0.01 * number_of(picture), 0.2, 0.2, 0.6))

    found = regions(looks, find)
    assert found[0] is not None
    assert (found[0].left, found[0].right) == pytest.approx((0.4, 0.6))
    # Between two looks it holds both places.
    assert found[10] is not None
    assert (found[10].left, found[10].right) == pytest.approx((0.4, 0.66))
    assert sorted(searched) == [0, 6, 12, 15]


def test_where_it_moves_more_looks_are_searched(looks):
    searched = []

    def find(picture: np.ndarray) -> Standout:
        searched.append(number_of(picture))
        return Standout(Rect(0.05 * number_of(picture), 0.2, 0.2, 0.6))

    found = regions(looks, find)
    assert sorted(searched) == [0, 3, 6, 9, 12, 15]
    assert max(region.width for region in found if region) == pytest.approx(0.35)


def test_a_shot_that_does_not_change_is_searched_once(looks):
    searched = []

    def find(picture: np.ndarray) -> Standout:
        searched.append(number_of(picture))
        return Standout(Rect(0.4, 0.2, 0.2, 0.6))

    same = [(time_ms, looks[3][1]) for time_ms, _ in looks]
    assert None not in regions(same, find)
    assert searched == [3]


def test_it_has_to_stand_out_in_most_looks(looks):
    searched = []

    def find(picture: np.ndarray) -> Standout:
        searched.append(number_of(picture))
        return Standout(Rect(0.4, 0.2, 0.2, 0.6) if number_of(picture) in at else None)

    at: set[int] = {0}
    assert set(regions(looks, find)) == {WIDE}
    assert searched == [6]  # and it is given up as soon as that cannot be
    at = {6, 15}
    assert set(regions(looks, find)) == {WIDE}


def leaves(picture: np.ndarray) -> Standout:
    """Somebody stands there, goes to the right, and is away from 4.5 s on."""
    number = number_of(picture)
    place = 0.45 if number < 7 else 0.65
    return Standout(Rect(place, 0.1, 0.2, 0.9)) if number < 9 else Standout(None, is_empty=True)


def samples_of(looks, find) -> RangeAnalysis:
    analysis = make_analysis(seconds=SECONDS)
    bare = [FaceSample(sample.time_ms) for sample in analysis.samples]
    edges, seen = [0, SECONDS * 1000 + 1], [evidence()] * len(bare)
    return replace(analysis, samples=with_objects(looks, edges, bare, seen, find))


def test_who_leaves_is_followed_until_then_and_the_picture_is_whole_afterwards(looks):
    analysis = samples_of(looks, leaves)
    assert [sample.is_empty for sample in analysis.samples] == [
        sample.time_ms >= 4_500 for sample in analysis.samples
    ]
    stored = RangeAnalysis.from_json(analysis.to_json())
    assert [s.is_empty for s in stored.samples] == [s.is_empty for s in analysis.samples]
    crop, whole = plan_of(analysis).shots
    assert (crop.layout, crop.reason, whole.layout) == ("crop", "subject", "fit")
    assert crop.end_ms == pytest.approx(4_400, abs=60)


def test_who_comes_in_is_not_waited_for(looks):
    def comes(picture: np.ndarray) -> Standout:
        return (
            Standout(is_empty=True)
            if number_of(picture) < 5
            else Standout(Rect(0.4, 0.2, 0.2, 0.8))
        )

    whole, crop = plan_of(samples_of(looks, comes)).shots
    assert (whole.layout, crop.layout, crop.reason) == ("fit", "crop", "subject")
    assert whole.end_ms == pytest.approx(2_200, abs=60)


EMPTY = Standout(is_empty=True)


def test_who_comes_and_leaves_is_shown_larger_meanwhile(looks):
    def passes(picture: np.ndarray) -> Standout:
        return Standout(Rect(0.4, 0.2, width, 0.8)) if 4 < number_of(picture) < 10 else EMPTY

    width = 0.2
    before, crop, after = plan_of(samples_of(looks, passes)).shots
    assert (before.layout, crop.layout, after.layout) == ("fit", "crop", "fit")
    assert (crop.start_ms, crop.end_ms) == pytest.approx((2_100, 4_900), abs=120)
    width = 0.4
    before, part, after = plan_of(samples_of(looks, passes)).shots
    assert [len(shot.parts) for shot in (before, part, after)] == [0, 1, 0]


def test_who_is_there_for_a_moment_only_changes_nothing(looks):
    def passes(picture: np.ndarray) -> Standout:
        return Standout(Rect(0.4, 0.2, 0.2, 0.8)) if 4 < number_of(picture) < 8 else EMPTY

    assert [shot.reason for shot in plan_of(samples_of(looks, passes)).shots] == ["nobody"]


def test_a_subject_that_becomes_small_is_in_doubt_and_still_there(looks):
    def flies_away(picture: np.ndarray) -> Standout:
        number = number_of(picture)
        faint = Standout(is_empty=number > 4, doubtful=Rect(doubtful_at, 0.4, 0.1, 0.1))
        return Standout(Rect(0.4, 0.3, 0.2, 0.2)) if number < 3 else faint if number < 6 else EMPTY

    doubtful_at = 0.55
    found = samples_of(looks, flies_away).samples
    assert [sample.is_empty for sample in found] == [each.time_ms >= 3_000 for each in found]
    doubtful_at = 0.8  # another thing
    assert not any(sample.is_empty for sample in samples_of(looks, flies_away).samples)


def test_who_is_there_before_something_else_is_not_all_of_the_shot(looks):
    def find(picture: np.ndarray) -> Standout:
        number = number_of(picture)
        unclear = Standout() if number < 12 else EMPTY
        return Standout(Rect(0.4, 0.2, 0.2, 0.8)) if 4 < number < 10 else unclear

    assert set(regions(looks, find)) == {WIDE}


def test_a_shot_that_is_empty_at_its_very_end_only_is_not_left(looks):
    def find(picture: np.ndarray) -> Standout:
        number = number_of(picture)
        return Standout(Rect(0.4, 0.2, 0.2, 0.6)) if number < 15 else Standout(None, is_empty=True)

    assert [shot.layout for shot in plan_of(samples_of(looks, find)).shots] == ["crop"]


def test_what_moves_elsewhere_stays_the_subject(looks):
    def find(_picture: np.ndarray) -> Standout:
        return Standout(Rect(0.4, 0.2, 0.2, 0.6))

    assert set(regions(looks, find, evidence(0.8))) == {WIDE}
    (inside,) = set(regions(looks, find, evidence(0.5)))
    assert inside is not None
    assert (inside.left, inside.right) == pytest.approx((0.4, 0.6))


def test_a_wide_thing_beside_which_much_moves_is_a_road(looks):
    def find(_picture: np.ndarray) -> Standout:
        return Standout(Rect(0.0, 0.2, 0.62, 0.6))

    assert set(regions(looks, find, evidence(0.1, 0.3, 0.5, 0.8))) == {WIDE}
    assert WIDE not in set(regions(looks, find, evidence(0.1, 0.3, 0.5)))


def test_what_moves_or_has_a_colour_may_be_a_part_of_what_stands_out(looks):
    def find(_picture: np.ndarray) -> Standout:
        return Standout(Rect(place, 0.1, wide, 0.8))

    breast = [FaceSample(i * 200, (), Rect(0.45, 0.4, 0.32, 0.4)) for i in range(SECONDS * 5)]

    def width(moving_at: float | None = None) -> float | None:
        seen = [evidence(moving_at)] * len(breast)
        (region,) = {s.region for s in with_objects(looks, [0, 8_001], breast, seen, find)}
        return None if region is None else region.width

    place, wide = 0.35, 0.5
    assert width() == width(0.6) == pytest.approx(0.5)
    place, wide = 0.0, 0.5
    assert width() == pytest.approx(0.32)  # another thing
    # More than a part of 4:3 holds is no subject; of what moves within it as much is shown as that holds.
    place, wide = 0.0, 0.9
    assert width() == pytest.approx(0.32)
    assert width(0.6) == pytest.approx(0.635)  # from 0.265 to 0.9


def test_shots_of_people_and_narrow_regions_are_not_searched(looks):
    def find(_picture: np.ndarray) -> Standout:
        raise AssertionError

    assert set(regions(looks, find, faces=(make_face(0.5),))) == {None}
    narrow = [FaceSample(i * 200, (), Rect(0.1, 0, 0.2, 1)) for i in range(SECONDS * 5)]
    seen = [evidence()] * len(narrow)
    assert with_objects(looks, [0, SECONDS * 1000 + 1], narrow, seen, find) == tuple(narrow)


def test_what_has_a_colour_beside_what_stands_out_is_shown_too_where_a_square_holds_both(looks):
    def find(_picture: np.ndarray) -> Standout:
        return Standout(Rect(0.45, 0.1, 0.28, 0.8))

    def extent(left: float) -> tuple[float, float]:
        coloured = Rect(left, 0.2, 0.68 - left, 0.4)
        given = [FaceSample(i * 200, (), coloured) for i in range(SECONDS * 5)]
        (region,) = {
            s.region for s in with_objects(looks, [0, 8_001], given, [evidence()] * 40, find)
        }
        assert region is not None
        return region.left, region.right

    assert extent(0.3) == pytest.approx((0.3, 0.73))
    assert extent(0.1) == pytest.approx((0.45, 0.73))
