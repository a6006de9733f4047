"""People's bodies: their outlines in a map, whose they are, who has left, and room for them in a window."""

from dataclasses import replace
from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from mediakit.framing.analysis.finders.body_finder import (
    bodies_of,
    make_body_finder,
)
from mediakit.framing.analysis.people.people_bodies import head_of, with_bodies
from mediakit.framing.crop_plan import Shot
from mediakit.framing.people.face_tracks import find_tracks
from mediakit.framing.planning.shot_planning import make_crop_plan
from mediakit.framing.range_analysis import Body, FaceSample, RangeAnalysis
from mediakit.framing.rect import WHOLE_PICTURE, Rect
from tests.mediakit.body_fixtures import ROWS, finder, make_looks, map_of, person
from tests.mediakit.face_fixtures import (
    WINDOW_WIDTH,
    make_analysis,
    make_face,
    make_info,
    plan_of,
    window_centre,
)
from tests.work_done import calls_made


def test_bodies_are_the_large_and_sure_pieces_of_a_map():
    boxes = Rect(0.125, 0.25, 0.125, 0.5), Rect(0.75, 0.5, 0.125, 0.25)
    found = [body.box for body in bodies_of(map_of(*boxes), WHOLE_PICTURE)]
    assert found == list(boxes)
    assert not bodies_of(map_of(boxes[0], sure=0.6), WHOLE_PICTURE)
    assert not bodies_of(map_of(Rect(0.1, 0.1, 0.05, 0.05)), WHOLE_PICTURE)


def test_a_body_in_a_square_lies_in_its_place_and_none_that_the_squares_side_cuts_counts():
    place = Rect(0.25, 0.0, 0.5, 1.0)
    (found,) = bodies_of(map_of(Rect(0.25, 0.25, 0.25, 0.5)), place)
    assert found.box == Rect(0.375, 0.25, 0.125, 0.5)
    cut = map_of(Rect(0.0, 0.25, 0.25, 0.5))
    assert not bodies_of(cut, place)
    assert bodies_of(cut, Rect(0.0, 0.0, 0.5, 1.0))  # the picture ends there


def test_a_picture_is_searched_once_as_a_whole_and_in_three_squares_for_far_bodies(
    tmp_path, monkeypatch
):
    """The network sees one body in the whole picture, and one in the last square."""
    bodies = {1: [Rect(0.125, 0.25, 0.125, 0.5)], 4: [Rect(0.5, 0.5, 0.25, 0.25)]}
    searched = []
    network = SimpleNamespace(
        setInput=lambda blob: searched.append(blob.shape),
        forward=lambda: map_of(*bodies.get(len(searched), [])),
    )
    monkeypatch.setattr(cv2.dnn, "readNetFromTFLite", lambda _: network)
    model = tmp_path / "bodies.tflite"
    model.write_bytes(b"model")
    find = make_body_finder(model)
    assert find is not None
    picture = np.zeros((90, 160, 3), np.uint8)
    near = find.near(picture)
    assert len(searched) == 1
    assert len(near) == 1
    assert len(find.far(picture, near)) == 2
    assert searched == [(1, 3, ROWS, ROWS)] * 4


def test_a_head_is_what_is_above_the_mouth_of_a_face_and_not_far_beside_it():
    face = Rect(0.48, 0.34, 0.04, 0.12)
    head = head_of(person(0.5), face)
    assert head is not None
    assert (head.left, head.right, head.top) == pytest.approx((0.47, 0.53, 0.3), abs=0.005)
    assert head_of(person(0.8), face) is None
    # Somebody beside who touches the head makes it unclear how wide it is.
    assert head_of(person(0.5, head=0.2), face) is None


@pytest.fixture
def looks(tmp_path):
    return make_looks(tmp_path)


def samples_of(face_at) -> list[FaceSample]:
    """Samples of 6 s with a face where `face_at` gives an x."""
    return list(make_analysis(face_at, seconds=6).samples)


def test_bodies_are_searched_once_a_second_and_more_often_where_no_face_is_seen(looks):
    find, searched = finder(lambda _: [person(0.5)])
    samples = samples_of(lambda t: None if 2 <= t < 4 else 0.5)
    found = with_bodies(looks, [0, 6001], samples, find)
    assert searched == [0, 2, 4, 5, 6, 7, 8, 10]
    assert [s.time_ms for s in found if s.bodies] == [0, 1000, 2000, 2400, 3000, 3400, 4000, 5000]
    assert not any(sample.lost for sample in found)  # the body is where the face was


def test_who_has_no_body_where_the_face_was_is_not_there(looks):
    find, _ = finder(lambda number: [person(0.5 if number < 4 else 0.1)])
    found = with_bodies(looks, [0, 6001], samples_of(lambda t: 0.5 if t < 2 else None), find)
    assert [s.time_ms for s in found if s.lost] == list(range(2000, 6000, 200))
    # Without a body at the faces nothing is known of who is there.
    find, _ = finder(lambda _: [])
    found = with_bodies(looks, [0, 6001], samples_of(lambda t: 0.5 if t < 2 else None), find)
    assert not any(sample.lost for sample in found)


def test_who_bends_is_still_there(looks):
    find, _ = finder(lambda number: [person(0.5, top=0.3 if number < 4 else 0.65)])
    found = with_bodies(looks, [0, 6001], samples_of(lambda t: 0.5 if t < 2 else None), find)
    assert not any(sample.lost for sample in found)


def test_what_moves_in_the_middle_of_a_body_holds_all_of_it(looks):
    find, _ = finder(lambda _: [person(0.5)])
    legs, beside = Rect(0.45, 0.7, 0.1, 0.2), Rect(0.7, 0.7, 0.1, 0.2)
    for region, left, width in ((legs, 0.4, 0.2), (beside, 0.7, 0.1)):
        samples = samples_of(lambda t: 0.5 if t < 2 else None)
        samples = [s if s.faces else replace(s, region=region) for s in samples]
        found = with_bodies(looks, [0, 6001], samples, find)
        regions = [s.region for s in found if s.region is not None]
        assert len(regions) == 20
        assert {(round(r.left, 2), round(r.width, 2)) for r in regions} == {(left, width)}


def with_known_bodies(analysis: RangeAnalysis, body: Body) -> RangeAnalysis:
    return replace(
        analysis,
        samples=tuple(
            replace(s, bodies=(body,) if s.time_ms % 1000 == 0 else None) for s in analysis.samples
        ),
    )


def test_a_window_makes_room_for_a_body_that_fits_and_for_none_that_does_not():
    still = make_analysis(lambda _: make_face(0.5, size=0.05), seconds=4)
    half = WINDOW_WIDTH / 2
    for left, right, fits in ((0.3, 0.55, True), (0.2, 0.78, False)):
        body = Body(Rect(left, 0.2, right - left, 0.8))
        centre = window_centre(plan_of(with_known_bodies(still, body)), 2)
        if fits:
            assert centre - half < 0.32
        else:
            assert centre == pytest.approx(window_centre(plan_of(still), 2))


def test_hair_that_is_known_to_reach_far_is_kept_off_the_edges():
    still = make_analysis(lambda _: make_face(0.5, size=0.146), seconds=4)
    hair = Rect(0.34, 0.2, 0.24, 0.5)  # 0.087 beside the face on the left, 0.007 on the right
    known = plan_of(with_known_bodies(still, Body(Rect(0.3, 0.2, 0.4, 0.8), hair)))
    left = window_centre(known, 2) - WINDOW_WIDTH / 2
    assert left < hair.left
    assert window_centre(plan_of(still), 2) - WINDOW_WIDTH / 2 > hair.left


def test_bodies_are_stored_with_the_analysis():
    analysis = make_analysis(lambda _: 0.5, seconds=1)
    bodies = (Body(Rect(0.1, 0.2, 0.3, 0.4), Rect(0.2, 0.2, 0.1, 0.1)), Body(Rect(0.6, 0, 0.1, 1)))
    samples = (
        replace(analysis.samples[0], bodies=bodies),
        replace(analysis.samples[1], bodies=()),
        *analysis.samples[2:],
    )
    stored = replace(analysis, samples=samples).to_json()
    found = [sample.bodies for sample in RangeAnalysis.from_json(stored).samples]
    assert found == [bodies, (), None, None, None]


def test_the_picture_is_whole_where_the_window_shows_nobody_and_others_pass():
    """A camera that pans past people: the subject is seen in the middle of the shot only."""
    analysis = make_analysis(
        lambda t: make_face(0.85, size=0.2) if 1.6 <= t < 3 else None,
        lambda t: 0.2 + 0.05 * t if t < 1.8 or t >= 2.8 else None,
        seconds=4,
    )
    assert [shot.layout for shot in plan_of(analysis).shots] == ["fit"]
    alone = make_analysis(lambda t: make_face(0.85, size=0.2) if 1.6 <= t < 3 else None, seconds=4)
    assert "crop" in {shot.layout for shot in plan_of(alone).shots}


def two_lively(still: float, sways: float) -> RangeAnalysis:
    """4 s of two faces that move alike: one in its place, and one that sways a little."""
    return make_analysis(
        lambda _: make_face(still, motion=0.1),
        lambda t: make_face(sways + 0.004 * (round(t * 5) % 2), motion=0.1),
        seconds=4,
    )


def test_a_still_face_without_a_body_beside_somebody_who_has_one_is_on_a_clock():
    lively = two_lively(0.3, 0.7)
    own = Body(Rect(0.2, 0.2, 0.2, 0.8))
    both = [own, Body(Rect(0.6, 0.2, 0.2, 0.8))]

    def people(*bodies: Body) -> int:
        samples = [
            replace(s, bodies=bodies if s.time_ms % 1000 == 0 else None) for s in lively.samples
        ]
        return len(find_tracks(samples))

    assert people(own) == 1
    assert people(*both) == 2
    # One look is enough for a face of which the detector is not sure, as on a tree.
    looked = [replace(s, bodies=(own,) if s.time_ms % 2000 == 0 else None) for s in lively.samples]
    once = [replace(s, faces=s.faces[:1]) if s.time_ms == 2000 else s for s in looked]
    assert len(find_tracks(once)) == 2
    unsure = [
        replace(s, faces=tuple(replace(f, score=0.65) if f.box.left > 0.5 else f for f in s.faces))
        for s in once
    ]
    assert len(find_tracks(unsure)) == 1
    assert people() == 2  # nobody's body is seen: nothing is known
    assert len(find_tracks(lively.samples)) == 2


def test_what_a_whole_shot_shows_to_be_a_clock_is_none_in_a_brief_range_of_it():
    clock = two_lively(0.2, 0.8)
    own = Body(Rect(0.1, 0.2, 0.2, 0.8))
    known = replace(clock, samples=tuple(known_bodies(clock, own)))

    def layouts(analysis: RangeAnalysis) -> list[str]:
        plan = make_crop_plan(analysis, make_info(), start_ms=2_400, end_ms=3_900)
        return [shot.layout for shot in plan.shots]

    assert layouts(known) == ["crop"]
    assert layouts(clock) == ["stack"]
    # Another shot of the range says nothing of it.
    assert layouts(replace(known, cuts_us=(2_300_000,))) == ["stack"]


def test_joining_faces_to_tracks_takes_twice_the_work_for_a_shot_twice_as_long():
    def calls(seconds: float) -> int:
        brief = make_analysis(
            lambda _: make_face(0.3),
            lambda t: make_face(0.8) if t % 4 < 1 else None,
            seconds=seconds,
        )
        return calls_made(lambda: find_tracks(brief.samples))

    assert calls(200) < 2.3 * calls(100)


def test_who_keeps_still_and_has_a_body_is_no_picture_beside_a_face_that_is_seldom_found():
    still = make_analysis(
        lambda _: make_face(0.3),
        lambda t: make_face(0.8, motion=0.1) if t < 1 else None,
        seconds=4,
    )
    body = Body(Rect(0.2, 0.2, 0.2, 0.8))
    with_body = [
        replace(s, bodies=(body,) if s.time_ms % 1000 == 0 else None) for s in still.samples
    ]
    assert [round(t.median_box.centre[0], 1) for t in find_tracks(with_body)] == [0.3, 0.8]
    assert [round(t.median_box.centre[0], 1) for t in find_tracks(still.samples)] == [0.8]


def known_bodies(analysis: RangeAnalysis, *bodies: Body) -> list[FaceSample]:
    """The samples of an analysis, one a second with the bodies."""
    return [replace(s, bodies=bodies if s.time_ms % 1000 == 0 else None) for s in analysis.samples]


def test_an_unsure_face_below_a_head_in_the_same_body_is_a_hand_and_a_sure_one_is_a_child():
    def count(score: float) -> int:
        low = replace(make_face(0.45, size=0.08), score=score)
        low = replace(low, box=replace(low.box, top=0.62))
        both = make_analysis(lambda _: make_face(0.5), lambda _: low, seconds=4)
        body = Body(Rect(0.3, 0.2, 0.4, 0.8), Rect(0.43, 0.2, 0.14, 0.32))
        return len(find_tracks(known_bodies(both, body)))

    assert count(0.65) == 1
    assert count(0.9) == 2


def test_what_an_arm_holds_out_of_the_window_is_shown_in_a_part_and_shoulders_are_not():
    still = make_analysis(lambda _: make_face(0.6, size=0.12), seconds=3)

    def shot(left: float, right: float) -> Shot:
        body = Body(Rect(left, 0.2, right - left, 0.8))
        samples = tuple(known_bodies(still, body))
        (found,) = plan_of(replace(still, samples=samples)).shots
        return found

    held_out = shot(0.15, 0.75)
    assert (held_out.layout, held_out.reason) == ("fit", "person")
    assert held_out.parts[0].left < 0.15
    assert held_out.parts[0].right > 0.75
    assert shot(0.4, 0.8).layout == "crop"


def test_a_subject_that_is_too_wide_for_a_while_is_whole_meanwhile():
    wide, narrow = Rect(0.0, 0.0, 0.45, 1.0), Rect(0.5, 0.1, 0.2, 0.9)
    samples = tuple(FaceSample(i * 200, (), wide if i < 8 else narrow) for i in range(50))
    analysis = RangeAnalysis(0, 10_000, "yunet", WHOLE_PICTURE, (), samples)
    plan = plan_of(analysis)
    assert [shot.layout for shot in plan.shots] == ["fit", "crop"]
    assert plan.shots[0].end_ms == pytest.approx(1_600, abs=50)


def test_a_body_wider_than_a_window_that_shows_most_of_the_picture_is_whole():
    portrait = make_info(1080, 1440)
    still = make_analysis(lambda _: make_face(0.5, size=0.2), seconds=3)

    def layout(left: float, right: float) -> str:
        body = Body(Rect(left, 0.2, right - left, 0.8))
        samples = tuple(known_bodies(still, body))
        (shot,) = plan_of(replace(still, samples=samples), portrait).shots
        return shot.layout

    assert layout(0.1, 0.95) == "fit"
    assert layout(0.2, 0.8) == "crop"
