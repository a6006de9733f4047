"""How a shot without a face is laid out: its subject's region is cropped to and followed, or shown larger on blur."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import cycle, pairwise
from statistics import median

from mediakit.cutting.cut_time import joined_spans
from mediakit.framing.crop_plan import Layout, Shot
from mediakit.framing.crop_window import CropWindow
from mediakit.framing.people.tracking import Target
from mediakit.framing.planning.subjects.moving_part import MovingPart, moving_part
from mediakit.framing.planning.subjects.subject_spans import (
    BRIEF_SHAPES,
    PartSpan,
    part_of,
    part_spans,
)
from mediakit.framing.planning.text.text_layout import written_lines
from mediakit.framing.range_analysis import FaceSample, ShotContent
from mediakit.framing.rect import Rect, union_of
from mediakit.media_info import VideoTrack

# A subject is in this share of a shot's samples at least, and never away for a longer share at a stretch.
MIN_PRESENCE, MAX_ABSENCE = 0.3, 0.6
# A crop holds the region in this share of the samples, and is filled by it to this share.
HELD_SAMPLES, MAX_FILL = 0.8, 0.95
# Samples on either side; one in a briefer shot than this, where a subject may move all the time.
SMOOTHING_SAMPLES, BRIEF_SUBJECT_MS = 2, 1_500
HEAD_MARGIN = 0.15  # beside a face, in its widths
HEADS_FILL = 0.96  # of a part by heads with that margin
# A subject has left that was last seen at a side of the picture and is not seen for so long; it takes so long to leave.
SIDE, MIN_GONE_MS, LEAVING_MS = 0.02, 2_000, 600
REST = 0.5  # of its usual height: what is left of a subject that leaves is lower
MIN_EMPTY_MS = 1_000  # where clearly nothing stands out any more
MIN_STAY_MS = 1_500  # of a subject that comes or leaves
MAX_EMPTY_MS = 4_000  # for each change that is saved a part on blur may show nothing for so long
MIN_WIDE_MS = 800  # for so long a subject may be wider than its window


@dataclass(frozen=True, slots=True)
class SubjectLayout:
    """The layout of a shot without a face: "fit" shows the parts of `spans`, from the first target to the last.

    It shows `follows` instead where a part that moves is larger. `gone_ms` are the spans in which the subject has left
    the picture. `targets` are kept for every layout.
    """

    layout: Layout
    targets: tuple[Target, ...]
    spans: tuple[PartSpan, ...] = ()
    gone_ms: tuple[tuple[int, int], ...] = ()
    follows: MovingPart | None = None


def lay_out_subject(
    samples: Sequence[FaceSample],
    window: CropWindow,
    video: VideoTrack,
    content: ShotContent | None = None,
) -> SubjectLayout | None:
    """The layout by the regions in a shot's samples; None where there is no region for much of it.

    The shot's lines of text belong to the subject: none is cut.
    """
    read = [] if content is None else written_lines(content, video)
    known = [
        (i, union_of([sample.region, *read]))
        for i, sample in enumerate(samples)
        if sample.region is not None
    ]
    there = [sample.region is not None for sample in samples if not sample.is_empty]
    if not known or not _is_present([i for i, is_seen in enumerate(there) if is_seen], len(there)):
        return None
    is_brief = samples[-1].time_ms - samples[0].time_ms < BRIEF_SUBJECT_MS
    boxes = steadied([box for _, box in known], beside=1 if is_brief else SMOOTHING_SAMPLES)
    targets = tuple(
        Target(samples[i].time_ms, box) for (i, _), box in zip(known, boxes, strict=True)
    )
    extents = sorted(window.extent(box) for box in boxes)
    if extents[int(HELD_SAMPLES * (len(extents) - 1))] <= MAX_FILL * window.length:
        fitting = tuple(t for t in targets if window.extent(t.box) <= MAX_FILL * window.length)
        seen = _without_rest(fitting)
        away = [*_absences_ms(samples, seen), *_wide_ms(targets, window)]
        gone = joined_spans(away)
        return SubjectLayout("crop", seen, gone_ms=gone) if _stays(samples, gone) else None
    times_ms = [target.time_ms for target in targets]
    spans = part_spans(times_ms, boxes, window, video, content)
    follows = None if window.moves_vertically else moving_part(targets, spans, window, video)
    gone = joined_spans(_absences_ms(samples, targets))
    if not _stays(samples, gone):
        return None
    return SubjectLayout("fit", targets, spans, gone_ms=gone, follows=follows)


def subject_shots(whole: Shot, subject: SubjectLayout | None) -> list[Shot]:
    """A shot without a face as it is shown: as it was where the subject has left, or where no part would be larger."""
    if subject is None:
        return [whole]
    if subject.follows is not None:
        shown = replace(whole, layout="fit", reason="subject", parts=(subject.follows.part,))
        shots = [replace(shown, path=subject.follows.path)]
    elif subject.layout == "fit":
        shots = _part_shots(whole, subject.spans)
    else:
        shots = [replace(whole, layout=subject.layout, reason="subject")]
    gone = [ms for span in _gone_ms(whole, subject) for ms in span]
    edges = [whole.start_ms, *gone, whole.end_ms]
    spans = zip(pairwise(edges), cycle((False, True)), strict=False)
    return _joined(
        [
            replace(whole if is_gone else each, start_ms=start_ms, end_ms=end_ms)
            for (low, high), is_gone in spans
            for each in shots
            if (start_ms := max(low, each.start_ms)) < (end_ms := min(high, each.end_ms))
        ]
    )


def _gone_ms(whole: Shot, subject: SubjectLayout) -> list[tuple[int, int]]:
    """The spans of a shot that are whole, as the subject has left.

    A part on blur that shows half of the picture stays while the subject is beyond the picture's edge for a moment, as
    nothing else stands out and a jump would be seen more. A subject that vanishes in the middle of the picture is gone
    since the camera moves: what it shows then may be elsewhere.
    """
    first, last = whole.start_ms, whole.end_ms
    usual = median(target.box.height for target in subject.targets)
    found = []
    for low, high in ((max(low, first), min(high, last)) for low, high in subject.gone_ms):
        beside = [
            *[t for t in subject.targets if t.time_ms <= low][-1:],
            *[t for t in subject.targets if t.time_ms >= high][:1],
        ]
        is_beyond = subject.layout == "fit" and all(_is_at_edge(t, usual) for t in beside)
        changes = (low > first) + (high < last)
        if high - low > (MAX_EMPTY_MS * changes if is_beyond else 0):
            found.append((low, high))
    return found


def _joined(shots: Sequence[Shot]) -> list[Shot]:
    """The shots, those that follow one another and show the same as one."""
    found = list(shots[:1])
    for shot in shots[1:]:
        if replace(shot, start_ms=found[-1].start_ms) == replace(found[-1], end_ms=shot.end_ms):
            found[-1] = replace(found[-1], end_ms=shot.end_ms)
        else:
            found.append(shot)
    return found


def _part_shots(whole: Shot, spans: Sequence[PartSpan]) -> list[Shot]:
    """A shot for each part of the picture that is shown on blur."""
    if all(span.part is None for span in spans):
        return [whole]
    edges = [whole.start_ms, *(span.start_ms for span in spans[1:]), whole.end_ms]
    shown = replace(whole, layout="fit", reason="subject")
    return [
        replace(shown, start_ms=low, end_ms=high, parts=() if part is None else (part,))
        for (low, high), part in zip(pairwise(edges), (s.part for s in spans), strict=True)
    ]


def parts_around_faces(
    targets: Sequence[Target], window: CropWindow, video: VideoTrack, texts: Sequence[Rect]
) -> tuple[Rect, ...]:
    """The part on blur that holds faces too wide for the window, with their hair, and the shot's lines of text."""
    heads = [union_of([with_hair(target.box), *texts]) for target in targets]
    part = part_of(steadied(heads), window, video, fill=HEADS_FILL)
    return () if part is None else (part,)


def part_in_brief(
    shot: Shot, targets: Sequence[Target], window: CropWindow, video: VideoTrack
) -> Rect | None:
    """The part on blur of a brief shot that has a window by itself, but is whole as those beside it are.

    Of people more than the face may count, which so short a time does not tell: it is the widest part.
    """
    is_person = shot.reason != "subject"
    boxes = [with_hair(target.box) if is_person else target.box for target in targets]
    shapes = BRIEF_SHAPES[-1:] if is_person else BRIEF_SHAPES
    return part_of(steadied(boxes), window, video, shapes)


def _is_present(found: Sequence[int], count: int) -> bool:
    edges = [-1, *found, count]
    longest = max(after - before - 1 for before, after in pairwise(edges))
    return len(found) >= MIN_PRESENCE * count and longest <= MAX_ABSENCE * count


def _stays(samples: Sequence[FaceSample], gone_ms: Sequence[tuple[int, int]]) -> bool:
    """Whether a subject that comes or leaves is there for MIN_STAY_MS: less is not worth a change."""
    first_ms, last_ms = samples[0].time_ms, samples[-1].time_ms
    away = sum(max(0, min(high, last_ms) - max(low, first_ms)) for low, high in gone_ms)
    return not away or last_ms - first_ms - away >= MIN_STAY_MS


def _without_rest(targets: Sequence[Target]) -> tuple[Target, ...]:
    """The targets but for those at the end of which no more is left than a foot or a shadow at the picture's side."""
    usual = median(target.box.height for target in targets)
    count = len(targets)
    while (
        count > 1
        and _is_at_side(targets[count - 1])
        and targets[count - 1].box.height < REST * usual
    ):
        count -= 1
    is_at_side = _is_at_side(targets[count - 1])
    return tuple(targets[:count]) if is_at_side else tuple(targets)


def _is_at_edge(target: Target, usual: float) -> bool:
    """Whether a target is on its way over an edge of the picture; who stands reaches its bottom at the usual height."""
    box = target.box
    is_sinking = box.top + box.height >= 1 - SIDE and box.height < REST * usual
    return _is_at_side(target) or box.top <= SIDE or is_sinking


def _is_at_side(target: Target) -> bool:
    return target.box.left <= SIDE or target.box.right >= 1 - SIDE


def _absences_ms(
    samples: Sequence[FaceSample], targets: Sequence[Target]
) -> tuple[tuple[int, int], ...]:
    """The spans of MIN_GONE_MS or more without a target, in which the subject is not in the picture.

    It was at the picture's side before, or clearly nothing stands out: a subject that stands still elsewhere stays one.
    On its way in or out it may be too wide for a window. The last span may end after the shot.
    """
    empty_ms = [sample.time_ms for sample in samples if sample.is_empty]
    edges = [target.time_ms for target in targets[1:]] + [samples[-1].time_ms + MIN_GONE_MS]
    found = []
    first_ms = targets[0].time_ms
    if empty_ms and empty_ms[0] < first_ms and first_ms - samples[0].time_ms >= MIN_GONE_MS:
        found.append((0, first_ms))
    for target, next_ms in zip(targets, edges, strict=True):
        empty = [ms for ms in empty_ms if target.time_ms < ms < next_ms]
        if empty and empty[-1] - target.time_ms >= MIN_EMPTY_MS:
            found.append((target.time_ms, next_ms))
        elif _is_at_side(target) and next_ms - target.time_ms >= MIN_GONE_MS:
            found.append((target.time_ms + LEAVING_MS, next_ms))
    return tuple(found)


def _wide_ms(targets: Sequence[Target], window: CropWindow) -> list[tuple[int, int]]:
    """The spans of MIN_WIDE_MS or more in which a subject that fits a window elsewhere is wider than it."""
    found = []
    start_ms: int | None = None
    for target in targets:
        if window.extent(target.box) > MAX_FILL * window.length:
            start_ms = target.time_ms if start_ms is None else start_ms
        elif start_ms is not None:
            found.append((start_ms, target.time_ms))
            start_ms = None
    if start_ms is not None:
        found.append((start_ms, targets[-1].time_ms))
    return [(low, high) for low, high in found if high - low >= MIN_WIDE_MS]


def steadied(boxes: Sequence[Rect], beside: int = SMOOTHING_SAMPLES) -> list[Rect]:
    """The boxes with each edge the median of those around it, so many on either side."""
    found = []
    for i in range(len(boxes)):
        near = boxes[max(0, i - beside) : i + beside + 1]
        left, right = median(b.left for b in near), median(b.right for b in near)
        top, bottom = median(b.top for b in near), median(b.top + b.height for b in near)
        found.append(Rect(left, top, right - left, bottom - top))
    return found


def with_hair(face: Rect) -> Rect:
    """A face and the hair beside it."""
    more = HEAD_MARGIN * face.width
    return replace(face, left=face.left - more, width=face.width + 2 * more)
