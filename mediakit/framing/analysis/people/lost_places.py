"""Whether the place where a face was last seen, or will be seen next, still shows that person.

Somebody who turns away stays there with hair, clothes and what is behind them. When the camera moves on, something
passes in front, or one picture dissolves into the next, the place looks otherwise.
"""

from collections import deque
from collections.abc import Sequence
from functools import cached_property

import numpy as np

from mediakit.framing.analysis.pictures import SAME_PLACE, Histogram, Pixels, histogram
from mediakit.framing.rect import Rect

# Pictures before a face that are compared with it; still earlier ones are taken to be as the earliest of these.
MAX_BEFORE = 25
# The place of a person around the face: in widths to each side, in heights above and below.
ASIDE, ABOVE, BELOW = 0.5, 0.2, 1.0


class _Known:
    """A picture with faces: its number, and how the place of each looks."""

    def __init__(self, number: int, picture: Pixels, faces: Sequence[Rect]) -> None:
        self.number = number
        self._picture, self._faces = picture, faces

    @cached_property
    def places(self) -> list[tuple[Rect, Histogram]]:
        """Made when first asked for: mostly the next picture has faces too, and nobody asks."""
        return [(face, _place_histogram(self._picture, face)) for face in self._faces]


class LostPlaces:
    """Follows the samples of a range; which of them show somebody nowhere is known at its end."""

    def __init__(self) -> None:
        self._last: _Known | None = None
        self._count = 0
        self._before: deque[tuple[int, Pixels]] = deque(maxlen=MAX_BEFORE)  # since the last face
        self._since: dict[int, tuple[int, bool]] = {}
        self._until: dict[int, tuple[int, bool]] = {}

    def add(self, picture: Pixels, faces: Sequence[Rect]) -> None:
        """Take the next sample: its small picture in Lab and the faces in it."""
        number = self._count
        self._count += 1
        if not faces:
            if self._last is not None:
                self._since[number] = (self._last.number, _is_same(self._last, picture))
            self._before.append((number, picture))
            return
        self._last = _Known(number, picture, faces)
        for earlier, before in self._before:
            self._until[earlier] = (number, _is_same(self._last, before))
        self._before.clear()

    def lost(self, shots: Sequence[int]) -> list[bool]:
        """Of each sample, whether the people seen before and after it in its shot are not in their places.

        `shots` is the number of the shot of each sample.
        """
        found = []
        for number, shot in enumerate(shots):
            known = [
                is_same
                for each in (self._since.get(number), self._until.get(number))
                if each is not None and shots[each[0]] == shot
                for is_same in each[1:]
            ]
            found.append(bool(known) and not any(known))
        return found


def _is_same(known: _Known, picture: Pixels) -> bool:
    """Whether any of the places looks as it did."""
    return any(
        float(np.minimum(seen, _place_histogram(picture, face)).sum()) >= SAME_PLACE
        for face, seen in known.places
    )


def _place_histogram(picture: Pixels, face: Rect) -> Histogram:
    """The histogram of a person's place."""
    high, wide = picture.shape[:2]
    left, right = face.left - ASIDE * face.width, face.right + ASIDE * face.width
    top, bottom = face.top - ABOVE * face.height, face.bottom + BELOW * face.height
    rows = slice(max(0, int(top * high)), max(1, int(np.ceil(bottom * high))))
    columns = slice(max(0, int(left * wide)), max(1, int(np.ceil(right * wide))))
    return histogram(picture[rows, columns])
