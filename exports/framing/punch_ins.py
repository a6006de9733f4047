"""Where the windows of a Short are a little closer: at the joins of its kept ranges, and for emphasis of the voice.

Loads no table, so that a command without a database has punch-ins too.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mediakit.asr.speech_index import SpeechIndex
from mediakit.cutting.cut_time import CutTime, Span
from mediakit.framing.crop_plan import CropPlan, PunchIn
from mediakit.framing.geometry import Size
from mediakit.framing.people.emphasis import emphasised_ms
from mediakit.framing.planning.camera.punch_ins import emphasis_spans, join_spans, punched
from mediakit.framing.range_analysis import RangeAnalysis
from mediakit.media_info import MediaInfo


@dataclass(frozen=True, slots=True)
class Voice:
    """What is heard in a video: `sentences_ms` gives the times at which sentences begin in a range of it."""

    index: SpeechIndex
    sentences_ms: Callable[[int, int], Sequence[int]]


def with_punch_ins(
    plans: Sequence[CropPlan],
    analyses: Sequence[RangeAnalysis],
    punch_ins: Sequence[PunchIn],
    *,
    voice: Callable[[], Voice],
    cut: CutTime,
    spans: Sequence[Span],
    info: MediaInfo,
    canvas: Size,
) -> list[CropPlan]:
    """The plans with the punch-ins that were chosen.

    There is one plan and one analysis for each group of the cut; `spans` are the groups' ranges in ms of the video, in
    which the plans begin. `voice` is asked for emphasis only.
    """
    if not punch_ins:
        return list(plans)
    heard = voice() if "emphasis" in punch_ins else None
    joins = join_spans(cut, analyses) if "joins" in punch_ins else [[] for _ in plans]
    found = []
    for plan, analysis, group, covered, (start_ms, end_ms) in zip(
        plans, analyses, cut.groups, joins, spans, strict=True
    ):
        marks = list(covered)
        if heard is not None:
            sentences_ms = heard.sentences_ms(start_ms, end_ms)
            stressed = emphasised_ms(heard.index, start_ms, end_ms, sentences_ms)
            pieces = [cut.source_span_ms(piece) for piece in group]
            marks += emphasis_spans(stressed, pieces, covered, start_ms=start_ms)
        marks.sort(key=lambda mark: mark.start_ms)
        found.append(punched(plan, marks, analysis, info, start_ms=start_ms, canvas=canvas))
    return found
