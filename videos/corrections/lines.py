"""The lines of a video with its corrections, written anew from what they were before any."""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction
from django.db.models import F

from core.errors import HeimdexError
from jobs.lease import Claim
from videos.corrections.border_rows import rewrite_cues, rewrite_scenes
from videos.corrections.placed import (
    CorrectedLines,
    LinesReader,
    corrected_lines,
    placed_now,
    uncorrected_of,
)
from videos.corrections.rows import note_problems, write_cues, write_scenes, write_suggestions
from videos.corrections.structure import keep_scene_rows
from videos.corrections.word_times import ask_for_times, finish, lines_of
from videos.errors import VideoCode
from videos.models import BorderEdit, Correction, UncorrectedTranscript, Video, WordTimes
from videos.search.entries import index_corrected, index_video


def locked(video: Video) -> Video:
    """The video as it is now, locked until the transaction ends, so that its corrections are made one by one."""
    now = Video.objects.select_for_update(no_key=True).filter(pk=video.pk).first()
    if now is None:
        raise HeimdexError(VideoCode.VIDEO_NOT_FOUND)
    return now


def apply_corrections(video: Video) -> None:
    """Write the corrections of a video into lines, scenes and suggestions that were made anew.

    In the transaction of that. Their search entries are the caller's affair.
    """
    UncorrectedTranscript.objects.filter(video=video).delete()
    if BorderEdit.objects.filter(video=video).exists():
        keep_scene_rows(uncorrected_of(video))
        _rewrite(corrected_lines(video))
    elif Correction.objects.filter(video=video).exists():
        after = corrected_lines(video)
        _write(CorrectedLines(video, after.before, after.structure), after)


def apply_change(before: CorrectedLines) -> tuple[int, ...]:
    """Write what became of lines, scenes, suggestions and search when corrections were made or undone.

    `before` is how they were placed until then; the video's row is locked. Only rows that differ are written. Returns
    the indexes of the lines that changed.
    """
    changed, texts_before = _write(before, placed_now(before))
    if texts_before:
        index_corrected(before.video.pk, texts_before)
    return changed


def apply_borders(video: Video) -> None:
    """Write what became of lines, scenes and search when borders were set or taken away; the video's row is locked."""
    if _rewrite(corrected_lines(video)):
        index_video(video.pk)


@transaction.atomic
def apply_times(
    claim: Claim[WordTimes], times: Sequence[tuple[int, int]], reader: LinesReader
) -> None:
    """Save the times of a correction's words and write its lines with them. LeaseLostError changes nothing."""
    correction = claim.row.correction
    video = locked(correction.video)
    finish(claim, times)
    lines = reader.lines(video)
    if write_cues(lines, lines_of(lines, correction)):
        _count(video)
        reader.words_timed(video)


def _write(
    before: CorrectedLines, after: CorrectedLines
) -> tuple[tuple[int, ...], dict[UUID, str]]:
    """Write what differs; returns the indexes of changed lines, and the former texts of changed scenes by their id."""
    touched = sorted({*before.placed, *after.placed})
    note_problems(after)
    ask_for_times(after)
    changed = write_cues(after, touched)
    texts_before = write_scenes(after, touched)
    write_suggestions(after)
    _count(after.video)
    return changed, texts_before


def _rewrite(lines: CorrectedLines) -> bool:
    """Write all lines and scenes that differ; returns whether search has to know."""
    note_problems(lines)
    ask_for_times(lines)
    are_others = rewrite_cues(lines)
    are_others |= rewrite_scenes(lines)
    write_suggestions(lines)
    _count(lines.video)
    return are_others


def _count(video: Video) -> None:
    Video.objects.filter(pk=video.pk).update(corrections_version=F("corrections_version") + 1)
