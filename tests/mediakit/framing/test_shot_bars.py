"""Black bars of one shot only: neither a crop nor a whole picture shows them."""

from dataclasses import replace

import numpy as np
import pytest

from mediakit.framing.analysis.shots.shot_bars import find_bars, without_false_bars
from mediakit.framing.crop_window import window_of
from mediakit.framing.geometry import Size
from mediakit.framing.range_analysis import RangeAnalysis, ShotContent
from mediakit.framing.rect import WHOLE_PICTURE, Rect
from mediakit.framing.shot_report import shot_reports
from tests.mediakit.face_fixtures import make_analysis, make_info, plan_of

INFO = make_info()


def looks(top: int, left: int, *, count: int = 4, grey: int = 120) -> list[np.ndarray]:
    """Noise between bars that are so many pixels wide on both sides of a look."""
    chance = np.random.default_rng(1)
    made = []
    for _ in range(count):
        look = chance.integers(0, 6, (540, 960), np.uint8)
        inside = look[top : 540 - top, left : 960 - left]
        inside[:] = chance.integers(grey - 40, grey + 40, inside.shape, np.uint8)
        made.append(look)
    return made


def test_bars_on_both_sides_that_stand_still_are_found():
    wide = find_bars(looks(68, 0))
    assert wide is not None
    assert (wide.left, wide.width, wide.top) == (0, 1, pytest.approx(69 / 540))
    upright = find_bars(looks(0, 328))
    assert upright is not None
    assert (upright.top, upright.width) == (0, pytest.approx(302 / 960))
    assert find_bars([np.zeros((540, 960), np.uint8), *looks(68, 0)]) == wide  # one black picture


def test_what_is_dark_is_no_bar():
    assert find_bars(looks(0, 0)) is None
    assert find_bars([*looks(68, 0), *looks(90, 0)]) is None  # the edge moves
    assert find_bars(looks(68, 0, count=1)) is None
    lower = looks(0, 0)
    for look in lower:
        look[400:] = 0  # a dark floor
    assert find_bars(lower) is None
    ramp = np.clip(120 - np.abs(np.arange(540) - 270) * 120 / 230, 0, None)
    dusk = [np.repeat(ramp.astype(np.uint8)[:, None], 960, axis=1)] * 4  # a stage that fades away
    assert find_bars(dusk) is None


def test_what_is_round_on_black_has_no_bars():
    rows, columns = np.mgrid[0:540, 0:960]
    globe = np.where(np.hypot(rows - 270, columns - 480) < 140, 90, 0).astype(np.uint8)
    square = Rect(0.34, 0.24, 0.32, 0.52)
    assert without_false_bars(square, [globe] * 2) == WHOLE_PICTURE
    film = Rect(0.0, 69 / 540, 1.0, 402 / 540)
    assert without_false_bars(film, looks(68, 0)) == film
    # A dark picture now and then, or no look at all, says nothing against bars.
    assert without_false_bars(film, [np.zeros((540, 960), np.uint8), *looks(68, 0)]) == film
    assert without_false_bars(film, []) == film
    upright = Rect(329 / 960, 0.0, 302 / 960, 1.0)
    assert without_false_bars(upright, looks(0, 328)) == upright


def film_and_talk(area: Rect, *positions) -> RangeAnalysis:
    """2 s of talk, 2 s of a shot that shows `area` only, and 2 s of talk."""
    analysis = make_analysis(*(positions or [lambda _: 0.5]), seconds=6, cuts_s=(2, 4))
    return replace(analysis, contents=(ShotContent(2_000, 4_000, area=area),))


def test_a_crop_shows_no_bars_of_its_shot():
    area = Rect(0, 0.13, 1, 0.74)
    analysis = RangeAnalysis.from_json(film_and_talk(area).to_json())
    plan = plan_of(analysis, INFO)
    before, film, after = plan.shots
    window = window_of(film, plan.area, INFO.video)
    assert window.height == pytest.approx(0.74, abs=0.003)
    assert film.path[0].y == pytest.approx(0.5, abs=0.001)
    assert (before.zoom, after.zoom) == (1, 1)
    assert shot_reports(plan, INFO.video, Size(1080, 1920))[1]["zoom"] == pytest.approx(
        1.35, abs=0.01
    )


def test_a_whole_picture_and_an_upright_clip_show_none_either():
    area = Rect(0.342, 0, 0.316, 1)
    whole = plan_of(film_and_talk(area, lambda _: None), INFO)
    assert [shot.parts for shot in whole.shots] == [(), (area,), ()]
    upright = plan_of(film_and_talk(area, lambda _: 0.45), INFO)
    window = window_of(upright.shots[1], upright.area, INFO.video)
    assert upright.shots[1].path[0].x - window.width / 2 >= area.left - 0.002
    assert upright.shots[1].path[0].x + window.width / 2 <= area.right + 0.002
