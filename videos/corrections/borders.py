"""Lines and scenes split and joined by hand, kept beside what was found and undone in any order."""

import uuid
from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from core.errors import CoreCode, HeimdexError
from mediakit.text.correction_places import share_of
from mediakit.text.line_borders import Border
from mediakit.text.transcript import tokenize
from videos.choices import BorderKind
from videos.corrections.lines import apply_borders, locked
from videos.corrections.placed import CorrectedLines, corrected_lines, uncorrected_of
from videos.corrections.structure import LEAST_SCENE_MS, is_one_scene, keep_scene_rows
from videos.errors import VideoCode
from videos.models import BorderEdit, Scene, Video
from videos.queries import as_uuid
from videos.transcripts import rows as transcript_rows

MAX_BORDERS = 2_000  # of one video


@dataclass(frozen=True, slots=True)
class LineChange:
    """A line as it is shown: its index, its text, and the character before which it is split."""

    line: int
    text: str
    start: int = 0


def listed(video: Video) -> QuerySet[BorderEdit]:
    """The borders that people set or took away, the earliest first."""
    return BorderEdit.objects.filter(video=video).select_related("made_by")


@transaction.atomic
def split_line(
    user: User, video: Video, change: LineChange, *, key: uuid.UUID | None = None
) -> BorderEdit:
    """Split a line before the word at a character of its text.

    `key` is the id that the border gets: sent again, it changes nothing. Raises INVALID_INPUT, LINE_NOT_FOUND,
    LINE_CHANGED, CORRECTION_LIMIT, and CONFLICT for a key of another video's.
    """
    video = locked(video)
    if before := _made_before(video, key):
        return before
    lines = _lines_for(video)
    word = _word_at(lines, change)
    edit = _edit(user, video, BorderKind.SPLIT_LINE, lines.structure.words.border(word), key)
    return _save(edit)


@transaction.atomic
def join_lines(
    user: User, video: Video, change: LineChange, *, key: uuid.UUID | None = None
) -> BorderEdit:
    """Join a line with the next one, which has to be in the same scene. Raises what `split_line` raises."""
    video = locked(video)
    if before := _made_before(video, key):
        return before
    lines = _lines_for(video)
    structure = lines.structure
    check_line(lines, change)
    following = change.line + 1
    if following >= len(structure.lines) or not structure.cues[following].words:
        raise _invalid("line", _("There is no line after this one."))
    word = structure.lines[following].first
    starts = list(video.scenes.order_by("index").values_list("start_ms", flat=True))
    if not structure.cues[change.line].words or not is_one_scene(structure.words, word, starts):
        raise _invalid("line", _("The next line is in another scene. Join the scenes first."))
    return _save(_edit(user, video, BorderKind.JOIN_LINES, structure.words.border(word), key))


@transaction.atomic
def split_scene(
    user: User,
    video: Video,
    *,
    at_ms: int | None = None,
    change: LineChange | None = None,
    key: uuid.UUID | None = None,
) -> BorderEdit:
    """Let a scene begin at a word of a line (`change`), or at a moment: then with the nearest line, if there are lines.

    A scene is at least half a second long. Raises what `split_line` raises.
    """
    video = locked(video)
    if before := _made_before(video, key):
        return before
    lines = _lines_for(video)
    words = lines.structure.words
    word = None
    if change is not None:
        word = _word_at(lines, change, may_be_first=True)
    elif words.words and (at_ms or 0) < (video.duration_ms or 0):
        word = _nearest_line(lines, at_ms or 0)
    border = words.border(word) if word else Border(at_ms or 0, "", "")
    spans = video.scenes.values_list("start_ms", "end_ms")
    least = LEAST_SCENE_MS
    if not any(start + least <= border.at_ms <= end - least for start, end in spans):
        raise _invalid("at_s", _("A scene begins or ends there already."))
    keep_scene_rows(lines.before)
    return _save(_edit(user, video, BorderKind.SPLIT_SCENE, border, key))


@transaction.atomic
def join_scenes(
    user: User, video: Video, scene_id: uuid.UUID | str, *, key: uuid.UUID | None = None
) -> BorderEdit:
    """Join a scene with the next one; the first one's id stays. Raises INVALID_INPUT and SCENE_NOT_FOUND."""
    video = locked(video)
    if before := _made_before(video, key):
        return before
    lines = _lines_for(video)
    wanted = as_uuid(scene_id)
    scene = Scene.objects.filter(video=video, pk=wanted).first() if wanted else None
    if scene is None:
        raise HeimdexError(VideoCode.SCENE_NOT_FOUND)
    if not Scene.objects.filter(video=video, index=scene.index + 1).exists():
        raise _invalid("scene_id", _("There is no scene after this one."))
    keep_scene_rows(lines.before)
    border = Border(scene.end_ms, "", "")
    return _save(_edit(user, video, BorderKind.JOIN_SCENES, border, key))


@transaction.atomic
def undo_border(video: Video, border_id: uuid.UUID | str) -> BorderEdit:
    """Undo one; the others count as if it had never been. Raises CORRECTION_NOT_FOUND."""
    video = locked(video)
    key = as_uuid(border_id)
    edit = BorderEdit.objects.filter(video=video, pk=key).first() if key is not None else None
    if edit is None:
        raise HeimdexError(VideoCode.CORRECTION_NOT_FOUND)
    BorderEdit.objects.filter(pk=edit.pk).delete()
    apply_borders(video)
    return edit


def _made_before(video: Video, key: uuid.UUID | None) -> BorderEdit | None:
    before = BorderEdit.objects.filter(pk=key).first() if key else None
    if before is not None and before.video_id != video.pk:
        raise HeimdexError(CoreCode.CONFLICT)
    return before


def _lines_for(video: Video) -> CorrectedLines:
    transcript_rows.adopt_shown(video)
    if BorderEdit.objects.filter(video=video).count() >= MAX_BORDERS:
        raise HeimdexError(VideoCode.CORRECTION_LIMIT, {"limit": MAX_BORDERS})
    uncorrected_of(video)
    return corrected_lines(video)


def check_line(lines: CorrectedLines, change: LineChange) -> None:
    """Raise LINE_NOT_FOUND, or LINE_CHANGED where the line has another text by now."""
    if change.line >= len(lines.uncorrected):
        raise HeimdexError(VideoCode.LINE_NOT_FOUND)
    text = lines.line(change.line).cue.text
    if text != change.text:
        raise HeimdexError(VideoCode.LINE_CHANGED, {"line": change.line, "line_text": text})


def _word_at(lines: CorrectedLines, change: LineChange, *, may_be_first: bool = False) -> int:
    """The word, by its number among all, before which a line is split."""
    check_line(lines, change)
    corrected = lines.line(change.line)
    line = lines.structure.lines[change.line]
    after = [each for each in corrected.segments if each.end > change.start]
    if not after:
        raise _invalid("start", _("There is no word after this place."))
    segment, number = after[0], after[0].first
    if segment.replacement and change.start > segment.start:
        text = corrected.cue.text[segment.start : segment.end]
        number += _part_of(text, change.start - segment.start, segment.count)
    word = line.first + number
    if number == 0 and (not may_be_first or word == 0):
        raise _invalid("start", _("There is no word before this place."))
    return word


def _part_of(text: str, offset: int, count: int) -> int:
    """How many of the `count` words that a corrected text stands for are those that stand before a place in it."""
    words, before, at = tokenize(text), 0, 0
    for word in words:
        at = text.index(word, at) + len(word)
        before += at <= offset
    for part in range(count):
        if share_of(words, part, count) == before:
            return part
    raise _invalid(
        "start",
        _(
            "Split it before or after these corrected words: they stand for what was heard together."
        ),
    )


def _nearest_line(lines: CorrectedLines, at_ms: int) -> int:
    """The first word of the line that begins nearest to a moment."""
    found = [line for line in lines.structure.lines if line.cue.words]
    return min(found, key=lambda line: abs(line.cue.start_ms - at_ms)).first


def _edit(
    user: User, video: Video, kind: BorderKind, border: Border, key: uuid.UUID | None
) -> BorderEdit:
    edit = BorderEdit(
        video=video,
        kind=kind,
        at_ms=border.at_ms,
        before=border.before,
        after=border.after,
        made_by=user,
    )
    edit.pk = key or edit.pk
    return edit


def _save(edit: BorderEdit) -> BorderEdit:
    edit.save(force_insert=True)
    apply_borders(edit.video)
    return edit


def _invalid(name: str, problem: str) -> HeimdexError:
    return HeimdexError(CoreCode.INVALID_INPUT, {"fields": {name: [problem]}}, message=problem)
