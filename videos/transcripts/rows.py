"""The rows of a video's transcripts: writing what was read or heard, once, and never more than MAX_PER_VIDEO.

The functions that write are called in the transaction of the change, with the video's row locked.
"""

import hashlib
from bisect import bisect_right
from collections.abc import Iterable, Sequence

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from mediakit.text.key_terms import key_terms
from mediakit.text.languages import guess_language, is_guessable
from mediakit.text.stored_cues import cues_digest, cues_from_json, cues_to_json
from mediakit.text.stored_words import words_from_json
from mediakit.text.transcript import Cue as TimedCue
from mediakit.text.transcript import join_words
from videos.choices import TranscriptSource, VideoStatus
from videos.models import Cue, Transcript, Video
from videos.policy import storable

MAX_PER_VIDEO = 50
TAGS_PER_SCENE = 6


def new_row(
    video: Video,
    *,
    source: str,
    language: str,
    cues: Sequence[TimedCue],
    label: str = "",
    file_key: str = "",
    encoding: str = "",
    digest: str = "",
) -> Transcript:
    """Return a row that is not saved. `digest` is that of the captions file; without one the cues have theirs."""
    stored = cues_to_json(cues)
    return Transcript(
        video=video,
        source=source,
        language=language[:16],
        label=label,
        file_key=file_key,
        encoding=encoding,
        digest=digest or cues_digest(stored),
        cue_count=len(stored),
        cues=stored,
    )


def file_digest(data: bytes) -> str:
    """Return the SHA-256 of a captions file."""
    return hashlib.sha256(data).hexdigest()


def timed_cues(row: Transcript) -> tuple[TimedCue, ...]:
    """Return the cues of a transcript as they were read or heard."""
    return cues_from_json(row.cues)


def timed_cue(row: Cue) -> TimedCue:
    """Return the cue of a row."""
    words = words_from_json(row.words, estimated=row.words_estimated)
    return TimedCue(row.start_ms, row.end_ms, row.text, words, row.speaker)


def shown_cues(video: Video) -> list[TimedCue]:
    """Return the cues of the video: those of the transcript in use, cut at the ends of scenes and of the video.

    With what was corrected, and without the lines that have no words any more.
    """
    rows = Cue.objects.filter(video=video).exclude(text="")
    return [timed_cue(row) for row in rows.order_by("index")]


def scene_texts(cues: Iterable[TimedCue], starts: Sequence[int]) -> list[str]:
    """Return the text of each scene, cue by cue: the words of two who speak at once are not mixed.

    `starts` are those of the scenes in ms. Each cue has words.
    """
    said: list[list[str]] = [[] for _ in starts]
    for cue in cues:
        scene = max(0, bisect_right(starts, cue.start_ms) - 1)
        said[scene] += [text for word in cue.words if (text := storable(word.text))]
    return [join_words(words) for words in said]


def scene_tags(texts: Sequence[str], number: int, *, language: str) -> list[str]:
    """Return the key terms of one scene among the texts of all, in the language of the scene's own words.

    `language` is the transcript's. In a recording of several languages a scene may tell another one.
    """
    if is_guessable(language):
        language = guess_language(texts[number]) or language
    corpus = [*texts[:number], *texts[number + 1 :]]
    return key_terms(texts[number], language=language, corpus=corpus, count=TAGS_PER_SCENE)


def listed(video: Video) -> QuerySet[Transcript]:
    """The video's transcripts without their cues, the oldest first."""
    return Transcript.objects.filter(video=video).defer("cues")


def keep(video: Video, found: Transcript) -> Transcript:
    """Save what processing found, unless the video has it already, and make it the one in use.

    A captions file that was read again replaces its earlier reading. At the limit the oldest transcript that was not
    uploaded makes room, since the video's file still has what it was made from.
    """
    adopt_shown(video, replaced_by=found)
    rows = listed(video)
    present = rows.filter(digest=found.digest).first()
    if present is None and found.file_key:
        present = rows.filter(file_key=found.file_key).first()
    if present is None:
        found.save(force_insert=True)
        present = found
    elif found.file_key:
        columns = ("digest", "language", "encoding", "cues", "cue_count")
        rows.filter(pk=present.pk).update(**{name: getattr(found, name) for name in columns})
    Video.objects.filter(pk=video.pk).update(transcript=present)
    _remove_surplus(video, present)
    return present


def without_rows() -> QuerySet[Video]:
    """Idle videos of an earlier release, with words or a captions file but no transcript, the newest first."""
    words = Exists(Cue.objects.filter(video=OuterRef("pk")))
    rows = Exists(Transcript.objects.filter(video=OuterRef("pk")))
    idle = Video.objects.filter(transcript=None, status__in=(VideoStatus.READY, VideoStatus.FAILED))
    return idle.filter(~rows, words | ~Q(captions_key="")).order_by("-created_at")


def adopt_earlier(*, limit: int) -> int:
    """Save the transcripts of up to `limit` videos of an earlier release; returns how many videos there were."""
    ids = list(without_rows().values_list("pk", flat=True)[:limit])
    for video_id in ids:
        with transaction.atomic():
            locked = Video.objects.select_for_update(no_key=True).filter(pk=video_id)
            if (video := locked.first()) is not None and not video.is_active:
                adopt_shown(video)
    return len(ids)


def adopt_shown(video: Video, *, replaced_by: Transcript | None = None) -> None:
    """Save the transcript of a video that an earlier release processed, and a captions file that it did not use.

    `video` is as it was before any change. Words that are the same as those that replace them are not kept twice.
    """
    if video.transcript_id is not None:
        return
    is_file = bool(video.captions_key) and video.transcript_source == TranscriptSource.CAPTIONS
    cues = shown_cues(video)
    if video.captions_key and not (replaced_by and replaced_by.file_key == video.captions_key):
        _adopt(video, _file_row(video, cues if is_file else ()), in_use=is_file)
    if cues and not is_file and not (replaced_by and _said(cues) == _said(timed_cues(replaced_by))):
        source = video.transcript_source or TranscriptSource.CAPTIONS
        row = new_row(video, source=source, language=video.transcript_language, cues=cues)
        _adopt(video, row, in_use=True)


def _file_row(video: Video, cues: Sequence[TimedCue]) -> Transcript:
    """Return a row for the video's captions file; without cues it is read when it is used."""
    return new_row(
        video,
        source=TranscriptSource.CAPTIONS,
        language=video.transcript_language if cues else "",
        cues=cues,
        label=video.captions_filename,
        file_key=video.captions_key,
        encoding=video.captions_encoding,
        digest=file_digest(video.captions_key.encode()),
    )


def _adopt(video: Video, row: Transcript, *, in_use: bool) -> None:
    row, _ = Transcript.objects.get_or_create(
        video=video,
        digest=row.digest,
        defaults={name: getattr(row, name) for name in _COLUMNS},
    )
    if in_use:
        Video.objects.filter(pk=video.pk).update(transcript=row)
        video.transcript = row


_COLUMNS = ("source", "language", "label", "file_key", "encoding", "cues", "cue_count")


def _said(cues: Sequence[TimedCue]) -> list[str]:
    return [word.text for cue in cues for word in cue.words]


def _remove_surplus(video: Video, in_use: Transcript) -> None:
    rows = Transcript.objects.filter(video=video)
    surplus = rows.count() - MAX_PER_VIDEO
    if surplus > 0:
        removable = rows.filter(file_key="").exclude(pk=in_use.pk).order_by("created_at", "id")
        ids = list(removable.values_list("pk", flat=True)[:surplus])
        rows.filter(pk__in=ids).delete()
