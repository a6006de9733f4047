"""The small picture of a person on slides or a screen: found as a rectangle, shown in a part of its own."""

from dataclasses import replace
from fractions import Fraction

import cv2
import numpy as np
import pytest

from mediakit.captions import face_regions
from mediakit.framing.analysis.shot_content import find_contents
from mediakit.framing.analysis.shots.inset import find_inset, is_known_inset
from mediakit.framing.analysis.text.watermarks import Watermarks
from mediakit.framing.crop_filters import crop_plan_graph
from mediakit.framing.crop_plan import CropPlan, Override
from mediakit.framing.crop_window import part_cells
from mediakit.framing.output_format import SIZES, cells
from mediakit.framing.range_analysis import Body, Face, FaceSample, RangeAnalysis, ShotContent
from mediakit.framing.rect import Rect
from tests.mediakit.face_fixtures import WHOLE_PICTURE, make_info, plan_of

HIGH, WIDE = 270, 480
INSET = (360, 180, 112, 80)  # left, top, width, height in px


def looks_of(box: tuple[int, int, int, int], *, moves: bool = True, frame: bool = True):
    """Looks at a slide with bullets and a picture whose inside changes."""
    left, top, wide, high = box
    chance = np.random.default_rng(1)
    page = np.full((HIGH, WIDE), 235, np.uint8)
    for row in range(40, 240, 30):
        page[row : row + 8, 30 : 30 + int(chance.integers(120, 300))] = 40
    wall = np.full((high, wide), 90 if frame else 235, np.uint8)
    looks = []
    for number in range(6):
        look = page.copy()
        look[top : top + high, left : left + wide] = wall
        x = left + wide // 2 - 15 + (number % 3 * 3 if moves else 0)
        look[top + 20 : top + 60, x : x + 30] = 180
        looks.append(look)
    return looks


def samples_of(box: tuple[int, int, int, int], motion: float = 0.05) -> list[FaceSample]:
    left, top, wide, _ = box
    face = Rect((left + wide / 2 - 12) / WIDE, (top + 22) / HIGH, 24 / WIDE, 32 / HIGH)
    return [FaceSample(i * 200, (Face(face, 0.9, motion),)) for i in range(15)]


def face_at(x: float, y: float) -> Face:
    return Face(Rect(x - 0.05, y - 0.05, 0.1, 0.1), 0.9)


def shares(box: tuple[int, int, int, int]) -> tuple[float, ...]:
    left, top, wide, high = box
    return left / WIDE, top / HIGH, wide / WIDE, high / HIGH


@pytest.mark.parametrize("box", [INSET, (368, 190, 112, 80), (0, 0, 100, 75), (10, 150, 60, 100)])
def test_the_rectangle_is_found_on_the_pixel_also_at_the_edge_of_the_picture(box):
    found = find_inset(looks_of(box), samples_of(box))
    assert found is not None
    sides = (found.left, found.top, found.width, found.height)
    assert sides == pytest.approx(shares(box), abs=1.5 / HIGH)


def test_an_inset_near_a_corner_ends_where_it_is_drawn_though_its_lines_go_on_to_the_edges():
    box = left, top, _, _ = (352, 172, 112, 80)
    looks = looks_of(box)
    for look in looks:  # a panel of the slide lies behind it
        panel = look[top:, left:]
        panel[panel == 235] = 150
    found = find_inset(looks, samples_of(box))
    assert found is not None
    sides = (found.left, found.top, found.width, found.height)
    assert sides == pytest.approx(shares(box), abs=1.5 / HIGH)


def test_a_line_right_at_the_edge_of_the_picture_is_no_side_of_an_inset():
    box = (368, 190, 112, 80)
    looks = looks_of(box)
    for look in looks:
        look[-1] = 20
    found = find_inset(looks, samples_of(box))
    assert found is not None
    assert (found.right, found.bottom) == (1, 1)


def test_a_photograph_a_person_without_a_frame_and_a_large_picture_are_no_insets():
    assert find_inset(looks_of(INSET, moves=False), samples_of(INSET, motion=0.0)) is None
    assert find_inset(looks_of(INSET, frame=False), samples_of(INSET)) is None
    middle = (184, 95, 112, 80)
    assert find_inset(looks_of(middle), samples_of(middle)) is None
    assert find_inset(looks_of(INSET)[:2], samples_of(INSET)) is None


def faint_looks(box: tuple[int, int, int, int] = INSET):
    """Looks at an inset whose upper side is hardly seen, as of dark hair before a dark part of a slide."""
    left, top, wide, _ = box
    looks = looks_of(box)
    for look in looks:
        look[:top, left + 16 : left + 44] = look[:top, left + 52 : left + wide - 14] = 90
    return looks


def test_the_body_of_a_person_ends_with_an_inset_unless_all_its_sides_are_clear():
    left, top, wide, high = shares(INSET)
    inside = Rect(left + 0.05 * wide, top + 0.1 * high, 0.9 * wide, 0.9 * high)
    runs_on = replace(inside, height=2 * high)
    somebody_else = Rect(0.1, 0.1, 0.2, 0.8)

    def found(looks, body: Rect) -> bool:
        known = [replace(s, bodies=(Body(body),)) for s in samples_of(INSET, motion=0.003)]
        return find_inset(looks, known) is not None

    assert found(faint_looks(), inside)
    assert found(faint_looks(), somebody_else)
    assert not found(faint_looks(), runs_on)
    assert found(looks_of(INSET), runs_on)


def test_half_of_a_split_screen_is_no_inset_unless_a_body_ends_with_it():
    at_edge = (
        360,
        HIGH - 80,
        112,
        80,
    )  # two borders that run on to the picture's edge, and hardly a fourth side
    left, top, wide, high = shares(at_edge)
    body = Rect(left + 0.05 * wide, top + 0.1 * high, 0.9 * wide, 0.9 * high)
    samples = samples_of(at_edge, motion=0.003)
    assert find_inset(faint_looks(at_edge), samples) is None
    assert find_inset(looks_of(at_edge), samples) is not None
    known = [replace(sample, bodies=(Body(body),)) for sample in samples]
    assert find_inset(faint_looks(at_edge), known) is not None


def test_one_side_may_hardly_be_seen_where_the_two_that_meet_it_end():
    left, top, wide, _ = INSET
    looks = faint_looks()
    found = find_inset(looks, samples_of(INSET, motion=0.003))
    assert found is not None
    sides = (found.left, found.top, found.width, found.height)
    assert sides == pytest.approx(shares(INSET), abs=1.5 / HIGH)
    for look in looks:  # the sides go on: a door, not a picture
        look[:top, left - 3 : left] = look[:top, left + wide : left + wide + 3] = 20
    assert find_inset(looks, samples_of(INSET)) is None


def test_two_pictures_of_people_are_a_gallery_and_no_inset():
    other = (10, 180, 112, 80)
    looks, more = looks_of(INSET), looks_of(other)
    for look, second in zip(looks, more, strict=True):
        look[:, :130] = second[:, :130]
    pairs = zip(samples_of(INSET), samples_of(other), strict=True)
    both = [FaceSample(one.time_ms, one.faces + two.faces) for one, two in pairs]
    assert find_inset(looks, both) is None


def test_a_clock_in_a_film_with_grain_is_no_inset_beside_a_face_that_speaks():
    clock, person = samples_of(INSET, motion=0.006), samples_of((100, 40, 112, 80), motion=0.04)
    clock[0] = replace(
        clock[0], faces=(replace(clock[0].faces[0], motion=0.09),)
    )  # since before a cut
    both = [FaceSample(a.time_ms, a.faces + b.faces) for a, b in zip(clock, person, strict=True)]
    assert find_inset(looks_of(INSET), clock) is not None
    assert find_inset(looks_of(INSET), both) is None


def test_an_inset_of_another_shot_is_known_again_in_a_brief_one():
    box = Rect(*shares(INSET))
    assert is_known_inset(box, looks_of(INSET)[:1], samples_of(INSET)[:2])
    assert not is_known_inset(box, looks_of(INSET, frame=False)[:1], samples_of(INSET)[:2])
    assert not is_known_inset(box, looks_of(INSET)[:1], [])


def test_an_inset_of_another_shot_is_known_by_its_face_in_a_shot_too_brief_for_a_look():
    box = Rect(*shares(INSET))
    assert is_known_inset(box, [], samples_of(INSET)[:2])
    assert not is_known_inset(box, [], samples_of((100, 40, 112, 80))[:2])
    assert not is_known_inset(box, [], [])


@pytest.mark.parametrize("has_inset", [True, False])
def test_an_inset_over_a_game_that_is_cut_every_second_is_found_over_the_cuts(tmp_path, has_inset):
    left, top, wide, high = INSET
    inside = (slice(top, top + high), slice(left, left + wide))
    looks = []
    for number, look in enumerate(looks_of(INSET)):
        scene = np.full_like(look, 40 + 60 * (number // 2))  # another one every second
        scene[number // 2 * 60 :: 7] = 200
        if has_inset:
            scene[inside] = look[inside]
        looks.append((number * 500, tmp_path / f"{number}.png"))
        cv2.imwrite(str(looks[-1][1]), scene)
    edges_ms = (0, 1000, 2000, 3000)
    contents = find_contents(looks, edges_ms, samples_of(INSET), None, Watermarks(looks, edges_ms))
    assert [content.inset is not None for content in contents] == [has_inset] * 3
    for found in {content.inset for content in contents if content.inset is not None}:
        sides = (found.left, found.top, found.width, found.height)
        assert sides == pytest.approx(shares(INSET), abs=1.5 / HIGH)


def analysis() -> RangeAnalysis:
    content = ShotContent(0, 3_001, inset=Rect(*shares(INSET)))
    samples = tuple(samples_of(INSET))
    return RangeAnalysis(0, 3_000, "yunet", WHOLE_PICTURE, (), samples, (content,))


def test_content_is_shown_whole_above_and_the_person_below():
    plan = plan_of(analysis())
    (shot,) = plan.shots
    assert (shot.layout, shot.reason) == ("inset", "inset")
    content, person = shot.parts
    assert (content.left, content.width, content.height) == pytest.approx((0, 1, 1), abs=0.003)
    above, below = cells(SIZES["9:16"], 2, shot.split)
    assert (above.size.height, below.top, below.size.height) == (608, 608, 1312)
    left, top, wide, high = shares(INSET)
    assert left <= person.left < person.right <= left + wide + 1e-6
    assert top <= person.top < person.bottom <= top + high + 1e-6
    assert person.width * 16 / (person.height * 9) == pytest.approx(1080 / 1312, abs=0.01)
    assert CropPlan.from_json(plan.to_json()).shots[0].layout == "inset"
    (kept,) = RangeAnalysis.from_json(analysis().to_json()).contents
    assert kept.inset is not None
    assert kept.inset.left == pytest.approx(left, abs=1e-4)


def test_it_is_chosen_otherwise_or_drawn_by_hand():
    for layout in ("fit", "crop"):
        (shot,) = plan_of(analysis(), overrides=[Override(500, layout)]).shots
        assert (shot.layout, shot.parts) == (layout, ())
    drawn = Rect(0.1, 0.2, 0.2, 0.2)
    (shot,) = plan_of(analysis(), overrides=[Override(500, "inset", box=drawn)]).shots
    assert drawn.left <= shot.parts[1].left < shot.parts[1].right <= drawn.right + 1e-6
    bare = replace(analysis(), contents=())
    assert plan_of(bare, overrides=[Override(500, "inset")]).shots[0].layout == "fit"


@pytest.mark.parametrize("share", [0.3, 0.5, 0.8])
def test_the_persons_part_has_the_share_that_is_chosen_and_the_content_stays_whole(share: float):
    info, canvas = make_info(), SIZES["9:16"]
    plan = plan_of(analysis(), person_share=share)
    (shot,) = plan.shots
    assert shot.split == pytest.approx(1 - share)
    content, person = shot.parts
    assert (content.width, content.height) == (1, 1)
    above, below = part_cells(shot, info.video, canvas)
    assert above.size.width / above.size.height == pytest.approx(16 / 9, rel=0.01)
    assert above.top + above.size.height <= below.top
    assert below.size.height == pytest.approx(share * 1920, abs=2)
    assert person.width * 16 / (person.height * 9) == pytest.approx(
        below.size.width / below.size.height, abs=0.02
    )
    graph = crop_plan_graph(info.video, plan, canvas, rate=Fraction(25))
    assert "gblur" in graph  # the content does not fill its cell
    assert "gblur" not in crop_plan_graph(
        info.video, plan_of(analysis()), canvas, rate=Fraction(25)
    )
    seen = replace(analysis(), samples=(FaceSample(0, (face_at(0.5, 0.5),)),))
    found = face_regions.faces_on_canvas(
        seen, info.video, strategy="smart_crop", plan=plan, start_ms=0, end_ms=200, canvas=canvas
    )
    region = min(found, key=lambda face: face.y)
    middle = (above.top + above.size.height / 2) / 1920
    assert region.y < middle < region.y + region.height


def test_a_wide_short_has_no_room_for_two_parts_above_one_another():
    info = make_info(1440, 1080)
    (shot,) = plan_of(analysis(), info, canvas=SIZES["16:9"]).shots
    assert shot.layout != "inset"
    (square,) = plan_of(analysis(), canvas=SIZES["1:1"]).shots
    assert (square.layout, round(square.split, 2)) == ("inset", 0.56)
