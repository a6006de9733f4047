"""The crop plan of a Short: a layout for every shot, and a crop path or two stacked parts.

The whole shot is known before its path is planned. Nothing here reads a file. The same input always
gives the same plan. Positions are fractions of the picture, times are ms.
"""

import math
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from functools import partial
from itertools import pairwise

from mediakit.framing.crop_plan import CropPlan, Layout, Override, PairLayout, PathPoint, Shot
from mediakit.framing.crop_window import CropWindow, crop_window
from mediakit.framing.geometry import Size, upright_size
from mediakit.framing.output_format import SHORT
from mediakit.framing.people.lost_faces import with_lost_faces
from mediakit.framing.people.speech import Speech
from mediakit.framing.people.tracking import ShotTracking, choose_layout, track_subjects
from mediakit.framing.planning.framer import Framer
from mediakit.framing.planning.overrides import (
    override_for,
    override_layout,
)
from mediakit.framing.planning.parts.gallery_parts import (
    TileFace,
    gallery_shot,
    shot_in_tile,
    tile_faces,
)
from mediakit.framing.planning.parts.inset_parts import has_room_for_inset, inset_shot
from mediakit.framing.planning.parts.stack_parts import drawn_parts, have_room
from mediakit.framing.planning.people.absences import Draft, with_lasting_absences, without_absences
from mediakit.framing.planning.people.absent_subjects import with_absent_subjects
from mediakit.framing.planning.people.close_faces import is_too_large, with_close_faces
from mediakit.framing.planning.people.company import with_company
from mediakit.framing.planning.people.presence import reaches_beyond
from mediakit.framing.planning.people.showing import with_shown
from mediakit.framing.planning.people.speaker_marks import with_speaking
from mediakit.framing.planning.people.turn_drafts import turn_drafts
from mediakit.framing.planning.people.whole_people import part_around_arm, part_around_body
from mediakit.framing.planning.shot_runs import MIN_WHOLE_MS, known_beyond_ms, merge_short_runs
from mediakit.framing.planning.shot_samples import (
    known_samples,
    whole_shot_samples,
    with_people_only,
)
from mediakit.framing.planning.subjects.detail_part import with_detail
from mediakit.framing.planning.subjects.empty_margins import without_empty_margins
from mediakit.framing.planning.subjects.subject_layout import (
    lay_out_subject,
    parts_around_faces,
    subject_shots,
)
from mediakit.framing.planning.text.text_focus import focused_shots
from mediakit.framing.planning.text.text_layout import filled_part, keeps_text
from mediakit.framing.range_analysis import FaceSample, RangeAnalysis, ShotContent
from mediakit.framing.rect import Rect
from mediakit.media_info import MediaInfo, VideoTrack
from mediakit.probing.frame_rate import frame_count, output_rate

NO_SPEECH = Speech()


def make_crop_plan(
    analysis: RangeAnalysis,
    info: MediaInfo,
    *,
    start_ms: int,
    end_ms: int,
    speech: Speech = NO_SPEECH,
    pair_layout: PairLayout = "auto",
    empty_shot_layout: Layout = "fit",
    overrides: Sequence[Override] = (),
    person_share: float | None = None,
    canvas: Size = SHORT.size,
) -> CropPlan:
    """Plan the framing of the range, which must lie inside the analysed one, for a picture of the size `canvas`.

    `speech` is that of the whole analysed range: turns to speak are found in whole shots, so they are the same in
    every range. `pair_layout` is the layout for two people too far apart for one window ("crop" follows one of them,
    "auto" who speaks where that is clear), `empty_shot_layout` the one for a shot without faces
    ("crop" is centred). An override applies to the shot on screen at its time and always wins; the
    last of several counts. `person_share` is the share of the height that the person of an inset has; None
    gives the content what it needs.
    """
    analysis = with_people_only(analysis, start_ms, end_ms)
    window = crop_window(info.video, analysis.area, canvas)
    framed_by = Framer(analysis, info.video, canvas, window, start_ms)
    tiles_of = partial(drawn_parts, video=info.video, area=analysis.area, canvas=canvas)
    inset_of = partial(
        inset_shot,
        analysis=analysis,
        video=info.video,
        canvas=canvas,
        start_ms=start_ms,
        person_share=person_share,
    )
    marked = partial(with_speaking, analysis=analysis, speech=speech, start_ms=start_ms)
    edges_ms = shot_edges_ms(analysis, info, start_ms, end_ms)
    drafts = [
        draft
        for low, high in pairwise(edges_ms)
        for draft in _drafts_of_shot(
            analysis,
            (start_ms + low, start_ms + high),
            window=window,
            video=info.video,
            speech=speech,
            pair_layout=pair_layout,
            empty_shot_layout=empty_shot_layout,
            canvas=canvas,
        )
    ]
    drafts = with_lasting_absences(drafts)
    on_frames = _on_frame_edges([draft.shot for draft in drafts], info, start_ms)
    beyond_ms = known_beyond_ms(analysis, start_ms, end_ms)
    merged = merge_short_runs(on_frames, edges_ms, beyond_ms=beyond_ms)
    shots = []
    for shot, draft in zip(merged, drafts, strict=True):
        # Overrides come after merging: an override of one shot changes no other shot.
        override = override_for(overrides, start_ms + shot.start_ms, start_ms + shot.end_ms)
        layout = override_layout(override, window) or shot.layout
        path = shot.path if layout == "fit" else ()  # of a part that moves
        framed = replace(shot, layout=layout, path=path, chosen=override is not None)
        box = override.box if override is not None and override.box is not None else draft.inset
        if layout == "inset":
            whole = replace(framed, layout="fit")
            shots.append(inset_of(framed, box) if box is not None else whole)
            continue
        if layout == "stack" and override is not None and override.tiles:
            shots.append(marked(replace(framed, parts=tiles_of(override.tiles))))
            continue
        if override is not None and override.layout == "fit":
            framed = replace(framed, parts=(), path=())  # the whole picture
        elif _is_in_brief(shot, draft, edges_ms) and override is None:
            shots.append(framed_by.in_brief(framed, draft.tracking))
            continue
        with_path = marked(framed_by.with_path(framed, draft.tracking, override))
        shots.append(
            with_path if override else framed_by.with_whole_faces(with_path, draft.tracking)
        )
    return CropPlan(analysis.area, tuple(shots))


def _drafts_of_shot(
    analysis: RangeAnalysis,
    span_ms: tuple[int, int],
    *,
    window: CropWindow,
    video: VideoTrack,
    speech: Speech,
    pair_layout: PairLayout,
    empty_shot_layout: Layout,
    canvas: Size,
) -> list[Draft]:
    """One draft for a shot of the video, or one for each turn where the camera follows who speaks.

    A shot of text has one for each block that is shown larger.
    """
    low, high = span_ms
    inside = [s for s in analysis.samples if low <= s.time_ms < high]
    tracking = track_subjects(inside, window_width=window.width, speech_ms=speech.voice_ms)
    layout, reason = choose_layout(
        tracking, pair_layout=pair_layout, empty_shot_layout=empty_shot_layout
    )
    content = analysis.content_at((low + high) // 2)
    tiles = tile_faces(content, inside)
    plain = Draft(Shot(low, high, layout, people=tracking.people, reason=reason), tracking)
    made_of_pictures = _draft_of_pictures(
        plain,
        content,
        tiles,
        window=window,
        video=video,
        canvas=canvas,
        pair_layout=pair_layout,
    )
    if made_of_pictures is not None:
        return [made_of_pictures]
    known = known_samples(analysis, span_ms, inside)
    subject = lay_out_subject(known, window, video, content) if reason == "nobody" else None
    if subject is not None:
        tracking = replace(tracking, targets=subject.targets, secondary=(), neighbours=())
    may_cut = layout == "crop" or reason == "nobody"
    if may_cut and content is not None and _keeps_text(content, tracking, window, video):
        parts = filled_part(content, analysis.area)
        shot = Shot(low, high, "fit", parts=parts, people=tracking.people, reason="text")
        shots = focused_shots(
            shot,
            content,
            whole_shot_samples(analysis, span_ms),
            speech.voice_ms,
            area=analysis.area,
            video=video,
            canvas=canvas,
        )
        return [Draft(shot, tracking) for shot in shots]
    if reason == "nobody":
        shots = subject_shots(plain.shot, subject)
        larger = _enlarged(shots, known, content, window, video)
        return [Draft(each, tracking) for each in larger]
    texts = analysis.texts_at((low + high) // 2)
    if layout == "stack" and pair_layout == "auto":
        area = (content and content.area) or analysis.area
        layout = layout if have_room(tracking.apart, video, area, canvas) else "fit"
    shot = replace(plain.shot, layout=layout)
    whole = _whole_people(Draft(shot, tracking), inside, window, video, texts)
    if pair_layout in {"stack", "fit"} and reason == "apart":
        return [whole]
    turns = turn_drafts(whole, analysis, window, speech, pair_layout=pair_layout)
    if turns and tiles:
        return [
            replace(turn, shot=shot_in_tile(turn.shot, turn.tracking.targets, tiles))
            for turn in turns
        ]
    seen_ms = {target.time_ms for target in tracking.targets}
    drafts = turns or without_absences(whole, inside, empty_shot_layout, seen_ms)
    drafts = with_close_faces(drafts, window, video, texts)
    drafts = with_company(drafts, inside, window, video)
    drafts = with_absent_subjects(drafts, inside, window, video, content)
    return with_shown(drafts, content, window, video)


def _draft_of_pictures(
    draft: Draft,
    content: ShotContent | None,
    tiles: Sequence[TileFace],
    *,
    window: CropWindow,
    video: VideoTrack,
    canvas: Size,
    pair_layout: PairLayout,
) -> Draft | None:
    """The draft of a shot whose picture is small enough, or is made of pictures: an inset, or the tiles of a call."""
    shot = draft.shot
    if window.shows_all:
        return replace(draft, shot=replace(shot, layout="crop"))
    if has_room_for_inset(canvas) and content is not None and content.inset is not None:
        return Draft(replace(shot, layout="inset", reason="inset"), draft.tracking, content.inset)
    gallery = gallery_shot(
        shot, content, tiles, video=video, canvas=canvas, pair_layout=pair_layout
    )
    return None if gallery is None else replace(draft, shot=gallery)


def _is_in_brief(merged: Shot, draft: Draft, edges_ms: Sequence[int]) -> bool:
    """Whether all of a shot between two cuts was too brief for a window of its own, but not for one size."""
    if draft.shot.layout != "crop" or merged.layout != "fit" or not draft.tracking.targets:
        return False
    is_whole = merged.start_ms in edges_ms and merged.end_ms in edges_ms
    return is_whole and merged.end_ms - merged.start_ms >= MIN_WHOLE_MS


def _enlarged(
    shots: Sequence[Shot],
    samples: Sequence[FaceSample],
    content: ShotContent | None,
    window: CropWindow,
    video: VideoTrack,
) -> list[Shot]:
    """The shots without a face; what is shown whole is larger where nothing is lost by that.

    Where a subject is shown for a part of the shot the rest is whole for what is gone.
    """
    filled = [without_empty_margins(each, content, window, video) for each in shots]
    if len(filled) > 1:
        return filled
    return [with_detail(filled[0], samples, content, window, video)]


def _whole_people(
    draft: Draft,
    samples: Sequence[FaceSample],
    window: CropWindow,
    video: VideoTrack,
    texts: Sequence[Rect],
) -> Draft:
    """The draft of people, who are followed while their faces are lost, with a part where a window would cut them."""
    layout, tracking = draft.shot.layout, draft.tracking
    if layout == "crop" and (
        is_too_large(tracking.targets, window) or reaches_beyond(samples, window)
    ):
        layout = "fit"
    tracking = replace(tracking, targets=with_lost_faces(tracking.targets, samples, window))
    parts: tuple[Rect, ...] = ()
    if layout == "fit" and draft.shot.reason in {"person", "group"}:
        parts = parts_around_faces(tracking.targets, window, video, texts)
    around = (tracking.targets, samples, window, video)
    body = None
    if layout == "crop" and draft.shot.reason == "person":
        body = part_around_arm(*around)
    if layout == "crop" and body is None:
        body = part_around_body(*around)
    if body is not None:
        layout, parts = "fit", (body,)
    return Draft(replace(draft.shot, layout=layout, parts=parts), tracking)


def _keeps_text(
    content: ShotContent, tracking: ShotTracking, window: CropWindow, video: VideoTrack
) -> bool:
    size, sar = upright_size(video)
    return keeps_text(
        content.texts, tracking.targets, window, float(size.width * sar / size.height)
    )


def _on_frame_edges(shots: Sequence[Shot], info: MediaInfo, start_ms: int) -> list[Shot]:
    """The shots with times from the Short's start, each edge half a frame before the first frame after it."""
    rate = output_rate(info.video)
    edges = [0]
    for shot in shots[:-1]:
        frame = math.ceil(Fraction(shot.end_ms - start_ms, 1000) * rate)
        edges.append(round((frame - Fraction(1, 2)) / rate * 1000))
    edges.append(shots[-1].end_ms - start_ms)
    return [
        replace(shot, start_ms=low, end_ms=high, path=_moved(shot.path, start_ms))
        for shot, (low, high) in zip(shots, pairwise(edges), strict=True)
    ]


def _moved(path: Sequence[PathPoint], start_ms: int) -> tuple[PathPoint, ...]:
    return tuple(replace(point, time_ms=point.time_ms - start_ms) for point in path)


def with_layout(
    plan: CropPlan,
    layout: Layout,
    analysis: RangeAnalysis,
    info: MediaInfo,
    *,
    start_ms: int,
    speech: Speech = NO_SPEECH,
    canvas: Size = SHORT.size,
) -> CropPlan:
    """The plan with every shot in the layout, as if each had an override to it.

    `plan` was made from the analysis for a picture of the size `canvas` and a range that begins at `start_ms`.
    """
    analysis = with_people_only(analysis, start_ms, start_ms + plan.shots[-1].end_ms)
    window = crop_window(info.video, analysis.area, canvas)
    framed_by = Framer(analysis, info.video, canvas, window, start_ms)

    def replanned(shot: Shot) -> Shot:
        if shot.layout == layout:
            return shot
        low, high = start_ms + shot.start_ms, start_ms + shot.end_ms
        inside = [s for s in analysis.samples if low <= s.time_ms < high]
        if shot.reason == "speaker":  # one stack for all turns of a shot
            inside = whole_shot_samples(analysis, (low, high))
        tracking = track_subjects(inside, window_width=window.width, speech_ms=speech.voice_ms)
        faceless = shot.reason in {"subject", "nobody"}
        content = analysis.content_at((low + high) // 2)
        subject = lay_out_subject(inside, window, info.video, content) if faceless else None
        if subject is not None:
            tracking = replace(tracking, targets=subject.targets, secondary=(), neighbours=())
        bare = replace(shot, layout=layout, path=(), parts=(), split=0.0, zoom=1.0)
        framed = framed_by.with_path(bare, tracking, None)
        return with_speaking(framed, analysis, speech, start_ms=start_ms)

    return replace(plan, shots=tuple(map(replanned, plan.shots)))


def shot_edges_ms(
    analysis: RangeAnalysis, info: MediaInfo, start_ms: int, end_ms: int
) -> list[int]:
    """The shots' boundaries from 0 to the Short's length, each half a frame before a shot's first frame."""
    rate = output_rate(info.video)
    frames = frame_count(end_ms - start_ms, rate)
    edges = [0]
    for cut in analysis.cuts_us:
        first = math.floor(Fraction(cut - start_ms * 1000, 1_000_000) * rate + Fraction(1, 2))
        edge = round((first - Fraction(1, 2)) / rate * 1000)
        if 0 < first < frames and edge > edges[-1]:
            edges.append(edge)
    return [*edges, end_ms - start_ms]
