"""Actions on resumable uploads: begin, receive, finish as a video, cancel. The protocol is in `videos.api.uploads`."""

import uuid
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from accounts.models import User
from core.errors import CoreCode, HeimdexError
from storage import files as storage_files
from storage.errors import StorageCode
from storage.sinks import upload_sink
from storage.sinks.upload_stream import Stream
from videos import policy, services, storage_keys, transcript_services
from videos.models import Upload, Video
from videos.queries import as_uuid
from videos.storage_keys import CaptionsFile
from videos.uploads import cleanup, quota
from videos.uploads.upload_lease import UploadLease


@dataclass(frozen=True, slots=True)
class Progress:
    """How many bytes have arrived, and the video when all have."""

    offset: int
    video: Video | None = None


def get_upload(user: User | AnonymousUser, upload_id: uuid.UUID | str) -> Upload:
    """The user's own resumable upload; UPLOAD_NOT_FOUND for any other id, also a malformed one."""
    rows = Upload.objects.filter(owner_id=user.pk, fetch_token=None, resumable=True)
    key = as_uuid(upload_id)
    upload = rows.filter(pk=key).first() if key else None
    if upload is None:
        raise HeimdexError(StorageCode.UPLOAD_NOT_FOUND)
    return upload


def finished_video(upload: Upload) -> Video | None:
    """The video that a finished upload became; None when it is unfinished or the video was deleted."""
    if upload.finished_at is None:
        return None
    return Video.objects.filter(owner_id=upload.owner_id, pk=upload.pk).first()


def begin_upload(
    *, owner: User, filename: str, size_bytes: int, title: str = "", language: str = ""
) -> Upload:
    """Begin an upload of `size_bytes` bytes. HeimdexError when it is not accepted or does not fit."""
    filename = policy.clean_filename(filename)
    policy.check_size(size_bytes)
    language = policy.clean_language(language)
    upload_id = uuid.uuid4()
    key = storage_keys.source_key(owner_id=owner.pk, video_id=upload_id, filename=filename)
    with transaction.atomic():
        quota.check_room(owner.pk, size_bytes=size_bytes)
        upload = Upload.objects.create(
            id=upload_id,
            owner=owner,
            filename=filename,
            title=policy.title_line(title),
            language_wanted=language,
            size_bytes=size_bytes,
            storage_key=key,
            sink_state={},
        )
    try:
        upload.sink_state = upload_sink.begin(key, size_bytes=size_bytes)
        upload.save(update_fields=["sink_state"])
    except BaseException:
        upload.delete()
        raise
    return upload


def add_captions(upload: Upload, *, file: "UploadedFile[Any]", encoding: str = "") -> None:
    """Store a captions file for the future video of this upload, or set it on the video of a finished upload.

    CAPTIONS_* when it is not readable; VIDEO_BUSY when the video is already being processed.
    """
    if upload.finished_at is not None:
        video = finished_video(upload)
        if video is None:
            raise HeimdexError(StorageCode.UPLOAD_NOT_FOUND)
        transcript_services.set_captions(video, file=file, encoding=encoding)
        return
    kept = services.store_captions(
        owner=upload.owner, video_id=upload.pk, file=file, encoding=encoding
    )
    before = upload.captions_key
    Upload.objects.filter(pk=upload.pk).update(
        captions_key=kept.key,
        captions_filename=kept.filename,
        captions_encoding=kept.encoding,
    )
    if before != kept.key:
        storage_files.delete(before)


def receive(upload: Upload, *, offset: int, stream: Stream, length: int) -> Progress:
    """Append up to `length` bytes at `offset`; after the last byte, make the video.

    UPLOAD_OFFSET_MISMATCH when `offset` is not the upload's, UPLOAD_BUSY when another request is writing, STORAGE_*
    when storage fails (the bytes that it has are kept). If the file is refused as a video, everything is removed.
    """
    with UploadLease(upload.pk) as lease:
        upload = lease.upload
        if upload.finished_at is not None or offset != upload.offset_bytes:
            raise HeimdexError(StorageCode.UPLOAD_OFFSET_MISMATCH, {"offset": upload.offset_bytes})
        if length > upload.size_bytes - offset:
            raise HeimdexError(CoreCode.INVALID_INPUT, {"most_bytes": upload.size_bytes - offset})
        try:
            return _receive(lease, stream=stream, length=length)
        except HeimdexError as error:
            if error.code == StorageCode.UPLOAD_NOT_FOUND:  # storage does not know it any more
                cleanup.discard(upload)
            raise


def cancel_upload(upload: Upload) -> None:
    """Cancel an upload and remove all its bytes. UPLOAD_BUSY while a request is writing to it."""
    with UploadLease(upload.pk) as lease:
        cleanup.discard(lease.upload)


def _receive(lease: UploadLease, *, stream: Stream, length: int) -> Progress:
    """1. Append the bytes. 2. After the last one, complete the stored file. 3. Make the video.

    The row is complete only after step 3, so after a crash in between the client sends the last bytes again. If the
    stored file is complete already, they are not read.
    """
    upload = lease.upload
    is_last = upload.offset_bytes + length == upload.size_bytes
    if not (is_last and storage_files.size(upload.storage_key) == upload.size_bytes):
        received = upload_sink.append(
            upload.storage_key,
            upload.sink_state,
            offset=upload.offset_bytes,
            stream=stream,
            length=length,
            on_progress=lease.save_throttled,
        )
        if received.error or received.offset < upload.size_bytes:
            lease.save(offset=received.offset, state=received.state)
            if received.error:
                raise received.error
            return Progress(received.offset)
        lease.extend()
        upload_sink.finish(upload.storage_key, received.state, size_bytes=upload.size_bytes)
    return Progress(upload.size_bytes, _make_video(lease))


def _make_video(lease: UploadLease) -> Video:
    lease.extend()
    upload = lease.upload
    upload.refresh_from_db(fields=["captions_key", "captions_filename", "captions_encoding"])
    captions = CaptionsFile(upload.captions_key, upload.captions_filename, upload.captions_encoding)
    try:
        video = services.accept_source(
            video_id=upload.pk,
            owner=upload.owner,
            source_key=upload.storage_key,
            filename=upload.filename,
            size_bytes=upload.size_bytes,
            title=upload.title,
            captions=captions if captions.key else None,
            language=upload.language_wanted,
        )
    except Exception:
        if (
            storage_files.size(upload.storage_key) is None
        ):  # it was refused; otherwise the client may try again
            cleanup.discard(upload)
        raise
    lease.finish()
    return video
