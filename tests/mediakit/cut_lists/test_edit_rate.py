from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediakit.cut_lists.edit_rate import Timebase, edit_rate, timebase
from tests.mediakit.cut_lists.sources import KINDS

NTSC_30, NTSC_60 = Fraction(30000, 1001), Fraction(60000, 1001)


@pytest.mark.parametrize(
    ("rate", "frame", "code"),
    [
        (NTSC_30, 1799, "00:00:59;29"),
        (NTSC_30, 1800, "00:01:00;02"),  # SMPTE ST 12-1: numbers 0 and 1 are left out
        (NTSC_30, 17981, "00:09:59;29"),
        (NTSC_30, 17982, "00:10:00;00"),
        (NTSC_30, 107_892, "01:00:00;00"),
        (NTSC_60, 3600, "00:01:00;04"),
        (NTSC_60, 215_784, "01:00:00;00"),
    ],
)
def test_drop_frame_time_code_keeps_up_with_the_clock(rate: Fraction, frame: int, code: str):
    base = Timebase(rate, is_drop=True)

    assert base.timecode(frame) == code
    assert base.frame_of(code) == frame


@given(
    st.sampled_from([(NTSC_30, True), (NTSC_60, True), (NTSC_30, False), (Fraction(24), False)]),
    st.integers(0, 2_000_000),
)
def test_every_frame_has_a_time_code_of_its_own(kind: tuple[Fraction, bool], frame: int):
    base = Timebase(*kind)

    assert base.frame_of(base.timecode(frame)) == frame


def test_time_code_begins_again_after_a_day():
    assert Timebase(Fraction(25)).timecode(24 * 3600 * 25 + 3) == "00:00:00:03"


@pytest.mark.parametrize("base", [Timebase(Fraction(25)), Timebase(NTSC_30, is_drop=True)])
def test_a_range_over_midnight_ends_after_it_begins(base: Timebase):
    day = (base.frame_of("23:59:59:00") or 0) + base.nominal
    sign = ";" if base.is_drop else ":"
    assert base.end_timecode(day - 5, day + 3) == f"24:00:00{sign}03"
    assert base.end_timecode(day, day + 3) == f"00:00:00{sign}03"


def test_time_code_counts_two_frames_as_one_above_60():
    base = Timebase(2 * NTSC_60, is_drop=True)
    assert base.timecode(7200) == "00:01:00;04"
    assert base.frame_of("00:01:00;04") == 7200


@pytest.mark.parametrize("code", ["", "1:00:00:00", "01:00:00:25", "01:60:00:00", "01:00:00"])
def test_what_is_no_time_code_of_the_rate(code: str):
    assert Timebase(Fraction(25)).frame_of(code) is None


@pytest.mark.parametrize(
    ("rate", "expected"),
    [
        *((120, 120), (15, 30), ("12.5", 25), (27, 27), ("27.3", 25), (240, 60)),
        *((NTSC_60 * 2, NTSC_60 * 2), (Fraction(48000, 1001), Fraction(48000, 1001))),
    ],
)
def test_editors_are_told_a_rate_that_they_know(rate: Fraction | int | str, expected: Fraction):
    video = replace(KINDS["25"].video, frame_rate=Fraction(rate))

    assert edit_rate(video) == pytest.approx(expected)


def test_only_ntsc_rates_drop_numbers():
    assert timebase(KINDS["29.97 drop"].video, "01:00:00;00").is_drop
    assert not timebase(KINDS["29.97 drop"].video, "01:00:00:00").is_drop
    assert not timebase(KINDS["25"].video, "01:00:00;00").is_drop
