"""The crop plan of one export: made by the worker, stored on the export's row."""

import logging
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Protocol

from core.errors import HeimdexError
from exports.choices import ExportStage, Strategy
from exports.framing.options import DEFAULT_PAIR_LAYOUT, FramingOptions
from exports.framing.punch_ins import with_punch_ins
from exports.framing.voices import voice_of
from exports.models import Export
from jobs.lease import Claim
from jobs.work_folders import work_folder
from mediakit.captions import face_regions
from mediakit.cutting.cut_time import Span, cut_time
from mediakit.errors import MediaError, StoppedError, ToolTimeoutError
from mediakit.framing.crop_plan import CropPlan
from mediakit.framing.cut_plan import common_area, crop_plan_in_cut, group_spans_ms
from mediakit.framing.geometry import Size
from mediakit.framing.output_format import output_format
from mediakit.framing.range_analysis import RangeAnalysis
from mediakit.media_info import MediaInfo, Source
from storage.source_reader import open_source
from videos.analyses import shot_analyses
from videos.analyses.range_analysis import empty_shot_layout
from videos.models import Video

logger = logging.getLogger(__name__)

# For prefetched analyses: long enough for three minutes of 4K on a busy machine. They stop when an export waits.
ANALYSIS_TIMEOUT_S = 300


class Attempt(Protocol):
    """The part of `exports.rendering.attempt.Attempt` that this module uses."""

    @property
    def left_s(self) -> float:
        """Seconds until the attempt times out."""

    def progress(self, stage: str, fraction: float) -> None:
        """Report the fraction (0 to 1) of a stage that is done."""

    def should_stop(self) -> bool:
        """Whether the attempt must stop now."""

    def check(self) -> None:
        """Raise `StoppedError` or `ToolTimeoutError` when the attempt must stop."""


def stored_plan(export: Export) -> CropPlan | None:
    """The crop plan on the export's row; None when there is none or it cannot be read."""
    try:
        return CropPlan.from_json(export.plan) if export.plan else None
    except (KeyError, TypeError, ValueError):
        return None


def crop_plan_for(
    claim: Claim[Export], source: Source, info: MediaInfo, *, folder: Path, attempt: Attempt
) -> CropPlan | None:
    """The export's crop plan: the stored one, else a new one, which is stored.

    None for a strategy without a crop plan, and when the analysis fails: then the Short shows the centre of the
    picture. Raises `StoppedError` and `ToolTimeoutError`.
    """
    export = claim.row
    if export.aspect_ratio_strategy != Strategy.SMART_CROP:
        return None
    stored = stored_plan(export)
    if stored is not None:
        return stored
    try:
        plan = _make_plan(export, source, info, folder=folder, attempt=attempt)
    except (StoppedError, ToolTimeoutError):
        attempt.check()
        raise
    except MediaError:
        logger.warning(
            "the shot analysis failed; the Short shows the picture's centre", exc_info=True
        )
        return None
    Export.objects.filter(pk=export.pk, claim_token=claim.token).update(plan=plan.to_json())
    return plan


def visible_face_share(export: Export, info: MediaInfo, plan: CropPlan | None) -> float | None:
    """The fraction (0 to 1) of face samples in which the Short shows the centre of the largest face.

    None without a crop plan or a stored shot analysis.
    """
    if plan is None or export.video is None:
        return None
    canvas = _canvas(export, info)
    if export.ranges:
        cut = cut_time(info, export.kept_ranges)
        found = shot_analyses.analysis_of_cut(export.video, cut)
        if found is None:
            return None
        return face_regions.visible_face_share(
            found, info.video, plan, start_ms=0, end_ms=cut.duration_ms, canvas=canvas
        )
    row = shot_analyses.find_analysis(export.video, export.start_ms, export.end_ms)
    if row is None:
        return None
    analysis = RangeAnalysis.from_json(row.data)
    return face_regions.visible_face_share(
        analysis,
        info.video,
        plan,
        start_ms=export.start_ms,
        end_ms=export.end_ms,
        canvas=canvas,
    )


def _make_plan(
    export: Export, source: Source, info: MediaInfo, *, folder: Path, attempt: Attempt
) -> CropPlan:
    assert export.video is not None  # noqa: S101 -- the caller has its source
    cut = cut_time(info, export.kept_ranges or [(export.start_ms, export.end_ms)])
    spans: tuple[Span, ...] = ((export.start_ms, export.end_ms),)
    if export.ranges:
        spans = group_spans_ms(cut, info.duration_ms)
    analyses = []
    for number, (start_ms, end_ms) in enumerate(spans):
        analyses.append(
            shot_analyses.ensure_analysis(
                export.video,
                source,
                info,
                start_ms=start_ms,
                end_ms=end_ms,
                work_dir=folder,
                on_progress=partial(_report, attempt, number, len(spans)),
                should_stop=attempt.should_stop,
                timeout_s=attempt.left_s,
            )
        )
    area = common_area(analyses)
    plans = [
        _plan_span(export, replace(analysis, area=area), info, span)
        for analysis, span in zip(analyses, spans, strict=True)
    ]
    plans = with_punch_ins(
        *(plans, analyses, FramingOptions.from_json(export.framing).punch_ins or ()),
        voice=partial(voice_of, export.video),
        cut=cut,
        spans=spans,
        info=info,
        canvas=_canvas(export, info),
    )
    return crop_plan_in_cut(plans, cut) if export.ranges else plans[0]


def _report(attempt: Attempt, number: int, count: int, share: float) -> None:
    """Report the progress of one of several analyses."""
    attempt.progress(ExportStage.SHOT_ANALYSIS, (number + share) / count)


def _plan_span(export: Export, analysis: RangeAnalysis, info: MediaInfo, span: Span) -> CropPlan:
    from mediakit.framing.planning.shot_planning import make_crop_plan  # noqa: PLC0415 - numpy, which the web never needs

    assert export.video is not None  # noqa: S101 -- the caller has its source
    options = FramingOptions.from_json(export.framing)
    plan = make_crop_plan(
        analysis,
        info,
        start_ms=span[0],
        end_ms=span[1],
        speech=shot_analyses.speech_of(export.video, analysis.start_ms, analysis.end_ms),
        pair_layout=options.pair_layout or DEFAULT_PAIR_LAYOUT,
        empty_shot_layout=empty_shot_layout(),
        overrides=options.overrides,
        person_share=options.height_share,
        canvas=_canvas(export, info),
    )
    return plan if options.marks_speaker else plan.without_marks()


def _canvas(export: Export, info: MediaInfo) -> Size:
    return output_format(export.aspect_ratio, info.video).size


def prefetch_analysis(
    video: Video, start_ms: int, end_ms: int, *, should_stop: Callable[[], bool]
) -> None:
    """Analyse a range before its export is requested. Errors are only logged: the export analyses it again."""
    row = shot_analyses.find_analysis(video, start_ms, end_ms)
    if row is not None and shot_analyses.is_best_here(row):
        return
    try:
        with work_folder("analysis") as folder, open_source(video.source_key) as source:
            shot_analyses.ensure_analysis(
                video,
                source,
                MediaInfo.from_json(video.probe),
                start_ms=start_ms,
                end_ms=end_ms,
                work_dir=folder,
                should_stop=should_stop,
                timeout_s=ANALYSIS_TIMEOUT_S,
            )
    except StoppedError:
        logger.info("the prefetched analysis stopped: an export waits or the process ends")
    except (MediaError, HeimdexError, KeyError, TypeError, ValueError):
        logger.warning("a range could not be analysed ahead of its export", exc_info=True)
