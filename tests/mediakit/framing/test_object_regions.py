"""What stands out in shots without a face: its box, and when it takes the place of what moves or has a colour."""

import numpy as np
import pytest

from mediakit.framing.analysis.face_detection import cv2
from mediakit.framing.analysis.object_finder import object_box
from mediakit.framing.analysis.object_regions import with_objects
from mediakit.framing.analysis.salient_region import Evidence
from mediakit.framing.crop_plan import FaceSample, Rect
from tests.mediakit.face_fixtures import make_face

WIDE = Rect(0.05, 0.1, 0.9, 0.8)
SECONDS = 8


def value_map(*discs: tuple[int, int, int], ground: float = 0.0) -> np.ndarray:
    """A map of 200 by 100 points with discs of full value at (x, y), with a radius."""
    values = np.full((100, 200), ground, np.float32)
    for x, y, radius in discs:
        cv2.circle(values, (x, y), radius, 1.0, -1)
    return values


def evidence(moving_at: float | None = None) -> Evidence:
    """A picture in which something moves at a place from left to right, or nothing does."""
    motion = np.zeros((9, 20), np.float32)
    if moving_at is not None:
        motion[:, int(moving_at * 20)] = 20
    return Evidence(motion, np.zeros((9, 20, 3), np.float32), ())


@pytest.fixture
def looks(tmp_path):
    """Looks twice a second, each with its number as its grey."""
    found = []
    for number in range(SECONDS * 2):
        path = tmp_path / f"{number}.png"
        cv2.imwrite(str(path), np.full((9, 16, 3), number, np.uint8))
        found.append((number * 500, path))
    return found


def regions(looks, find, seen=None, faces=()) -> list[Rect | None]:
    """The regions of a shot whose own are wide."""
    samples = [FaceSample(i * 200, faces, None if faces else WIDE) for i in range(SECONDS * 5)]
    given = [seen or evidence()] * len(samples)
    found = with_objects(looks, [0, SECONDS * 1000 + 1], samples, given, find)
    return [sample.region for sample in found]


def test_the_box_holds_all_large_pieces_and_no_small_one():
    box = object_box(value_map((60, 50, 15), (110, 50, 12), (190, 10, 2)))
    assert box is not None
    assert (box.left, box.right) == pytest.approx((0.215, 0.625), abs=0.01)
    assert (box.top, box.top + box.height) == pytest.approx((0.34, 0.67), abs=0.02)


def test_nothing_stands_out_in_scenery_or_where_everything_does():
    assert object_box(value_map()) is None
    assert object_box(value_map((60, 50, 15), ground=0.3)) is None
    assert object_box(value_map((100, 50, 100))) is None


def test_what_stands_out_is_the_subject_instead_of_a_wider_region(looks):
    def find(picture: np.ndarray) -> Rect:
        return Rect(0.4 + 0.01 * int(picture[0, 0, 0]), 0.2, 0.2, 0.6)

    found = regions(looks, find)
    assert found[0] is not None
    assert (found[0].left, found[0].right) == pytest.approx((0.4, 0.6))
    # Between two looks it holds both places.
    assert found[10] is not None
    assert (found[10].left, found[10].right) == pytest.approx((0.4, 0.66))


def test_it_has_to_stand_out_in_most_looks(looks):
    searched = []

    def find(picture: np.ndarray) -> Rect | None:
        searched.append(int(picture[0, 0, 0]))
        return Rect(0.4, 0.2, 0.2, 0.6) if len(searched) == 1 else None

    assert set(regions(looks, find)) == {WIDE}
    assert searched == [0, 6, 12]  # and it is given up as soon as that cannot be


def test_what_moves_elsewhere_stays_the_subject(looks):
    def find(_picture: np.ndarray) -> Rect:
        return Rect(0.4, 0.2, 0.2, 0.6)

    assert set(regions(looks, find, evidence(0.8))) == {WIDE}
    (inside,) = set(regions(looks, find, evidence(0.5)))
    assert inside is not None
    assert (inside.left, inside.right) == pytest.approx((0.4, 0.6))


def test_shots_of_people_and_narrow_regions_are_not_searched(looks):
    def find(_picture: np.ndarray) -> Rect:
        raise AssertionError

    assert set(regions(looks, find, faces=(make_face(0.5),))) == {None}
    narrow = [FaceSample(i * 200, (), Rect(0.1, 0, 0.2, 1)) for i in range(SECONDS * 5)]
    seen = [evidence()] * len(narrow)
    assert with_objects(looks, [0, SECONDS * 1000 + 1], narrow, seen, find) == tuple(narrow)
