"""Where a part lies that is wider than what it holds."""

from fractions import Fraction

import pytest

from mediakit.framing.crop_window import crop_window
from mediakit.framing.geometry import Size
from mediakit.framing.planning.subjects.part_place import placed
from mediakit.framing.range_analysis import ShotContent
from mediakit.framing.rect import Rect
from tests.mediakit.face_fixtures import WHOLE_PICTURE, make_info

PART = crop_window(make_info().video, WHOLE_PICTURE, Size(4, 3))  # 0.75 of the width
HELD = (0.3, 0.8)


def left_of(*, filled: Rect | None = None, texts: tuple[Rect, ...] = ()) -> float:
    return placed(PART, HELD, ShotContent(0, 1_000, filled=filled, texts=texts)).left


def test_what_is_held_lies_in_the_middle_where_nothing_else_is():
    assert PART.width == pytest.approx(Fraction(3, 4), abs=0.01)
    assert placed(PART, HELD).left == left_of() == pytest.approx(0.175, abs=0.01)
    assert left_of(texts=(Rect(0.3, 0.8, 0.4, 0.1),)) == pytest.approx(0.175, abs=0.01)


def test_a_line_at_an_edge_is_left_out_or_taken_in_whichever_is_nearer():
    assert left_of(texts=(Rect(0.0, 0.2, 0.2, 0.05),)) == pytest.approx(0.205, abs=0.002)
    assert left_of(texts=(Rect(0.15, 0.2, 0.3, 0.05),)) == pytest.approx(0.145, abs=0.002)


def test_a_line_that_cannot_be_kept_moves_nothing():
    assert left_of(texts=(Rect(0.0, 0.2, 0.9, 0.05),)) == pytest.approx(0.175, abs=0.01)


def test_no_empty_side_is_shown_while_the_other_side_is_cut():
    assert left_of(filled=Rect(0.2, 0, 0.8, 1)) == pytest.approx(0.2, abs=0.002)
    assert left_of(filled=Rect(0, 0, 0.9, 1)) == pytest.approx(0.15, abs=0.002)


def test_a_drawing_that_just_fits_is_whole():
    shown = left_of(filled=Rect(0.16, 0.2, 0.78, 0.6))  # 0.18 to 0.92 without its margin
    assert shown <= 0.18
    assert shown + PART.width >= 0.92


def test_what_is_held_stays_off_the_edges():
    for texts in ((Rect(0.0, 0.2, 0.29, 0.05),), (Rect(0.82, 0.2, 0.18, 0.05),)):
        left = left_of(texts=texts)
        assert left + 0.01 <= HELD[0]
        assert left + PART.width - 0.01 >= HELD[1]
