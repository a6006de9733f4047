"""Captions and what else is drawn on a Short: laid out by measure, and looked at as pixels."""

import itertools
import re
import subprocess
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from mediakit.captions import ass, fonts, overlay
from mediakit.captions.caption_style import PRESET_NAMES, PRESETS, BurnIn, Overlays, TimedRegion
from mediakit.conformance.verification import verify_short
from mediakit.framing.output_format import ASPECT_RATIOS, SHORT, output_format
from mediakit.probing.probe import probe
from mediakit.render.short import ShortSpec, render_short
from mediakit.render.stills import framing_still, overlay_still
from mediakit.text.transcript import Cue, Word, estimate_words
from tests.mediakit.captions.drawings import TALK, at, box_of, drawn
from tests.mediakit.conftest import colours_match, ffmpeg, ffprobe, pixel_reader
from tests.mediakit.face_fixtures import make_info
from tests.work_done import calls_made

# Letters that reach far down and up, and a word as wide as a line.
DEEP = ("qjpg, Ççá", "مرحبا جميعا إلى", "Ễ Ộ Ặ ẨỔ Ợ", "ที่ใหญ่ ญู", "कर्म ट्ठू", "Donaudampfschiff", "I")


@pytest.mark.parametrize(
    ("preset", "ratio"),
    [
        *((preset, "9:16") for preset in PRESET_NAMES),
        *(("lower_third", ratio) for ratio in ASPECT_RATIOS[1:]),
        *(("outline", ratio) for ratio in ASPECT_RATIOS[1:]),
    ],
)
def test_every_preset_stays_in_the_safe_area_with_all_that_is_drawn(
    preset: str, ratio: str, tmp_path: Path
):
    style = PRESETS[preset]
    canvas = output_format(ratio, make_info(1440, 1080).video).canvas
    it = BurnIn(9000, TALK, style, canvas=canvas)
    found = overlay.caption_pages(it)
    assert all(len(page.lines) <= 2 for page in found)
    assert all(one.end_ms <= two.start_ms for one, two in itertools.pairwise(found))
    assert re.fullmatch(r"Welcome back.*", found[0].words[0].text + " back", re.IGNORECASE)
    cues = tuple(
        estimate_words(Cue(i * 400, i * 400 + 350, text, (), "Maximiliane Ångström-Qjpgy"))
        for i, text in enumerate(DEEP)
    )
    it = BurnIn(len(DEEP) * 400, cues, replace(style, size=160), canvas=canvas)
    pictures = at(0, it, tmp_path / "job", back="gray", length_s=len(DEEP) * 0.4).astype(int)
    # Not the last breath of a glow, which is coarser in a picture of a quarter's size.
    rows, columns = np.where((abs(pictures - 128) > 24).any(axis=(0, 3)))
    # Colours lie on every second pixel of that picture: on every eighth of the canvas.
    assert columns.min() * 4 >= canvas.left // 8 * 8
    assert columns.max() * 4 <= canvas.right + 4
    assert rows.min() * 4 >= canvas.top
    assert rows.max() * 4 <= canvas.bottom + 4


def test_thousands_of_words_are_laid_out_with_no_more_work_than_they_are():
    def written(count: int) -> str:
        words = tuple(Word(i % 180_000, i % 180_000, "i.") for i in range(count))
        cue = Cue(0, 180_000, "x", words)
        return overlay.ass_script(BurnIn(180_000, (cue,), PRESETS["pop"]))

    assert len(written(100_000)) < 1_000_000
    few, many = (calls_made(partial(written, count)) for count in (2_500, 10_000))
    assert many < 5 * few


@pytest.mark.parametrize(
    "text",
    [
        "안녕하세요 여러분",
        "مرحبا بالعالم",
        "שלום עולם",
        "日本語 简体",
        "Привет Ελλάδα 😀",
        "สวัสดี नमस्ते",
        "我們這裡說繁體中文",
        "臺灣聽說很複雜",
        "佢哋喺邊度",
        "媤乭畓 贔屓",
        "বাংলা ভাষা।",
        "தமிழ் மொழி",
        "తెలుగు ಕನ್ನಡ",
        "മലയാളം ગુજરાતી",
        "ਪੰਜਾਬੀ ଓଡ଼ିଆ",
        "සිංහල ລາວ",
        "မြန်မာ ខ្មែរ",
        "ქართული አማርኛ",
        "Հայերեն",
        "tiếng Việt ươ Ơ",
        "Azərbaycan ɓɗ ŋ",
        "∀x∈ℝ ⇒ y",
    ],
)
def test_scripts_are_drawn_where_they_were_measured(text: str, tmp_path: Path):
    assert fonts.drawable_text(text) == text
    left, _, right, _ = box_of(at(1.0, drawn(text), tmp_path / "job"))
    wide = fonts.width_em(text, "black") * 66
    assert abs((right - left) - wide) < 30, (right - left, wide)
    assert abs((left + right) / 2 - 540) < 8


def test_a_latin_name_does_not_turn_a_line_around(tmp_path: Path):
    assert not ass.is_rtl_text(["The", "word", "مرحبا", "means", "hello"])
    for text, language in (("YouTube לכולם", "he"), ("YouTube everybody", "en")):
        it = replace(drawn(text, preset="karaoke", accent="#00ff00"), language=language)
        picture = at(0.9, it, tmp_path / "job").astype(int)  # its first word is filled
        filled = np.where((picture[..., 1] > 180) & (picture[..., 0] < 80))[1].mean()
        assert (filled > np.where(picture.min(axis=2) > 200)[1].mean()) == (language == "he")


def test_system_fonts_change_nothing(tmp_path: Path):
    it = drawn("Hello 안녕 مرحبا 日本 😀", "Again, again.", preset="marker")
    ours = at(0.5, it, tmp_path / "ours")
    theirs = at(0.5, it, tmp_path / "theirs", env=False)  # whatever is installed on this machine
    assert np.array_equal(ours, theirs)
    assert "dejavu" not in subprocess.run(
        ["fc-list"],  # noqa: S607
        env={"PATH": "/usr/bin:/bin", **overlay.fontconfig_environment(tmp_path / "ours")},
        capture_output=True, text=True, check=True, timeout=30,
    ).stdout.lower()  # fmt: skip


def test_colours_come_out_as_asked(tmp_path: Path):
    it = drawn("IIIIII", preset="big", color="#ff2040", size=160)
    picture = at(1.0, it, tmp_path / "job").astype(int)
    strongest = picture[picture[..., 0] > 200].mean(axis=0)
    assert np.allclose(strongest, (255, 32, 64), atol=24), strongest


@pytest.mark.parametrize("preset", ["plain", "marker", "reveal"])
def test_a_glow_holds_white_words_off_a_white_ground_like_an_outline(preset: str, tmp_path: Path):
    def dark(name: str) -> int:
        it = drawn("Nobody expected this", preset=name)
        return int((at(1.8, it, tmp_path / name, back="white").max(axis=2) < 128).sum())

    assert dark(preset) > 0.75 * dark("outline")


def test_a_face_below_sends_captions_up_and_a_short_one_does_not():
    style = PRESETS["outline"]
    words = tuple(Word(i * 400, i * 400 + 380, f"word{i}") for i in range(40))
    cues = (Cue(0, 16_000, "x", words),)

    def heights(*faces: TimedRegion, title: str = "") -> set[int]:
        it = BurnIn(16_000, cues, style, Overlays(title, 10_000), faces=faces)
        written = re.findall(r"\\pos\(540\.0,([\d.]+)\)(.*)", overlay.ass_script(it))
        return {int(float(y)) for y, rest in written if "word" in rest}

    low = heights()
    assert min(low) > 1000
    assert max(heights(TimedRegion(0, 16_000, 0.2, 0.4, 0.6, 0.28))) < 600
    assert heights(TimedRegion(0, 16_000, 0.3, 0.15, 0.4, 0.2)) == low
    moved = heights(TimedRegion(8_000, 16_000, 0.2, 0.45, 0.6, 0.22))
    assert min(moved) < 600
    assert max(moved) > 1000
    # A face that fills the screen: rather its forehead is hidden than nose and mouth.
    large = TimedRegion(0, 16_000, 0.1, 0.2, 0.8, 0.6)
    assert max(heights(large)) < 600
    under = heights(
        TimedRegion(0, 10_000, 0.2, 0.37, 0.6, 0.4), title="What nobody told you about it"
    )
    assert 540 < min(under) < 700  # a title above, a face below: between the two


def test_speech_without_captions_is_reported():
    it = BurnIn(9000, TALK, PRESETS["plain"])
    found = overlay.caption_coverage(it)
    assert found.missing == ()
    assert found.speech[0][0] == 0
    assert found.speech[-1][1] > 8800
    silent = overlay.caption_coverage(replace(it, style=None))
    assert silent.captions == ()
    assert silent.missing == silent.speech


def test_title_bar_and_logo_are_drawn(tmp_path: Path):
    logo = tmp_path / "given.png"
    ffmpeg("-f", "lavfi", "-i", "color=0x00ff00:s=80x80,format=rgba", "-frames:v", 1, logo)
    overlays = Overlays(
        "Why this changes everything you do", 2000, progress=True, logo="ab", logo_opacity=100
    )
    it = BurnIn(4000, (), None, overlays, logo=logo)
    first, later = at(1.0, it, tmp_path / "job"), at(3.0, it, tmp_path / "job")
    cover = at(0.0, it, tmp_path / "job")
    last = at(1.9, replace(it, duration_ms=2000), tmp_path / "job")

    green = (first[..., 1] > 200) & (first[..., 0] < 60)
    rows, columns = np.where(green)
    assert (columns.min() * 4, rows.min() * 4) == pytest.approx(
        (SHORT.canvas.left, SHORT.canvas.top), abs=8
    )
    assert (columns.max() - columns.min()) * 4 == pytest.approx(160, abs=12)
    for picture in (cover, first, last):
        assert (picture[110:200] > 230).all(axis=2).mean() > 0.1  # the title's white card
    assert not (later[110:200] > 230).all(axis=2).any()
    bar = [(picture[478] > 200).all(axis=1).mean() for picture in (first, later)]
    assert bar == pytest.approx([0.25, 0.75], abs=0.04)


def test_the_file_and_its_preview_are_drawn_alike(clips, tmp_path: Path):
    source = str(clips.corners("flat.mp4"))
    info = probe(source)
    logo = tmp_path / "given.png"
    ffmpeg("-f", "lavfi", "-i", "color=0x00ff00:s=80x80,format=rgba", "-frames:v", 1, logo)
    cue = estimate_words(Cue(0, 600, "Hello, world"))
    overlays = Overlays(progress=True, logo="ab", logo_opacity=100)
    it = BurnIn(600, (cue,), replace(PRESETS["box"], edge="#000000"), overlays, logo=logo)
    out, framed, still = tmp_path / "short.mp4", tmp_path / "framed.jpg", tmp_path / "still.jpg"

    render_short(source, info, ShortSpec(0, 600, burn_in=it), out)
    framing_still(source, info, time_ms=300, strategy="center_crop", out=framed)
    overlay_still(framed, it, time_ms=300, out=still)

    assert verify_short(str(out), info, ShortSpec(0, 600, burn_in=it)).rules
    (stream,) = (one for one in ffprobe(out)["streams"] if one["codec_type"] == "video")
    assert (stream["color_space"], stream["color_range"], stream["pix_fmt"]) == (
        *("bt709", "tv", "yuv420p"),
    )
    short, preview = pixel_reader(out, at_s=0.3), pixel_reader(still, matrix="bt601")
    for x, y in (
        (0.1, 0.2),
        (0.12, 0.17),
        (0.5, 0.63),
        (0.33, 0.63),
        (0.2, 0.997),
        (0.9, 0.997),
        (0.9, 0.9),
    ):
        assert colours_match(short(x, y), preview(x, y), within=40), (
            x,
            y,
            short(x, y),
            preview(x, y),
        )
    assert colours_match(short(0.12, 0.17), (0, 255, 0))
