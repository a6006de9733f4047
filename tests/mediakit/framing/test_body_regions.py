"""Where people's bodies are the subject of shots without faces, and in how few looks they are searched."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from mediakit.framing.analysis.finders.body_finder import BodyFinder, Outline
from mediakit.framing.analysis.finders.object_finder import Standout
from mediakit.framing.analysis.subjects.object_regions import with_objects
from mediakit.framing.analysis.subjects.salient_region import Evidence
from mediakit.framing.range_analysis import FaceSample
from mediakit.framing.rect import Rect
from tests.mediakit.body_fixtures import finder, make_looks, person

WIDE = Rect(0.05, 0.1, 0.9, 0.8)


@pytest.fixture
def looks(tmp_path):
    return make_looks(tmp_path)


def moving_in_the_middle() -> Evidence:
    motion = np.zeros((9, 20), np.float32)
    motion[:, 10] = 20
    return Evidence(motion, np.zeros((9, 20, 3), np.float32), ())


def test_far_bodies_that_move_are_the_subject_where_nothing_stands_out(looks):
    seen = moving_in_the_middle()
    wide = [FaceSample(i * 200, (), WIDE) for i in range(30)]
    players = [person(0.45, top=0.5), person(0.6, top=0.5)]
    find, searched = finder(lambda _: players)
    found = with_objects(looks, [0, 6001], wide, [seen] * 30, find_bodies=find)
    regions = {(round(s.region.left, 2), round(s.region.right, 2)) for s in found if s.region}
    assert regions == {(0.35, 0.7)}
    assert sorted(searched) == [0, 2, 4, 6, 8, 10, 11]
    # Where nothing moves by itself nobody is searched, and bodies elsewhere are not what moves.
    still = [replace(seen, motion=np.zeros((9, 20), np.float32))] * 30
    assert with_objects(looks, [0, 6001], wide, still, find_bodies=find) == tuple(wide)
    find, _ = finder(lambda _: [person(0.15, top=0.5)])
    assert with_objects(looks, [0, 6001], wide, [seen] * 30, find_bodies=find) == tuple(wide)


def test_a_tall_body_is_the_subject_where_nothing_moves_or_draws_the_eye(looks):
    still = [Evidence(np.zeros((9, 20), np.float32), np.zeros((9, 20, 3), np.float32), ())] * 30
    bare = tuple(FaceSample(i * 200) for i in range(30))

    def regions(bodies_at) -> set[Rect | None]:
        find, _ = finder(bodies_at)
        return {s.region for s in with_objects(looks, [0, 6001], bare, still, find_bodies=find)}

    (region,) = regions(lambda _: [person(0.5)])
    assert region is not None
    assert (region.left, region.right) == pytest.approx((0.4, 0.6), abs=0.01)
    # A low one, or one that is seen now and then, may be a part of the scenery.
    assert regions(lambda _: [person(0.5, top=0.7)]) == {None}
    assert regions(lambda number: [person(0.5)] if number != 4 else []) == {None}


@pytest.mark.parametrize(
    ("bodies_at", "searched_looks"),
    [
        (lambda _: [person(0.15)], [0, 4, 8, 11]),  # what moves is elsewhere
        (lambda _: [person(0.5, width=0.95)], [0, 4]),  # no narrower than what moves
        (lambda number: [person(0.5)] if number in {4, 11} else [], [0, 4, 8, 11]),
        (lambda _: [], [4]),
    ],
)
def test_a_few_looks_say_where_it_is_not_worth_searching_more(looks, bodies_at, searched_looks):
    seen = [moving_in_the_middle()] * 30
    wide = [FaceSample(i * 200, (), WIDE) for i in range(30)]
    find, searched = finder(bodies_at)
    assert with_objects(looks, [0, 6001], wide, seen, find_bodies=find) == tuple(wide)
    assert sorted(searched) == searched_looks


def test_a_body_in_one_look_of_a_brief_shot_says_nothing(looks):
    seen = [moving_in_the_middle()] * 7
    wide = [FaceSample(i * 200, (), WIDE) for i in range(7)]
    find, searched = finder(lambda _: [person(0.5)])
    assert with_objects(looks[:3], [0, 1401], wide, seen, find_bodies=find) == tuple(wide)
    assert searched == []


def test_far_bodies_are_not_searched_where_near_ones_are_too_wide(looks):
    seen = [moving_in_the_middle()] * 30
    wide = [FaceSample(i * 200, (), Rect(0.3, 0.1, 0.4, 0.8)) for i in range(30)]
    far_looks: list[int] = []

    def far(picture: np.ndarray, known: Sequence[Outline]) -> tuple[Outline, ...]:
        far_looks.append(int(picture[0, 0, 0]) // 10)
        return (*known, person(0.45))

    def near(picture: np.ndarray) -> tuple[Outline, ...]:
        return (person(0.5, width=0.5),) if picture[0, 0, 0] == 40 else ()

    with_objects(looks, [0, 6001], wide, seen, find_bodies=BodyFinder(near, far))
    assert 0 in far_looks
    assert 4 not in far_looks


def test_a_body_is_found_where_nothing_drew_the_eye_and_something_does_later(looks):
    region = Rect(0.5, 0.2, 0.2, 0.8)
    samples = [FaceSample(i * 200, (), region if i >= 15 else None) for i in range(30)]
    evidence = [Evidence(None, np.zeros((9, 20, 3), np.float32), ())] * 30

    def regions(bodies_at, given=samples) -> list[bool]:
        find, searched = finder(bodies_at)
        found = with_objects(looks, [0, 6001], given, evidence, find_bodies=find)
        assert len(searched) <= 4
        return [sample.region is not None for sample in found]

    known = [True] * 15
    there = regions(lambda number: [person(0.6 if number > 4 else 0.2)] if number != 4 else [])
    assert there == [True] * 8 + [False] * 7 + known
    # What draws the eye later is no body: who is elsewhere has nothing to do with it.
    assert regions(lambda number: [person(0.2)]) == [False] * 15 + known
    empty = [replace(s, is_empty=s.region is None) for s in samples]
    assert regions(lambda number: [person(0.6)], empty) == [False] * 15 + known


def test_a_body_is_the_subject_where_what_stands_out_holds_more_in_some_looks_only(looks):

    def standout(picture: np.ndarray) -> Standout:
        number = int(picture[0, 0, 0]) // 10
        return Standout(Rect(0.4, 0.2, 0.45 if number > 8 else 0.2, 0.8))

    wide = [FaceSample(i * 200, (), WIDE) for i in range(30)]
    still = [Evidence(np.zeros((9, 20), np.float32), np.zeros((9, 20, 3), np.float32), ())] * 30
    find, _ = finder(lambda _: [person(0.5)])
    found = with_objects(looks, [0, 6001], wide, still, standout, find_bodies=find)
    assert max(s.region.width for s in found if s.region) == pytest.approx(0.2, abs=0.01)
    alone = with_objects(looks, [0, 6001], wide, still, standout)
    assert max(s.region.width for s in alone if s.region) > 0.4
