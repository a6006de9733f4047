"""What the receipt says of each shot."""

import pytest

from mediakit.framing.crop_plan import CropPlan, PathPoint, Shot
from mediakit.framing.geometry import Size
from mediakit.framing.rect import Rect
from mediakit.framing.shot_report import shot_reports
from tests.mediakit.face_fixtures import WHOLE_PICTURE, make_info


def test_each_shot_has_its_reason_and_how_much_it_was_enlarged():
    part = Rect(0.0, 0.0, 270 / 1280, 240 / 720)  # a quarter of the width of half the Short
    shots = (
        Shot(
            0, 1_000, "crop", (PathPoint(0, 0.5, 0.5),), people=2, reason="speaker", speaker="Anna"
        ),
        Shot(
            1_000, 2_000, "stack", parts=(part, Rect(0.5, 0, 0.5, 0.79)), people=2, reason="apart"
        ),
        Shot(2_000, 3_000, "fit", chosen=True),
    )
    video = make_info(1280, 720).video
    found = shot_reports(CropPlan(WHOLE_PICTURE, shots), video, Size(1080, 1920))
    assert [row["enlargement"] for row in found] == [
        pytest.approx(1920 / 720, abs=0.01),
        pytest.approx(4, abs=0.01),
        pytest.approx(1080 / 1280, abs=0.01),
    ]
    assert found[0] | {"enlargement": 0} == {
        "start_ms": 0,
        "end_ms": 1_000,
        "layout": "crop",
        "is_part": False,
        "reason": "speaker",
        "people": 2,
        "speaker": "Anna",
        "zoom": 1.0,
        "punch_in": "",
        "marks_speaker": False,
        "chosen": False,
        "enlargement": 0,
    }
    assert [row["chosen"] for row in found] == [False, False, True]
