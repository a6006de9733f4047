"""Which platforms a shape suits, and their limits on the receipt."""

from dataclasses import replace

import pytest

from mediakit.conformance.platforms import PLATFORMS, platforms_for
from mediakit.conformance.verification import make_receipt
from mediakit.framing.geometry import Size
from mediakit.framing.output_format import SIZES
from tests.mediakit.conformance.test_verification import EXPECTED, GOOD, VIDEO


@pytest.mark.parametrize(
    ("size", "names"),
    [
        (SIZES["9:16"], "shorts reels tiktok"),
        (SIZES["4:5"], "feed linkedin"),
        (SIZES["1:1"], "feed x linkedin"),
        (SIZES["16:9"], "x linkedin youtube"),
        (Size(1920, 804), "x linkedin youtube"),
        (Size(1440, 1080), "x linkedin youtube"),
        (Size(804, 1920), "shorts reels tiktok"),
    ],
)
def test_every_shape_suits_a_platform(size: Size, names: str):
    assert [platform.name for platform in platforms_for(size)] == names.split()


def test_limits_are_told_with_what_was_measured():
    square = replace(GOOD, video=replace(VIDEO, width=1080, height=1080), duration_ms=150_000)
    wanted = replace(EXPECTED, size=SIZES["1:1"], duration_ms=150_000)
    rules = {rule.name: rule for rule in make_receipt(square, wanted).rules}

    assert not rules["fits_x"].ok
    assert not rules["fits_x"].hard
    assert (rules["fits_x"].expected, rules["fits_x"].measured[:6]) == (
        "≤ 140 s, ≤ 512 MB",
        "150 s,",
    )
    assert rules["fits_linkedin"].ok
    assert "fits_shorts" not in rules
    assert rules["picture_size"].ok


def test_another_tools_file_is_judged_by_the_shape_it_should_have():
    square = replace(GOOD, video=replace(VIDEO, width=720, height=720))
    wide = replace(GOOD, video=replace(VIDEO, width=1920, height=1080))

    assert "picture_size" in [rule.name for rule in make_receipt(square, None).warnings]
    as_wide = {rule.name: rule for rule in make_receipt(wide, None, wanted=SIZES["16:9"]).rules}
    assert "upright" not in as_wide
    assert as_wide["picture_size"].ok
    assert not make_receipt(wide, None, wanted=SIZES["16:9"]).broken
    assert "upright" in [rule.name for rule in make_receipt(wide, None).broken]


def test_small_pictures_and_large_files_are_named():
    reels, tiktok = (p for p in PLATFORMS if p.name in {"reels", "tiktok"})
    assert not tiktok.takes(Size(320, 568), 10_000, 1_000_000)
    assert tiktok.measured(Size(320, 568), 10_000, 1_000_000) == "10 s, 320 px"
    assert not reels.takes(Size(1080, 1920), 10_000, 301_000_000)
