"""When the people of a shot are not in the picture, and whether a window holds their arms and legs."""

from collections.abc import Sequence
from itertools import pairwise

from mediakit.cutting.cut_time import joined_spans
from mediakit.framing.crop_window import CropWindow
from mediakit.framing.people.tracking import Target
from mediakit.framing.planning.subjects.subject_layout import LEAVING_MS, MIN_GONE_MS
from mediakit.framing.range_analysis import FaceSample
from mediakit.framing.rect import Rect, holds_middle

# A body reaches beyond the window in this share of samples, where the window shows so much of the picture that
# the whole is hardly smaller.
REACHING_SAMPLES, NEAR_WHOLE = 0.3, 0.75
WIDE_BODIES = 0.6  # of those that are known, where they do not move
# The window does not wait for people who are lost for so long at an end of the shot (beside a shot that is whole for
# MIN_LOST_BESIDE_MS), or in between. Seen for less than MIN_SEEN_MS they are only glimpsed, and in between for less
# than MIN_SEEN_BETWEEN_MS: the camera whips past them.
MIN_LOST_MS, MIN_LOST_BESIDE_MS, MIN_LOST_BETWEEN_MS = 1_000, 600, 2_000
MIN_SEEN_MS, MIN_SEEN_BETWEEN_MS = 600, 700

Span = tuple[int, int]


def absences_ms(
    span_ms: Span, targets: Sequence[Target], samples: Sequence[FaceSample]
) -> list[Span]:
    """When nobody of a shot's targets is there, in the order of time; all times are ms of the video.

    At an end of the shot for MIN_LOST_BESIDE_MS and more.

    Who comes in at a side or leaves there is away before or after it, and so is who is lost. Whoever is seen elsewhere
    first or last has only turned away.
    """
    low, high = span_ms
    first, last = _seen_ms(span_ms, targets)
    spans = _lost_ms(span_ms, samples)
    return list(joined_spans([(low, first), *spans, (last, high)]))


def _lost_ms(span_ms: Span, samples: Sequence[FaceSample]) -> list[Span]:
    """The spans in which people are lost for long enough, from half way between two samples to half way."""
    low, high = span_ms
    edges = [low, *((a.time_ms + b.time_ms) // 2 for a, b in pairwise(samples)), high]
    spans = [span for s, span in zip(samples, pairwise(edges), strict=True) if s.lost]
    found: list[Span] = []
    for start, end in spans:
        before, least = (found[-1][1], MIN_SEEN_BETWEEN_MS) if found else (low, MIN_SEEN_MS)
        if start - before >= least:
            found.append((start, end))
        else:
            found[-1:] = [(found[-1][0] if found else low, end)]
    if found and high - found[-1][1] < MIN_SEEN_MS:
        found[-1] = (found[-1][0], high)
    return [
        (start, end)
        for start, end in found
        if end - start
        >= (MIN_LOST_BESIDE_MS if low == start or end == high else MIN_LOST_BETWEEN_MS)
    ]


def _seen_ms(span_ms: Span, targets: Sequence[Target]) -> Span:
    """From when to when of a shot somebody is there, by where they are seen first and last."""
    low, high = span_ms
    first, last = targets[0].time_ms - LEAVING_MS, targets[-1].time_ms + LEAVING_MS
    comes_in = first - low >= MIN_GONE_MS and _is_at_side(targets[0].box)
    has_left = high - last >= MIN_GONE_MS and _is_at_side(targets[-1].box)
    return first if comes_in else low, last if has_left else high


def _is_at_side(face: Rect) -> bool:
    """Whether a face is no farther from a side of the picture than it is wide."""
    return face.left <= face.width or face.right >= 1 - face.width


def reaches_beyond(samples: Sequence[FaceSample], window: CropWindow) -> bool:
    """Whether arms or legs are cut by the window again and again, and the whole picture is hardly smaller."""
    if window.length < NEAR_WHOLE * window.extent(window.area):
        return False
    bodies = [
        window.extent(body.box) > window.length
        for s in samples
        for body in s.bodies or ()
        if any(holds_middle(body.box, face.box) for face in s.faces)
    ]
    if bodies and sum(bodies) >= WIDE_BODIES * len(bodies):
        return True
    reaching = [s.moving is not None and window.extent(s.moving) > window.length for s in samples]
    return sum(reaching) >= REACHING_SAMPLES * len(samples)
