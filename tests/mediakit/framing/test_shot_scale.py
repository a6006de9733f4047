"""How close a shot is: a far person is enlarged as long as the picture stays sharp."""

import subprocess
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest

from mediakit.captions.face_regions import faces_on_canvas
from mediakit.framing.analysis.people.body_motion import bodies_box
from mediakit.framing.crop_filters import crop_plan_graph
from mediakit.framing.crop_plan import Override
from mediakit.framing.geometry import SMART_CROP, Size
from mediakit.framing.planning.shot_planning import make_crop_plan, with_layout
from mediakit.framing.range_analysis import RangeAnalysis, ShotContent
from mediakit.framing.rect import Rect
from mediakit.framing.shot_report import shot_reports
from tests.mediakit.face_fixtures import make_analysis, make_face, make_info, plan_of

UHD = make_info(3840, 2160)
CANVAS = Size(1080, 1920)
SMALL = 0.03  # of the width: a face 115 px wide in a picture of 3840


def far_person(x: float = 0.4, seconds: float = 4, **more):
    return make_analysis(lambda _: make_face(x, size=SMALL), seconds=seconds, **more)


def test_a_far_person_is_enlarged_until_the_picture_is_soft_and_the_receipt_says_so():
    (shot,) = plan_of(far_person(), UHD).shots
    assert shot.zoom == pytest.approx(2160 / 1920 / 0.5, abs=0.01)
    (row,) = shot_reports(plan_of(far_person(), UHD), UHD.video, CANVAS)
    assert (row["zoom"], row["enlargement"]) == (2.25, pytest.approx(2, abs=0.02))
    # 720p is soft as it is, and a face that is large enough stays as it is.
    assert plan_of(far_person(), make_info(1280, 720)).shots[0].zoom == 1
    near = make_analysis(lambda _: make_face(0.4, size=0.12), seconds=4)
    assert plan_of(near, UHD).shots[0].zoom == 1


def test_the_eyes_of_a_far_person_are_on_the_upper_third_and_the_head_is_whole():
    analysis = far_person()
    plan = plan_of(analysis, UHD)
    (region, *_) = faces_on_canvas(
        analysis, UHD.video, strategy=SMART_CROP, plan=plan, start_ms=0, end_ms=4_000
    )
    eyes = region.y + region.height / 1.12 * 0.4
    assert eyes == pytest.approx(1 / 3, abs=0.02)
    assert region.x + region.width / 2 == pytest.approx(0.5, abs=0.17)


def test_who_stands_up_keeps_the_head_in_a_window_that_never_moves_up():
    def stands_up(t: float):
        face = make_face(0.4, size=SMALL)
        return replace(face, box=replace(face.box, top=0.5 if t < 2 else 0.1))

    analysis = make_analysis(stands_up, seconds=4)
    plan = plan_of(analysis, UHD)
    regions = faces_on_canvas(
        analysis, UHD.video, strategy=SMART_CROP, plan=plan, start_ms=0, end_ms=4_000
    )
    assert min(r.y for r in regions) > 0
    assert max(r.y + r.height for r in regions) < 1


def moving(analysis, box: Rect):
    """The analysis with a body that moves within a box all the time."""
    samples = tuple(replace(sample, moving=box) for sample in analysis.samples)
    return replace(analysis, samples=samples)


def test_arms_and_legs_that_move_are_not_cut_for_a_larger_face():
    spread = Rect(0.3, 0.05, 0.25, 0.9)
    (shot,) = plan_of(moving(far_person(), spread), UHD).shots
    assert shot.zoom == pytest.approx(1.11, abs=0.03)
    # In an upright source the whole is hardly smaller than what fills the screen.
    upright = make_analysis(lambda _: make_face(0.5), seconds=4)
    assert plan_of(upright, make_info(720, 1080)).shots[0].layout == "crop"
    dances = moving(upright, Rect(0.02, 0.05, 0.96, 0.9))
    assert plan_of(dances, make_info(720, 1080)).shots[0].layout == "fit"
    assert plan_of(dances, make_info()).shots[0].layout == "crop"


def test_what_moves_in_one_piece_with_a_face_is_its_body():
    motion = np.zeros((22, 40), np.float32)
    motion[4:18, 18] = motion[8, 10:26] = 4.0  # a body and its arms
    motion[2:20, 35] = 9.0  # who walks by in the background
    face = Rect(0.43, 0.12, 0.06, 0.12)
    assert bodies_box(motion, [face]) == Rect(10 / 40, 2 / 22, 16 / 40, 16 / 22)
    assert bodies_box(None, [face]) is None
    stored = RangeAnalysis.from_json(moving(far_person(), face).to_json())
    assert stored.samples[0].moving == face


def test_text_that_is_shown_stays_shown():
    content = ShotContent(0, 4_000, texts=(Rect(0.35, 0.9, 0.1, 0.03),))
    assert plan_of(replace(far_person(), contents=(content,)), UHD).shots[0].zoom == 1
    beside = ShotContent(0, 4_000, texts=(Rect(0.7, 0.9, 0.1, 0.03),))
    assert plan_of(replace(far_person(), contents=(beside,)), UHD).shots[0].zoom > 2


def test_a_point_chosen_by_hand_moves_the_closer_window_along_both_axes():
    override = Override(0, focus=(0.7, 0.2))
    (shot,) = plan_of(far_person(), UHD, overrides=[override]).shots
    assert shot.zoom > 2
    assert (shot.path[0].x, shot.path[0].y) == pytest.approx((0.7, 0.5 / shot.zoom))
    # A box that the closer window does not hold is shown by the largest one.
    large = Override(0, layout="crop", box=Rect(0.2, 0.1, 0.2, 0.8))
    assert plan_of(far_person(), UHD, overrides=[large]).shots[0].zoom == 1


def test_every_layout_of_a_far_shot_agrees():
    analysis = far_person()
    plan = plan_of(analysis, UHD)
    whole = with_layout(plan, "fit", analysis, UHD, start_ms=0)
    assert whole.shots[0].zoom == 1
    assert with_layout(whole, "crop", analysis, UHD, start_ms=0).shots[0].zoom == plan.shots[0].zoom
    square = make_crop_plan(analysis, UHD, start_ms=0, end_ms=4_000, canvas=Size(1080, 1080))
    assert square.shots[0].zoom > 2


def test_ffmpeg_crops_as_close_as_the_plan_says(tmp_path: Path):
    info = make_info(1280, 720)
    picture = np.zeros((720, 1280, 3), np.uint8)
    picture[200:220, 500:520] = 255  # a white square in the middle of where the window is
    source, out = tmp_path / "in.png", tmp_path / "out.png"
    cv2.imwrite(str(source), picture)
    plan = plan_of(far_person(), UHD)
    x, y, zoom = 510 / 1280, 210 / 720, 2.0
    point = replace(plan.shots[0].path[0], time_ms=0, x=x, y=y)
    shot = replace(plan.shots[0], path=(point,), zoom=zoom, end_ms=40)
    graph = crop_plan_graph(
        info.video, replace(plan, shots=(shot,)), Size(270, 480), rate=Fraction(25)
    )
    subprocess.run(
        [
            *("ffmpeg", "-v", "error", "-i", source, "-filter_complex", f"[0:v]null[in];{graph}"),
            *("-map", "[out]", "-frames:v", "1", out),
        ],
        check=True,
    )
    found = cv2.imread(str(out), cv2.IMREAD_GRAYSCALE)
    assert found is not None
    rows, columns = np.nonzero(found > 128)
    assert (found.shape, columns.mean(), rows.mean()) == (
        (480, 270),
        pytest.approx(135, abs=3),
        pytest.approx(240, abs=3),
    )
    assert np.ptp(rows) == pytest.approx(20 * 480 / 360, abs=3)
