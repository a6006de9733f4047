"""Fitting any shape into a canvas, choosing rates, and the pixels of blur and bright light."""

import math
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from mediakit.framing.crop_filters import crop_plan_graph
from mediakit.framing.crop_plan import CropPlan, PathPoint, Shot
from mediakit.framing.geometry import (
    STRATEGIES,
    Size,
    color_matrix,
    crop_size,
    edge_background_graph,
    fit_size,
    fit_top,
    framing_graph,
    round_to_even,
    upright_size,
)
from mediakit.framing.output_format import SHORT
from mediakit.framing.rect import Rect
from mediakit.media_info import VideoTrack
from mediakit.probing.frame_rate import frame_count, keyframe_interval, output_rate
from tests.mediakit.conftest import ffmpeg

PLAIN = VideoTrack(
    index=0,
    codec="h264",
    width=1920,
    height=1080,
    sar=Fraction(1),
    rotation=0,
    display_width=1920,
    display_height=1080,
    frame_rate=Fraction(25),
    is_vfr=False,
    pix_fmt="yuv420p",
    bit_depth=8,
    end_ms=10_000,
)
WHOLE = SHORT.size
KR_KG_KB = (0.2627, 0.6780, 0.0593)  # what red, green and blue add to luminance in BT.2020


@pytest.mark.parametrize(
    ("size", "sar", "part"),
    [
        ((1920, 1080), 1, (608, 1080)),  # landscape: the middle column
        ((1080, 1920), 1, (1080, 1920)),  # already the shape
        ((1080, 2400), 1, (1080, 1920)),  # narrower than 9:16: the middle rows
        ((1000, 1000), 1, (562, 1000)),
        ((720, 576), Fraction(16, 15), (304, 576)),  # wide samples: fewer of them
        ((640, 360), Fraction(2, 3), (304, 360)),
        ((1, 1), 1, (1, 1)),
        ((2, 4000), 1, (2, 4)),
    ],
)
def test_the_part_that_has_the_canvas_shape(size, sar, part):
    assert crop_size(Size(*size), Fraction(sar), WHOLE) == Size(*part)


@pytest.mark.parametrize(
    ("size", "sar", "fitted"),
    [
        ((1920, 1080), 1, (1080, 608)),
        ((1080, 1920), 1, (1080, 1920)),
        ((1080, 2400), 1, (864, 1920)),
        ((500, 500), 1, (1080, 1080)),
        ((720, 576), Fraction(16, 15), (1080, 810)),
        ((333, 217), 1, (1080, 704)),
        ((10_000, 10), 1, (1080, 2)),
        ((1, 1), 1, (1080, 1080)),
    ],
)
def test_the_size_at_which_the_whole_picture_fits(size, sar, fitted):
    assert fit_size(Size(*size), Fraction(sar), WHOLE) == Size(*fitted)


def test_even_numbers_only():
    assert [round_to_even(value, maximum=100) for value in (0, 1, 3, 5, 99, 101)] == [
        2,
        2,
        4,
        4,
        100,
        100,
    ]


def test_a_turned_picture_has_its_sides_and_samples_turned():
    turned = replace(PLAIN, rotation=90, sar=Fraction(4, 3))

    assert upright_size(turned) == (Size(1080, 1920), Fraction(3, 4))
    assert upright_size(PLAIN) == (Size(1920, 1080), Fraction(1))


def test_the_matrix_is_guessed_by_size_only_without_a_tag():
    assert color_matrix(PLAIN) == "bt709"
    assert color_matrix(replace(PLAIN, width=720, height=576)) == "bt601"
    assert color_matrix(replace(PLAIN, width=720, height=576, color_space="bt709")) == "bt709"
    assert color_matrix(replace(PLAIN, color_space="smpte170m")) == "bt601"


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_every_framing_ends_tagged_square_and_bare(strategy):
    graph = framing_graph(PLAIN, strategy, WHOLE)

    assert graph.startswith("[in]scale=1920:1080")
    assert graph.endswith(
        "setsar=1,setparams=range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709,"
        "sidedata=mode=delete[out]"
    )


def test_a_crop_is_cut_before_it_is_enlarged():
    graph = framing_graph(PLAIN, "center_crop", WHOLE)

    assert graph.index("crop=608:1080") < graph.index("scale=1080:1920")


@pytest.mark.parametrize(
    ("canvas", "height", "top"),
    [
        (WHOLE, 608, 392),  # 16:9: captions have what lies between 1000 and the safe area's end
        (WHOLE, 810, 190),
        (WHOLE, 1080, 420),  # a square has no room
        (WHOLE, 300, 700),
        (Size(540, 960), 304, 196),
        (Size(1080, 1350), 608, 371),  # in a feed captions lie lower
        (Size(1080, 1080), 608, 236),
    ],
)
def test_a_whole_picture_leaves_captions_a_band_below_it(canvas: Size, height: int, top: int):
    assert fit_top(canvas, height) == top


def test_the_blurred_background_is_made_small():
    assert "scale=136:240" in framing_graph(PLAIN, "blur", WHOLE)
    assert "scale=34:60" in framing_graph(PLAIN, "blur", Size(270, 480))


@pytest.mark.parametrize(("given", "low", "high"), [(16, 15, 18), (32, 28, 32), (235, 195, 215)])
def test_the_blurred_background_is_dimmer_and_never_crushed(given: int, low: int, high: int):
    source = f"color=black:s=320x180,format=yuv420p,lutyuv=y={given},setparams=range=tv[in];"
    graph = f"{source}{framing_graph(PLAIN, 'blur', Size(270, 480))}"
    argv = ("-filter_complex", graph, "-map", "[out]", "-frames:v", 1, "-f", "rawvideo", "pipe:1")
    luma = ffmpeg(*argv)
    assert low <= luma[270 * 48 + 135] <= high


def planes_on_edges(source: str, canvas: Size) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The planes (Y, U, V) of a drawn picture of 320x180 on the colours of its edges."""
    graph = edge_background_graph(PLAIN, canvas, input_label="in", output_label="out")
    drawn = f"color=black:s=320x180,{source},format=yuv420p,setparams=range=tv[in];{graph}"
    argv = ("-filter_complex", drawn, "-map", "[out]", "-frames:v", 1, "-f", "rawvideo", "pipe:1")
    raw = np.frombuffer(ffmpeg(*argv), np.uint8)
    luma, half = canvas.width * canvas.height, (canvas.height // 2, canvas.width // 2)
    return (
        raw[:luma].reshape(canvas.height, canvas.width),
        raw[luma : luma * 5 // 4].reshape(half),
        raw[luma * 5 // 4 :].reshape(half),
    )


@pytest.mark.parametrize(("given", "low", "high"), [(16, 15, 17), (32, 28, 32), (235, 195, 215)])
def test_the_colours_of_edges_are_dimmer_never_crushed_and_exact(given: int, low: int, high: int):
    luma, *chroma = planes_on_edges(f"lutyuv=y={given}:u=128:v=128", Size(1080, 1920))
    for band in (luma[:640], luma[1290:]):
        assert low <= band.min() <= band.max() <= high
    assert all(abs(plane.astype(int) - 128).max() <= 1 for plane in chroma)


@pytest.mark.parametrize("canvas", [Size(270, 480), Size(640, 180)], ids=["bands", "sides"])
def test_a_picture_lies_on_the_colours_of_its_own_edges(canvas: Size):
    # Red towards the first edge and blue towards the other, with a white shape in the middle.
    if canvas.width < canvas.height:
        edges = "drawbox=h=80:t=fill:color=red,drawbox=y=100:h=80:t=fill:color=blue"
    else:
        edges = "drawbox=w=150:t=fill:color=red,drawbox=x=170:w=150:t=fill:color=blue"
    shape = "drawbox=x=120:y=60:w=80:h=60:t=fill:color=white"
    luma, blue, red = planes_on_edges(f"{edges},{shape}", canvas)
    first, last = (slice(0, 20), slice(-20, None))
    if canvas.width < canvas.height:
        parts = [(luma[end], blue[end], red[end]) for end in (first, last)]
    else:
        parts = [(luma[:, end], blue[:, end], red[:, end]) for end in (first, last)]
    for light, u, v in parts:
        assert light.max() < 100  # nothing of the shape
        assert max(int(np.ptp(plane)) for plane in (light, u, v)) <= 12  # one calm colour
    (_, _, red_at_first), (_, blue_at_last, _) = parts
    assert red_at_first.min() > 190
    assert blue_at_last.min() > 190


def test_only_high_dynamic_range_is_tone_mapped():
    sdr = framing_graph(PLAIN, "letterbox", WHOLE)
    wide = framing_graph(replace(PLAIN, color_primaries="bt2020"), "letterbox", WHOLE)
    pq = framing_graph(replace(PLAIN, hdr="pq"), "letterbox", WHOLE)
    hlg = framing_graph(replace(PLAIN, hdr="hlg"), "letterbox", WHOLE)

    assert "zscale" not in sdr
    assert "zscale" in wide
    assert "tonemap" not in wide
    assert "color_trc=smpte2084" in pq
    assert "color_primaries=bt2020" in pq  # a missing tag is no reason for wrong colours
    assert "color_trc=arib-std-b67" in hlg
    assert all("tonemap=tonemap" in graph for graph in (pq, hlg))


def hlg(nits: Sequence[float]) -> list[float]:
    """The HLG signal of display light in BT.2020, on a display of 1000 cd/m2 (BT.2100)."""
    luminance = sum(k * n for k, n in zip(KR_KG_KB, nits, strict=True)) / 1000
    scene = [n / 1000 * luminance ** (-0.2 / 1.2) for n in nits]
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    return [(3 * e) ** 0.5 if e <= 1 / 12 else a * math.log(12 * e - b) + c for e in scene]


def pq(nits: Sequence[float]) -> list[float]:
    """The PQ signal of display light (BT.2100)."""
    powers = [(n / 10_000) ** (1305 / 8192) for n in nits]
    return [((3424 + 77_216 * y) / (4096 + 76_544 * y)) ** (2523 / 32) for y in powers]


@pytest.mark.parametrize("canvas", [Size(18, 32), Size(54, 96)])  # made smaller, and larger
@pytest.mark.parametrize(
    ("nits", "expected"),
    [
        ((203, 203, 203), (201, 128, 128)),  # white
        ((26, 26, 26), (109, 128, 128)),  # a grey card
        ((98, 66, 49), (149, 116, 149)),  # a light face
    ],
)
def test_light_comes_out_as_bright_and_as_coloured_from_hlg_as_from_pq(
    nits: tuple[int, ...], expected: tuple[int, ...], canvas: Size, tmp_path: Path
):
    whole = CropPlan(Rect(0, 0, 1, 1), (Shot(0, 1000, "crop", (PathPoint(0, 0.5, 0.5),)),))
    for name, signal in (("hlg", hlg(nits)), ("pq", pq(nits))):
        y = sum(k * e for k, e in zip(KR_KG_KB, signal, strict=True))
        blue, red = (signal[2] - y) / 1.8814, (signal[0] - y) / 1.4746
        codes = (64 + 876 * y, 512 + 896 * blue, 512 + 896 * red)
        planes = [round(code).to_bytes(2, "little") for code in codes]
        raw = tmp_path / f"{name}.yuv"
        raw.write_bytes(planes[0] * (86 * 48) + planes[1] * (43 * 24) + planes[2] * (43 * 24))
        video = replace(PLAIN, width=86, height=48, hdr=name)  # whose window is 27 wide
        graph = f"[0]null[in];{crop_plan_graph(video, whole, canvas, rate=Fraction(25))}"
        given = ("-f", "rawvideo", "-pix_fmt", "yuv420p10le", "-s", "86x48", "-i", raw)
        shown = ffmpeg(*given, "-filter_complex", graph, "-map", "[out]", "-f", "rawvideo", "-")
        size = canvas.width * canvas.height
        found = tuple(shown[i] for i in (0, size, size * 5 // 4))
        assert found == pytest.approx(expected, abs=1), name


def test_full_range_and_transparency_are_taken_care_of():
    assert "in_range=pc" in framing_graph(replace(PLAIN, color_range="pc"), "center_crop", WHOLE)
    assert "in_range=tv" in framing_graph(PLAIN, "center_crop", WHOLE)
    assert "premultiply" in framing_graph(replace(PLAIN, has_alpha=True), "center_crop", WHOLE)


def test_a_framing_that_does_not_exist():
    with pytest.raises(ValueError, match="stretch"):
        framing_graph(PLAIN, "stretch", WHOLE)


@pytest.mark.parametrize(
    ("rate", "expected"),
    [
        ("25", "25"),
        ("30000/1001", "30000/1001"),
        ("24000/1001", "24000/1001"),
        ("60000/1001", "60000/1001"),
        ("60", "60"),
        ("120", "60"),
        ("120000/1001", "60000/1001"),
        ("100", "50"),
        ("90", "45"),
        ("240", "60"),
        ("1", "24"),
        ("5", "25"),
        ("7", "28"),
        ("10", "30"),
        ("12", "24"),
        ("25/2", "25"),
        ("15", "30"),
        ("15000/1001", "30000/1001"),
        ("20", "30"),
        ("22", "30"),
    ],
)
def test_the_rate_of_a_short(rate, expected):
    assert output_rate(replace(PLAIN, frame_rate=Fraction(rate))) == Fraction(expected)


@pytest.mark.parametrize(
    ("average", "expected"),
    [
        ("29.88", "30000/1001"),
        ("27.5", "30000/1001"),
        ("16.7", "25"),
        ("2", "30"),
        ("45", "50"),
        ("200", "60"),
    ],
)
def test_a_varying_rate_becomes_a_usual_one(average, expected):
    track = replace(PLAIN, frame_rate=Fraction(average), is_vfr=True)

    assert output_rate(track) == Fraction(expected)


@pytest.mark.parametrize("limit_ms", [60_000, 180_000])
@pytest.mark.parametrize("rate", ["24000/1001", "24", "30000/1001", "60000/1001", "59"])
def test_no_short_is_a_picture_longer_than_platforms_count(limit_ms, rate):
    lasts_ms = frame_count(limit_ms, Fraction(rate)) * 1000 / Fraction(rate)

    assert limit_ms - 50 < lasts_ms <= limit_ms


def test_pictures_and_keyframes_count_out():
    assert frame_count(1000, Fraction(30000, 1001)) == 30
    assert frame_count(1, Fraction(25)) == 1
    assert frame_count(180_000, Fraction(60)) == 10_800
    assert frame_count(2_000, Fraction(24000, 1001)) == 48
    rates = ("24000/1001", "25", "30000/1001", "30", "50", "60000/1001", "60")
    assert [keyframe_interval(Fraction(r)) for r in rates] == [12, 12, 15, 15, 25, 30, 30]
    assert keyframe_interval(Fraction(1)) == 1
