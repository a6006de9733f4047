"""The actions on videos. Pages, API and admin call these; they write videos in no other way."""

import contextlib
import logging
import uuid
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from accounts.models import User
from core.errors import CoreCode, HeimdexError
from core.idempotency import IdempotencyKey
from jobs.clock import database_now
from jobs.work_folders import work_folder
from mediakit.media_info import MediaInfo
from storage import files as storage_files
from storage.local import is_local
from storage.sinks import upload_sink
from videos import lifecycle, policy, storage_keys
from videos.choices import ACTIVE, TranscriptSource, VideoStatus
from videos.models import Proxy, Upload, Video, VideoQuerySet
from videos.proxies import lifecycle as proxy_lifecycle
from videos.queries import own_videos
from videos.search.entries import index_video
from videos.storage_keys import CaptionsFile
from videos.tasks import publish
from videos.transcript_services import CAPTIONS_TYPE, restart
from videos.transcripts.captions_upload import read_upload
from videos.uploads import link_import, quota
from videos.uploads.upload_lease import UploadLease

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ReprocessedVideos:
    """Which videos are processed again, and why others are not."""

    accepted: list[uuid.UUID]
    refused: dict[uuid.UUID, HeimdexError]


def create_video(
    *,
    owner: User,
    file: "UploadedFile[Any]",
    title: str = "",
    captions: "UploadedFile[Any] | None" = None,
    language: str = "",
    encoding: str = "",
    idempotency_key: IdempotencyKey | None = None,
) -> Video:
    """Make a video of a file that was uploaded in one request. Raises what `accept_source` raises.

    Name, size, language and captions with their encoding are checked before the file is stored. The same idempotency
    key returns the same video; with another request it raises IDEMPOTENCY_KEY_REUSED.
    """
    request_key = idempotency_key or IdempotencyKey()
    existing = _made_by(owner, request_key)
    if existing is not None:
        return existing
    filename = policy.clean_filename(file.name or "")
    policy.check_size(file.size or 0)
    language = policy.clean_language(language)
    encoding = policy.clean_encoding(encoding)
    captions_data = read_upload(captions, encoding=encoding).data if captions else b""
    video_id = uuid.uuid4()
    key = storage_keys.source_key(owner_id=owner.pk, video_id=video_id, filename=filename)
    kept = None
    if captions:
        name = policy.clean_filename(captions.name or "")
        kept = _store_captions(
            captions_data,
            owner_id=owner.pk,
            video_id=video_id,
            filename=name,
            encoding=encoding,
        )
    size = file.size or 0
    with (
        contextlib.suppress(IntegrityError),  # the same request, sent at the same time, was faster
        _remove_on_error(key, kept.key if kept else ""),
        _upload_row(owner=owner, key=key, filename=filename, size_bytes=size) as lease,
    ):
        with _on_disk(file) as path:
            _store(lease, path)
        lease.extend()
        return accept_source(
            video_id=video_id,
            owner=owner,
            source_key=key,
            filename=filename,
            size_bytes=size,
            title=title,
            captions=kept,
            language=language,
            idempotency_key=request_key,
        )
    existing = _made_by(owner, request_key)
    if existing is None:
        raise HeimdexError(CoreCode.INTERNAL_ERROR)
    return existing


def _made_by(owner: User, key: IdempotencyKey) -> Video | None:
    """The video that the request with this key made. Raises IDEMPOTENCY_KEY_REUSED for another request."""
    if not key.value:
        return None
    video = Video.objects.visible_to(owner).filter(idempotency_key=key.value).first()
    if video is not None:
        key.check(video.request_fingerprint)
    return video


def store_captions(
    *, owner: User, video_id: uuid.UUID, file: "UploadedFile[Any]", encoding: str = ""
) -> CaptionsFile:
    """Store a captions file for a video that is still being uploaded; CAPTIONS_* when it is not readable."""
    encoding = policy.clean_encoding(encoding)
    data = read_upload(file, encoding=encoding).data
    filename = policy.clean_filename(file.name or "")
    return _store_captions(
        data, owner_id=owner.pk, video_id=video_id, filename=filename, encoding=encoding
    )


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
    idempotency_key: IdempotencyKey | None = None,
) -> Video:
    """Make a video of a file in storage and queue it for processing.

    1. Probe the file. If it is no playable video or exceeds a limit, a HeimdexError is raised, and source and captions
       are removed from storage. After a server error (5xx) they stay, so that the client can retry.
    2. Insert the row, and send a message on commit. If the message cannot be sent, the sweep sends it later.

    A second call with the same `video_id` returns the same video, so that an interrupted upload can finish again.
    """
    existing = Video.objects.visible_to(owner).filter(pk=video_id).first()
    if existing is not None:
        return existing
    with _remove_if_refused(source_key, captions.key if captions else ""):
        filename = policy.clean_filename(filename)
        language = policy.clean_language(language)
        policy.check_size(size_bytes)
        info = policy.check_source(source_key)
        return _insert(
            Video(
                id=video_id,
                owner=owner,
                title=policy.clean_title(title, filename=filename, tag=info.title),
                filename=filename,
                source_key=source_key,
                captions_key=captions.key if captions else "",
                captions_filename=captions.filename if captions else "",
                captions_encoding=captions.encoding if captions else "",
                language_wanted=language,
                idempotency_key=idempotency_key.value if idempotency_key else "",
                request_fingerprint=idempotency_key.fingerprint if idempotency_key else "",
            ),
            info,
        )


def import_video(*, owner: User, url: str, title: str = "", language: str = "") -> Video:
    """Make a video of a link to its file. It is PENDING and has no source until a worker fetches it.

    Raises IMPORT_LINK_INVALID, IMPORT_ADDRESS_REFUSED, IMPORT_LIMIT_EXCEEDED or IMPORT_OFF. While an import is
    pending, the same link returns the same video, so that a second click makes no second video.
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
        quota.check_room(owner.pk, size_bytes=1)
        video = Video.objects.create(
            owner=owner,
            title=policy.clean_title(title, filename=filename),
            filename=filename,
            source_url=str(link),
            language_wanted=language,
            queued_at=database_now(),
        )
        index_video(video.pk)
        transaction.on_commit(partial(publish, video.pk))
    return video


def request_reprocess(
    video: Video,
    *,
    language: str | None = None,
    transcript: str | None = None,
    encoding: str | None = None,
    audio_track: str | None = None,
) -> Video:
    """Process a video again; a failed import is fetched again. VIDEO_BUSY while the video is being processed.

    `language`, `transcript` (a TranscriptSource), `encoding` (of the captions file) and `audio_track` (the stream index
    of the main sound; empty: find out) replace the earlier choices; None keeps them. Another language or source ends
    the choice of a transcript. The old scenes stay until the new ones are saved. Exports do not change.
    """
    columns = _chosen_columns(video, language=language, transcript=transcript)
    if encoding is not None:
        columns["captions_encoding"] = policy.clean_encoding(encoding)
    if audio_track is not None:
        columns["audio_track_wanted"] = policy.clean_audio_track(video, audio_track)
    with transaction.atomic():
        if not video.source_key:  # it will be fetched again
            policy.check_imports(_waiting_imports(video.owner_id).exclude(pk=video.pk).count())
        restart(video, **columns)
    video.refresh_from_db()
    return video


def _chosen_columns(
    video: Video, *, language: str | None, transcript: str | None
) -> dict[str, Any]:
    """The columns of another language or transcript source; either ends the choice of a transcript."""
    columns: dict[str, Any] = {}
    if language is not None:
        columns["language_wanted"] = policy.clean_language(language)
        if columns["language_wanted"] != video.language_wanted:
            columns["transcript_chosen"] = None
    if transcript is not None:
        if transcript not in TranscriptSource.values:
            raise HeimdexError(CoreCode.INVALID_INPUT, {"fields": {"transcript": [transcript]}})
        columns["transcript_wanted"] = transcript
        if transcript != video.transcript_wanted or transcript != TranscriptSource.CAPTIONS:
            columns["transcript_chosen"] = None
    return columns


def request_proxy(video: Video) -> None:
    """Queue a playback proxy for a video that needs one, again when one failed; no-op where it needs none."""
    with transaction.atomic():
        proxy = Proxy.objects.filter(video=video).first()
        if proxy is not None:
            proxy_lifecycle.restart(proxy)
        elif video.is_ready:
            proxy_lifecycle.ensure_proxy(video)


def rename_video(video: Video, *, title: str) -> Video:
    """Set a video's title; an empty title is replaced by the file's name."""
    title = policy.clean_title(title, filename=video.filename)
    with transaction.atomic():
        Video.objects.filter(pk=video.pk).update(title=title, updated_at=Now())
        index_video(video.pk)
    video.refresh_from_db()
    return video


def reprocess_videos(
    user: User, ids: Collection[uuid.UUID], *, language: str | None = None
) -> ReprocessedVideos:
    """Process those of the user's videos again, in another language if one is given.

    What cannot be is left out, each with its reason: VIDEO_BUSY and the codes of a link that is to be fetched again.
    """
    accepted: list[uuid.UUID] = []
    refused: dict[uuid.UUID, HeimdexError] = {}
    if language is not None:
        policy.clean_language(language)
    keys = own_videos(user, ids)
    for start in range(0, len(keys), 50):  # a commit for each of a thousand takes half a minute
        with transaction.atomic():
            User.objects.select_for_update(no_key=True).get(pk=user.pk)  # always first
            for video in Video.objects.filter(pk__in=keys[start : start + 50]):
                try:
                    request_reprocess(video, language=language)
                except HeimdexError as error:
                    refused[video.pk] = error
                else:
                    accepted.append(video.pk)
    return ReprocessedVideos(accepted, refused)


def _waiting_imports(owner_id: int) -> VideoQuerySet:
    """The owner's videos that are still to be fetched. The owner's row stays locked until the transaction ends."""
    owner = User.objects.select_for_update(no_key=True).get(pk=owner_id)
    return Video.objects.visible_to(owner).filter(source_key="", status__in=ACTIVE)


def _insert(video: Video, info: MediaInfo) -> Video:
    video.status = VideoStatus.PENDING
    video.queued_at = database_now()
    for name, value in lifecycle.media_columns(info).items():
        setattr(video, name, value)
    with transaction.atomic():
        video.save(force_insert=True)
        index_video(video.pk)
        transaction.on_commit(partial(publish, video.pk))
    return video


def _store_captions(
    data: bytes, *, owner_id: int, video_id: uuid.UUID, filename: str, encoding: str
) -> CaptionsFile:
    key = storage_keys.captions_key(owner_id=owner_id, video_id=video_id, filename=filename)
    storage_files.save_bytes(key, data, content_type=CAPTIONS_TYPE)
    return CaptionsFile(key, filename, encoding)


@contextlib.contextmanager
def _upload_row(*, owner: User, key: str, filename: str, size_bytes: int) -> Iterator[UploadLease]:
    """A leased `Upload` row for the time of this request, so that the clean-up finds the bytes if the process dies."""
    with transaction.atomic():
        quota.check_room(owner.pk, size_bytes=size_bytes, is_on_disk=True)
        upload = Upload.objects.create(
            owner=owner, filename=filename, size_bytes=size_bytes, storage_key=key, resumable=False
        )
    try:
        with UploadLease(upload.pk) as lease:
            yield lease
    finally:
        Upload.objects.filter(pk=upload.pk).delete()


def _store(lease: UploadLease, path: Path) -> None:
    """Store a file under the upload's key: moved on a local disk, sent in parts to S3."""
    upload = lease.upload
    if is_local():
        storage_files.save_file(upload.storage_key, path, content_type="video/mp4")
        return
    size = upload.size_bytes
    state = upload_sink.begin(upload.storage_key, size_bytes=size)
    lease.save(offset=0, state=state)
    with path.open("rb") as stream:
        received = upload_sink.append(
            upload.storage_key,
            state,
            offset=0,
            stream=stream,
            length=size,
            on_progress=lease.save_throttled,
        )
    if received.error:
        upload_sink.abort(upload.storage_key, received.state)
        raise received.error
    lease.extend()
    upload_sink.finish(upload.storage_key, received.state, size_bytes=size)


@contextlib.contextmanager
def _remove_if_refused(*keys: str) -> Iterator[None]:
    """Remove these keys from storage when the file is refused (not after a server error)."""
    try:
        yield
    except HeimdexError as error:
        if error.status < 500:
            storage_files.delete(*keys)
        raise


@contextlib.contextmanager
def _remove_on_error(*keys: str) -> Iterator[None]:
    """Remove these keys from storage after any error: the client has to send the file again anyway."""
    try:
        yield
    except Exception:
        storage_files.delete(*keys)
        raise


@contextlib.contextmanager
def _on_disk(file: "UploadedFile[Any]") -> Iterator[Path]:
    """The uploaded bytes as a file on disk, which the caller may move away."""
    if isinstance(file, TemporaryUploadedFile):
        yield Path(file.temporary_file_path())
        file.close()
        return
    with work_folder("upload") as folder:
        path = folder / "source"
        with path.open("wb") as target:
            target.writelines(file.chunks())
        yield path
