"""Text on screen with the real models: of a drawn film, and what is read where Tesseract is installed."""

import subprocess
from pathlib import Path

import pytest

from mediakit.model_store import catalog
from mediakit.model_store.store import ModelStore
from mediakit.probing.probe import probe
from mediakit.screen_text import hangul
from mediakit.screen_text.reading import Models, read_screen_text
from tests.speech_model import FOLDER

FONT = Path(__file__).resolve().parents[3] / "mediakit/captions/font_files/faces/sans.otf"
ENGLISH, KOREAN = "Measure twice, cut once", "자전거의 짧은 역사"


@pytest.fixture(scope="module")
def models() -> Models:
    store = ModelStore(FOLDER)
    for model in (catalog.TEXT, catalog.READER):
        store.fetch(model)
    return Models(store.path(catalog.TEXT), store.path(catalog.READER))


@pytest.fixture(scope="module")
def film(tmp_path_factory) -> Path:
    """Six seconds of one slide, six of another; beside both something moves."""
    folder = tmp_path_factory.mktemp("slides")
    drawn = []
    for number, text in enumerate((ENGLISH, KOREAN)):
        (folder / f"{number}.txt").write_text(text, encoding="utf-8")
        drawn.append(
            f"drawtext=fontfile={FONT}:textfile={folder}/{number}.txt:fontsize=48:fontcolor=white:x=60:y=80"
            f":enable='between(t,{6 * number},{6 * number + 5.99})'"
        )
    path = folder / "slides.mp4"
    graph = f"[0]{','.join(drawn)}[page];[page][1]overlay=940:460"
    command = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "color=0x203040:s=1280x720:r=10:d=12"]
    command += ["-f", "lavfi", "-i", "mandelbrot=s=320x240:r=10", "-filter_complex", graph]
    command += ["-t", "12", "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"]
    subprocess.run([*command, str(path)], check=True)
    return path


def test_slides_are_read_with_their_times(models, film, tmp_path, monkeypatch):
    monkeypatch.setattr(hangul, "language_data", lambda: ())

    rows = read_screen_text(str(film), probe(str(film)), models, tmp_path, shots_ms=[6_000])

    assert rows[0].text == ENGLISH
    assert (rows[0].start_ms, rows[0].end_ms) == (0, 6_000)
    assert rows[0].confidence > 0.9
    assert all(row.start_ms == 6_000 for row in rows[1:])


def test_korean_is_read_by_tesseract_in_the_sandbox(models, film, tmp_path):
    rows = read_screen_text(str(film), probe(str(film)), models, tmp_path, shots_ms=[6_000])

    assert [row.text for row in rows] == [ENGLISH, KOREAN]
    assert (rows[1].start_ms, rows[1].end_ms) == (6_000, 12_000)


def test_the_table_and_the_text_of_tesseract_are_put_together_by_line():
    head = "level\tpage\tblock\tpar\tline\tword\tleft\ttop\twidth\theight\tconf\ttext\n"
    words = [("1", 22, "96", "자전거의"), ("1", 22, "90", "짧은"), ("2", 160, "80", "역사")]
    table = head + "".join(
        f"5\t1\t1\t1\t{line}\t1\t20\t{top}\t60\t36\t{sure}\t{text}\n"
        for line, top, sure, text in words
    )

    first, second, third = hangul._by_line(table, "자전거의 짧은\n\n역사\n", 3)

    assert (first.text, first.confidence) == ("자전거의 짧은", pytest.approx(0.93))
    assert second.text == ""
    assert (third.text, third.confidence) == ("역사", pytest.approx(0.8))
    assert hangul._by_line(table, "one line only\n", 3)[0].text == ""
