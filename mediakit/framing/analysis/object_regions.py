"""Where the subject of shots without faces is, by what stands out in them: a body, an animal, a thing.

It takes the place of a wider region of motion or colour, unless something else moves.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np

from mediakit.framing.analysis.face_detection import cv2
from mediakit.framing.analysis.object_finder import ObjectFinder
from mediakit.framing.analysis.salient_region import MIN_MOTION, Evidence, Grid, lasting_text
from mediakit.framing.crop_plan import FaceSample, Rect
from mediakit.framing.people.tracking import union_of

LOOK_EVERY = 6  # looks, and in the last one of a shot
# What stands out in this share of the looks is a shot's subject; a shot has faces in at most this share of its samples.
MIN_CLEAR, MAX_FACES = 0.7, 0.25
# A region that is no wider than this in so many of the samples fits an upright window as it is.
NARROW, MOST = 0.3, 0.8
# A shot moves where this share of its samples does; the middle of the motion is inside in half of these.
MIN_MOVING, MIN_INSIDE = 0.4, 0.5

Look = tuple[int, Path]  # its time and its file


def with_objects(
    looks: Sequence[Look],
    edges_ms: Sequence[int],
    samples: Sequence[FaceSample],
    evidence: Sequence[Evidence | None],
    find: ObjectFinder,
) -> tuple[FaceSample, ...]:
    """The samples, with the region of what stands out in those shots where that is narrower than their own."""
    found = list(samples)
    for low, high in pairwise(edges_ms):
        inside = [i for i, sample in enumerate(samples) if low <= sample.time_ms < high]
        shot = [samples[i] for i in inside]
        if not shot or _has_faces(shot) or _common_width(shot) <= NARROW:
            continue
        boxes = _boxes([look for look in looks if low <= look[0] < high], find)
        seen = [evidence[i] for i in inside]
        regions = _regions(boxes, shot, seen) if boxes else shot
        if _common_width(regions) < _common_width(shot) and _holds_motion(regions, seen):
            for i, sample in zip(inside, regions, strict=True):
                found[i] = sample
    return tuple(found)


def _has_faces(samples: Sequence[FaceSample]) -> bool:
    return sum(bool(sample.faces) for sample in samples) > MAX_FACES * len(samples)


def _common_width(samples: Sequence[FaceSample]) -> float:
    """The width that the regions of MOST of the samples do not exceed; 1 where half of the samples have none."""
    widths = sorted(sample.region.width for sample in samples if sample.region is not None)
    return widths[int(MOST * (len(widths) - 1))] if 2 * len(widths) > len(samples) else 1.0


def _boxes(looks: Sequence[Look], find: ObjectFinder) -> list[tuple[int, Rect]]:
    """(time, box) of what stands out in a shot's looks; none where that is not clear in most of them."""
    numbers = sorted({*range(0, len(looks), LOOK_EVERY), max(0, len(looks) - 1)})
    found: list[tuple[int, Rect]] = []
    for count, number in enumerate(numbers):
        picture = cv2.imread(str(looks[number][1])) if looks else None
        box = None if picture is None else find(picture)
        if box is not None:
            found.append((looks[number][0], box))
        elif count + 1 - len(found) > (1 - MIN_CLEAR) * len(numbers):
            return []
    return found


def _regions(
    boxes: Sequence[tuple[int, Rect]],
    samples: Sequence[FaceSample],
    evidence: Sequence[Evidence | None],
) -> list[FaceSample]:
    """The samples without faces with what both looks around each hold, and text that stays."""
    text = lasting_text([each for each in evidence if each is not None])
    found = []
    for sample in samples:
        before = [box for at_ms, box in boxes if at_ms <= sample.time_ms][-1:]
        after = [box for at_ms, box in boxes if at_ms >= sample.time_ms][:1]
        region = None if sample.faces else union_of([*before, *after, *text])
        found.append(replace(sample, region=region))
    return found


def _holds_motion(samples: Sequence[FaceSample], evidence: Sequence[Evidence | None]) -> bool:
    """Whether the middle of what moves lies in the regions; in a shot that hardly moves nothing is asked for."""
    moving = [
        _is_inside(each.motion, sample.region)
        for sample, each in zip(samples, evidence, strict=True)
        if each is not None and each.motion is not None and sample.region is not None
        if float(each.motion.mean()) >= MIN_MOTION
    ]
    return len(moving) < MIN_MOVING * len(samples) or sum(moving) >= MIN_INSIDE * len(moving)


def _is_inside(motion: Grid, region: Rect) -> bool:
    across = np.cumsum(motion.sum(axis=0))
    middle = float(np.searchsorted(across, across[-1] / 2) + 0.5) / len(across)
    return region.left <= middle <= region.right
