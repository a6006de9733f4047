"""Where the subject of shots without faces is, by what stands out in them: a body, an animal, a thing.

It takes the place of a wider region of motion or colour, unless something else moves.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from itertools import groupby, pairwise
from pathlib import Path
from statistics import fmean

import numpy as np

from mediakit.framing.analysis.finders.body_finder import BodyFinder
from mediakit.framing.analysis.finders.object_finder import ObjectFinder, Standout
from mediakit.framing.analysis.pictures import Grid, Pixels, cv2
from mediakit.framing.analysis.subjects.salient_region import MIN_MOTION, Evidence, lasting_text
from mediakit.framing.analysis.subjects.shot_looks import MIN_LOOKS, MOST, Look, ShotLooks
from mediakit.framing.range_analysis import FaceSample
from mediakit.framing.rect import Rect, holds_middle, union_of

# People's bodies are searched in one of so many looks at first, and in more where these say that it is worth it.
FEW_BODIES_EVERY, BODIES_EVERY = 4, 2
MISSING_MS = 1_000  # after so long without a region a body is looked for
MAX_FACES = 0.25  # of its samples: a shot with more is one of people
NARROW = 0.3  # a region that is no wider in MOST of the samples fits an upright window as it is
# What has a colour of its own, or moves, may be a part of what stands out. That is shown up to WIDEST, which a part of
# 4:3 of a 16:9 picture holds. What moves is a part where the whole is wider by MIN_MORE.
WIDEST, MIN_MORE = 0.69, 0.1
SQUARE = 0.5  # of the width: a square part of a 16:9 picture holds it
# A shot moves where this share of its samples does; the middle of the motion is inside in half of these.
MIN_MOVING, MIN_INSIDE = 0.4, 0.5
# What is wider than a square holds so much of the motion: a road stands out as well, but cars drive on either side.
WIDE_HELD = 0.85
# People's bodies alone are the subject where nearly nothing else moves: their dog may run away.
MIN_ALONE = 0.8
OFTEN = 0.3  # of the samples
# Where nothing moves or draws the eye they are if they have this share of the picture's height in all looks.
MIN_TALL = 0.4


def with_objects(
    looks: Sequence[Look],
    edges_ms: Sequence[int],
    samples: Sequence[FaceSample],
    evidence: Sequence[Evidence | None],
    find: ObjectFinder | None = None,
    *,
    find_bodies: BodyFinder | None = None,
) -> tuple[FaceSample, ...]:
    """The samples, with the region of what stands out in those shots where that is narrower than their own.

    Where nothing does and something moves by itself, with that of people's bodies.
    """
    found = list(samples)
    for low, high in pairwise(edges_ms):
        inside = [i for i, sample in enumerate(samples) if low <= sample.time_ms < high]
        shot = [samples[i] for i in inside]
        if not shot or has_faces(shot):
            continue
        own = [look for look in looks if low <= look[0] < high]
        regions = _subject_regions(own, shot, [evidence[i] for i in inside], find, find_bodies)
        if find_bodies is not None:
            regions = _with_missing_bodies(own, regions, find_bodies)
        for i, sample in zip(inside, regions, strict=True):
            found[i] = sample
    return tuple(found)


def _subject_regions(
    looks: Sequence[Look],
    shot: Sequence[FaceSample],
    evidence: Sequence[Evidence | None],
    find: ObjectFinder | None,
    find_bodies: BodyFinder | None,
) -> Sequence[FaceSample]:
    """The samples of one shot with what stands out, or with bodies, where that is narrower."""
    if _common_width(shot) <= NARROW:
        return shot
    regions: Sequence[FaceSample] = shot
    if find is not None:
        searched = ShotLooks(looks, find)
        better = _better(searched.find() or searched.find_stay(), shot, evidence)
        regions = shot if better is None else _with_own(better, shot)
    may_be_alone = _is_moving(evidence) or _is_often_narrow(regions)
    # Where nobody is a body is found now and then: the one look of a brief shot says nothing.
    is_searched = len(looks) >= MIN_LOOKS and (may_be_alone or _draws_nothing(regions))
    if find_bodies is None or not is_searched or _common_width(regions) <= NARROW:
        return regions
    width = _common_width(regions)
    find_all = partial(_bodies, find=find_bodies, narrower_than=width)
    bodies = ShotLooks(looks, find_all, narrower_than=width)
    if not may_be_alone and not bodies.all(_is_tall, BODIES_EVERY):
        return regions
    return _narrower_by_bodies(bodies, regions, evidence) or regions


def _narrower_by_bodies(
    bodies: ShotLooks, shot: Sequence[FaceSample], evidence: Sequence[Evidence | None]
) -> list[FaceSample] | None:
    """A shot's samples with the regions of people's bodies; None if these are no narrower, or something else moves.

    As a look costs much, a few say first whether it is worth searching more.
    """
    few = bodies.few(FEW_BODIES_EVERY)
    if not few or not _holds_motion(_regions(few, shot, evidence), evidence, MIN_ALONE):
        return None
    found = bodies.find(BODIES_EVERY)
    if not found:
        return None
    regions = _regions(found, shot, evidence)
    is_theirs = _holds_motion(regions, evidence, MIN_ALONE)
    return regions if is_theirs and _common_width(regions) < _common_width(shot) else None


def _is_often_narrow(samples: Sequence[FaceSample]) -> bool:
    """Whether what stands out fits a window in some looks, as a body does: what is beside it comes and goes."""
    narrow = [s.region is not None and s.region.width <= NARROW for s in samples]
    return _common_width(samples) < 1 and sum(narrow) >= OFTEN * len(narrow)


def _draws_nothing(samples: Sequence[FaceSample]) -> bool:
    """Whether a shot has no region in most samples, though something may be there all the time."""
    known = sum(sample.region is not None or sample.is_empty for sample in samples)
    return known < OFTEN * len(samples)


def _is_tall(look: Standout) -> bool:
    """Whether bodies are so high that they are no part of the scenery."""
    return look.box is not None and look.box.height >= MIN_TALL


def _with_missing_bodies(
    looks: Sequence[Look], samples: Sequence[FaceSample], find: BodyFinder
) -> list[FaceSample]:
    """The samples; where nothing draws the eye for MISSING_MS, and a body does before or after it, with near bodies."""
    found = list(samples)
    for is_missing, run in groupby(range(len(samples)), key=lambda i: _is_missing(samples[i])):
        inside = list(run)
        low, high = samples[inside[0]].time_ms, samples[inside[-1]].time_ms
        if not is_missing or high - low < MISSING_MS:
            continue
        beside = [samples[i] for i in (inside[-1] + 1, inside[0] - 1) if 0 <= i < len(samples)]
        if not any(_is_body(each, looks, find) for each in beside):
            continue
        seen = [look for look in looks if low <= look[0] <= high][::BODIES_EVERY]
        bodies = [(at_ms, _near_bodies(file, find)) for at_ms, file in seen]
        for i in inside if bodies else ():
            _, boxes = min(bodies, key=lambda each: abs(each[0] - samples[i].time_ms))
            found[i] = replace(samples[i], region=union_of(boxes) if boxes else None)
    return found


def _is_body(sample: FaceSample, looks: Sequence[Look], find: BodyFinder) -> bool:
    """Whether the middle of a sample's region lies in a body of the nearest look."""
    if sample.region is None or not looks:
        return False
    _, file = min(looks, key=lambda look: abs(look[0] - sample.time_ms))
    return any(holds_middle(box, sample.region) for box in _near_bodies(file, find))


def _is_missing(sample: FaceSample) -> bool:
    return sample.region is None and not sample.faces and not sample.is_empty


def _near_bodies(file: Path, find: BodyFinder) -> list[Rect]:
    picture = cv2.imread(str(file))
    return [] if picture is None else [body.box for body in find.near(picture)]


def _bodies(picture: Pixels, find: BodyFinder, narrower_than: float) -> Standout:
    """All bodies of a picture as what stands out in it; without far ones where the near ones are too wide."""
    near = find.near(picture)
    is_wide = bool(near) and union_of([body.box for body in near]).width >= narrower_than
    boxes = [body.box for body in (near if is_wide else find.far(picture, near))]
    return Standout(union_of(boxes)) if boxes else Standout(is_empty=True)


def _better(
    looks: Sequence[tuple[int, Standout]],
    shot: Sequence[FaceSample],
    evidence: Sequence[Evidence | None],
) -> list[FaceSample] | None:
    """A shot's samples with the regions of what stands out in its looks; None if its own regions are better."""
    if not looks:
        return None
    regions = _regions(looks, shot, evidence)
    is_better = _common_width(regions) < _common_width(shot)
    if not is_better and _holds(regions, shot):
        if _is_moving(evidence):
            regions = _grown(shot, regions)
        is_better = _common_width(regions) <= WIDEST
    if not is_better or not _holds_motion(regions, evidence, MIN_INSIDE):
        return None
    is_wide = _common_width(regions) > SQUARE
    return None if is_wide and _held_motion(regions, evidence) < WIDE_HELD else regions


def _with_own(regions: list[FaceSample], shot: Sequence[FaceSample]) -> list[FaceSample]:
    """The samples of what stands out, with a shot's own regions too where a square holds both."""
    pairs = [(s.region, own.region) for s, own in zip(regions, shot, strict=True)]
    both = [
        replace(each, region=union_of([region, own]) if region and own else region)
        for each, (region, own) in zip(regions, pairs, strict=True)
    ]
    return both if _common_width(both) <= SQUARE else regions


def has_faces(samples: Sequence[FaceSample]) -> bool:
    """Whether a shot is one of people whose faces are seen."""
    return sum(bool(sample.faces) for sample in samples) > MAX_FACES * len(samples)


def _is_moving(evidence: Sequence[Evidence | None]) -> bool:
    known = [each for each in evidence if each is not None]
    moving = [e for e in known if e.motion is not None and float(e.motion.mean()) >= MIN_MOTION]
    return len(moving) >= MIN_MOVING * len(known)


def _holds(regions: Sequence[FaceSample], shot: Sequence[FaceSample]) -> bool:
    """Whether what stands out holds the shot's own region in most samples, which may be a part of it only."""
    held = [
        each.region is not None and each.region.left <= own.region.centre[0] <= each.region.right
        for each, own in zip(regions, shot, strict=True)
        if own.region is not None
    ]
    return sum(held) >= MOST * len(held)


def _grown(shot: Sequence[FaceSample], regions: Sequence[FaceSample]) -> list[FaceSample]:
    """The samples with what moves, and as much as WIDEST leaves of what stands out on both sides of it."""
    pairs = zip(shot, regions, strict=True)
    return [replace(each, region=_around(own.region, each.region)) for own, each in pairs]


def _around(moving: Rect | None, whole: Rect | None) -> Rect | None:
    if moving is None or whole is None:
        return moving
    if union_of([moving, whole]).width < moving.width + MIN_MORE:
        return moving
    room = max(0.0, WIDEST - moving.width) / 2
    left = min(moving.left, max(whole.left, moving.left - room))
    right = max(moving.right, min(whole.right, moving.right + room))
    return replace(union_of([moving, whole]), left=left, width=right - left)


def _common_width(samples: Sequence[FaceSample]) -> float:
    """The width that the regions of MOST of the samples do not exceed; 1 where half of the samples have none.

    Samples before the subject comes, and after it has left, do not count.
    """
    widths = sorted(sample.region.width for sample in samples if sample.region is not None)
    there = sum(not sample.is_empty for sample in samples)
    return widths[int(MOST * (len(widths) - 1))] if 2 * len(widths) > there else 1.0


def _regions(
    looks: Sequence[tuple[int, Standout]],
    samples: Sequence[FaceSample],
    evidence: Sequence[Evidence | None],
) -> list[FaceSample]:
    """The samples without faces with what both looks around each hold, and text that stays."""
    text = lasting_text([each for each in evidence if each is not None])
    boxes = [(at_ms, each.box) for at_ms, each in looks if each.box is not None]
    (first_ms, first), (last_ms, last) = looks[0], looks[-1]
    found = []
    for sample in samples:
        at_ms = sample.time_ms
        is_empty = (first.is_empty and at_ms <= first_ms) or (last.is_empty and at_ms >= last_ms)
        before = [box for box_ms, box in boxes if box_ms <= at_ms][-1:]
        after = [box for box_ms, box in boxes if box_ms >= at_ms][:1]
        is_known = not sample.faces and not is_empty
        region = union_of([*before, *after, *text]) if is_known else None
        found.append(replace(sample, region=region, is_empty=is_empty and not sample.faces))
    return found


def _holds_motion(
    samples: Sequence[FaceSample], evidence: Sequence[Evidence | None], least: float
) -> bool:
    """Whether the middle of what moves lies in the regions; in a shot that hardly moves nothing is asked for."""
    moving = [_is_inside(*pair) for pair in _moving_pairs(samples, evidence)]
    return len(moving) < MIN_MOVING * len(samples) or sum(moving) >= least * len(moving)


def _held_motion(samples: Sequence[FaceSample], evidence: Sequence[Evidence | None]) -> float:
    """The mean share of what moves that lies in the regions; 1 in a shot that hardly moves."""
    held = [_share_inside(*pair) for pair in _moving_pairs(samples, evidence)]
    return fmean(held) if len(held) >= MIN_MOVING * len(samples) else 1.0


def _moving_pairs(
    samples: Sequence[FaceSample], evidence: Sequence[Evidence | None]
) -> list[tuple[Grid, Rect]]:
    """What moves and the region, of the samples in which enough moves."""
    return [
        (each.motion, sample.region)
        for sample, each in zip(samples, evidence, strict=True)
        if each is not None and each.motion is not None and sample.region is not None
        if float(each.motion.mean()) >= MIN_MOTION
    ]


def _is_inside(motion: Grid, region: Rect) -> bool:
    across = np.cumsum(motion.sum(axis=0))
    middle = float(np.searchsorted(across, across[-1] / 2) + 0.5) / len(across)
    return region.left <= middle <= region.right


def _share_inside(motion: Grid, region: Rect) -> float:
    columns = motion.sum(axis=0)
    places = (np.arange(len(columns)) + 0.5) / len(columns)
    inside = (places >= region.left) & (places <= region.right)
    return float(columns[inside].sum() / columns.sum())
