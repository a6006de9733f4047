"""A file whose pictures change their size, as recordings of screens and turned phones do."""

from pathlib import Path

import pytest

from mediakit.conformance.verification import verify_short
from mediakit.framing.shot_analysis import analyze_shots
from mediakit.probing.probe import probe
from mediakit.render.short import ShortSpec, render_short
from mediakit.render.stills import frame_still
from mediakit.scenes.first_pass import run_first_pass
from tests.mediakit.conftest import colours_match, ffmpeg, pixel_reader

RED, BLUE, BLACK = (200, 0, 0), (0, 0, 200), (0, 0, 0)
SIZES = {"wide": "320x180", "tall": "180x320", "large": "640x360"}
CODECS = {
    ".webm": ("libvpx", "-deadline", "realtime", "-b:v", "1M"),
    ".ts": ("libx264", "-preset", "ultrafast"),
}


def changing(clips, suffix: str, then: str) -> Path:
    """Two seconds: the first is wide and red, the second of another size and blue, both with a moving pattern."""
    path = clips.folder / f"wide-{then}{suffix}"
    if path.exists():
        return path
    parts = []
    for name, colour in (("wide", "0xC80000"), (then, "0x0000C8")):
        part = clips.folder / f"{path.stem}-{name}{suffix}"
        moving = f"color={colour}:s={SIZES[name]}:r=25,noise=alls=12:allf=t"
        ffmpeg(
            *("-f", "lavfi", "-i", moving, "-f", "lavfi", "-i", "sine=r=48000", "-t", "1"),
            *("-pix_fmt", "yuv420p", "-g", "25", "-c:v", *CODECS[suffix], part),
        )
        parts.append(f"file '{part.name}'\n")
    listed = clips.folder / f"{path.name}.txt"
    listed.write_text("".join(parts))
    ffmpeg("-f", "concat", "-i", listed, "-map", "0", "-c", "copy", path)
    return path


@pytest.mark.parametrize("strategy", ["center_crop", "letterbox", "blur"])
@pytest.mark.parametrize(("suffix", "then"), [(".webm", "tall"), (".ts", "large")])
def test_a_short_across_a_change_of_size_shows_both(clips, tmp_path, suffix, then, strategy):
    path, out = changing(clips, suffix, then), tmp_path / "short.mp4"
    info = probe(str(path))
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


def test_first_pass_shots_and_stills_go_on_after_a_change_of_size(clips, tmp_path):
    path = changing(clips, ".webm", "tall")
    info = probe(str(path))

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
