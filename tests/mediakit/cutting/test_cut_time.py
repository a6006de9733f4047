"""Cut time: exact in frames at every rate, for any kept ranges."""

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediakit.cutting.cut_time import (
    MAX_GAP_MS,
    MAX_INPUTS,
    CutTime,
    Span,
    cut_time,
    decoded_ms,
    join_touching,
    kept_ms,
    max_inputs,
)
from mediakit.media_info import MediaInfo
from mediakit.probing.frame_rate import frame_count
from tests.mediakit.framing.test_geometry import PLAIN

RATES = [*map(Fraction, ("24000/1001", "25", "30000/1001", "50", "60"))]
INFO = MediaInfo(
    "mov,mp4", 4_000_000, 1, replace(PLAIN, frame_rate=Fraction(25), is_vfr=False, end_ms=4_000_000)
)


def info_at(rate: Fraction, *, is_vfr: bool = False) -> MediaInfo:
    return replace(INFO, video=replace(INFO.video, frame_rate=rate, is_vfr=is_vfr))


@st.composite
def kept_ranges(draw) -> tuple[Span, ...]:
    """Ranges in order: of 50 ms to 5 s, apart by nothing, by a moment or by minutes."""
    gaps = st.one_of(st.integers(0, 60), st.integers(0, 3_000), st.integers(9_000, 60_000))
    parts = draw(st.lists(st.tuples(gaps, st.integers(50, 5_000)), min_size=1, max_size=30))
    ranges, at = [], draw(st.integers(0, 60_000))
    for gap, length in parts:
        ranges.append((at + gap, at + gap + length))
        at += gap + length
    return tuple(ranges)


def exact_source_ms(cut: CutTime) -> list[tuple[Fraction, Fraction]]:
    return [
        (piece.base_ms + cut.frames_ms(piece.first), piece.base_ms + cut.frames_ms(piece.end))
        for piece in cut.pieces
    ]


@given(kept_ranges(), st.sampled_from(RATES), st.booleans())
def test_every_edge_is_the_nearest_frame_and_nothing_drifts(ranges, rate, is_vfr):
    info = info_at(rate, is_vfr=is_vfr)

    cut = cut_time(info, ranges)

    spans, half = exact_source_ms(cut), 500 / rate
    edges = [edge for range_ms in join_touching(ranges) for edge in range_ms]
    for start, end in spans:
        assert min(abs(start - edge) for edge in edges) <= half + 1
        # One frame is given up where a sum of roundings would pass 60 s or 180 s, or the range has less than one.
        assert min(abs(end - edge) for edge in edges) <= 3 * half + 1
    assert all(sooner[1] < later[0] for sooner, later in pairwise(spans))
    assert all(piece.frames >= 1 for piece in cut.pieces)
    assert [piece.cut_first for piece in cut.pieces[1:]] == [p.cut_end for p in cut.pieces[:-1]]
    assert abs(cut.duration_ms - kept_ms(ranges)) <= len(ranges) * 2 * half + 1


@given(kept_ranges(), st.sampled_from(RATES))
def test_the_sound_of_every_piece_begins_with_its_picture(ranges, rate):
    cut = cut_time(info_at(rate), ranges)

    played = 0
    for piece in cut.pieces:
        assert abs(played - piece.cut_first * 48_000 / rate) <= Fraction(1, 2)
        first, samples = cut.samples(piece, 48_000)
        assert abs(first - piece.first * 48_000 / rate) <= Fraction(1, 2)
        played += samples
    assert abs(played - cut.frames * 48_000 / rate) <= Fraction(1, 2)


@given(kept_ranges(), st.sampled_from(RATES), st.data())
def test_times_map_to_the_cut_and_back(ranges, rate, data):
    cut = cut_time(info_at(rate), ranges)
    at_ms = data.draw(st.integers(0, max(0, cut.duration_ms - 1)))

    source_ms = cut.to_source_ms(at_ms)

    back = cut.to_cut_ms(source_ms)
    assert back is None or abs(back - at_ms) <= 1  # a rounded time may lie just outside its piece
    assert sum(
        end - start for start, end in cut.source_spans_ms(0, cut.duration_ms)
    ) == pytest.approx(cut.duration_ms, abs=len(cut.pieces))


@given(kept_ranges(), st.sampled_from(RATES))
def test_what_lies_between_two_pieces_is_nowhere_in_the_cut(ranges, rate):
    cut = cut_time(info_at(rate), ranges)

    for before, after in cut.joins:
        end_ms, start_ms = cut.source_span_ms(before)[1], cut.source_span_ms(after)[0]
        if start_ms - end_ms > 2:
            assert cut.to_cut_ms((end_ms + start_ms) // 2) is None


@given(st.integers(0, 1_000_000), st.integers(1, 180_000), st.sampled_from(RATES))
def test_one_range_has_the_frames_of_its_length(start_ms, length_ms, rate):
    cut = cut_time(info_at(rate), [(start_ms, start_ms + length_ms)])

    assert (len(cut.pieces), cut.frames) == (1, frame_count(length_ms, rate))
    assert (
        cut
        == cut_time(
            info_at(rate),
            join_touching([(start_ms, start_ms + 1), (start_ms + 1, start_ms + length_ms)]),
        )
        or length_ms == 1
    )


@pytest.mark.parametrize("rate", RATES)
def test_200_ranges_of_three_minutes_stay_within_the_limit(rate):
    # Every edge rounds outwards at 25 frames a second: 900.2 ms are 23 frames.
    ranges = tuple((at * 1_001, at * 1_001 + 900) for at in range(200))

    cut = cut_time(info_at(rate), ranges)

    assert (len(cut.pieces), cut.frames * 1000 / rate <= 180_000) == (200, True)
    assert cut.frames * 1000 / rate > 180_000 - 4_000


@given(kept_ranges())
def test_no_input_reads_over_a_wide_gap_while_there_are_inputs_left(ranges):
    cut, info = cut_time(INFO, ranges), INFO

    groups = cut.groups
    wide = sum(later[0] - sooner[1] > MAX_GAP_MS for sooner, later in pairwise(ranges))
    assert len(groups) == min(wide + 1, max_inputs(info))
    assert decoded_ms(info, ranges) >= kept_ms(ranges)


def test_large_pictures_get_fewer_inputs():
    def inputs(width: int, height: int) -> int:
        return max_inputs(replace(INFO, video=replace(INFO.video, width=width, height=height)))

    assert [inputs(1280, 720), inputs(1920, 1080), inputs(3840, 2160), inputs(8192, 4320)] == [
        *(MAX_INPUTS, 16, 4, 2)
    ]
