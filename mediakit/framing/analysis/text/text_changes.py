"""Where the text of a slide or a screen changes: a new bullet, a highlight, a cursor; found in the looks of a shot.

Times are ms of the video, positions fractions of the picture.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from mediakit.framing.analysis.pictures import Pixels
from mediakit.framing.range_analysis import FaceSample, TextChange
from mediakit.framing.rect import Rect, union_of

# A pixel changes by so many grey levels, a line of text in so much of its box and what is beside it.
MIN_STEP, MIN_CHANGED = 28, 0.03
BESIDE = 1.0  # in heights of the line: there a bullet or a cursor stands
# More lines than this share at once are a new slide, or a page that scrolls.
NEW_PAGE = 0.6
MAX_CHANGES = 400
# Who stands before a line hides and shows it: a body around its face, in faces.
BODY_BESIDE, BODY_ABOVE = 1.0, 0.5
NEAR_MS = 600


@dataclass(frozen=True, slots=True)
class Seen:
    """The lines of text in one look of a shot; `number` is that of the look."""

    number: int
    lines: tuple[Rect, ...]


def find_changes(
    looks: Iterable[Pixels],
    times_ms: Sequence[int],
    seen: Sequence[Seen],
    samples: Sequence[FaceSample],
) -> tuple[TextChange, ...]:
    """What changes from look to look of a shot, at most MAX_CHANGES. Two looks at a time are held.

    The lines are those that are seen next: a new one is not there before it is new.
    """
    found: list[TextChange] = []
    numbers = [each.number for each in seen]
    for number, (before, look) in enumerate(pairwise(looks), start=1):
        if not seen or len(found) >= MAX_CHANGES:
            break
        lines = seen[min(bisect_left(numbers, number), len(seen) - 1)].lines
        bodies = _bodies(samples, times_ms[number])
        free = [line for line in lines if not any(_touch(line, body) for body in bodies)]
        step = np.abs(look.astype(np.int16) - before) >= MIN_STEP
        changed = [line for line in free if _share(step, line) >= MIN_CHANGED]
        if changed:
            is_new_page = len(changed) > NEW_PAGE * len(lines) and len(lines) > 1
            box = None if is_new_page else union_of(changed)
            found.append(TextChange(times_ms[number], box))
    return tuple(found)


def _share(step: np.ndarray[Any, np.dtype[np.bool_]], line: Rect) -> float:
    height, width = step.shape
    beside = BESIDE * line.height * height
    rows = slice(int(line.top * height), int(line.bottom * height) + 1)
    left, right = int(line.left * width - beside), int(line.right * width + beside) + 1
    part = step[rows, max(0, left) : right]
    return float(part.mean()) if part.size else 0.0


def _bodies(samples: Sequence[FaceSample], time_ms: int) -> list[Rect]:
    """Where people are around a time: their faces and what is below."""
    faces = [f.box for s in samples if abs(s.time_ms - time_ms) <= NEAR_MS for f in s.faces]
    return [
        Rect(
            face.left - BODY_BESIDE * face.width,
            face.top - BODY_ABOVE * face.height,
            face.width * (1 + 2 * BODY_BESIDE),
            1.0,
        )
        for face in faces
    ]


def _touch(a: Rect, b: Rect) -> bool:
    return min(a.right, b.right) > max(a.left, b.left) and min(a.bottom, b.bottom) > max(
        a.top, b.top
    )
