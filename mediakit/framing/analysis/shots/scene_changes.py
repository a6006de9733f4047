"""Changes of scene without a sharp edge: dissolves, fades, wipes, and pictures that rush by until the camera rests.

Two pictures of one scene have colours in common, or the camera's motion takes one to the other. Those a moment before
and after a change of scene have neither.
"""

import math
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import pairwise

import numpy as np

from mediakit.framing.analysis.camera_motion import difference_share
from mediakit.framing.analysis.pictures import SAME_PLACE, Pixels, cv2, histogram
from mediakit.framing.rect import Rect

# How far before and after a sample the pictures lie that are compared, and how near an edge or a cut they may be:
# 0.6 s and 0.4 s.
REACH_SAMPLES, MIN_REACH_SAMPLES = 3, 2
# Two pictures of one scene share so much of their histograms (`lost_places`); of a change of scene so much less is
# shared at its clearest.
MIN_LACK = 0.1
# As much of the picture at least differs after the camera's motion is taken out: between the two pictures, and added
# up over the samples between them, as a camera that pans past new things explains each of its steps.
MIN_DIFFERENT, MIN_STEPS = 0.7, 0.9
# What has passed before the camera is gone within 2 s, and then so much of the picture differs at most.
BACK_SAMPLES, MAX_BACK = 10, 0.4
# The camera exposes again, or a picture fades a little, by a factor of at most this.
MAX_GAIN = 1.6
MAX_BLANK = 8.0  # the standard deviation of L (of 255) of a picture that shows nothing


def find_scene_changes(
    pictures: Sequence[Pixels],
    steps: Sequence[float],
    faces: Sequence[Sequence[Rect]],
    edges: Sequence[int],
) -> list[float]:
    """Where another scene begins within a shot, in samples from the first, in order.

    `pictures` are small samples in Lab, `steps` the share of each that has changed since the one before (0 to 1) after
    the camera's motion and exposure are taken out, `faces` the boxes in each, and `edges` the first sample of each shot
    but the first. A change is in the middle of what differs; a fade to or from a blank picture is where that is blank.
    While somebody is in sight all the time the camera goes along, and there is none; nor is there where something only
    passes close to the camera.
    """
    in_sight = [_is_near(*pair) for pair in pairwise([(), *faces])]
    shots = pairwise([0, *edges, len(pictures)])
    found: list[float] = []
    for first, end in shots:
        shot = _Shot(pictures[first:end], steps[first:end], in_sight[first:end])
        found += [first + at for at in shot.changes()]
    return found


class _Shot:
    """The samples of one shot."""

    def __init__(
        self, pictures: Sequence[Pixels], steps: Sequence[float], in_sight: Sequence[bool]
    ) -> None:
        self._pictures = pictures
        # Of each sample: somebody is near where they were in the one before.
        self._in_sight = in_sight
        self._total = np.concatenate([[0.0], np.cumsum(steps)])
        self._lack = cache(self._measure)

    def changes(self, first: int = 0, end: int | None = None) -> Iterator[float]:
        """The changes between two samples, in order. The clearest is found first, then those on either side of it."""
        end = len(self._pictures) if end is None else end
        inside = range(first + MIN_REACH_SAMPLES, end - MIN_REACH_SAMPLES)
        reach = {at: min(REACH_SAMPLES, at - first, end - 1 - at) for at in inside}
        lacks = {at: self._lack(at - reach[at], at + reach[at]) for at in inside}
        best = max(inside, key=lacks.__getitem__, default=first)
        if lacks.get(best, 0.0) < MIN_LACK:
            return
        near = {at: lack for at, lack in lacks.items() if abs(at - best) <= REACH_SAMPLES}
        middle = self._sudden(best - reach[best], best + reach[best])
        if middle is None:
            middle = float(np.average(list(near), weights=list(near.values())))
        at = self._blank_near(middle, first, end)
        yield from self.changes(first, math.floor(at) - REACH_SAMPLES)
        is_inside = first + MIN_REACH_SAMPLES <= at <= end - MIN_REACH_SAMPLES
        if is_inside and not self._comes_back(best - reach[best], best + reach[best]):
            yield at
        yield from self.changes(math.ceil(at) + REACH_SAMPLES, end)

    def _sudden(self, before: int, after: int) -> float | None:
        """Before the one sample that has changed as much as all others between two together; None without."""
        steps = np.diff(self._total[before + 1 : after + 2])
        return before + 0.5 + int(steps.argmax()) if 2 * steps.max() >= steps.sum() else None

    def _comes_back(self, before: int, after: int) -> bool:
        """Whether something has only passed: the scene on one side is soon, or was just, on the other."""
        later = range(after + 1, min(len(self._pictures), after + 1 + BACK_SAMPLES))
        earlier = range(max(0, before - BACK_SAMPLES), before)
        pairs = [*((before, at) for at in later), *((at, after) for at in earlier)]
        return any(self._is_same(*pair) for pair in pairs if not self._is_blank(pair[0]))

    def _measure(self, before: int, after: int) -> float:
        """How much less than two pictures of one scene these two share; 0 for one scene."""
        if self._total[after + 1] - self._total[before + 1] < MIN_STEPS:
            return 0.0
        if all(self._in_sight[before + 1 : after + 1]):
            return 0.0
        pair = self._pictures[before], self._pictures[after]
        lack = SAME_PLACE - _shared(*pair)
        return lack if lack > 0 and differing(*pair) >= MIN_DIFFERENT else 0.0

    def _is_same(self, before: int, after: int) -> bool:
        """Whether two pictures are clearly of one scene."""
        pair = self._pictures[before], self._pictures[after]
        return differing(*pair) <= MAX_BACK and _shared(*pair) >= SAME_PLACE

    def _blank_near(self, middle: float, first: int, end: int) -> float:
        """The first blank sample of a fade to it, the sample after the last of a fade from it; else the middle."""
        low = max(first, math.floor(middle) - REACH_SAMPLES)
        high = min(end - 1, math.ceil(middle) + REACH_SAMPLES)
        blank = [at for at in range(low, high + 1) if self._is_blank(at)]
        if not blank or (blank[0] == low and blank[-1] == high):
            return middle
        if blank[-1] == high:
            return blank[0]
        if blank[0] == low:
            return blank[-1] + 1
        return (blank[0] + blank[-1]) / 2

    def _is_blank(self, at: int) -> bool:
        return float(self._pictures[at][:, :, 0].std()) <= MAX_BLANK


def _is_near(before: Sequence[Rect], after: Sequence[Rect]) -> bool:
    """Whether any face has moved by less than its own size."""
    pairs = ((a, b) for a in before for b in after)
    return any(
        abs(a.centre[0] - b.centre[0]) < a.width and abs(a.centre[1] - b.centre[1]) < a.height
        for a, b in pairs
    )


def _shared(before: Pixels, after: Pixels) -> float:
    """What two pictures have in common of their histograms, if both were as bright."""
    before, after = _as_bright(before, after)
    return float(np.minimum(histogram(before), histogram(after)).sum())


def differing(before: Pixels, after: Pixels) -> float:
    """The share of one picture (Lab) that differs from the other beyond the camera's motion, from 0 to 1."""
    return difference_share(*(np.ascontiguousarray(each[:, :, 0]) for each in (before, after)))


def _as_bright(before: Pixels, after: Pixels) -> tuple[Pixels, Pixels]:
    """Both pictures, the brighter one as dark as the other: by one factor, no greater than MAX_GAIN."""
    gain = float(np.median((after[::2, ::2, 0] + 1.0) / (before[::2, ::2, 0] + 1.0)))
    if gain > 1:
        return before, _darker(after, min(MAX_GAIN, gain))
    return _darker(before, min(MAX_GAIN, 1 / gain)), after


def _darker(picture: Pixels, factor: float) -> Pixels:
    bgr = cv2.cvtColor(picture, cv2.COLOR_Lab2BGR)
    found: Pixels = cv2.cvtColor((bgr / factor).astype(np.uint8), cv2.COLOR_BGR2Lab)
    return found
