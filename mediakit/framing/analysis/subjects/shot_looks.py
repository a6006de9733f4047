"""What stands out in the pictures of one shot, searched in as few of them as the answer needs."""

import math
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from mediakit.framing.analysis.finders.object_finder import ObjectFinder, Standout
from mediakit.framing.analysis.pictures import Pixels, cv2
from mediakit.framing.analysis.subjects.subject_stay import MIN_EMPTY, find_stay
from mediakit.framing.rect import Rect, union_of

# Looks from one that is searched to the next, and the fewest where the subject moves. A shot with fewer than MIN_LOOKS
# is searched in its middle only.
LOOK_EVERY, MIN_STEP, MIN_LOOKS = 6, 3, 4
MIN_CLEAR = 0.7  # what stands out in this share of the looks is a shot's subject
MOST = 0.8  # of the looks or samples, where it is narrow in most
# A subject moves where the box of two looks is wider than each of theirs by so much.
MIN_MOVE = 0.1
# A look in which none of the parts of THUMB differs by more from the one before shows the same as that.
THUMB, MIN_CHANGE = (32, 18), 6.0

Look = tuple[int, Path]  # its time and its file


class ShotLooks:
    """The looks of one shot, searched only as far as the answer needs it.

    What is not narrower than `narrower_than` in most looks is not worth searching more.
    """

    def __init__(
        self, looks: Sequence[Look], find: ObjectFinder, *, narrower_than: float = math.inf
    ) -> None:
        self._looks = looks
        self._find = find
        self._narrower_than = narrower_than
        self._found: dict[int, Standout] = {}  # by the number of the look
        self._thumbs: dict[int, Any] = {}

    def find(self, every: int = LOOK_EVERY) -> list[tuple[int, Standout]]:
        """(time, what stands out) of the looks from the subject's first to its last, and of those right beside.

        Nothing where it is not clear in most of those that are searched first, one in `every`, what the subject is. It
        may come in or leave: then nothing at all stands out before, or after.
        """
        numbers = _spread(len(self._looks), every)
        return self._between(numbers) if numbers and self._is_clear(numbers) else []

    def few(self, every: int) -> list[tuple[int, Standout]]:
        """As `find`, of the looks that are searched first alone."""
        numbers = _spread(len(self._looks), every)
        return self._known(numbers) if numbers and self._is_clear(numbers) else []

    def all(self, is_so: Callable[[Standout], bool], every: int) -> bool:
        """Whether something is so in all looks that are searched first, which are two at least."""
        numbers = _spread(len(self._looks), every)
        middle = len(self._looks) // 2
        tried = sorted(numbers, key=lambda number: abs(number - middle))
        return len(tried) > 1 and all(is_so(self._at(number)) for number in tried)

    def find_stay(self) -> list[tuple[int, Standout]]:
        """As `find`, for a subject that is there for a part of the shot only: the picture is empty before or after.

        Where it is not clear what the middle of the shot shows, no more looks are searched.
        """
        numbers = _spread(len(self._looks), LOOK_EVERY)
        middle = self._at(numbers[(len(numbers) - 1) // 2]) if numbers else Standout()
        if middle.box is None and not middle.is_empty:
            return []
        stay = find_stay([time_ms for time_ms, _ in self._looks], numbers, self._at)
        self._found.update(stay)
        return self._between(sorted(stay)) if stay else []

    def _between(self, numbers: Sequence[int]) -> list[tuple[int, Standout]]:
        """(time, what stands out) from the first of the looks to the last, and right beside, as far as it is needed."""
        for before, after in pairwise(numbers):
            self._search_between(before, after)
        return self._known(numbers)

    def _known(self, numbers: Sequence[int]) -> list[tuple[int, Standout]]:
        """What was found from the first of the looks to the last, and right beside."""
        inside = range(numbers[0] - 1, numbers[-1] + 2)
        found = [(n, each) for n, each in sorted(self._found.items()) if n in inside]
        clear = [i for i, (_, each) in enumerate(found) if each.box is not None]
        kept = found[max(0, clear[0] - 1) : clear[-1] + 2]
        return [(self._looks[number][0], each) for number, each in kept]

    def _is_clear(self, numbers: Sequence[int]) -> bool:
        """Whether something stands out in most of the looks but for MIN_EMPTY or more at an end that are empty.

        It is narrow enough in MOST of them.
        """
        tried = numbers[(len(numbers) - 1) // 2 :][: max(1, len(numbers) // 4)]
        if all(self._at(number).box is None for number in tried):
            return False
        unclear = wide = 0
        for number in numbers:
            each = self._at(number)
            unclear += each.box is None and not each.is_empty
            wide += each.box is not None and each.box.width >= self._narrower_than
            if unclear > (1 - MIN_CLEAR) * len(numbers) or wide >= _wide_from(len(numbers)):
                return False
        found = [self._at(number) for number in numbers]
        kept = _without_empty(_without_empty(found)[::-1])
        return sum(each.box is not None for each in kept) >= MIN_CLEAR * len(kept)

    def _search_between(self, before: int, after: int) -> None:
        """Search the looks between two, until it is known where the subject is and when it comes or leaves."""
        first, last = self._at(before), self._at(after)
        comes_or_leaves = first.is_empty != last.is_empty
        if after - before <= (1 if comes_or_leaves else MIN_STEP):
            return
        if comes_or_leaves or _moves(first.box, last.box):
            middle = (before + after) // 2
            self._search_between(before, middle)
            self._search_between(middle, after)

    def _at(self, number: int) -> Standout:
        """What stands out in a look; the same as in the one before it that was searched if the picture is the same."""
        if number not in self._found:
            picture = cv2.imread(str(self._looks[number][1]))
            self._found[number] = Standout() if picture is None else self._searched(number, picture)
        return self._found[number]

    def _searched(self, number: int, picture: Pixels) -> Standout:
        thumb = cv2.resize(picture, THUMB, interpolation=cv2.INTER_AREA).astype(np.float32)
        same = [
            other
            for other, known in self._thumbs.items()
            if float(np.abs(thumb - known).max()) < MIN_CHANGE
        ]
        if same:
            return self._found[same[0]]
        self._thumbs[number] = thumb
        return self._find(picture)


def _spread(count: int, every: int) -> list[int]:
    """The numbers of the looks that are searched first, from the first to the last."""
    if count < MIN_LOOKS:
        return [count // 2][:count]
    last = count - 1
    return [*range(0, max(1, last - every // 3), every), last]


def _wide_from(count: int) -> int:
    """How many wide boxes of `count` are too many for MOST of them to be narrower."""
    return count - int(MOST * (count - 1))


def _without_empty(looks: Sequence[Standout]) -> Sequence[Standout]:
    """The looks without those at the start that are empty, if they are MIN_EMPTY or more."""
    count = next((i for i, each in enumerate(looks) if not each.is_empty), 0)
    return looks[count:] if count >= MIN_EMPTY else looks


def _moves(before: Rect | None, after: Rect | None) -> bool:
    if before is None or after is None:
        return False
    return union_of([before, after]).width > max(before.width, after.width) + MIN_MOVE
