"""Where the windows of a Short are a little closer: at the joins of its kept ranges, and for emphasis of the voice."""

from collections.abc import Sequence

from mediakit.cutting.cut_time import CutTime, Span
from mediakit.framing.crop_plan import CropPlan, PunchIn, RangeAnalysis
from mediakit.framing.geometry import Size
from mediakit.framing.people.emphasis import emphasised_ms
from mediakit.framing.planning.punch_ins import emphasis_spans, join_spans, punched
from mediakit.media_info import MediaInfo
from videos.analyses.speech_levels import speech_index
from videos.models import Cue, Video

SENTENCE_ENDS = tuple(".!?…。！？।؟")


def with_punch_ins(
    video: Video,
    plans: Sequence[CropPlan],
    analyses: Sequence[RangeAnalysis],
    punch_ins: Sequence[PunchIn],
    *,
    cut: CutTime,
    spans: Sequence[Span],
    info: MediaInfo,
    canvas: Size,
) -> list[CropPlan]:
    """The plans with the punch-ins that were chosen.

    There is one plan and one analysis for each group of the cut; `spans` are the groups' ranges in ms of the video, in
    which the plans begin.
    """
    if not punch_ins:
        return list(plans)
    index = speech_index(video) if "emphasis" in punch_ins else None
    joins = join_spans(cut, analyses) if "joins" in punch_ins else [[] for _ in plans]
    found = []
    for plan, analysis, group, covered, (start_ms, end_ms) in zip(
        plans, analyses, cut.groups, joins, spans, strict=True
    ):
        marks = list(covered)
        if index is not None:
            stressed = emphasised_ms(
                index, start_ms, end_ms, sentence_starts_ms(video, start_ms, end_ms)
            )
            pieces = [cut.source_span_ms(piece) for piece in group]
            marks += emphasis_spans(stressed, pieces, covered, start_ms=start_ms)
        marks.sort(key=lambda mark: mark.start_ms)
        found.append(punched(plan, marks, analysis, info, start_ms=start_ms, canvas=canvas))
    return found


def sentence_starts_ms(video: Video, start_ms: int, end_ms: int) -> list[int]:
    """When the sentences of the transcript begin in a range; empty without a transcript there."""
    lines = Cue.objects.filter(video=video, start_ms__lt=end_ms, end_ms__gt=start_ms)
    words = [
        word
        for line_ms, text, timed in lines.order_by("index").values_list("start_ms", "text", "words")
        for word in (timed or [[line_ms, line_ms, text]])
    ]
    ends = [True, *(str(word[2]).strip().endswith(SENTENCE_ENDS) for word in words)]
    return [word[0] for word, is_first in zip(words, ends, strict=False) if is_first]
