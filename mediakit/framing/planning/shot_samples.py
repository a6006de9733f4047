"""The samples of one shot of the video."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

from mediakit.framing.people.face_tracks import without_pictures
from mediakit.framing.range_analysis import FaceSample, RangeAnalysis

# Of a shot of which the range holds less than this, what is known right beyond the range's edge counts as well.
BRIEF_MS = 1_000


def whole_shot_samples(analysis: RangeAnalysis, span_ms: tuple[int, int]) -> list[FaceSample]:
    """The samples of the shot on screen in a span, as far as the analysis reaches beyond it."""
    middle = (span_ms[0] + span_ms[1]) * 500
    low = max((cut for cut in analysis.cuts_us if cut <= middle), default=analysis.start_ms * 1000)
    high = min(
        (cut for cut in analysis.cuts_us if cut > middle), default=analysis.end_ms * 1000 + 1
    )
    return [s for s in analysis.samples if low <= s.time_ms * 1000 < high]


def known_samples(
    analysis: RangeAnalysis, span_ms: tuple[int, int], inside: Sequence[FaceSample]
) -> Sequence[FaceSample]:
    """The samples `inside` a span; of a brief one those of BRIEF_MS before and after it too, in the same shot."""
    low, high = span_ms
    if high - low >= BRIEF_MS:
        return inside
    shot = whole_shot_samples(analysis, span_ms)
    return [s for s in shot if low - BRIEF_MS <= s.time_ms < high + BRIEF_MS]


def with_people_only(analysis: RangeAnalysis, start_ms: int, end_ms: int) -> RangeAnalysis:
    """The analysis without faces that all of their shot shows to be none, so that each range of it is alike.

    Only the shots that a range from `start_ms` to `end_ms` shows matter.
    """
    found: list[FaceSample] = []
    shots = groupby(analysis.samples, lambda s: bisect_right(analysis.cuts_us, s.time_ms * 1000))
    for _, each in shots:
        shot = list(each)
        is_shown = shot[0].time_ms < end_ms and shot[-1].time_ms >= start_ms
        found += without_pictures(shot) if is_shown else shot
    return replace(analysis, samples=tuple(found))
