"""Reads lines of Korean with Tesseract, which is a tool of the system and may not be there.

No recogniser with Hangul comes in a package of its own with a clear licence; Tesseract's language data are Apache-2.0.
"""

import os
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import cv2 as _cv2
import numpy as np

from mediakit.sandbox import process
from mediakit.sandbox.config import Limits
from mediakit.screen_text.line_reader import LineReader, Pixels, ReadLine

cv2: Any = _cv2  # its annotations are too loose

TOOL = "tesseract"
# Where its language data lie, the newest first.
DATA_FOLDERS = (
    *("/usr/share/tesseract-ocr/*/tessdata", "/usr/share/tessdata"),
    *("/usr/local/share/tessdata", "/opt/homebrew/share/tessdata"),
)
NEEDED, ALSO = "kor", "eng"
TIMEOUT_S = 60.0
LIMITS = Limits(file_size=64 << 20, threads=8)
# Lines are put below each other on one page: their height, the space between them and beside them.
HEIGHT_PX, SPACE_PX, MARGIN_PX, MAX_WIDTH_PX = 40, 30, 20, 2_400
# The other recogniser knows no Hangul and passes over it: then it is unsure, or has read fewer letters than fit. These
# are the letters for each height of the line.
SURE, FITTING = 0.9, 1.2
# A reading counts as Korean with this share of Hangul, and is right often enough from this confidence on.
MIN_SHARE, MIN_CONFIDENCE = 0.3, 0.75
_HANGUL = re.compile(r"[\uac00-\ud7a3]")
_IDEOGRAPH = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")


@cache
def language_data() -> tuple[Path, ...]:
    """The files of language data to read Korean with; empty where Tesseract or they are not installed."""
    if shutil.which(TOOL) is None:
        return ()
    named = os.environ.get("TESSDATA_PREFIX", "")
    patterns = [named, *DATA_FOLDERS] if named else DATA_FOLDERS
    folders = [folder for pattern in patterns for folder in sorted(_folders(pattern), reverse=True)]
    for folder in folders:
        files = [folder / f"{name}.traineddata" for name in (NEEDED, ALSO)]
        if files[0].is_file():
            return tuple(file.resolve() for file in files if file.is_file())
    return ()


def _folders(pattern: str) -> Iterator[Path]:
    return Path("/").glob(pattern.lstrip("/"))


def with_hangul(
    read: LineReader, work_dir: Path, *, should_stop: Callable[[], bool] | None = None
) -> LineReader:
    """The reader, with Korean lines read as well where Tesseract is installed. Files are written to `work_dir`.

    Lines that the first one has read well are not read again. Raises the errors of `mediakit.sandbox.process.run`.
    """
    data = language_data()
    if not data:
        return read

    def read_all(lines: Sequence[Pixels]) -> list[ReadLine]:
        found = read(lines)
        unsure = [at for at, line in enumerate(lines) if _may_be_hangul(found[at], line)]
        if unsure:
            again = _read_page([lines[at] for at in unsure], data, work_dir, should_stop)
            for at, line in zip(unsure, again, strict=True):
                found[at] = line if _is_korean(line) else found[at]
        return found

    return read_all


def _may_be_hangul(read: ReadLine, line: Pixels) -> bool:
    high, wide = line.shape
    if wide < high:
        return False
    return read.confidence < SURE or (
        len(read.text) < FITTING * wide / high and not _IDEOGRAPH.search(read.text)
    )


def _is_korean(line: ReadLine) -> bool:
    letters = sum(map(str.isalnum, line.text))
    is_so = len(_HANGUL.findall(line.text)) >= MIN_SHARE * max(1, letters)
    return bool(letters) and is_so and line.confidence >= MIN_CONFIDENCE


def _read_page(
    lines: Sequence[Pixels],
    data: Sequence[Path],
    work_dir: Path,
    should_stop: Callable[[], bool] | None,
) -> list[ReadLine]:
    """Read lines, put below each other on one page."""
    cv2.imwrite(str(work_dir / "page.pgm"), _page(lines))
    languages = "+".join(file.stem for file in data)
    argv = [TOOL, "page.pgm", "page", "--psm", "6", "-l", languages]
    # Only the plain text has Korean spaces where they belong, and only the table says how sure it is.
    for name in ("preserve_interword_spaces", "tessedit_create_tsv", "tessedit_create_txt"):
        argv += ["-c", f"{name}=1"]
    process.run(
        argv,
        timeout_s=TIMEOUT_S,
        reads=[str(file) for file in data],
        cwd=work_dir,
        env={"TESSDATA_PREFIX": str(data[0].parent), "OMP_THREAD_LIMIT": "1"},
        should_stop=should_stop,
        limits=LIMITS,
    )
    table, text = ((work_dir / f"page.{kind}").read_text("utf-8") for kind in ("tsv", "txt"))
    return _by_line(table, text, len(lines))


def _page(lines: Sequence[Pixels]) -> Pixels:
    """Dark lines on white."""
    scaled = [_on_white(line) for line in lines]
    page = np.full(
        (
            MARGIN_PX + len(lines) * (HEIGHT_PX + SPACE_PX),
            max(line.shape[1] for line in scaled) + 2 * MARGIN_PX,
        ),
        255,
        np.uint8,
    )
    for number, line in enumerate(scaled):
        top = _top(number)
        page[top : top + HEIGHT_PX, MARGIN_PX : MARGIN_PX + line.shape[1]] = line
    return page


def _top(number: int) -> int:
    return MARGIN_PX + number * (HEIGHT_PX + SPACE_PX)


def _on_white(line: Pixels) -> Pixels:
    high, wide = line.shape
    size = (min(MAX_WIDTH_PX, max(8, round(wide * HEIGHT_PX / high))), HEIGHT_PX)
    way = cv2.INTER_AREA if high > HEIGHT_PX else cv2.INTER_CUBIC
    scaled: Pixels = cv2.resize(line, size, interpolation=way)
    edge = np.concatenate([scaled[0], scaled[-1], scaled[:, 0], scaled[:, -1]])
    return 255 - scaled if np.median(edge) < 128 else scaled


def _by_line(table: str, text: str, count: int) -> list[ReadLine]:
    """What was read in each line of the page; nothing where the two files do not fit together."""
    sure: dict[int, list[float]] = {}
    order: dict[tuple[str, ...], int] = {}
    for row in table.splitlines()[1:]:
        cells = row.split("\t")
        if len(cells) < 12 or cells[0] != "5" or not cells[11].strip():
            continue
        middle = int(cells[7]) + int(cells[9]) / 2
        number = round((middle - MARGIN_PX - HEIGHT_PX / 2) / (HEIGHT_PX + SPACE_PX))
        order.setdefault(tuple(cells[1:5]), min(count - 1, max(0, number)))
        sure.setdefault(order[tuple(cells[1:5])], []).append(float(cells[10]) / 100)
    texts = [" ".join(line.split()) for line in text.splitlines() if line.strip()]
    read = [ReadLine("", 0.0)] * count
    if len(texts) == len(order):
        for number, words in zip(order.values(), texts, strict=True):
            both = f"{read[number].text} {words}".strip()
            read[number] = ReadLine(both, sum(sure[number]) / len(sure[number]))
    return read
