"""Reading ffprobe's words: small cases that no generated clip brings up."""

from fractions import Fraction

import pytest

from mediakit.probing.ffprobe_streams import (
    bit_depth_of,
    display_size,
    forced_decoder,
    frame_rate_of,
    is_interlaced,
    parse_ratio,
    rotation_of,
    sampled_rate,
    sar_of,
    snap_to_standard_rate,
    to_ms,
    video_track,
    x264_build,
)


def test_fractions():
    assert parse_ratio("30000/1001") == Fraction(30000, 1001)
    assert parse_ratio("4:3") == Fraction(4, 3)
    assert [parse_ratio(text) for text in ("0/0", "1/0", "", None, "x")] == [None] * 5


def test_times():
    assert to_ms("12.3456") == 12346
    assert to_ms("-0.021333") == -21
    assert to_ms("00:01:02.500000000") == 62_500
    assert [to_ms(text) for text in ("N/A", "", None)] == [None] * 3


@pytest.mark.parametrize(
    ("measured", "usual"),
    [
        ("359/12", "30000/1001"),
        ("2997/100", "30000/1001"),
        ("24/1", "24"),
        ("23976/1000", "24000/1001"),
        ("15/1", "15"),
        ("1000001/100000", "10"),
    ],
)
def test_measured_rates_snap_to_the_usual_ones(measured, usual):
    assert snap_to_standard_rate(Fraction(measured)) == Fraction(usual)


def test_pictures_evenly_spaced_but_for_rounding():
    times = [round(n * 1000 / 30) for n in range(60)]

    rate, uneven = sampled_rate(times)

    assert not uneven
    assert rate is not None
    assert snap_to_standard_rate(rate) == 30


def test_two_pictures_tell_no_rate():
    assert sampled_rate([0, 40]) == (None, False)


def test_holes_at_the_end_of_the_sample_are_not_a_varying_rate():
    times = [n * 40 for n in range(100) if n < 90 or n % 3]

    assert not sampled_rate(times)[1]


@pytest.mark.parametrize(
    ("grid", "average", "times", "expected"),
    [
        ("25/1", "25/1", [0, 90, 100, 300], (Fraction(25), False)),
        ("60/1", "1000/1", [0, 33, 67, 100], (Fraction(30), False)),
        ("120/1", "60/2", [0, 33, 67, 100], (Fraction(30), True)),
        ("600/1", "22/3", [], (Fraction(22, 3), True)),
        ("0/0", "0/0", [], (Fraction(25), False)),
        ("30/1", "0/0", [0, 33, 67, 100], (Fraction(30), False)),
        ("30/1", "2991/100", [0, 33, 67, 100], (Fraction(30), False)),
    ],
)
def test_which_rate_to_believe(grid, average, times, expected):
    rate, varies = frame_rate_of({"r_frame_rate": grid, "avg_frame_rate": average}, times)

    assert (snap_to_standard_rate(rate), varies) == (
        snap_to_standard_rate(expected[0]),
        expected[1],
    )


@pytest.mark.parametrize(
    ("said", "clockwise"), [(-90, 90), (90, 270), (180, 180), (-180, 180), (0, 0), (-89.6, 90)]
)
def test_rotation_to_the_nearest_quarter(said, clockwise):
    assert rotation_of({"side_data_list": [{"x": 1}, {"rotation": said}]}) == clockwise
    assert rotation_of({}) == 0


def test_absurd_sample_shapes_count_as_square():
    assert sar_of({"sample_aspect_ratio": "1:100"}, 10, 10) == 1
    assert sar_of({"sample_aspect_ratio": "0:1"}, 10, 10) == 1
    assert sar_of({"sample_aspect_ratio": "16:15"}, 10, 10) == Fraction(16, 15)


def test_size_as_shown():
    assert display_size(720, 576, Fraction(16, 15), 0) == (768, 576)
    assert display_size(640, 360, Fraction(2, 3), 0) == (640, 540)
    assert display_size(720, 576, Fraction(16, 15), 90) == (576, 768)


@pytest.mark.parametrize(
    ("pix_fmt", "bits"),
    [
        ("yuv420p", 8),
        ("yuv420p10le", 10),
        ("yuv422p12be", 12),
        ("gray10le", 10),
        ("rgb48le", 16),
        ("rgba64le", 16),
        ("p010le", 10),
        ("nv12", 8),
    ],
)
def test_bits_per_sample(pix_fmt, bits):
    assert bit_depth_of(pix_fmt) == bits


def test_decoders_that_have_to_be_named():
    assert forced_decoder({"codec_name": "vp9", "tags": {"ALPHA_MODE": "1"}}) == "libvpx-vp9"
    assert forced_decoder({"codec_name": "vp8", "tags": {"alpha_mode": "1"}}) == "libvpx"
    assert forced_decoder({"codec_name": "vp9"}) == ""


def test_who_made_the_pictures():
    assert x264_build(b"...x264 - core 142 r2431") == 142
    assert x264_build(b"nobody says") == 0


def test_the_pictures_overrule_the_header():
    stream = {
        "index": 0,
        "width": 100,
        "height": 50,
        "color_transfer": "bt709",
        "field_order": "tt",
    }
    frame = {"width": 96, "height": 48, "color_transfer": "arib-std-b67", "pix_fmt": "yuva420p"}

    track = video_track(stream, [frame], [])

    assert (track.width, track.height, track.hdr) == (96, 48, "hlg")
    assert track.has_alpha
    assert not track.is_interlaced
    assert is_interlaced(stream, [])


def test_unknown_colours_are_no_colours():
    stream = {"index": 0, "width": 2, "height": 2, "color_space": "unknown"}

    assert video_track(stream, [{"color_space": "reserved"}], []).color_space == ""
