"""The samples of one shot of the video."""

from mediakit.framing.crop_plan import FaceSample, RangeAnalysis


def whole_shot_samples(analysis: RangeAnalysis, span_ms: tuple[int, int]) -> list[FaceSample]:
    """The samples of the shot on screen in a span, as far as the analysis reaches beyond it."""
    middle = (span_ms[0] + span_ms[1]) * 500
    low = max((cut for cut in analysis.cuts_us if cut <= middle), default=analysis.start_ms * 1000)
    high = min(
        (cut for cut in analysis.cuts_us if cut > middle), default=analysis.end_ms * 1000 + 1
    )
    return [s for s in analysis.samples if low <= s.time_ms * 1000 < high]
