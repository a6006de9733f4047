"""The bodies of people in the samples of their shots, their heads with hair or hats, and who is not there any more.

Bodies are searched in the looks, once a second, and in every look in which no face is seen.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np

from mediakit.framing.analysis.finders.body_finder import BodyFinder, Outline
from mediakit.framing.analysis.pictures import Pixels, cv2
from mediakit.framing.analysis.subjects.object_regions import has_faces
from mediakit.framing.range_analysis import Body, Face, FaceSample
from mediakit.framing.rect import Rect, holds_middle, union_of

LOOK_EVERY = 2  # where faces are seen
# A head is as far above a face and down to its mouth, in heights of the face; what reaches farther beside it, in its
# widths, is no head.
ABOVE, DOWN, MAX_HAIR = 0.5, 0.8, 0.8
# The bodies of a shot's people are seen where so many of their faces, two at least, lie in one. Who bends is lower by
# at most so many heights of the face.
SEEN_BODIES, MIN_SEEN, BENT = 0.6, 2, 2.0
NEAR_MS = 600  # so long a body is about where it was found


def with_bodies(
    looks: Sequence[tuple[int, Path]],
    edges_ms: Sequence[int],
    samples: Sequence[FaceSample],
    find: BodyFinder,
) -> tuple[FaceSample, ...]:
    """The samples, those nearest to a look of a shot of people with the bodies in it.

    `looks` are their times and files, `edges_ms` the ends of the shots.
    """
    found = list(samples)
    for low, high in pairwise(edges_ms):
        inside = [i for i, sample in enumerate(samples) if low <= sample.time_ms < high]
        if not inside or not has_faces([samples[i] for i in inside]):
            continue
        own = [look for look in looks if low <= look[0] < high]
        for number, (at_ms, file) in enumerate(own):
            i = min(inside, key=lambda each: abs(samples[each].time_ms - at_ms))
            if number % LOOK_EVERY and samples[i].faces:
                continue
            picture = cv2.imread(str(file))
            if picture is not None:
                found[i] = _with_bodies(found[i], picture, find)
        shot = _with_whole_regions(_with_lost([found[i] for i in inside]))
        for i, sample in zip(inside, shot, strict=True):
            found[i] = sample
    return tuple(found)


def _with_bodies(sample: FaceSample, picture: Pixels, find: BodyFinder) -> FaceSample:
    """A sample with the bodies in its picture: far ones too where a face has none, or nobody is seen at all."""
    outlines = find.near(picture)
    near = replace(sample, bodies=_bodies(outlines, sample.faces))
    if near.bodies and all(_is_there(face.box, near) for face in sample.faces):
        return near
    return replace(sample, bodies=_bodies(find.far(picture, outlines), sample.faces))


def _bodies(outlines: Sequence[Outline], faces: Sequence[Face]) -> tuple[Body, ...]:
    found = []
    for outline in outlines:
        heads = [head for face in faces if (head := head_of(outline, face.box)) is not None]
        found.append(Body(outline.box, heads[0] if len(heads) == 1 else None))
    return tuple(found)


def head_of(body: Outline, face: Rect) -> Rect | None:
    """The box of the head of a face, with hair or a hat; None where the face is not the body's, or that is unclear."""
    high = len(body.lefts)
    top = max(0, round((face.top - ABOVE * face.height) * high))
    rows = slice(top, round((face.top + DOWN * face.height) * high) + 1)
    left, right = float(np.min(body.lefts[rows])), float(np.max(body.rights[rows]))
    if not left < face.centre[0] < right:
        return None
    most = MAX_HAIR * face.width
    if face.left - left > most or right - face.right > most:
        return None
    left, right = min(left, face.left), max(right, face.right)
    above = max(body.box.top, top / high)
    return Rect(left, above, right - left, max(0.0, face.bottom - above))


def _with_lost(samples: Sequence[FaceSample]) -> list[FaceSample]:
    """The samples of a shot, those lost as well in which no body is where a face was seen last or is seen next."""
    seen = [_is_there(face.box, s) for s in samples if s.bodies is not None for face in s.faces]
    if len(seen) < MIN_SEEN or sum(seen) < SEEN_BODIES * len(seen):
        return list(samples)
    found: list[FaceSample] = []
    for number, sample in enumerate(samples):
        near = _nearest_without_face(samples, number)
        places = _faces_around(samples, number)
        is_away = near is not None and places and not any(_is_there(p, near) for p in places)
        found.append(replace(sample, lost=True) if is_away else sample)
    return found


def _with_whole_regions(samples: Sequence[FaceSample]) -> list[FaceSample]:
    """The samples of a shot; a region in the middle of a body holds all of it, as what moves is often a part only."""
    known = [sample for sample in samples if sample.bodies is not None]
    found = list(samples)
    for i, sample in enumerate(samples):
        near = min(known, key=lambda each: abs(each.time_ms - sample.time_ms), default=None)
        if sample.region is None or near is None or abs(near.time_ms - sample.time_ms) > NEAR_MS:
            continue
        held = [body.box for body in near.bodies or () if holds_middle(body.box, sample.region)]
        found[i] = replace(sample, region=union_of([sample.region, *held]))
    return found


def _nearest_without_face(samples: Sequence[FaceSample], number: int) -> FaceSample | None:
    """The searched sample nearest to one without faces, of those between the faces before and after it."""
    low, high = number, number
    while low >= 0 and not samples[low].faces:
        low -= 1
    while high < len(samples) and not samples[high].faces:
        high += 1
    searched = [i for i in range(low + 1, high) if samples[i].bodies is not None]
    return samples[min(searched, key=lambda i: abs(i - number))] if searched else None


def _faces_around(samples: Sequence[FaceSample], number: int) -> list[Rect]:
    """The faces that are seen last before a sample, and next after it."""
    before = next((s.faces for s in reversed(samples[:number]) if s.faces), ())
    after = next((s.faces for s in samples[number + 1 :] if s.faces), ())
    return [face.box for face in (*before, *after)]


def _is_there(face: Rect, sample: FaceSample) -> bool:
    """Whether a body is in the place of a face, or bends there."""
    low = face.bottom + BENT * face.height
    return any(
        body.box.left <= face.centre[0] <= body.box.right
        and body.box.top <= low
        and body.box.bottom >= face.centre[1]
        for body in sample.bodies or ()
    )
