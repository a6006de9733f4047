"""Captions and what else is drawn on a Short: laid out by measure, and looked at as pixels."""

import itertools
import re
import subprocess
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mediakit.captions import ass, fonts, overlay, pagination
from mediakit.captions.caption_style import (
    PRESET_NAMES,
    PRESETS,
    BurnIn,
    CaptionStyle,
    Overlays,
    TimedRegion,
)
from mediakit.captions.pagination import PageLayout
from mediakit.captions.placement import (
    CENTERED_WIDTH_PX,
    SAFE_BOTTOM_PX,
    SAFE_LEFT_PX,
    SAFE_RIGHT_PX,
    SAFE_TOP_PX,
)
from mediakit.conformance.verification import verify_short
from mediakit.probing.probe import probe
from mediakit.render.short import ShortSpec, render_short
from mediakit.render.stills import framing_still, overlay_still
from mediakit.sandbox.process import run
from mediakit.text.transcript import Cue, Word, estimate_words, join_words
from tests.mediakit.conftest import colours_match, ffmpeg, ffprobe, pixel_reader

TALK = (
    Cue(0, 2400, "Welcome back, everybody, and thank you for coming."),
    Cue(2400, 5600, "Today we talk about machines that listen, because they changed how we work."),
    Cue(
        7000,
        9000,
        "안녕하세요 여러분, 오늘은 기계 학습에 대해서 이야기해 보려고 합니다.",
        (),
        "민수",
    ),
)
# Letters that reach far down and up, and a word as wide as a line.
DEEP = ("qjpg, Ççá", "مرحبا جميعا إلى", "Ễ Ộ Ặ ẨỔ Ợ", "ที่ใหญ่ ญู", "कर्म ट्ठू", "Donaudampfschiff", "I")
HOSTILE = (
    r"{\1c&H0000FF&\fs400}red",
    r"{\p1}m 0 0 l 900 0 900 900 0 900{\p0}",
    "\\N\\n\\h end\\",
    "{\\pos(0,0)}\r\nDialogue: 9,0:00:00.00,9:00:00.00,Base,,0,0,0,,{\\1c&H0000FF&}X",
    "a}{\\1c&H0000FF&}{",
    "\\{\\1c&H0000FF&\\}",
    "e" + "\u0301" * 5000,
    "\u202eright\u2066to\u200fleft" + "\u200d" * 3000,
    "𝒳" * 900 + "ﷺ" * 900,
)


def at(
    second: float,
    it: BurnIn,
    folder: Path,
    *,
    env: bool = True,
    back: str = "black",
    length_s: float = 0,
) -> np.ndarray:
    """The picture of the drawing at that second, as RGB of the canvas's quarter size.

    With a length all of them from there on, 10 a second.
    """
    folder.mkdir(exist_ok=True)
    overlay.write_files(it, folder)
    tags = "setparams=range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709"
    graph = (
        f"color={back}:s=270x480:r=10:d={length_s or 0.1},format=yuv420p,{tags},setpts=PTS+{second}/TB[out];"
        f"{overlay.filter_graph(it, (270, 480))};[drawn]scale=in_color_matrix=bt709,format=rgb24[rgb]"
    )
    argv = ["ffmpeg", "-nostdin", "-v", "warning", "-filter_complex", graph, "-map", "[rgb]"]
    argv += ["-f", "rawvideo", "pipe:1"]
    environ = overlay.fontconfig_environment(folder) if env else {}
    done = run(argv, timeout_s=60, cwd=folder, env=environ)
    assert "glyph" not in done.tail.lower(), done.tail  # every letter was found in our own fonts
    pictures = np.frombuffer(done.output, np.uint8).reshape(-1, 480, 270, 3)
    return pictures if length_s else pictures[0]


def box_of(picture: np.ndarray) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of what is bright, in pixels of the canvas."""
    rows, columns = np.where(picture.max(axis=2) > 90)
    return (
        int(columns.min() * 4), int(rows.min() * 4), int(columns.max() * 4 + 4), int(rows.max() * 4 + 4)
    )  # fmt: skip


def drawn(*texts: str, preset: str = "outline", **changes: Any) -> BurnIn:
    cues = tuple(estimate_words(Cue(i * 2000, i * 2000 + 1900, t)) for i, t in enumerate(texts))
    return BurnIn(len(texts) * 2000, cues, replace(PRESETS[preset], **changes))


def test_range_is_cut_to_the_word_and_counts_from_its_start():
    words = tuple(
        Word(i * 500, i * 500 + 400, text) for i, text in enumerate(["a", "b", "c", "d", "e", "f"])
    )
    cues = (Cue(0, 3000, "a b c d e f", words, "Ann"), Cue(3000, 4000, "later\non"))

    got = pagination.cues_in_range(cues, 900, 3900)

    assert [(cue.start_ms, cue.end_ms, cue.text, cue.speaker) for cue in got] == [
        (100, 2100, "c d e f", "Ann"),
        (2100, 3000, "later\non", ""),
    ]
    assert got[0].words[0] == Word(100, 500, "c")


@pytest.mark.parametrize("preset", PRESET_NAMES)
def test_every_preset_stays_in_the_safe_area_with_all_that_is_drawn(preset: str, tmp_path: Path):
    style = PRESETS[preset]
    it = BurnIn(9000, TALK, style)
    found = overlay.caption_pages(it)
    assert all(len(page.lines) <= 2 for page in found)
    assert all(one.end_ms <= two.start_ms for one, two in itertools.pairwise(found))
    assert re.fullmatch(r"Welcome back.*", found[0].words[0].text + " back", re.IGNORECASE)
    cues = tuple(
        estimate_words(Cue(i * 400, i * 400 + 350, text, (), "Maximiliane Ångström-Qjpgy"))
        for i, text in enumerate(DEEP)
    )
    it = BurnIn(len(DEEP) * 400, cues, replace(style, size=160))
    seen = at(0, it, tmp_path / "job", back="gray", length_s=len(DEEP) * 0.4).astype(int)
    # Not the last breath of a glow, which is coarser in a picture of a quarter's size.
    rows, columns = np.where((abs(seen - 128) > 24).any(axis=(0, 3)))
    assert columns.min() * 4 >= SAFE_LEFT_PX - 4
    assert columns.max() * 4 <= SAFE_RIGHT_PX + 4
    assert rows.min() * 4 >= SAFE_TOP_PX
    assert rows.max() * 4 <= SAFE_BOTTOM_PX + 4


def test_lines_break_at_phrases():
    layout = PageLayout("black", CENTERED_WIDTH_PX / 66)
    found = pagination.paginate(TALK, layout, duration_ms=9000)
    lines = [" ".join(word.text for word in line) for page in found for line in page.lines]

    assert "and thank you for coming." in lines
    assert "because they changed" in lines
    assert any(line.endswith("여러분,") for line in lines)
    assert not any(line.endswith((" and", " we", " for")) for line in lines), lines
    assert " ".join(lines) == " ".join(
        word.text for cue in TALK for word in estimate_words(cue).words
    )


def test_an_emoji_stays_with_the_words_it_is_about():
    said = (
        "What would you do with $1,000,000 and freedom? 🚀",
        "And that is why nobody believed it.",
    )
    for preset in (name for name in PRESET_NAMES if PRESETS[name].emoji):
        found = overlay.caption_pages(drawn(*said, preset=preset))
        lines = [[word.text for word in line] for page in found for line in page.lines]
        assert not any(line[0] == "🚀" for line in lines), preset
        assert any(line[-1] == "🚀" for line in lines), preset


@pytest.mark.parametrize("preset", PRESET_NAMES)
def test_no_line_joins_the_ends_of_two_sentences(preset: str):
    for said in (
        ("Nobody believed it could ever work.", "But then, in nineteen eighty-four, it did."),
        ("Yes, he is, in a bad humour", "But the crown jewels are stolen"),  # only cues tell
    ):
        found = overlay.caption_pages(drawn(*said, preset=preset))
        lines = [[word.text.lower() for word in line] for page in found for line in page.lines]
        assert not any("but" in line[1:] for line in lines), lines


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=60), max_size=25), st.sampled_from(PRESET_NAMES))
def test_any_text_fits_and_keeps_its_order(texts: list[str], preset: str):
    cues = tuple(Cue(i * 300, i * 300 + 280, text) for i, text in enumerate(texts))
    style = PRESETS[preset]
    it = BurnIn(len(texts) * 300 + 1, cues, style)
    found = overlay.caption_pages(it)
    for one, two in itertools.pairwise(found):
        assert one.start_ms < one.end_ms <= two.start_ms
    room = CENTERED_WIDTH_PX + 1 if preset != "lower_third" else SAFE_RIGHT_PX - SAFE_LEFT_PX
    for page in found:
        assert 1 <= len(page.lines) <= 2
        for line in page.lines:
            shown = join_words([word.text for word in line])
            wide = fonts.width_em(shown, style.font) * style.size
            assert wide <= room or len(page.lines[0]) == 1 or len(page.lines[-1]) == 1


def blocks(text: str) -> list[str]:
    """The override blocks that libass reads in an event's text."""
    return re.findall(r"\{[^}]*\}", text.replace("\\{", "").replace("\\}", ""))


@settings(max_examples=150, deadline=None)
@given(
    st.text(
        alphabet=st.one_of(st.characters(), st.sampled_from("\\{}Nnh\r\n\u2028&,")), max_size=80
    )
)
def test_no_text_opens_an_override(text: str):
    written = ass.escape_with_fonts(text, "sans")

    assert len(written.splitlines()) <= 1
    assert all(re.fullmatch(r"\{\\fnHeimdex [A-Z][a-z]+\}", block) for block in blocks(written))
    assert not re.search(r"\\[^{}\u2060f]", written.replace("{\\fn", ""))


def test_hostile_text_is_drawn_as_text_in_bounded_time(tmp_path: Path):
    before = time.process_time()
    it = drawn(*HOSTILE)
    written = overlay.ass_script(it)
    assert time.process_time() - before < 5
    assert len(written) < 60_000
    assert written.count("\nDialogue:") == len(re.findall(r"(?m)^Dialogue: ", written))
    spoken = [
        line.split(",,0,0,0,,", 1)[1] for line in written.splitlines() if "Dialogue: " in line
    ]
    assert not any("&H0000FF&" in block for line in spoken for block in blocks(line))
    for second in (0.9, 2.9, 4.9, 8.9):
        picture = at(second, it, tmp_path / "job").astype(int)
        assert (picture.max(axis=2) > 200).any()
        assert not ((picture[..., 0] > 150) & (picture[..., 1] < 80)).any(), "it became red"


def test_thousands_of_words_are_laid_out_in_bounded_time():
    words = tuple(Word(i % 180_000, i % 180_000, "i.") for i in range(100_000))
    before = time.process_time()
    written = overlay.ass_script(BurnIn(180_000, (Cue(0, 180_000, "x", words),), PRESETS["pop"]))
    assert time.process_time() - before < 10
    assert len(written) < 1_000_000


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
        "বাংলা ভাষা।",
        "தமிழ் மொழி",
        "తెలుగు ಕನ್ನಡ",
        "മലയാളം ગુજરાતી",
        "ਪੰਜਾਬੀ ଓଡ଼ିଆ",
        "සිංහල ລາວ",
        "မြန်မာ ខ្មែរ",
        "ქართული አማርኛ",
        "Հայերեն",
    ],
)
def test_scripts_are_drawn_where_they_were_measured(text: str, tmp_path: Path):
    assert fonts.drop_undrawable(text) == text
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
    assert (columns.min() * 4, rows.min() * 4) == pytest.approx((SAFE_LEFT_PX, SAFE_TOP_PX), abs=8)
    assert (columns.max() - columns.min()) * 4 == pytest.approx(160, abs=12)
    for picture in (cover, first, last):
        assert (picture[110:200] > 230).all(axis=2).mean() > 0.1  # the title's white card
    assert not (later[110:200] > 230).all(axis=2).any()
    bar = [(picture[478] > 200).all(axis=1).mean() for picture in (first, later)]
    assert bar == pytest.approx([0.25, 0.75], abs=0.04)


@pytest.mark.parametrize(
    "bad",
    [
        {"preset": "nope"}, {"font": "/etc/passwd"}, {"size": 1000}, {"size": True}, {"color": "#fff"},
        {"accent": "&H00&"}, {"position": "left"}, {"words": -1}, {"upper_case": "yes"}, {"extra": 1},
    ],
)  # fmt: skip
def test_bad_styles_are_refused_by_field(bad: dict):
    with pytest.raises(ValueError, match=f"^{next(iter(bad))}$"):
        CaptionStyle.from_json(bad)


def test_styles_survive_json():
    for style in PRESETS.values():
        assert CaptionStyle.from_json(style.to_json()) == style
    overlays = Overlays("Hook", 4000, progress=True, logo="ab12", logo_corner="bottom_right")
    assert Overlays.from_json(overlays.to_json()) == overlays


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
    film, preview = pixel_reader(out, at_s=0.3), pixel_reader(still, matrix="bt601")
    for x, y in (
        (0.1, 0.2),
        (0.12, 0.17),
        (0.5, 0.63),
        (0.33, 0.63),
        (0.2, 0.997),
        (0.9, 0.997),
        (0.9, 0.9),
    ):
        assert colours_match(film(x, y), preview(x, y), within=40), (
            x,
            y,
            film(x, y),
            preview(x, y),
        )
    assert colours_match(film(0.12, 0.17), (0, 255, 0))


def test_two_who_speak_at_once_are_both_shown_one_page_at_a_time():
    said = Cue(1000, 7000, "I would like to say this without a break", (), "Ann")
    cues = [said, Cue(3000, 4000, "Wait", (), "Bob"), Cue(3100, 4200, "Please", (), "Cid")]
    layout = PageLayout("sans", 10.0)
    pages = pagination.paginate([estimate_words(cue) for cue in cues], layout, duration_ms=9000)
    edges = [edge for page in pages for edge in (page.start_ms, page.end_ms)]
    assert edges == sorted(edges)
    shown = {word.text for page in pages for word in page.words}
    assert shown == {*said.text.split(), "Wait", "Please"}
