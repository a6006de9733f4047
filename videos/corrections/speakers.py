"""The names of speakers: renamed once, on every line, or said of one line, and undone in any order."""

import uuid
from collections import Counter, defaultdict
from typing import NamedTuple

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from accounts.models import User
from core.errors import CoreCode, HeimdexError
from videos.corrections.borders import LineChange, check_line
from videos.corrections.lines import apply_corrections, locked
from videos.corrections.placed import corrected_lines, uncorrected_of
from videos.corrections.structure import present_names, structure_of
from videos.errors import VideoCode
from videos.models import Cue, SpeakerRename, Video
from videos.policy import clean_text
from videos.queries import as_uuid
from videos.search.entries import index_video
from videos.transcripts import rows as transcript_rows

MAX_RENAMES = 500  # of one video
MAX_NAME_CHARS = 100
_BATCH = 500


class Speaker(NamedTuple):
    """Who speaks in a video, and on how many lines."""

    name: str
    lines: int


def speakers_of(video: Video) -> list[Speaker]:
    """Return the speakers of a video under their present names, those with most lines first."""
    names = Cue.objects.filter(video=video).exclude(speaker="").values_list("speaker", flat=True)
    return [Speaker(*each) for each in Counter(names).most_common()]


@transaction.atomic
def rename_speaker(
    user: User, video: Video, *, was: str, name: str, key: uuid.UUID | None = None
) -> SpeakerRename:
    """Give a speaker another name on every line, in search and in captions. The name of another one joins them.

    `key` is the id that it gets: sent again, it changes nothing. Raises INVALID_INPUT, SPEAKER_NOT_FOUND,
    CORRECTION_LIMIT, and CONFLICT for a key of another video's.
    """
    name, video = _valid(name), locked(video)
    if before := _made_before(video, key):
        return before
    if not was or not Cue.objects.filter(video=video, speaker=was).exists():
        raise HeimdexError(VideoCode.SPEAKER_NOT_FOUND)
    return _make(video, SpeakerRename(made_by=user, was=was, name=name), key)


@transaction.atomic
def set_speaker(
    user: User, video: Video, change: LineChange, *, name: str, key: uuid.UUID | None = None
) -> SpeakerRename:
    """Say who speaks on one line. Lines that are made anew get the name where their middle is in this one.

    Raises LINE_NOT_FOUND, LINE_CHANGED, and what `rename_speaker` raises.
    """
    name, video = _valid(name), locked(video)
    if before := _made_before(video, key):
        return before
    transcript_rows.adopt_shown(video)
    lines = corrected_lines(video)
    check_line(lines, change)
    rows = lines.structure.rows
    start_ms, end_ms = rows[change.line][:2]
    was = present_names(video, rows)[change.line]
    rename = SpeakerRename(made_by=user, was=was, name=name, start_ms=start_ms, end_ms=end_ms)
    return _make(video, rename, key)


def _valid(name: str) -> str:
    name = clean_text(name)
    if not 0 < len(name) <= MAX_NAME_CHARS:
        problem = _("A name has 1 to %(limit)s characters.") % {"limit": MAX_NAME_CHARS}
        raise HeimdexError(CoreCode.INVALID_INPUT, {"fields": {"name": [problem]}}, message=problem)
    return name


def _made_before(video: Video, key: uuid.UUID | None) -> SpeakerRename | None:
    before = SpeakerRename.objects.filter(pk=key).first() if key else None
    if before is not None and before.video_id != video.pk:
        raise HeimdexError(CoreCode.CONFLICT)
    return before


def _make(video: Video, rename: SpeakerRename, key: uuid.UUID | None) -> SpeakerRename:
    if video.speaker_renames.count() >= MAX_RENAMES:
        raise HeimdexError(VideoCode.CORRECTION_LIMIT, {"limit": MAX_RENAMES})
    transcript_rows.adopt_shown(video)
    uncorrected_of(video)
    rename.pk = key or rename.pk
    rename.video = video
    rename.save(force_insert=True)
    _apply(video)
    return rename


@transaction.atomic
def undo_rename(video: Video, rename_id: uuid.UUID | str) -> None:
    """Undo a renaming; later ones of the name that it gave stay without effect. Raises CORRECTION_NOT_FOUND."""
    video = locked(video)
    key = as_uuid(rename_id)
    rename = video.speaker_renames.filter(pk=key).first() if key else None
    if rename is None:
        raise HeimdexError(VideoCode.CORRECTION_NOT_FOUND)
    rename.delete()
    _apply(video)


def apply_all(video: Video) -> None:
    """Write corrections and names of speakers into lines that were made anew, in the transaction of that.

    Their search entries are the caller's affair.
    """
    apply_corrections(video)
    if video.speaker_renames.exists():
        write_names(video)


def write_names(video: Video) -> None:
    """Write the present name of every speaker into the lines that have another one."""
    lines: dict[str, list[int]] = defaultdict(list)
    rows_before = structure_of(video, uncorrected_of(video)).rows
    for index, name in enumerate(present_names(video, rows_before)):
        lines[name].append(index)
    rows = Cue.objects.filter(video=video)
    for name, indexes in lines.items():
        for at in range(0, len(indexes), _BATCH):
            some = rows.filter(index__in=indexes[at : at + _BATCH]).exclude(speaker=name)
            some.update(speaker=name)


def _apply(video: Video) -> None:
    write_names(video)
    index_video(video.pk)
    Video.objects.filter(pk=video.pk).update(corrections_version=F("corrections_version") + 1)
