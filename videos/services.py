"""The verbs people trigger on videos. Pages, API and admin call these and nothing else."""

import contextlib
import logging
import uuid
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from django.db import transaction
from django.db.models.functions import Now

from accounts.models import User
from core.errors import CoreCode, HeimdexError
from jobs.clock import database_now
from jobs.work_folders import work_folder
from mediakit.media_info import MediaInfo
from storage import files as storage_files
from storage.sinks import upload_sink
from videos import lifecycle, policy, storage_keys
from videos.choices import ACTIVE, TranscriptSource, VideoStatus
from videos.errors import VideoCode
from videos.models import Upload, Video, VideoQuerySet
from videos.storage_keys import CaptionsFile
from videos.tasks import publish
from videos.uploads import acceptance, link_import
from videos.uploads.upload_lease import UploadLease

logger = logging.getLogger(__name__)

CAPTIONS_TYPE = "text/plain; charset=utf-8"


def create_video(
    *,
    owner: User,
    file: "UploadedFile[Any]",
    title: str = "",
    captions: "UploadedFile[Any] | None" = None,
    language: str = "",
) -> Video:
    """Take in a video that arrived whole in one request; refused as `accept_source` does.

    Everything that can be said without the file's bytes is checked before they are stored.
    """
    filename = policy.clean_filename(file.name or "")
    policy.check_size(file.size or 0)
    language = policy.clean_language(language)
    captions_data = policy.read_captions(captions) if captions else b""
    video_id = uuid.uuid4()
    key = storage_keys.source_key(owner_id=owner.pk, video_id=video_id, filename=filename)
    kept = None
    if captions:
        name = policy.clean_filename(captions.name or "")
        kept = _store_captions(captions_data, owner_id=owner.pk, video_id=video_id, filename=name)
    size = file.size or 0
    with (
        _removed_on_error(key, kept.key if kept else ""),
        _arriving(owner=owner, key=key, filename=filename, size_bytes=size) as arrival,
    ):
        with _on_disk(file) as path:
            _store(arrival, path)
        arrival.extend()
        return accept_source(
            video_id=video_id,
            owner=owner,
            source_key=key,
            filename=filename,
            size_bytes=size,
            title=title,
            captions=kept,
            language=language,
        )


def store_captions(*, owner: User, video_id: uuid.UUID, file: "UploadedFile[Any]") -> CaptionsFile:
    """Keep a captions file for a video that is still on its way; CAPTIONS_* when it is not readable."""
    data = policy.read_captions(file)
    filename = policy.clean_filename(file.name or "")
    return _store_captions(data, owner_id=owner.pk, video_id=video_id, filename=filename)


def accept_source(
    *,
    video_id: uuid.UUID,
    owner: User,
    source_key: str,
    filename: str,
    size_bytes: int,
    title: str = "",
    captions: CaptionsFile | None = None,
    language: str = "",
) -> Video:
    """Make a video of a file that lies in storage, and have it processed.

    1. What the file holds is probed; a file that is no playable video or breaks a limit is refused with a
       HeimdexError, and source and captions are removed from storage. When it is our side that fails, they stay,
       so that it can be tried again.
    2. The row is inserted and a message sent on commit. A message that cannot be sent is no error: the sweep
       sends it later.

    Doing it twice for the same `video_id` gives the same video, so an interrupted upload can finish again.
    """
    existing = Video.objects.visible_to(owner).filter(pk=video_id).first()
    if existing is not None:
        return existing
    with _removed_when_refused(source_key, captions.key if captions else ""):
        filename = policy.clean_filename(filename)
        language = policy.clean_language(language)
        policy.check_size(size_bytes)
        info = acceptance.examine(source_key)
        return _insert(
            Video(
                id=video_id,
                owner=owner,
                title=policy.clean_title(title, filename=filename),
                filename=filename,
                source_key=source_key,
                captions_key=captions.key if captions else "",
                captions_filename=captions.filename if captions else "",
                language_wanted=language,
            ),
            info,
        )


def import_video(*, owner: User, url: str, title: str = "", language: str = "") -> Video:
    """Have a video fetched from a link to its file. It is PENDING and has no source yet; a worker fetches it.

    IMPORT_LINK_INVALID, IMPORT_ADDRESS_REFUSED, IMPORT_LIMIT_EXCEEDED, IMPORT_OFF. Giving a link again that still
    waits gives the same video, so that a second click makes no second one.
    """
    link = link_import.check_link(url)
    language = policy.clean_language(language)
    filename = policy.link_filename(link.target)
    with transaction.atomic():
        waiting = _waiting_imports(owner.pk)
        same = waiting.filter(source_url=str(link)).first()
        if same is not None:
            return same
        policy.check_imports(waiting.count())
        video = Video.objects.create(
            owner=owner,
            title=policy.clean_title(title, filename=filename),
            filename=filename,
            source_url=str(link),
            language_wanted=language,
            queued_at=database_now(),
        )
        transaction.on_commit(partial(publish, video.pk))
    return video


def set_captions(video: Video, *, file: "UploadedFile[Any]") -> Video:
    """Give a video a captions file and build its transcript from it.

    CAPTIONS_* when the file is not readable, VIDEO_BUSY while the video is being processed; then nothing changed.
    """
    data = policy.read_captions(file)
    name = policy.clean_filename(file.name or "")
    key = storage_keys.captions_key(owner_id=video.owner_id, video_id=video.pk, filename=name)
    before = video.captions_key
    with transaction.atomic():
        _restart(
            video,
            captions_key=key,
            captions_filename=name,
            transcript_wanted=TranscriptSource.CAPTIONS,
        )
        storage_files.save_bytes(key, data, content_type=CAPTIONS_TYPE)
        if before not in {"", key}:
            transaction.on_commit(partial(storage_files.delete, before), robust=True)
    video.refresh_from_db()
    return video


def request_reprocess(
    video: Video, *, language: str | None = None, transcript: str | None = None
) -> Video:
    """Process a video again; VIDEO_BUSY while it is being processed. One that could not be fetched is fetched again.

    `language` and `transcript` (a TranscriptSource) replace what was wished before; None keeps it.
    Scenes, exports and the page stay as they are until the new result is there.
    """
    wishes: dict[str, str] = {}
    if language is not None:
        wishes["language_wanted"] = policy.clean_language(language)
    if transcript is not None:
        if transcript not in TranscriptSource.values:
            raise HeimdexError(CoreCode.INVALID_INPUT, {"fields": {"transcript": [transcript]}})
        wishes["transcript_wanted"] = transcript
    with transaction.atomic():
        if not video.source_key:  # it will be fetched again
            policy.check_imports(_waiting_imports(video.owner_id).exclude(pk=video.pk).count())
        _restart(video, **wishes)
    video.refresh_from_db()
    return video


def rename_video(video: Video, *, title: str) -> Video:
    """Give a video another title; an empty one falls back to the file's name."""
    title = policy.clean_title(title, filename=video.filename)
    Video.objects.filter(pk=video.pk).update(title=title, updated_at=Now())
    video.refresh_from_db()
    return video


def delete_video(video: Video) -> None:
    """Remove a video with everything that was made of it. Exports stay: they are files of their own.

    A worker that is processing it finds its row gone and drops the work.
    """
    with transaction.atomic():
        Video.objects.filter(pk=video.pk).delete()
        transaction.on_commit(partial(_delete_files, video), robust=True)


def _delete_files(video: Video) -> None:
    storage_files.delete(video.source_key, video.captions_key)
    for folder in storage_keys.folders(video):
        storage_files.delete_prefix(folder)


def _waiting_imports(owner_id: int) -> VideoQuerySet:
    """A person's videos that are still to be fetched; nobody else counts them until the transaction ends."""
    owner = User.objects.select_for_update(no_key=True).get(pk=owner_id)
    return Video.objects.visible_to(owner).filter(source_key="", status__in=ACTIVE)


def _insert(video: Video, info: MediaInfo) -> Video:
    video.status = VideoStatus.PENDING
    video.queued_at = database_now()
    for name, value in lifecycle.media_columns(info).items():
        setattr(video, name, value)
    with transaction.atomic():
        video.save(force_insert=True)
        transaction.on_commit(partial(publish, video.pk))
    return video


def _restart(video: Video, **wishes: str) -> None:
    if not lifecycle.restart(video, **wishes):
        raise HeimdexError(VideoCode.VIDEO_BUSY)
    transaction.on_commit(partial(publish, video.pk))


def _store_captions(
    data: bytes, *, owner_id: int, video_id: uuid.UUID, filename: str
) -> CaptionsFile:
    key = storage_keys.captions_key(owner_id=owner_id, video_id=video_id, filename=filename)
    storage_files.save_bytes(key, data, content_type=CAPTIONS_TYPE)
    return CaptionsFile(key, filename)


@contextlib.contextmanager
def _arriving(*, owner: User, key: str, filename: str, size_bytes: int) -> Iterator[UploadLease]:
    """A row that says what is on its way, held by this request: if its process dies, the clean-up knows the bytes."""
    upload = Upload.objects.create(
        owner=owner, filename=filename, size_bytes=size_bytes, storage_key=key, resumable=False
    )
    try:
        with UploadLease(upload.pk) as arrival:
            yield arrival
    finally:
        Upload.objects.filter(pk=upload.pk).delete()


def _store(arrival: UploadLease, path: Path) -> None:
    """Put a file under its key: a local one is moved there, S3 gets it in parts."""
    upload = arrival.upload
    if storage_files.is_local():
        storage_files.save_file(upload.storage_key, path, content_type="video/mp4")
        return
    size = upload.size_bytes
    state = upload_sink.begin(upload.storage_key, size_bytes=size)
    arrival.save(offset=0, state=state)
    with path.open("rb") as stream:
        received = upload_sink.append(
            upload.storage_key, state, offset=0, stream=stream, length=size, tell=arrival.tell
        )
    if received.error:
        upload_sink.abort(upload.storage_key, received.state)
        raise received.error
    arrival.extend()
    upload_sink.finish(upload.storage_key, received.state, size_bytes=size)


@contextlib.contextmanager
def _removed_when_refused(*keys: str) -> Iterator[None]:
    """What cannot be accepted leaves nothing in storage."""
    try:
        yield
    except HeimdexError as error:
        if error.status < 500:
            storage_files.delete(*keys)
        raise


@contextlib.contextmanager
def _removed_on_error(*keys: str) -> Iterator[None]:
    """What somebody would have to send again anyway leaves nothing in storage."""
    try:
        yield
    except Exception:
        storage_files.delete(*keys)
        raise


@contextlib.contextmanager
def _on_disk(file: "UploadedFile[Any]") -> Iterator[Path]:
    """The uploaded bytes as a file that may be moved away."""
    if isinstance(file, TemporaryUploadedFile):
        yield Path(file.temporary_file_path())
        file.close()
        return
    with work_folder("upload") as folder:
        path = folder / "source"
        with path.open("wb") as target:
            target.writelines(file.chunks())
        yield path
