"""What a browser needs to play a Short before it is made: what is kept, the framing over time, and the ASS script.

The script, its fonts and the crop plan are the Short's own, so the browser draws what the file will have.
"""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from django.urls import reverse

from exports.captions import styles
from exports.captions.styles import ShortStyle
from exports.choices import Strategy
from exports.framing.applied_options import apply_options
from exports.framing.options import FramingOptions
from exports.framing.punch_ins import with_punch_ins
from exports.framing.voices import voice_of
from mediakit.captions import fonts
from mediakit.captions.face_regions import shift_plan
from mediakit.captions.overlay import ass_script
from mediakit.cutting.cut_time import CutTime, Span, cut_time
from mediakit.framing.crop_plan import CropPlan, Layout, PathPoint, Shot
from mediakit.framing.crop_window import crop_window, fit_cell, part_cells
from mediakit.framing.cut_plan import crop_plan_in_cut, group_spans_ms
from mediakit.framing.geometry import Size
from mediakit.framing.output_format import Cell, OutputFormat, cells
from mediakit.framing.range_analysis import RangeAnalysis
from mediakit.framing.rect import WHOLE_PICTURE, Rect
from mediakit.media_info import VideoTrack
from videos.analyses import shot_analyses
from videos.kept_ranges import media_info
from videos.models import Video


def stage_of(
    video: Video,
    *,
    strategy: str,
    ranges: Sequence[Span],
    style: ShortStyle,
    overrides: FramingOptions,
    output: OutputFormat,
) -> dict[str, Any] | None:
    """Return the stage of a Short of some ranges as JSON values; None while its shot analysis is not there.

    Times are ms: `pieces` are [start in the source, end, start in the Short], `shots` are in times of the Short. Places
    are fractions of the source's upright picture. Raises VIDEO_NOT_READY.
    """
    info = media_info(video)
    cut = cut_time(info, ranges)
    plan = None
    if strategy == Strategy.SMART_CROP:
        plan = _planned(video, cut, overrides.with_defaults(style.framing), output)
        if plan is None:
            return None
    burn_in = styles.build_burn_in(
        style,
        styles.cues_for_ranges(video, ranges) if style.captions else (),
        duration_ms=cut.duration_ms,
        language=video.transcript_language,
        owner_id=video.owner_id,
        faces=styles.face_regions_in_cut(video, strategy, cut, plan=plan, output=output),
        canvas=output.canvas,
    )
    script = ass_script(
        burn_in, matrix="bt709"
    )  # a browser paints RGB: no colour is bent for an encoder
    canvas = burn_in.canvas
    return {
        "canvas": [canvas.width, canvas.height],
        "safe": [canvas.left, canvas.top, canvas.right, canvas.bottom],
        "duration_ms": cut.duration_ms,
        "pieces": [[*cut.source_span_ms(piece), cut.cut_span_ms(piece)[0]] for piece in cut.pieces],
        "script": script,
        "fonts": [reverse("exports:caption_font", args=[name]) for name in _fonts_in(script)],
        "font": fonts.family_names()["sans"],
        **_framing(info.video, strategy, plan, cut, output.size),
    }


def _planned(
    video: Video, cut: CutTime, overrides: FramingOptions, output: OutputFormat
) -> CropPlan | None:
    """The crop plan in cut time; None unless each group of ranges has its shot analysis."""
    plans, analyses = [], []
    spans = group_spans_ms(cut, video.duration_ms)
    for start_ms, end_ms in spans:
        row = shot_analyses.find_analysis(video, start_ms, end_ms)
        if row is None:
            return None
        plans.append(
            shift_plan(
                apply_options(video, row, overrides, canvas=output.size), row.start_ms - start_ms
            )
        )
        if overrides.punch_ins:  # parsing one is slow
            analyses.append(RangeAnalysis.from_json(row.data))
    if overrides.punch_ins:
        plans = with_punch_ins(
            *(plans, analyses, overrides.punch_ins),
            voice=partial(voice_of, video),
            cut=cut,
            spans=spans,
            info=media_info(video),
            canvas=output.size,
        )
    return crop_plan_in_cut(plans, cut)


def _framing(
    track: VideoTrack, strategy: str, plan: CropPlan | None, cut: CutTime, canvas: Size
) -> dict[str, Any]:
    area = plan.area if plan else WHOLE_PICTURE
    window = crop_window(track, area, canvas)
    layout: Layout = "crop" if strategy in {Strategy.CENTER_CROP, Strategy.SMART_CROP} else "fit"
    middle = PathPoint(0, 0.5, 0.5)
    shots = plan.shots if plan else (Shot(0, cut.duration_ms, layout, path=(middle,)),)
    return {
        "window": [window.width, window.height],
        "area": [area.left, area.top, area.width, area.height],
        "background": "edges" if plan else "copy" if strategy == Strategy.BLUR else "black",
        "shots": [
            _shot_json(
                shot, _cells_of(shot, track, area, canvas, is_planned=plan is not None), canvas
            )
            for shot in shots
        ],
    }


def _cells_of(
    shot: Shot, track: VideoTrack, area: Rect, canvas: Size, *, is_planned: bool
) -> list[Cell]:
    """Where the parts lie, or what a fit shows."""
    if shot.layout == "fit":
        return [fit_cell(track, shot.fitted(area), canvas, has_caption_band=is_planned)]
    return part_cells(shot, track, canvas) if shot.parts else []


def _shot_json(shot: Shot, shown: Sequence[Cell], canvas: Size) -> dict[str, Any]:
    """`backs` are the cells that a part lies in, on the colours of its edges where it does not fill them."""
    backs = cells(canvas, len(shot.parts), shot.split) if shot.layout == "inset" else []
    return {
        "cells": [_shares(cell, canvas) for cell in shown],
        "backs": [_shares(cell, canvas) for cell in backs],
        "start_ms": shot.start_ms,
        "end_ms": shot.end_ms,
        "layout": shot.layout,
        "zoom": shot.zoom,
        "keys": [[point.time_ms, point.x, point.y] for point in shot.path],
        "parts": [[part.left, part.top, part.width, part.height] for part in shot.parts],
        "marks": [[span.start_ms, span.end_ms, span.part] for span in shot.speaking],
    }


def _shares(cell: Cell, canvas: Size) -> list[float]:
    wide, high = canvas.width, canvas.height
    return [cell.left / wide, cell.top / high, cell.size.width / wide, cell.size.height / high]


def _fonts_in(script: str) -> Iterator[str]:
    """The files of the fonts that a script names."""
    files = fonts.file_names()
    for key, family in fonts.family_names().items():
        if family in script or key == "sans":
            yield files[key]
