"""What is held up beside a face is found and not cut for the sake of the face."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from mediakit.framing.analysis.people.shown_things import find_shown, find_thing
from mediakit.framing.analysis.pictures import Pixels
from mediakit.framing.range_analysis import FaceSample, RangeAnalysis, ShotContent, ShownThing
from mediakit.framing.rect import Rect
from tests.mediakit.face_fixtures import WINDOW_WIDTH, make_analysis, make_face, plan_of

WIDE, HIGH = 960, 540
FACE = Rect(0.5, 0.25, 0.12, 0.3)


def look(
    left: int, top: int, width: int, height: int, *, angle: float = 4, light: int = 215
) -> Pixels:
    """A room with a person, and a sheet with a drawing on it."""
    picture = np.tile(np.linspace(60, 110, WIDE), (HIGH, 1)).astype(np.uint8)
    picture[300:, 430:650] = 40
    cv2.ellipse(picture, (538, 216), (58, 81), 0, 0, 360, 140, -1)
    middle = (left + width / 2, top + height / 2)
    corners = cv2.boxPoints((middle, (width, height), angle)).astype(np.int32)
    cv2.fillPoly(picture, [corners], light)
    cv2.circle(picture, (int(middle[0]), int(middle[1])), min(width, height) // 6, 90, 3)
    return picture


def test_a_sheet_beside_the_face_is_found_and_other_rectangles_are_not():
    found = find_thing(look(250, 200, 200, 150), FACE)
    assert found is not None
    edges = (found.left, found.top, found.right, found.bottom)
    assert edges == pytest.approx((0.255, 0.355, 0.475, 0.66), abs=0.02)
    assert find_thing(look(250, 200, 200, 150, light=25), FACE) is not None  # a dark one
    for other in (
        look(30, 200, 200, 150),  # far aside
        look(250, 430, 200, 100),  # below the face
        look(300, 200, 60, 40),  # small
        look(330, -20, 100, 600, angle=0),  # a door
    ):
        assert find_thing(other, FACE) is None
    assert find_thing(look(250, 200, 200, 150), None) is None


def test_what_is_held_moves_a_little_and_a_picture_on_the_wall_does_not():
    samples = [FaceSample(i * 200, (replace(make_face(0.56), box=FACE),)) for i in range(30)]

    def shown(*lefts: int | None, right: int | None = None) -> list[tuple[int, int]]:
        looks = []
        for i, left in enumerate(lefts):
            at = 30 if left is None else left
            width = 200 if right is None else right - at
            looks.append((i * 1000, look(at, 200, width, 150)))
        return [(thing.start_ms, thing.end_ms) for thing in find_shown(looks, samples)]

    assert shown(250, 256, 262, 258, 250) == [(0, 4_000)]
    assert shown(None, 250, 256, None, 262, 258) == [(1_000, 5_000)]
    assert shown(250, 250, 250, 250, 250) == []
    assert shown(250, 256, 262, 258, 250, right=450) == []  # half behind something
    assert shown(None, 250, 260, None, None) == []  # too briefly
    assert find_shown([], samples) == ()


def holds_up(thing: Rect, span_s: tuple[float, float], seconds: float = 12) -> RangeAnalysis:
    analysis = make_analysis(lambda _: make_face(0.6), seconds=seconds)
    shown = (ShownThing(round(span_s[0] * 1000), round(span_s[1] * 1000), thing),)
    content = ShotContent(0, round(seconds * 1000), shown=shown)
    return replace(analysis, contents=(content,))


def test_a_part_holds_face_and_thing_while_it_is_shown():
    sheet = Rect(0.28, 0.3, 0.22, 0.5)
    plan = plan_of(holds_up(sheet, (4, 8)))
    assert [(s.layout, s.start_ms, s.reason) for s in plan.shots] == [
        ("crop", 0, "person"),
        ("fit", 3_980, "shown"),
        ("crop", 7_980, "person"),
    ]
    (part,) = plan.shots[1].parts
    assert part.left <= sheet.left
    assert part.right >= 0.67
    # Little is left of the shot before and after it.
    assert [s.layout for s in plan_of(holds_up(sheet, (1.5, 10.5))).shots] == ["fit"]


def test_a_thing_that_the_window_holds_beside_the_face_is_in_it():
    analysis = holds_up(Rect(0.45, 0.3, 0.07, 0.4), (0, 12))
    (shot,) = plan_of(analysis).shots
    assert (shot.layout, shot.reason) == ("crop", "shown")
    assert shot.path[0].x - WINDOW_WIDTH / 2 <= 0.45
    assert shot.path[0].x + WINDOW_WIDTH / 2 >= 0.66
    assert RangeAnalysis.from_json(analysis.to_json()).contents == analysis.contents
