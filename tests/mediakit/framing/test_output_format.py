"""Sizes, safe areas and shared parts of every aspect ratio."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediakit.framing.geometry import FULL_SCREEN, Size
from mediakit.framing.output_format import (
    AS_SOURCE,
    ASPECT_RATIOS,
    Canvas,
    OutputFormat,
    cells,
    output_format,
)
from tests.mediakit.face_fixtures import make_info

SIDES = st.integers(2, 8192)


def as_source(width: int, height: int) -> OutputFormat:
    return output_format(AS_SOURCE, make_info(width, height).video)


@pytest.mark.parametrize(
    ("ratio", "size"),
    [("9:16", (1080, 1920)), ("4:5", (1080, 1350)), ("1:1", (1080, 1080)), ("16:9", (1920, 1080))],
)
def test_a_named_ratio_has_one_size_whatever_the_source(ratio: str, size: tuple[int, int]):
    for source in ((320, 240), (3840, 2160), (1080, 1920)):
        assert output_format(ratio, make_info(*source).video).size == Size(*size)
    wide, tall = (int(side) for side in ratio.split(":"))
    assert Fraction(*size) == Fraction(wide, tall)


def test_an_unknown_ratio_is_refused():
    with pytest.raises(ValueError, match="3:2"):
        output_format("3:2", make_info().video)


@pytest.mark.parametrize(
    ("source", "size"),
    [
        ((1920, 1080), (1920, 1080)),
        ((3840, 2160), (1920, 1080)),
        ((2160, 3840), (1080, 1920)),
        ((1440, 1080), (1440, 1080)),
        ((640, 360), (640, 360)),  # not enlarged
        ((2560, 1080), (1920, 810)),
        ((10_000, 100), (240, 100)),  # no platform takes it wider
        ((3, 3), (4, 4)),
    ],
)
def test_as_the_source_keeps_its_shape(source: tuple[int, int], size: tuple[int, int]):
    assert as_source(*source).size == Size(*size)


@given(SIDES, SIDES)
def test_any_source_gives_an_even_size_of_its_shape_that_is_not_enlarged(width: int, height: int):
    size = as_source(width, height).size
    assert size.width % 2 == size.height % 2 == 0
    assert min(size.width, size.height) <= 1080
    assert max(size.width, size.height) <= 1920
    assert size.width <= width + 1
    assert size.height <= height + 1
    shape = min(max(Fraction(width, height), Fraction(100, 239)), Fraction(239, 100))
    # Rounding to an even number moves an edge by one pixel at most.
    assert abs(size.width - shape * size.height) <= 1 + shape


@given(SIDES, SIDES, st.sampled_from(ASPECT_RATIOS))
def test_every_canvas_has_room_for_captions_inside_its_safe_area(
    width: int, height: int, ratio: str
):
    found = output_format(ratio, make_info(width, height).video)
    canvas, size = found.canvas, found.size
    assert min(canvas.width, canvas.height) == 1080
    assert abs(canvas.width * size.height - canvas.height * size.width) <= max(
        size.width, size.height
    )
    assert 0 < canvas.top < canvas.middle_y < canvas.bottom < canvas.height
    assert 0 < canvas.left < canvas.right < canvas.width
    half = canvas.centered_width / 2
    assert canvas.left <= canvas.width / 2 - half
    assert canvas.width / 2 + half <= canvas.right + 1
    assert 800 <= canvas.centered_width <= canvas.text_width
    assert canvas.bottom - canvas.top >= 900


def test_full_screen_pictures_keep_what_their_platforms_leave_free():
    assert output_format("9:16", make_info().video).canvas == Canvas(
        1080, 1920, 65, 269, 960, 1248, True
    )
    assert as_source(1080, 2400).canvas.top > 1080 * 2400 // 1080 * 0.13
    for ratio in ("4:5", "1:1", "16:9"):
        canvas = output_format(ratio, make_info().video).canvas
        assert Fraction(canvas.width, canvas.height) > FULL_SCREEN
        assert canvas.left == canvas.width - canvas.right


@given(SIDES, SIDES, st.integers(2, 4))
def test_shared_parts_are_even_and_fill_the_picture(width: int, height: int, count: int):
    size = as_source(max(width, 64), max(height, 64)).size
    parts = cells(size, count)
    assert len(parts) == count
    pixels = [part.size.pixels for part in parts]
    assert all(part.size.width % 2 == part.size.height % 2 == 0 for part in parts)
    assert all(part.left % 2 == part.top % 2 == 0 for part in parts)
    assert sum(pixels) == size.pixels
    assert {part.left + part.size.width for part in parts} >= {size.width}
    assert {part.top + part.size.height for part in parts} >= {size.height}
    assert 0 < max(pixels) - min(pixels) + 1 <= 2 * (size.width + size.height) + 1


def test_a_smaller_picture_has_the_same_shape():
    for ratio in ASPECT_RATIOS:
        found = output_format(ratio, make_info(1440, 1080).video)
        small = found.scaled(short_side=216)
        assert min(small.width, small.height) == 216
        assert Fraction(small.width, small.height) == Fraction(found.size.width, found.size.height)
