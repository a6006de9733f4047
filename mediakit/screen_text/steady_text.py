"""Lines of text that stand still, in a series of looks at a video: each is read once.

What moves is not searched for text: a part of the picture counts when it is as it was in the look before, and has not
been searched as it is. So a person who talks beside a slide costs nothing, and a slide costs one search.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any

import cv2 as _cv2
import numpy as np

from mediakit.framing.analysis.finders.text_finder import TextFinder
from mediakit.framing.rect import Rect
from mediakit.screen_text.line_reader import LineReader, Pixels, ReadLine

cv2: Any = _cv2  # its annotations are too loose

# The picture's cells, the grey levels by which one changes, and how many new ones are searched. A cell stands still
# when none of its PARTS x PARTS parts changes by so many: what moves is seldom as it was in all of them by chance.
CELLS, CHANGE, MIN_NEW_CELLS = (64, 36), 4.0, 3
PARTS, PART_CHANGE = 4, 8.0
MIN_STILL = 0.7  # the share of a line's cells that stand still
# A line is there while its pixels correlate so with what was read, and again when that comes back after so many looks.
SAME_PIXELS, RETURNS_AFTER = 0.8, 10
# The same text at another place is a line that moved, within so many looks.
MOVED_AFTER = 2
SAME_BOX, SAME_TEXT, MIN_TYPED = 0.5, 0.85, 8
# A line that counts: its height in the look, how sure its reading is, and its letters and digits.
MIN_HEIGHT_PX, MIN_CONFIDENCE, MIN_LETTERS = 11, 0.85, 3
MAX_LINES = 80  # of one look
# What may be done at first, and what more with each look: looks glanced at and searched, and lines that are read. They
# are 2.5 s apart at least, so that an hour costs at most .03 of its length: a glance takes 60 ms of processor time, a
# search 140 ms, a line 20 ms. What a quiet stretch does not use is left for later.
AT_FIRST, EACH_LOOK = (20, 20, 100), (0.4, 0.2, 0.8)


@dataclass(slots=True)
class StandingLine:
    """A line of text that stands from the look `first` to the look `last`, both counted from 0."""

    box: Rect
    text: str
    confidence: float
    first: int
    last: int
    pixels: Pixels = field(repr=False)


class SteadyText:
    """Takes looks in order, all grey and of one size; `lines` are those that can be read.

    `glance` finds most text at half the cost of `find`: without any the look is not searched.
    """

    def __init__(self, glance: TextFinder, find: TextFinder, read: LineReader) -> None:
        self.lines: list[StandingLine] = []
        self.count = 0  # of looks
        self._glance, self._find, self._read = glance, find, read
        self._glances_left, self._searches_left, self._lines_left = map(float, AT_FIRST)
        self._open: list[StandingLine] = []  # those without text as well: they are not read again
        self._before = np.zeros(0, np.float32)
        self._searched = np.zeros(0, np.float32)

    def take(self, look: Pixels) -> None:
        """Take the next look."""
        parts, cells = _parts_and_cells(look)
        if self.count == 0:
            self._searched, self._before = np.full_like(cells, -256), np.full_like(parts, -256)
        still = (np.abs(parts - self._before) < PART_CHANGE).all(axis=(1, 3))
        is_new = still & (np.abs(cells - self._searched) >= CHANGE)
        self._note_standing(look)
        if is_new.sum() >= MIN_NEW_CELLS and self._has_text(look):
            self._search(look, still)
            self._searched[still] = cells[still]
        self._before = parts
        self.count += 1
        self._allow_more()

    def _allow_more(self) -> None:
        glances, searches, lines = EACH_LOOK
        self._glances_left += glances
        self._searches_left += searches
        self._lines_left += lines

    def _has_text(self, look: Pixels) -> bool:
        """Whether it may and should be searched."""
        if min(self._glances_left, self._searches_left, self._lines_left) < 1:
            return False
        self._glances_left -= 1
        return bool(self._glance(look))

    def _note_standing(self, look: Pixels) -> None:
        for line in self._open:
            if _correlation(line.pixels, _part(look, line.box)) >= SAME_PIXELS:
                line.last = self.count
        self._open = [line for line in self._open if self.count - line.last <= RETURNS_AFTER]

    def _search(self, look: Pixels, still: Any) -> None:
        """Read the lines that are new and stand still; they stood in the look before as well."""
        boxes = [box for box in self._find(look)[:MAX_LINES] if self._is_wanted(box, look, still)]
        boxes = boxes[: int(self._lines_left)]
        self._lines_left -= len(boxes)
        self._searches_left -= 1
        parts = [_part(look, box) for box in boxes]
        for box, part, read in zip(boxes, parts, self._read(parts) if parts else (), strict=True):
            self._add(box, part, read)

    def _is_wanted(self, box: Rect, look: Pixels, still: Any) -> bool:
        if box.height * look.shape[0] < MIN_HEIGHT_PX:
            return False
        standing = (line.box for line in self._open if line.last == self.count)
        return _share(box, still) >= MIN_STILL and all(
            _common(box, known) < SAME_BOX for known in standing
        )

    def _add(self, box: Rect, part: Pixels, read: ReadLine) -> None:
        counts = read.confidence >= MIN_CONFIDENCE or _has_hangul(read)
        text = read.text if counts and sum(map(str.isalnum, read.text)) >= MIN_LETTERS else ""
        recent = (line for line in self._open if text and self.count - line.last <= MOVED_AFTER)
        moved = next((line for line in recent if are_alike(line.text, text)), None)
        if moved is not None:
            moved.box, moved.pixels, moved.last = box, part.copy(), self.count
            moved.text = max(moved.text, text, key=len)
            return
        line = StandingLine(
            box, text, read.confidence, max(0, self.count - 1), self.count, part.copy()
        )
        self._open.append(line)
        if text:
            self.lines.append(line)


def are_alike(first: str, second: str) -> bool:
    """Whether two texts are the same but for a few letters, or one goes on where the other ends: it is being typed."""
    shorter, longer = sorted((first, second), key=len)
    if longer.startswith(shorter) and len(shorter) >= MIN_TYPED:
        return True
    if len(shorter) < SAME_TEXT * len(longer):
        return False
    return SequenceMatcher(None, first, second, autojunk=False).ratio() >= SAME_TEXT


def _has_hangul(read: ReadLine) -> bool:
    """Whether it is Korean: read by another reader, with a measure of its own."""
    return any("\uac00" <= letter <= "\ud7a3" for letter in read.text)


def _parts_and_cells(look: Pixels) -> tuple[Any, Any]:
    """The mean brightness of each part of a cell, as (row, part, column, part), and of each cell."""
    wide, high = CELLS
    size = (wide * PARTS, high * PARTS)
    parts = cv2.resize(look, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    parts = parts.reshape(high, PARTS, wide, PARTS)
    return parts, parts.mean(axis=(1, 3))


def _part(look: Pixels, box: Rect) -> Pixels:
    height, width = look.shape
    rows = slice(int(box.top * height), int(box.bottom * height) + 1)
    return look[rows, int(box.left * width) : int(box.right * width) + 1]


def _correlation(first: Pixels, second: Pixels) -> float:
    a, b = (part.astype(np.float32) - part.mean(dtype=np.float32) for part in (first, second))
    spread = float(np.sqrt((a * a).sum() * (b * b).sum()))
    return float((a * b).sum()) / spread if spread else 0.0


def _share(box: Rect, still: Any) -> float:
    """The share of a box's cells that stand still."""
    rows, columns = still.shape
    top, bottom = int(box.top * rows), int(box.bottom * rows) + 1
    inside = still[top:bottom, int(box.left * columns) : int(box.right * columns) + 1]
    return float(inside.mean()) if inside.size else 0.0


def _common(a: Rect, b: Rect) -> float:
    """The area that both boxes have, as a share of that of the smaller one."""
    across = min(a.right, b.right) - max(a.left, b.left)
    down = min(a.bottom, b.bottom) - max(a.top, b.top)
    if across <= 0 or down <= 0:
        return 0.0
    return across * down / max(1e-9, min(a.width * a.height, b.width * b.height))


def in_reading_order(lines: Sequence[StandingLine]) -> list[StandingLine]:
    """From top to bottom; those at one height from left to right."""
    rows: list[list[StandingLine]] = []
    for line in sorted(lines, key=lambda line: line.box.top + line.box.height / 2):
        middle = line.box.top + line.box.height / 2
        if rows and middle < rows[-1][0].box.bottom - rows[-1][0].box.height / 4:
            rows[-1].append(line)
        else:
            rows.append([line])
    return [line for row in rows for line in sorted(row, key=lambda line: line.box.left)]
