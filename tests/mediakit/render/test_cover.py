"""The cover of a Short: sharp, lit, full size, and with the title where there is one."""

from pathlib import Path

import numpy as np
import pytest

from mediakit.errors import InputError, ToolError
from mediakit.probing.probe import probe
from mediakit.render.cover import write_cover
from mediakit.sandbox.process import run


def short(folder: Path, *pictures: str) -> Path:
    """A film of a second a picture (ffmpeg sources), with a keyframe every half second."""
    out = folder / "short.mp4"
    inputs = [
        word
        for picture in pictures
        for word in ("-f", "lavfi", "-t", "1", "-i", f"{picture},format=yuv420p")
    ]
    joined = "".join(f"[{number}]" for number in range(len(pictures)))
    graph = f"{joined}concat=n={len(pictures)}[v]"
    run(
        [
            *("ffmpeg", "-nostdin", "-v", "error", "-y", *inputs, "-filter_complex", graph),
            *("-map", "[v]", "-r", "10", "-g", "5", "-c:v", "libx264", str(out)),
        ],
        timeout_s=60,
        cwd=folder,
    )
    return out


SIZE = "size=216x384:rate=10"
BLACK = f"color=black:{SIZE}"
SHARP = f"testsrc2={SIZE}"
BLURRED = f"testsrc2={SIZE},gblur=sigma=20"


def edges(path: Path) -> float:
    """How much neighbouring pixels differ, 0 to 255."""
    raw = ["-vf", "format=gray", "-f", "rawvideo", "-"]
    done = run(["ffmpeg", "-v", "error", "-i", str(path), *raw], timeout_s=30, reads=[str(path)])
    width, height = probe_size(path)
    picture = np.frombuffer(done.output, np.uint8).reshape(height, width).astype(float)
    return float(np.abs(np.diff(picture)).mean())


def test_the_sharpest_lit_picture_is_the_cover(tmp_path: Path):
    film = short(tmp_path, BLACK, BLURRED, SHARP, BLURRED)
    out = tmp_path / "cover.jpg"

    write_cover(str(film), probe(str(film)), out=out)

    assert probe_size(out) == (216, 384)
    assert edges(out) > 3
    assert {path.name for path in tmp_path.iterdir()} == {"short.mp4", "cover.jpg"}


def test_less_sharp_eyes_that_are_open_are_the_cover(tmp_path: Path):
    film = short(tmp_path, BLURRED, SHARP, BLURRED)
    out = tmp_path / "cover.jpg"

    write_cover(
        *(str(film), probe(str(film))), out=out, eyes=lambda path: 0.1 if edges(path) > 2 else 0.2
    )

    assert edges(out) < 2


def test_a_sharp_wall_is_no_cover_where_people_are(tmp_path: Path):
    film = short(tmp_path, SHARP, SHARP, BLURRED)
    out = tmp_path / "cover.jpg"

    write_cover(
        *(str(film), probe(str(film))), out=out, eyes=lambda path: None if edges(path) > 2 else 0.5
    )

    assert edges(out) < 2


def test_a_title_is_on_the_cover(tmp_path: Path):
    film = short(tmp_path, BLURRED, SHARP)
    out = tmp_path / "cover.jpg"

    write_cover(str(film), probe(str(film)), out=out, span=(0, 900))

    assert edges(out) < 2  # of the first second


def test_a_film_of_black_has_a_cover_too(tmp_path: Path):
    film = short(tmp_path, BLACK)
    out = tmp_path / "cover.jpg"

    write_cover(str(film), probe(str(film)), out=out)

    assert out.read_bytes()[:2] == b"\xff\xd8"


def test_what_is_no_film_has_none(tmp_path: Path):
    film = short(tmp_path, SHARP)
    info = probe(str(film))
    film.write_bytes(film.read_bytes()[:2_000])

    with pytest.raises((InputError, ToolError)):
        write_cover(str(film), info, out=tmp_path / "cover.jpg")


def probe_size(path: Path) -> tuple[int, int]:
    """Width and height of a picture in px."""
    done = run(
        [
            *("ffprobe", "-v", "error", "-show_entries", "stream=width,height"),
            *("-of", "csv=p=0", str(path)),
        ],
        timeout_s=30,
        reads=[str(path)],
    )
    width, height = done.stdout.split(",")[:2]
    return int(width), int(height)
