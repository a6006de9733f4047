"""Where a face is in its window: the eye line, room in the direction of the look, nobody cut in half beside it."""

from dataclasses import replace

import numpy as np
import pytest

from mediakit.framing.analysis.finders import face_detection
from mediakit.framing.geometry import Size
from mediakit.framing.people.tracking import Target
from mediakit.framing.planning.camera.composition import eye_line, look_room
from mediakit.framing.planning.camera.hands import hands_beyond
from mediakit.framing.range_analysis import Face, RangeAnalysis
from mediakit.framing.rect import Rect
from tests.mediakit.face_fixtures import (
    WINDOW_WIDTH,
    make_analysis,
    make_face,
    make_info,
    plan_of,
    window_centre,
)


def looking(x: float, look: float, **more) -> Face:
    return replace(make_face(x, **more), look=look)


@pytest.mark.parametrize(("look", "room"), [(0.3, 0.12), (-0.3, -0.12), (0.03, 0.0)])
def test_there_is_room_in_the_direction_of_the_look(look: float, room: float):
    plan = plan_of(make_analysis(lambda _: looking(0.5, look), seconds=4))
    assert window_centre(plan, 2) - 0.5 == pytest.approx(room * WINDOW_WIDTH, abs=0.007)


def test_a_glance_moves_nothing_and_a_large_face_is_not_cut_for_it():
    glance = plan_of(make_analysis(lambda t: looking(0.5, 0.3 if 2 <= t < 2.8 else 0.0), seconds=6))
    assert len(glance.shots[0].path) == 1
    wide = 0.8 * WINDOW_WIDTH
    large = plan_of(make_analysis(lambda _: looking(0.5, 0.3, size=wide), seconds=4))
    assert abs(window_centre(large, 2) - 0.5) + wide / 2 <= WINDOW_WIDTH / 2


def test_where_the_nose_is_beside_the_eyes_says_where_a_face_looks():
    row = np.zeros(15)
    row[2], row[4], row[6] = 100, 130, 170  # the width of the face, its two eyes
    for nose, look in ((150, 0.0), (175, 0.25), (125, -0.25)):
        row[8] = nose
        assert face_detection._look(row) == pytest.approx(look)
    known = RangeAnalysis.from_json(
        make_analysis(lambda _: looking(0.5, 0.25), seconds=1).to_json()
    )
    assert known.samples[0].faces[0].look == 0.25
    targets = [Target(i * 200, Rect(0, 0, 0.1, 0.1), 0.25) for i in range(5)]
    assert look_room(targets) == [0.12] * 5


def test_the_eyes_are_on_the_upper_third_of_a_window_that_moves_up_and_down():
    info, canvas = make_info(1080, 1920), Size(1080, 1080)
    face = Face(Rect(0.4, 0.4, 0.2, 0.1), 0.9)
    plan = plan_of(make_analysis(lambda _: face, seconds=4), info, canvas=canvas)
    height = 1080 / 1920
    top = plan.shots[0].path[0].y - height / 2
    assert (0.4 + 0.04 - top) / height == pytest.approx(1 / 3, abs=0.02)
    # A large face sits lower for its hair, and higher again before its chin is cut.
    assert [round(eye_line(share), 2) for share in (0.3, 0.5, 0.8)] == [0.33, 0.4, 0.43]


def test_no_edge_cuts_a_neighbours_face_where_the_window_can_move():
    beside = 0.5 + WINDOW_WIDTH / 2  # its middle is where the edge of a centred window would be

    def neighbour(_: float) -> Face:
        return make_face(beside, size=0.05)

    analysis = make_analysis(lambda _: make_face(0.5, size=0.1), neighbour, seconds=4)
    right = window_centre(plan_of(analysis), 2) + WINDOW_WIDTH / 2
    assert right <= beside - 0.02 or right >= beside + 0.02
    alone = make_analysis(lambda _: make_face(0.5, size=0.1), seconds=4)
    assert window_centre(plan_of(alone), 2) == pytest.approx(0.5, abs=0.007)


def test_hands_beside_a_face_are_in_the_window_and_what_moves_behind_people_has_no_say():
    def centre(moving: Rect | None, until_ms: int = 4000) -> float:
        still = make_analysis(lambda _: make_face(0.5, size=0.1), seconds=6)
        samples = tuple(
            replace(s, moving=moving if 1000 <= s.time_ms < until_ms else None)
            for s in still.samples
        )
        plan = plan_of(replace(still, samples=samples))
        assert len(plan.shots[0].path) == 1
        return window_centre(plan, 2)

    alone = centre(None)
    raised = centre(Rect(0.31, 0.3, 0.24, 0.6))
    assert raised - WINDOW_WIDTH / 2 <= 0.312
    assert raised + WINDOW_WIDTH / 2 >= 0.55 + 0.015
    assert centre(Rect(0.31, 0.3, 0.24, 0.6), until_ms=1200) == alone  # one sample
    assert centre(Rect(0.2, 0.3, 0.35, 0.6)) == alone  # farther than an arm: somebody passes
    assert centre(Rect(0, 0, 1, 1)) == alone
    assert centre(Rect(0.44, 0.2, 0.12, 0.6)) == alone  # hair
    places = np.array([0.5])
    for step, lost in (
        (0.02, 0.04 / 0.15),
        (0.03, 0.0),
    ):  # a head that moves fast leaves its place moving
        faces = [Target(i * 200, make_face(0.5 + i * step, size=0.1).box) for i in range(3)]
        moving = {face.time_ms: replace(face.box, left=0.31, width=0.3) for face in faces}
        (beyond,) = hands_beyond(places, 0.15, faces, moving, [400])
        assert beyond[0] == pytest.approx(lost)
