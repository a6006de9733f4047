"""What people do with the words of a video: correct them, undo that. Pages and API change words in no other way."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from core.errors import CoreCode, HeimdexError
from mediakit.text.corrections import Edit, whole_words
from mediakit.text.transcript import join_words
from videos.corrections.lines import apply_change, locked
from videos.corrections.placed import CorrectedLines, corrected_lines
from videos.errors import VideoCode
from videos.models import Correction, Video
from videos.policy import clean_text
from videos.queries import as_uuid
from videos.transcripts import rows as transcript_rows

MAX_CORRECTIONS = 5_000  # of one video, with those that later ones include
MAX_CHARS = 1_000  # of the text of one


@dataclass(frozen=True, slots=True)
class Change:
    """Words of one line as they are shown (`was`, at the character `start` of the line's text) and what they become.

    An empty `text` leaves them out. The same text says that they are right as they are.
    """

    line: int
    start: int
    was: str
    text: str


@dataclass(frozen=True, slots=True)
class Done:
    """A correction and the indexes of the lines that changed with it."""

    correction: Correction
    lines: tuple[int, ...]


def listed(video: Video) -> QuerySet[Correction]:
    """The corrections of a video in the order of time, without those that later ones include."""
    return Correction.objects.filter(video=video, superseded_by=None).select_related("made_by")


@transaction.atomic
def correct(user: User, video: Video, change: Change, *, key: uuid.UUID | None = None) -> Done:
    """Correct words of a video. Lines, scenes, search and captions have the words when it returns.

    `key` is the id that the correction gets: sent again, it changes nothing. Raises INVALID_INPUT, LINE_NOT_FOUND,
    LINE_CHANGED with the line's present text when the words are not those of `was`, CORRECTION_LIMIT, and CONFLICT for
    a key of another video's correction.
    """
    video = locked(video)
    if key and (before := Correction.objects.filter(pk=key).first()):
        if before.video_id != video.pk:
            raise HeimdexError(CoreCode.CONFLICT)
        return Done(before, ())
    lines = _lines_for(video, adding=1)
    made = _make(user, lines, [change], key=key)
    return Done(made[0], _save(lines, made))


@transaction.atomic
def replace_all(
    user: User, video: Video, changes: Sequence[Change], *, batch: uuid.UUID
) -> tuple[int, ...]:
    """Make several corrections in one step, which `undo` takes back by the id `batch`; returns the lines that changed.

    All or none of them. Raises what `correct` raises.
    """
    video = locked(video)
    lines = _lines_for(video, adding=len(changes))
    # From the end of each line, so that the offsets of the others stay right.
    ordered = sorted(changes, key=lambda change: (change.line, -change.start))
    made = _make(user, lines, ordered)
    for correction in made:
        correction.batch = batch
    return _save(lines, made)


@transaction.atomic
def undo(video: Video, correction_id: uuid.UUID | str) -> tuple[int, ...]:
    """Undo a correction, or all of a batch; returns the lines that changed. Those that it included count again.

    Raises CORRECTION_NOT_FOUND, and CORRECTION_INCLUDED when a later one includes it.
    """
    video = locked(video)
    key = as_uuid(correction_id)
    rows = Correction.objects.filter(Q(pk=key) | Q(batch=key), video=video)
    if key is None or not rows.exists():
        raise HeimdexError(VideoCode.CORRECTION_NOT_FOUND)
    if rows.filter(superseded_by__isnull=False).exclude(superseded_by__in=rows).exists():
        raise HeimdexError(VideoCode.CORRECTION_INCLUDED)
    lines = corrected_lines(video)
    rows.delete()
    return apply_change(lines)


def _lines_for(video: Video, *, adding: int) -> CorrectedLines:
    """The lines of a locked video to which corrections are added. CORRECTION_LIMIT when there would be too many."""
    transcript_rows.adopt_shown(video)
    if Correction.objects.filter(video=video).count() + adding > MAX_CORRECTIONS:
        raise HeimdexError(VideoCode.CORRECTION_LIMIT, {"limit": MAX_CORRECTIONS})
    return corrected_lines(video)


def _make(
    user: User, lines: CorrectedLines, changes: Iterable[Change], *, key: uuid.UUID | None = None
) -> list[Correction]:
    """The corrections of changes, not saved; each sees those before it. Earlier ones that one includes are marked.

    `key` is the id of the first one.
    """
    now = replace(lines, placed={index: dict(found) for index, found in lines.placed.items()})
    made: list[Correction] = []
    for change in changes:
        text = clean_text(change.text)
        _check(change, text)
        if change.line >= len(now.uncorrected):
            raise HeimdexError(VideoCode.LINE_NOT_FOUND)
        edit = _edit(now, change, text)
        correction = _correction(user, now, change.line, edit)
        correction.pk = key if key and not made else correction.pk
        placed = now.placed.setdefault(change.line, {})
        others = []
        for covered in edit.covered:
            before = placed.pop(covered)
            before.superseded_by = correction
            others += _kept_elsewhere(user, now, before, correction)
        placed[edit.replacement] = correction
        made += [correction, *others]
    return made


def _kept_elsewhere(
    user: User, lines: CorrectedLines, before: Correction, later: Correction
) -> list[Correction]:
    """Corrections for the parts of an earlier one in other lines, undone with the later one that includes it."""
    made = []
    for index, placed in lines.placed.items():
        for replacement in [one for one, row in placed.items() if row is before]:
            part = _correction(user, lines, index, Edit(replacement, replacement.text, ()))
            part.batch = later.pk
            placed[replacement] = part
            made.append(part)
    return made


def _save(lines: CorrectedLines, made: Sequence[Correction]) -> tuple[int, ...]:
    """Save corrections and what they include, and write the lines; returns those that changed."""
    Correction.objects.bulk_create(made)
    for found in lines.placed.values():
        for before in found.values():
            if before.superseded_by is not None:
                Correction.objects.filter(pk=before.pk).update(superseded_by=before.superseded_by)
    return apply_change(lines)


def _check(change: Change, text: str) -> None:
    """INVALID_INPUT for a text that is too long, or that is only characters which nobody sees."""
    problem = ""
    if len(text) > MAX_CHARS or len(change.was) > MAX_CHARS:
        problem = _("At most %(limit)s characters are corrected at once.") % {"limit": MAX_CHARS}
    elif change.text.strip() and not text:
        problem = _("The text has no letters.")
    if problem:
        raise HeimdexError(CoreCode.INVALID_INPUT, {"fields": {"text": [problem]}}, message=problem)


def _edit(lines: CorrectedLines, change: Change, text: str) -> Edit:
    """The change as one of whole words. LINE_CHANGED when `was` is not there, INVALID_INPUT when it has no word."""
    line = lines.line(change.line)
    if line.cue.text[change.start : change.start + len(change.was)] != change.was:
        raise HeimdexError(
            VideoCode.LINE_CHANGED, {"line": change.line, "line_text": line.cue.text}
        )
    edit = whole_words(line, change.start, change.was, text)
    if edit is None:
        problem = _("There is no word to correct.")
        raise HeimdexError(CoreCode.INVALID_INPUT, {"fields": {"was": [problem]}}, message=problem)
    return edit


def _correction(user: User, lines: CorrectedLines, index: int, edit: Edit) -> Correction:
    first, count = edit.replacement.first, edit.replacement.count
    words = lines.line(index).uncorrected[first : first + count]
    return Correction(
        video=lines.video,
        start_ms=words[0].start_ms,
        end_ms=max(word.end_ms for word in words),
        heard=join_words([word.text for word in words]),
        was=edit.was,
        text=edit.replacement.text,
        made_by=user,
    )
