"""How a shot without a face is laid out: its subject's region is cropped to and followed, or shown larger on blur."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

from mediakit.framing.crop_plan import FaceSample, Layout, Rect
from mediakit.framing.crop_window import CropWindow, crop_window
from mediakit.framing.geometry import Size
from mediakit.framing.people.tracking import Target, union_of
from mediakit.media_info import VideoTrack

# A subject is in this share of a shot's samples at least, and never away for a longer share at a stretch.
MIN_PRESENCE, MAX_ABSENCE = 0.3, 0.6
# A crop holds the region in this share of the samples, and is filled by it to this share.
HELD_SAMPLES, MAX_FILL = 0.8, 0.95
SMOOTHING_SAMPLES = 2  # on either side
# A part on blur, from the largest on the screen to the whole picture, holds the regions of all samples but these.
PART_SHAPES = (Size(4, 5), Size(1, 1), Size(4, 3))
LEFT_OUT = 0.05  # at each end
MAX_PART_FILL = 0.9
HEAD_MARGIN = 0.15  # beside a face, in its widths
# A subject has left that was last seen at a side of the picture and is not seen for so long; it takes so long to leave.
SIDE, MIN_GONE_MS, LEAVING_MS = 0.02, 2_000, 600


@dataclass(frozen=True, slots=True)
class SubjectLayout:
    """The layout of a shot without a face: "fit" shows `part`, or the whole picture where that is None.

    `gone_ms` are the spans in which the subject has left the picture. `targets` are kept for every layout.
    """

    layout: Layout
    targets: tuple[Target, ...]
    part: Rect | None = None
    gone_ms: tuple[tuple[int, int], ...] = ()


def lay_out_subject(
    samples: Sequence[FaceSample],
    window: CropWindow,
    video: VideoTrack,
    texts: Sequence[Rect] = (),
) -> SubjectLayout | None:
    """The layout by the regions in a shot's samples; None where there is no region for much of it.

    The shot's lines of text belong to the subject: none is cut.
    """
    known = [
        (i, union_of([sample.region, *texts]))
        for i, sample in enumerate(samples)
        if sample.region is not None
    ]
    if not known or not _is_present([i for i, _ in known], len(samples)):
        return None
    boxes = steadied([box for _, box in known])
    targets = tuple(
        Target(samples[i].time_ms, box) for (i, _), box in zip(known, boxes, strict=True)
    )
    extents = sorted(window.extent(box) for box in boxes)
    if extents[int(HELD_SAMPLES * (len(extents) - 1))] <= MAX_FILL * window.length:
        return SubjectLayout("crop", targets, gone_ms=_absences_ms(samples, targets))
    return SubjectLayout("fit", targets, part_of(boxes, window, video))


def parts_around_faces(
    targets: Sequence[Target], window: CropWindow, video: VideoTrack, texts: Sequence[Rect]
) -> tuple[Rect, ...]:
    """The part on blur that holds faces too wide for the window, with their hair, and the shot's lines of text."""
    heads = [union_of([with_hair(target.box), *texts]) for target in targets]
    part = part_of(steadied(heads), window, video)
    return () if part is None else (part,)


def _is_present(found: Sequence[int], count: int) -> bool:
    edges = [-1, *found, count]
    longest = max(after - before - 1 for before, after in pairwise(edges))
    return len(found) >= MIN_PRESENCE * count and longest <= MAX_ABSENCE * count


def _absences_ms(
    samples: Sequence[FaceSample], targets: Sequence[Target]
) -> tuple[tuple[int, int], ...]:
    """The spans of MIN_GONE_MS or more without a region, each after one at the picture's side.

    A subject that stands still elsewhere stays one. The last span may end after the shot.
    """
    edges = [target.time_ms for target in targets[1:]] + [samples[-1].time_ms + MIN_GONE_MS]
    found = []
    for target, next_ms in zip(targets, edges, strict=True):
        at_side = target.box.left <= SIDE or target.box.right >= 1 - SIDE
        if at_side and next_ms - target.time_ms >= MIN_GONE_MS:
            found.append((target.time_ms + LEAVING_MS, next_ms))
    return tuple(found)


def steadied(boxes: Sequence[Rect]) -> list[Rect]:
    """The boxes with each edge the median of those around it."""
    found = []
    for i in range(len(boxes)):
        near = boxes[max(0, i - SMOOTHING_SAMPLES) : i + SMOOTHING_SAMPLES + 1]
        left, right = median(b.left for b in near), median(b.right for b in near)
        top, bottom = median(b.top for b in near), median(b.top + b.height for b in near)
        found.append(Rect(left, top, right - left, bottom - top))
    return found


def with_hair(face: Rect) -> Rect:
    """A face and the hair beside it."""
    more = HEAD_MARGIN * face.width
    return replace(face, left=face.left - more, width=face.width + 2 * more)


def part_of(boxes: Sequence[Rect], window: CropWindow, video: VideoTrack) -> Rect | None:
    """The narrowest part of the picture, of its full height, that holds the regions at all times."""
    if window.moves_vertically or not boxes:
        return None
    last = len(boxes) - 1
    left = sorted(box.left for box in boxes)[int(LEFT_OUT * last)]
    right = sorted(box.right for box in boxes)[last - int(LEFT_OUT * last)]
    for shape in PART_SHAPES:
        part = crop_window(video, window.area, shape)
        if (
            not part.moves_vertically
            and not part.shows_all
            and right - left <= MAX_PART_FILL * part.width
        ):
            low, high = part.bounds
            middle = min(high, max(low, (left + right) / 2))
            return Rect(middle - part.width / 2, part.area.top, part.width, part.height)
    return None
