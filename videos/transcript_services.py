"""The actions on a video's transcripts: add, use, delete. Pages, API and admin call these."""

from functools import partial
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from core.errors import CoreCode, HeimdexError
from mediakit.text.languages import guess_language
from storage import files as storage_files
from videos import lifecycle, policy, storage_keys
from videos.choices import TranscriptSource
from videos.errors import VideoCode
from videos.models import Transcript, Video
from videos.tasks import publish
from videos.transcripts import rows as transcript_rows
from videos.transcripts.captions_upload import can_hear, read_upload

# A shorter range holds no word.
MIN_RANGE_MS = 500
CAPTIONS_TYPE = "text/plain; charset=utf-8"


def restart(video: Video, **columns: Any) -> None:
    """Queue a video for processing again, with these columns. VIDEO_BUSY while it is being processed.

    Called in a transaction, after which the message is sent.
    """
    if not lifecycle.restart(video, **columns):
        raise HeimdexError(VideoCode.VIDEO_BUSY)
    transaction.on_commit(partial(publish, video.pk))


def add_transcript(
    video: Video, *, file: "UploadedFile[Any]", language: str = "", encoding: str = ""
) -> Transcript:
    """Add a captions file as one more transcript; the one in use stays. It may be added while the video is processed.

    Without `language` the file's own counts, else that of its text. CAPTIONS_* when it is not readable,
    TEXT_NEEDS_SPEECH for a text without times where nothing can hear when it is said, TRANSCRIPT_EXISTS when it is
    here already, TRANSCRIPT_LIMIT_EXCEEDED.
    """
    row, data = _read(video, file=file, language=language, encoding=encoding)
    with transaction.atomic():
        _locked(video)
        present = _same_file(row)
        if present is not None:
            raise HeimdexError(VideoCode.TRANSCRIPT_EXISTS, {"label": str(present)})
        _insert(row, data)
    return row


def set_captions(
    video: Video, *, file: "UploadedFile[Any]", language: str = "", encoding: str = ""
) -> Video:
    """Add a captions file, unless it is here already, and use it.

    Raises what `add_transcript` raises, and VIDEO_BUSY while the video is being processed; then nothing changes.
    """
    row, data = _read(video, file=file, language=language, encoding=encoding)
    with transaction.atomic():
        if _locked(video).is_active:
            raise HeimdexError(VideoCode.VIDEO_BUSY)
        present = _same_file(row)
        if present is None:
            _insert(row, data)
        else:
            present.encoding = row.encoding
            present.save(update_fields=["encoding"])
        _use(video, present or row)
    video.refresh_from_db()
    return video


def use_transcript(video: Video, transcript: Transcript) -> Video:
    """Make a transcript the one in use: scenes and cues are built anew from it. VIDEO_BUSY while that is going on.

    The one in use stays in use; nothing is done then.
    """
    with transaction.atomic():
        if _locked(video).transcript_id != transcript.pk:
            _use(video, transcript)
    video.refresh_from_db()
    return video


def hear_again(video: Video, *, start_ms: int, end_ms: int, language: str = "") -> Video:
    """Hear a range of a video again; what is heard replaces the words there in the transcript in use.

    The transcript of before stays among the others. INVALID_INPUT for a range that is empty or not in the video;
    NO_TRANSCRIPT, NO_SOUND, SPEECH_MODEL_MISSING where nothing can be heard; VIDEO_BUSY while it is being processed.
    """
    language = policy.clean_language(language)
    with transaction.atomic():
        now = _locked(video)
        if now.is_active:
            raise HeimdexError(VideoCode.VIDEO_BUSY)
        if now.transcript_id is None or not now.is_ready:
            raise HeimdexError(VideoCode.NO_TRANSCRIPT)
        _check_range(start_ms, end_ms, duration_ms=now.duration_ms or 0)
        if not policy.audio_tracks(now):
            raise HeimdexError(VideoCode.NO_SOUND)
        if not can_hear(language or now.language_wanted):
            raise HeimdexError(VideoCode.SPEECH_MODEL_MISSING)
        asked = {"start_ms": start_ms, "end_ms": end_ms, "language": language}
        restart(now, range_to_hear={**asked, "heard_until_ms": now.heard_ms})
    video.refresh_from_db()
    return video


def _check_range(start_ms: int, end_ms: int, *, duration_ms: int) -> None:
    """INVALID_INPUT unless the range lies in the video and is MIN_RANGE_MS long."""
    if start_ms >= 0 and start_ms + MIN_RANGE_MS <= end_ms <= duration_ms:
        return
    sentence = _("The range must lie in the video and be at least %(seconds)s s long.") % {
        "seconds": MIN_RANGE_MS / 1000
    }
    raise HeimdexError(CoreCode.INVALID_INPUT, {"fields": {"end_s": [sentence]}}, message=sentence)


def delete_transcript(video: Video, transcript: Transcript) -> None:
    """Delete a transcript with its file. TRANSCRIPT_IN_USE, or VIDEO_BUSY while processing may be reading it."""
    with transaction.atomic():
        now = _locked(video)
        if now.transcript_id == transcript.pk:
            raise HeimdexError(VideoCode.TRANSCRIPT_IN_USE)
        if now.is_active and now.transcript_chosen_id == transcript.pk:
            raise HeimdexError(VideoCode.VIDEO_BUSY)
        Transcript.objects.filter(pk=transcript.pk).delete()
        if transcript.file_key and now.captions_key == transcript.file_key:
            columns = {"captions_key": "", "captions_filename": "", "captions_encoding": ""}
            if now.transcript_wanted == TranscriptSource.CAPTIONS:
                columns["transcript_wanted"] = TranscriptSource.AUTO
            Video.objects.filter(pk=video.pk).update(**columns)
        transaction.on_commit(partial(storage_files.delete, transcript.file_key), robust=True)


def _locked(video: Video) -> Video:
    """The video as it is now, locked until the transaction ends; with the rows of an earlier release's transcript."""
    now = Video.objects.select_for_update(no_key=True).filter(pk=video.pk).first()
    if now is None:
        raise HeimdexError(VideoCode.VIDEO_NOT_FOUND)
    transcript_rows.adopt_shown(now)
    return now


def _read(
    video: Video, *, file: "UploadedFile[Any]", language: str, encoding: str
) -> tuple[Transcript, bytes]:
    """Read a captions file; returns its row, not saved, and its bytes."""
    language = policy.clean_language(language)
    encoding = policy.clean_encoding(encoding)
    name = policy.clean_filename(file.name or "")
    spoken = language or video.language_wanted
    upload = read_upload(
        file, encoding=encoding, language=spoken, frame_rate=video.frame_rate or 0.0
    )
    cues = upload.reading.cues
    text = " ".join([*(cue.text for cue in cues), *(line.text for line in upload.reading.lines)])
    row = transcript_rows.new_row(
        video,
        source=TranscriptSource.CAPTIONS,
        language=language or upload.reading.language or guess_language(text) or spoken,
        cues=cues,
        label=name,
        encoding=encoding,
        digest=transcript_rows.file_digest(upload.data),
    )
    row.file_key = storage_keys.transcript_key(
        owner_id=video.owner_id, video_id=video.pk, transcript_id=row.pk, filename=name
    )
    return row, upload.data


def _same_file(row: Transcript) -> Transcript | None:
    """The video's transcript from a file with the same bytes."""
    return transcript_rows.listed(row.video).filter(digest=row.digest).first()


def _insert(row: Transcript, data: bytes) -> None:
    limit = transcript_rows.MAX_PER_VIDEO
    if Transcript.objects.filter(video=row.video).count() >= limit:
        raise HeimdexError(VideoCode.TRANSCRIPT_LIMIT_EXCEEDED, {"limit": limit})
    row.save(force_insert=True)
    storage_files.save_bytes(row.file_key, data, content_type=CAPTIONS_TYPE)


def _use(video: Video, row: Transcript) -> None:
    columns: dict[str, Any] = {
        "transcript_wanted": row.source,
        "transcript_chosen": row,
        "range_to_hear": None,
    }
    if row.file_key:
        columns["captions_key"] = row.file_key
        columns["captions_filename"] = row.label
        columns["captions_encoding"] = row.encoding
    restart(video, **columns)
