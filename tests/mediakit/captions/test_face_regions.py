"""Faces of the source, as regions of the Short's canvas."""

import pytest

from mediakit.captions.face_regions import faces_on_canvas, shift_plan, visible_face_share
from mediakit.framing.crop_plan import CropPlan, PathPoint, Shot
from mediakit.framing.range_analysis import Face, FaceSample, RangeAnalysis
from mediakit.framing.rect import WHOLE_PICTURE, Rect
from tests.mediakit.render.test_short import INFO

# A face a tenth as wide as the picture, a little right of the middle.
FACE = Face(Rect(0.5, 0.2, 0.1, 0.2), 0.9)
UNSURE = Face(Rect(0.5, 0.2, 0.1, 0.2), 0.2)
ANALYSIS = RangeAnalysis(
    0,
    10_000,
    "yunet",
    WHOLE_PICTURE,
    (),
    (FaceSample(1_000, (FACE, UNSURE)), FaceSample(1_200, (FACE,)), FaceSample(5_000)),
)
CROP = 9 / 16 / (16 / 9)  # the share of a 16:9 picture's width that fills the canvas


def regions(strategy: str, plan: CropPlan | None = None, **span: int) -> list[tuple[float, ...]]:
    found = faces_on_canvas(
        ANALYSIS,
        INFO.video,
        strategy=strategy,
        plan=plan,
        start_ms=span.get("start_ms", 1_000),
        end_ms=span.get("end_ms", 4_000),
    )
    return [(box.start_ms, box.end_ms, box.x, box.y, box.width, box.height) for box in found]


def test_in_the_middle_and_as_a_whole():
    tall = 0.2 * 1.12
    first, second = regions("center_crop")
    assert first == pytest.approx((0, 200, 0.5, 0.2, 0.1 / CROP, tall))
    assert second[:2] == (200, 1_200)  # the next sample is too far away to say more
    fitted = CROP
    assert regions("blur")[0] == pytest.approx(
        (0, 200, 0.5, 0.5 - 0.3 * fitted, 0.1, tall * fitted)
    )
    assert regions("letterbox", start_ms=6_000, end_ms=9_000) == []


def test_as_planned():
    keys = (PathPoint(0, 0.6, 0.5),)
    window = regions("smart_crop", CropPlan(WHOLE_PICTURE, (Shot(0, 3_000, "crop", keys),)))
    assert window[0][2:4] == pytest.approx(((0.5 - 0.6) / CROP + 0.5, 0.2))
    parts = (Rect(0.4, 0.1, 0.3, 0.5), Rect(0.0, 0.1, 0.3, 0.5))
    stacked = regions("smart_crop", CropPlan(WHOLE_PICTURE, (Shot(0, 3_000, "stack", (), parts),)))
    assert [box[2] for box in stacked[:1]] == pytest.approx([1 / 3])
    assert stacked[0][3] == pytest.approx(0.1)  # in the upper half
    later = shift_plan(CropPlan(WHOLE_PICTURE, (Shot(0, 3_000, "crop", keys),)), -500)
    assert (later.shots[0].start_ms, later.shots[0].path[0].time_ms) == (-500, -500)


def test_a_whole_picture_is_moved_up_for_captions():
    (first, _, picture) = regions("smart_crop", CropPlan(WHOLE_PICTURE, (Shot(0, 3_000, "fit"),)))
    assert picture[2:5] == pytest.approx((0, 392 / 1920, 1), abs=0.001)
    top = 392 / 1920
    assert first[3] == pytest.approx(top + 0.2 * CROP, abs=0.001)


def test_a_face_outside_the_window_is_nowhere():
    plan = CropPlan(WHOLE_PICTURE, (Shot(0, 3_000, "crop", (PathPoint(0, 0.16, 0.5),)),))
    assert regions("smart_crop", plan) == []


def test_how_often_the_subject_is_shown():
    def share(*shots: Shot, start_ms: int = 1_000, end_ms: int = 4_000) -> float | None:
        plan = CropPlan(WHOLE_PICTURE, shots)
        return visible_face_share(ANALYSIS, INFO.video, plan, start_ms=start_ms, end_ms=end_ms)

    there, away = (PathPoint(0, 0.6, 0.5),), (PathPoint(0, 0.16, 0.5),)
    assert share(Shot(0, 3_000, "crop", there)) == 1
    assert share(Shot(0, 3_000, "crop", away)) == 0
    assert share(Shot(0, 100, "crop", away), Shot(100, 3_000, "fit")) == 0.5
    assert share(Shot(0, 3_000, "crop", away), start_ms=4_000, end_ms=6_000) is None
