"""Where the title is while a picture is shown whole: above it or below it, never on it."""

import pytest

from mediakit.captions import overlay
from mediakit.captions.caption_style import BurnIn, Overlays, TimedRegion
from mediakit.captions.face_regions import faces_on_canvas
from mediakit.framing.crop_plan import CropPlan, Shot
from mediakit.framing.geometry import SMART_CROP
from mediakit.framing.output_format import SHORT
from mediakit.framing.range_analysis import RangeAnalysis
from mediakit.framing.rect import Rect
from mediakit.media_info import VideoTrack
from tests.mediakit.face_fixtures import WHOLE_PICTURE, make_info

ONE = "Bread"
TWO = "Five things you should know"
LONG = "Five things you should know about bread before you bake it at home for the very first time"


def pictures(video: VideoTrack, *shots: Shot) -> tuple[TimedRegion, ...]:
    analysis = RangeAnalysis(0, 9_000, "yunet", WHOLE_PICTURE, (), ())
    return faces_on_canvas(
        analysis,
        video,
        strategy=SMART_CROP,
        plan=CropPlan(WHOLE_PICTURE, shots),
        start_ms=0,
        end_ms=9_000,
    )


def title(hook: str, faces: tuple[TimedRegion, ...], **more: str) -> TimedRegion:
    burn_in = BurnIn(9_000, overlays=Overlays(hook=hook, **more), faces=faces, canvas=SHORT.canvas)  # type: ignore[arg-type]
    (region,) = overlay._hook(burn_in, "bt709")[1]
    return region


@pytest.mark.parametrize("size", [(1920, 1080), (1440, 1080), (2390, 1000)])
@pytest.mark.parametrize(
    ("hook", "more"),
    [
        (ONE, {}),
        (TWO, {}),
        (LONG, {}),
        ("빵을 굽기 전에 알아야 할 것", {}),
        (LONG, {"logo": "a" * 64, "logo_corner": "top_left"}),
    ],
)
def test_a_title_never_lies_on_a_picture_that_is_shown_whole(hook, more, size):
    (picture,) = pictures(make_info(*size).video, Shot(0, 9_000, "fit"))
    place = title(hook, (picture,), **more)
    assert place.y >= picture.y + picture.height or place.y + place.height <= picture.y
    canvas = SHORT.canvas
    assert canvas.top <= place.y * canvas.height
    assert (place.y + place.height) * canvas.height <= canvas.bottom


def test_only_whole_pictures_while_the_title_is_there_move_it():
    video, usual = make_info().video, title(TWO, ())
    crops = Shot(0, 8_000, "crop")
    assert title(TWO, pictures(video, crops, Shot(8_000, 9_000, "fit"))) == usual
    assert title(TWO, pictures(video, crops)) == usual
    # Where a logo takes the room below and a line above is too short, the title is where it usually is.
    (wide,) = pictures(video, Shot(0, 9_000, "fit"))
    logo = {"logo": "a" * 64, "logo_corner": "bottom_left"}
    assert title(LONG, (wide,), **logo) == title(LONG, (), **logo)
    # A part as tall as this leaves no room on either side for more than a line.
    part = Shot(0, 9_000, "fit", parts=(Rect(0.28, 0, 0.44, 1),))
    assert title(LONG, pictures(video, part)).height > 0
