"""Watermarks: small lines that stand still over cuts while the picture under them changes. No window has to show them.

What stands on a ground of its own, as the title of a slide or the news below a person, is none: its ground stays too.
"""

from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from mediakit.framing.analysis.pictures import Pixels, cv2
from mediakit.framing.rect import Rect

MAX_SHOTS = 12  # that are compared, spread over the range
MIN_CHANGES = 2  # of the ground, from shot to shot
# The ground has changed by so many grey levels in the mean, and the strokes of the line correlate by so much all the
# same, in this share of the changes.
MIN_GROUND_STEP, MIN_SAME, MOST = 12.0, 0.35, 0.8
MAX_HEIGHT = 0.08  # of the picture: larger letters are a title
AROUND = 0.75  # of the line's height, above and below it


class Watermarks:
    """Tells the watermarks of a range from its other text, by the middle look of each shot.

    `looks` are times in ms and files, `edges_ms` the times between the shots. The files are read when they are needed.
    """

    def __init__(self, looks: Sequence[tuple[int, Path]], edges_ms: Sequence[int]) -> None:
        shots = [
            [file for time_ms, file in looks if low <= time_ms < high]
            for low, high in pairwise(edges_ms)
        ]
        files = [shot[len(shot) // 2] for shot in shots if shot]
        numbers = {round(n) for n in np.linspace(0, max(0, len(files) - 1), MAX_SHOTS)}
        self._files = [file for number, file in enumerate(files) if number in numbers]

    def without(self, lines: Iterable[Rect]) -> tuple[Rect, ...]:
        """The lines without watermarks."""
        return tuple(line for line in lines if not self._is_watermark(line))

    @cached_property
    def _pictures(self) -> list[Pixels]:
        read = (cv2.imread(str(file), cv2.IMREAD_GRAYSCALE) for file in self._files)
        return [picture for picture in read if picture is not None]

    def _is_watermark(self, line: Rect) -> bool:
        if line.height > MAX_HEIGHT or len(self._files) <= MIN_CHANGES:
            return False
        same = [
            _correlation(_strokes(before, line), _strokes(after, line))
            for before, after in pairwise(self._pictures)
            if _ground_step(before, after, line) >= MIN_GROUND_STEP
        ]
        stays = sum(each >= MIN_SAME for each in same)
        return stays >= max(MIN_CHANGES, MOST * len(same))


def _part(picture: Pixels, box: Rect) -> Pixels:
    height, width = picture.shape
    rows = slice(max(0, round(box.top * height)), max(0, round(box.bottom * height)))
    return picture[rows, max(0, round(box.left * width)) : max(0, round(box.right * width))]


def _strokes(picture: Pixels, line: Rect) -> Any:
    """The steps in grey of a line across and down."""
    part = _part(picture, line)
    if not part.size:
        return np.zeros(2)
    return np.stack([cv2.Sobel(part, cv2.CV_32F, *axes) for axes in ((1, 0), (0, 1))])


def _ground_step(before: Pixels, after: Pixels, line: Rect) -> float:
    """How much the picture right above and below a line changes, in grey levels."""
    more = AROUND * line.height
    steps = [
        np.abs(_part(before, ground).astype(np.int16) - _part(after, ground)).ravel()
        for ground in (
            Rect(line.left, line.top - more, line.width, more),
            Rect(line.left, line.bottom, line.width, more),
        )
    ]
    both = np.concatenate(steps)
    return float(both.mean()) if both.size else 0.0


def _correlation(before: Any, after: Any) -> float:
    norm = float(np.sqrt((before**2).sum() * (after**2).sum()))
    return float((before * after).sum()) / norm if norm else 0.0
