"""What a shot of people shows while nobody is there: the part of the picture that holds its subject, if it has one."""

from collections.abc import Sequence
from dataclasses import replace

from mediakit.framing.crop_window import CropWindow
from mediakit.framing.planning.people.absences import Draft
from mediakit.framing.planning.subjects.subject_layout import steadied
from mediakit.framing.planning.subjects.subject_spans import part_of
from mediakit.framing.planning.text.text_layout import written_lines
from mediakit.framing.range_analysis import FaceSample, ShotContent
from mediakit.framing.rect import union_of
from mediakit.media_info import VideoTrack

# A shorter absence is whole, and one in which fewer of the samples have a subject.
MIN_ABSENCE_MS, MIN_PRESENCE = 1_000, 0.6


def with_absent_subjects(
    drafts: Sequence[Draft],
    samples: Sequence[FaceSample],
    window: CropWindow,
    video: VideoTrack,
    content: ShotContent | None,
) -> list[Draft]:
    """The drafts of a shot of people; one without anybody shows the part that holds its subject, if it has one."""
    return [_with_subject(draft, samples, window, video, content) for draft in drafts]


def _with_subject(
    draft: Draft,
    samples: Sequence[FaceSample],
    window: CropWindow,
    video: VideoTrack,
    content: ShotContent | None,
) -> Draft:
    shot = draft.shot
    is_brief = shot.end_ms - shot.start_ms < MIN_ABSENCE_MS
    if shot.layout != "fit" or shot.reason != "nobody" or is_brief:
        return draft
    inside = [s for s in samples if shot.start_ms <= s.time_ms < shot.end_ms]
    regions = [sample.region for sample in inside if sample.region is not None]
    if not regions or len(regions) < MIN_PRESENCE * len(inside):
        return draft
    read = [] if content is None else written_lines(content, video)
    boxes = steadied([union_of([region, *read]) for region in regions])
    part = part_of(boxes, window, video, content=content)
    if part is None:
        return draft
    return replace(draft, shot=replace(shot, reason="subject", parts=(part,)))
