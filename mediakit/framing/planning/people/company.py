"""Far people with something beside them that moves by itself, as an animal or somebody who turns their back.

A window for the face would cut it off: a part of the picture holds both, or the whole does.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import median

from mediakit.framing.crop_window import CropWindow
from mediakit.framing.people.tracking import Target
from mediakit.framing.planning.people.absences import Draft
from mediakit.framing.planning.subjects.subject_layout import steadied
from mediakit.framing.planning.subjects.subject_spans import part_spans
from mediakit.framing.range_analysis import FaceSample
from mediakit.framing.rect import Rect, union_of
from mediakit.media_info import VideoTrack

# Faces of far people are no higher than this. Something moves beside them in this share of the samples with a face, in
# so many at least; in this share of those on one side. In half of them it does not fit a window with them.
FAR_FACE, BESIDE_SAMPLES, MIN_SAMPLES, ONE_SIDE = 0.2, 0.33, 2, 0.8
MIN_SHOT_MS = 1_000  # a briefer shot stays as it is
SHOULDERS = 1.0  # beside a face, in its widths

Sight = tuple[int, Rect]  # a time, and what is to be seen then


def with_company(
    drafts: Sequence[Draft], samples: Sequence[FaceSample], window: CropWindow, video: VideoTrack
) -> list[Draft]:
    """The drafts of a shot; where far people in a window have company, parts hold both, each as large as it can be."""
    return [
        each for draft in drafts for each in _drafts_with_company(draft, samples, window, video)
    ]


def _drafts_with_company(
    draft: Draft, samples: Sequence[FaceSample], window: CropWindow, video: VideoTrack
) -> list[Draft]:
    shot = draft.shot
    is_brief = shot.end_ms - shot.start_ms < MIN_SHOT_MS
    is_of_people = shot.layout == "crop" and shot.reason in {"person", "group"}
    if not is_of_people or is_brief or window.moves_vertically:
        return [draft]
    inside = [s for s in samples if shot.start_ms <= s.time_ms < shot.end_ms]
    sights = _sights(draft.tracking.targets, inside, window)
    if not sights:
        return [draft]
    times_ms, boxes = zip(*sights, strict=True)
    spans = part_spans(times_ms, steadied(boxes), window, video)
    edges = [shot.start_ms, *(span.start_ms for span in spans[1:]), shot.end_ms]
    shown = replace(shot, layout="fit")
    return [
        replace(
            draft,
            shot=replace(shown, start_ms=low, end_ms=high, parts=(part,) if part else ()),
        )
        for (low, high), part in zip(pairwise(edges), (s.part for s in spans), strict=True)
    ]


def _sights(
    targets: Sequence[Target], samples: Sequence[FaceSample], window: CropWindow
) -> list[Sight]:
    """What is to be seen of far people and their company in the order of time; none where they are alone."""
    times_ms = {sample.time_ms for sample in samples}
    faces = {t.time_ms: t.box for t in targets if t.time_ms in times_ms}
    if not faces or median(face.height for face in faces.values()) > FAR_FACE:
        return []
    beside = [(s.time_ms, s.beside) for s in samples if s.beside is not None]
    both = [(faces[time_ms], other) for time_ms, other in beside if time_ms in faces]
    if len(both) < max(MIN_SAMPLES, BESIDE_SAMPLES * len(faces)):
        return []
    right = sum(other.centre[0] > face.centre[0] for face, other in both)
    extents = [window.extent(union_of([with_shoulders(face), other])) for face, other in both]
    wide = sum(extent > window.length for extent in extents)
    if max(right, len(both) - right) < ONE_SIDE * len(both) or 2 * wide < len(both):
        return []
    return _seen(faces, samples)


def _seen(faces: dict[int, Rect], samples: Sequence[FaceSample]) -> list[Sight]:
    """Faces with what is beside them, and what draws the eye around the place of a face that is not seen.

    What has moved beside a face is there when it does not move, or nobody can say, too.
    """
    company = [
        (s.time_ms, s.beside) for s in samples if s.beside is not None and s.time_ms in faces
    ]
    found: list[Sight] = []
    last = next(iter(faces.values()))
    for sample in samples:
        face, region = faces.get(sample.time_ms), sample.region
        if face is not None:
            last = face
            _, other = min(company, key=lambda each: abs(each[0] - sample.time_ms))
            found.append((sample.time_ms, union_of([with_shoulders(face), other])))
        elif region is not None and region.left <= last.centre[0] <= region.right:
            found.append((sample.time_ms, region))
    return found


def with_shoulders(face: Rect) -> Rect:
    """A face and the shoulders below it."""
    more = SHOULDERS * face.width
    return replace(face, left=face.left - more, width=face.width + 2 * more)
