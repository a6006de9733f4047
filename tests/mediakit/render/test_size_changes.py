"""A file whose pictures change their size, as recordings of screens and turned phones do."""

import struct
from pathlib import Path

import pytest

from mediakit.conformance.verification import verify_short
from mediakit.framing.analysis.shot_analysis import analyze_shots
from mediakit.framing.analysis.shot_content import LOOK_FILES
from mediakit.render.short import ShortSpec, render_short
from mediakit.render.stills import frame_still
from mediakit.scenes.first_pass import run_first_pass
from tests.clips import info_of
from tests.mediakit.conftest import colours_match, ffmpeg, pixel_reader
from tests.mediakit.render import sample_descriptions

RED, BLUE, BLACK = (200, 0, 0), (0, 0, 200), (0, 0, 0)
SIZES = {"wide": "320x180", "tall": "180x320", "large": "640x360"}
CODECS = {
    ".webm": ("libvpx", "-deadline", "realtime", "-b:v", "1M"),
    ".ts": ("libx264", "-preset", "ultrafast"),
    # Two sample descriptions of one track; both parts are MP4.
    ".mov": ("libx264", "-preset", "ultrafast", "-bf", "0"),
}
PARTS = {".mov": ".mp4"}


def changing(clips, suffix: str, then: str) -> Path:
    """Two seconds: the first is wide and red, the second of another size and blue, both with a moving pattern."""
    path = clips.folder / f"wide-{then}{suffix}"
    if path.exists():
        return path
    parts = []
    for name, colour in (("wide", "0xC80000"), (then, "0x0000C8")):
        part = clips.folder / f"{path.stem}-{name}{PARTS.get(suffix, suffix)}"
        moving = f"color={colour}:s={SIZES[name]}:r=25,noise=alls=12:allf=t"
        sound = [] if suffix == ".mov" else ["-f", "lavfi", "-i", "sine=r=48000"]
        ffmpeg(
            *("-f", "lavfi", "-i", moving, *sound, "-t", "1"),
            *("-pix_fmt", "yuv420p", "-g", "25", "-c:v", *CODECS[suffix], part),
        )
        parts.append(part)
    if suffix == ".mov":
        path.write_bytes(sample_descriptions.joined(*(part.read_bytes() for part in parts)))
        return path
    listed = clips.folder / f"{path.name}.txt"
    listed.write_text("".join(f"file '{part.name}'\n" for part in parts))
    ffmpeg("-f", "concat", "-i", listed, "-map", "0", "-c", "copy", path)
    return path


# A picture of the same shape is only scaled before it is framed; one of another shape each framing shows differently.
@pytest.mark.parametrize(
    ("suffix", "then", "strategy"),
    [
        *((".webm", "tall", strategy) for strategy in ("center_crop", "letterbox", "blur")),
        (".ts", "large", "center_crop"),
        (".mov", "tall", "letterbox"),
    ],
)
def test_a_short_across_a_change_of_size_shows_both(clips, tmp_path, suffix, then, strategy):
    path, out = changing(clips, suffix, then), tmp_path / "short.mp4"
    info = info_of(path)
    spec = ShortSpec(600, 1_400, strategy=strategy, quality="medium")

    render_short(str(path), info, spec, out, timeout_s=120)

    verify_short(str(out), info, spec, original=str(path))
    before, after = pixel_reader(out, at_s=0.2), pixel_reader(out, at_s=0.6)
    assert colours_match(before(0.5, 0.5), RED, within=40)
    assert colours_match(after(0.5, 0.5), BLUE, within=40)
    if then == "tall":  # shown whole at its own shape: 180 x 320 in a wide picture
        edge = after(0.02, 0.5)
        assert colours_match(edge, BLUE if strategy == "center_crop" else BLACK, within=40)
    else:
        assert colours_match(after(0.02, 0.5), BLUE, within=40)


# The upper left of the display matrix, in the file's order, and where the first picture's upper left quarter is shown.
TURNS = {
    "clock": ((0, 1, -1, 0), (0.75, 0.25)),
    "cclock": ((0, -1, 1, 0), (0.25, 0.75)),
    "half": ((-1, 0, 0, -1), (0.75, 0.75)),
    "mirrored": ((-1, 0, 0, 1), (0.75, 0.25)),
    "upside down": ((1, 0, 0, -1), (0.25, 0.75)),
    "turned and mirrored": ((0, 1, 1, 0), (0.25, 0.25)),
}


def turned(clips, name: str) -> Path:
    """Two seconds of MP4 with a display matrix: red and then blue in another size, the upper left quarter white."""
    path = clips.folder / f"turned-{name.replace(' ', '-')}.mp4"
    if not path.exists():
        path.write_bytes(_two_sizes(clips).read_bytes())
        write_display_matrix(path, TURNS[name][0])
    return path


def _two_sizes(clips) -> Path:
    """What `turned` turns."""
    parts = []
    for size, colour in (("320x180", "0xC80000"), ("640x360", "0x0000C8")):
        picture = f"color={colour}:s={size}:r=25,drawbox=w=iw/2:h=ih/2:color=white:t=fill"
        part = clips.make(
            f"part-{size}.ts",
            *("-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", "sine=r=48000", "-t", "1"),
            *("-pix_fmt", "yuv420p", "-g", "25", "-c:v", *CODECS[".ts"]),
        )
        parts.append(f"file '{part.relative_to(clips.folder)}'\n")
    listed = clips.folder / "two-sizes.txt"
    listed.write_text("".join(parts))
    return clips.make("two-sizes.mp4", "-f", "concat", "-i", listed, "-map", "0", "-c", "copy")


def write_display_matrix(path: Path, cells: tuple[int, int, int, int]) -> None:
    """Write the upper left of the matrix into the picture track's header, and move what it turns out of the picture."""
    data = bytearray(path.read_bytes())
    at = data.index(b"tkhd") + 4 + 40
    a, b, c, d = (cell << 16 for cell in cells)
    struct.pack_into(">9i", data, at, a, b, 0, c, d, 0, 0, 0, 1 << 30)
    path.write_bytes(data)


# Pictures are turned before they are framed: every matrix once where all of the picture is seen, and the framings that
# hide some of it or repeat it once with a matrix that changes its shape.
@pytest.mark.parametrize(
    ("name", "strategy"),
    [*((name, "letterbox") for name in TURNS), ("clock", "blur"), ("clock", "center_crop")],
)
def test_a_turned_or_mirrored_file_that_changes_its_size_is_shown_upright(
    clips, tmp_path, name, strategy
):
    path, out = turned(clips, name), tmp_path / "short.mp4"
    info = info_of(path)
    spec = ShortSpec(600, 1_400, strategy=strategy, quality="medium")

    render_short(str(path), info, spec, out, timeout_s=120)

    verify_short(str(out), info, spec, original=str(path))
    scan = run_first_pass(str(path), info, tmp_path)
    assert scan.frames[-1].time_ms > 1_500
    wide = name in {"half", "mirrored", "upside down"}
    # The picture's part of the canvas, from its upper left: whole, or fitted into the middle.
    height = (1080 / 1920) ** 2 if wide and strategy != "center_crop" else 1.0
    x, y = TURNS[name][1]
    for at_s, colour in ((0.2, RED), (0.6, BLUE)):
        pixel = pixel_reader(out, at_s=at_s)
        for corner_x, corner_y in ((0.25, 0.25), (0.75, 0.25), (0.25, 0.75), (0.75, 0.75)):
            expected = (255, 255, 255) if (corner_x, corner_y) == (x, y) else colour
            shown_y = 0.5 + (corner_y - 0.5) * height
            assert colours_match(pixel(corner_x, shown_y), expected, within=40)


def test_first_pass_shots_and_stills_go_on_after_a_change_of_size(clips, tmp_path):
    path = changing(clips, ".webm", "tall")
    info = info_of(path)

    scan = run_first_pass(str(path), info, tmp_path)
    analysis = analyze_shots(
        *(str(path), info), start_ms=0, end_ms=1_900, detector=None, work_dir=tmp_path
    )
    frame_still(str(path), info, time_ms=1_500, out=tmp_path / "still.jpg", width=320)

    assert any(abs(cut - 1_000) <= 80 for cut in scan.shots_ms)
    assert scan.frames[-1].time_ms > 1_500
    assert any(abs(cut - 1_000_000) <= 80_000 for cut in analysis.cuts_us)
    assert len(analysis.samples) >= 9
    still = pixel_reader(tmp_path / "still.jpg", matrix="bt601")
    assert colours_match(still(0.5, 0.5), BLUE, within=40)
    assert colours_match(still(0.05, 0.5), BLACK, within=40)


@pytest.mark.parametrize("name", TURNS)
def test_the_shots_of_a_turned_file_that_changes_its_size_are_seen_upright(clips, tmp_path, name):
    path = turned(clips, name)

    analysis = analyze_shots(
        *(str(path), info_of(path)), start_ms=0, end_ms=1_900, detector=None, work_dir=tmp_path
    )

    assert any(abs(cut - 1_000_000) <= 80_000 for cut in analysis.cuts_us)
    x, y = TURNS[name][1]
    for number, colour in ((1, RED), (4, BLUE)):
        pixel = pixel_reader(tmp_path / (LOOK_FILES % number), matrix="bt601")
        assert colours_match(pixel(x, y), (255, 255, 255), within=40)
        assert colours_match(pixel(1 - x, 1 - y), colour, within=40)
