"""A picture with empty sides is shown without them."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mediakit.framing.analysis.pictures import cv2
from mediakit.framing.analysis.shot_content import find_contents
from mediakit.framing.analysis.text.watermarks import Watermarks
from mediakit.framing.crop_plan import Override
from mediakit.framing.range_analysis import RangeAnalysis, ShotContent
from mediakit.framing.rect import Rect
from tests.mediakit.face_fixtures import make_info, plan_of
from tests.mediakit.framing.test_salient_region import regions_of

SECONDS = 6


def title(filled: Rect | None, texts: tuple[Rect, ...] = ()) -> RangeAnalysis:
    """A shot in which all may matter, and only `filled` is not empty."""
    everywhere = regions_of(*[(0.0, 1.0)] * 4, seconds=SECONDS)
    content = ShotContent(0, SECONDS * 1000, filled=filled, texts=texts)
    return replace(everywhere, contents=(content,))


@pytest.mark.parametrize(
    ("left", "width", "shown"),
    [(0.15, 0.7, (0.125, 0.75)), (0.1, 0.8, (0.08, 0.84)), (0.4, 0.3, (0.325, 0.45))],
    ids=["4:3", "wider", "4:5"],
)
def test_a_title_is_shown_without_its_empty_sides(left, width, shown):
    (shot,) = plan_of(title(Rect(left, 0.4, width, 0.15))).shots
    (part,) = shot.parts
    assert shot.layout == "fit"
    assert (part.left, part.width) == pytest.approx(shown, abs=0.01)
    assert (part.top, part.height) == (0, 1)


@pytest.mark.parametrize(
    "analysis",
    [
        title(Rect(0.05, 0.4, 0.9, 0.15)),
        title(None),
        title(Rect(0.3, 0.4, 0.4, 0.15), texts=(Rect(0.02, 0.8, 0.9, 0.05),)),
    ],
    ids=["wide", "all empty", "faint text"],
)
def test_other_pictures_stay_whole(analysis):
    (shot,) = plan_of(analysis).shots
    assert (shot.layout, shot.parts) == ("fit", ())


@pytest.mark.parametrize(
    ("filled", "shown"),
    [(Rect(0.1, 0.4, 0.8, 0.2), (0.08, 0.84)), (Rect(0, 0, 1, 1), (0.125, 0.75))],
    ids=["it grows between two looks", "before a full ground"],
)
def test_a_title_that_stands_out_is_whole_to_its_end(filled, shown):
    title = replace(
        regions_of((0.127, 0.873), seconds=SECONDS),
        contents=(ShotContent(0, SECONDS * 1000, filled=filled),),
    )
    (part,) = plan_of(title).shots[0].parts
    assert (part.left, part.width) == pytest.approx(shown, abs=0.01)


def test_the_whole_picture_can_be_chosen_and_an_upright_one_has_no_parts():
    small = title(Rect(0.15, 0.4, 0.7, 0.15))
    assert plan_of(small, overrides=[Override(500, "fit")]).shots[0].parts == ()
    assert plan_of(small, info=make_info(540, 960)).shots[0].parts == ()


def looked_at(*rights: float, first_ms: int, folder: Path) -> float:
    """How far to the right a shot of looks is filled, two a second; each has a bar from 0.2 to one of `rights`."""
    looks = []
    for number, right in enumerate(rights):
        picture = np.full((360, 640), 250, np.uint8)
        picture[100:200, 128 : int(640 * right)] = 60
        looks.append((first_ms + number * 500, folder / f"{number}.png"))
        cv2.imwrite(str(looks[-1][1]), picture)
    span = [0, first_ms + len(rights) * 500 - 200]
    (content,) = find_contents(looks, span, (), None, Watermarks(looks, span))
    assert content.filled is not None
    return content.filled.right


def test_a_picture_that_fades_beside_a_cut_does_not_fill_the_shot(tmp_path: Path):
    def filled(*rights: float, first_ms: int) -> float:
        return looked_at(*rights, first_ms=first_ms, folder=tmp_path)

    assert filled(0.95, 0.7, 0.7, 0.7, first_ms=60) == pytest.approx(0.72, abs=0.01)
    assert filled(0.95, 0.7, 0.7, 0.7, first_ms=400) == pytest.approx(0.97, abs=0.01)
    assert filled(0.78, 0.7, 0.7, 0.7, first_ms=60) == pytest.approx(0.8, abs=0.01)  # it shrinks
    assert filled(0.95, 0.7, 0.3, 0.5, first_ms=60) == pytest.approx(0.97, abs=0.01)  # no title
    assert filled(0.95, 0.7, first_ms=60) == pytest.approx(0.97, abs=0.01)  # a brief shot
