"""Finds and removes abandoned uploads, and stored parts that belong to no upload."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet

from core.errors import HeimdexError
from storage import files
from storage.sinks import upload_sink
from storage.sinks.upload_stream import UnfinishedUpload
from videos.models import Upload, Video
from videos.uploads import upload_lease
from videos.uploads.upload_lease import UploadLease

logger = logging.getLogger(__name__)

ORPHAN_MIN_AGE = timedelta(minutes=5)
"""Younger parts without a row may belong to an upload that is just beginning or ending."""
EXPORTS_PREFIX = "exports/"
"""Files made by exports; `exports.retention.files` cleans up after them."""


@dataclass(frozen=True, slots=True)
class RemovedItem:
    """One removed upload or part, or one that would be removed; `size_bytes` had arrived."""

    name: str
    size_bytes: int


def discard(upload: Upload) -> None:
    """Remove an upload with all its bytes. If it became a video, the video's files stay."""
    if upload.finished_at is None and not _is_source(upload.storage_key):
        upload_sink.abort(upload.storage_key, upload.sink_state)
        files.delete(upload.captions_key)
    Upload.objects.filter(pk=upload.pk).delete()


def abandoned_uploads(*, at: datetime) -> Iterator[Upload]:
    """Unleased uploads without progress for UPLOAD_KEEP_S seconds."""
    before = at - timedelta(seconds=settings.UPLOAD_KEEP_S)
    yield from upload_lease.unleased(at=at).filter(updated_at__lt=before, fetch_token=None)


def interrupted_requests(*, at: datetime) -> QuerySet[Upload]:
    """Uploads in a single request whose process died; they cannot be resumed.

    Younger rows are left out, because a request takes its lease a moment after it inserts its row.
    """
    begun = at - upload_lease.LEASE_TIME
    return upload_lease.unleased(at=at).filter(resumable=False, created_at__lt=begun)


def interrupted_fetches() -> QuerySet[Upload]:
    """Fetches of links by workers that no longer hold the claim on the video."""
    held = Video.objects.filter(claim_token=OuterRef("fetch_token"))
    return Upload.objects.filter(~Exists(held), fetch_token__isnull=False)


def orphaned_parts(*, at: datetime) -> Iterator[UnfinishedUpload]:
    """Stored parts older than `ORPHAN_MIN_AGE` that belong to no upload, because a process died."""
    for found in upload_sink.list_unfinished():
        if found.key.startswith(EXPORTS_PREFIX):
            continue
        if found.since < at - ORPHAN_MIN_AGE and not _is_upload(found.key):
            yield found


def remove_abandoned_uploads(*, at: datetime, dry_run: bool = False) -> list[RemovedItem]:
    """Remove abandoned and interrupted uploads and orphaned parts; returns them. With `dry_run` it only lists them.

    If storage fails to remove one, the next run tries again.
    """
    removed = [
        RemovedItem(upload.filename, upload.offset_bytes)
        for upload in (
            *abandoned_uploads(at=at),
            *interrupted_requests(at=at),
            *interrupted_fetches(),
        )
        if dry_run or _succeeds(partial(_discard_leased, upload), upload.storage_key)
    ]
    removed += [
        RemovedItem(found.stored_key or found.key, found.size_bytes)
        for found in orphaned_parts(at=at)
        if dry_run or _succeeds(partial(upload_sink.remove, found), found.key)
    ]
    if removed and not dry_run:
        logger.info("removed %d abandoned uploads", len(removed))
    return removed


def _discard_leased(upload: Upload) -> None:
    with UploadLease(upload.pk) as lease:
        discard(lease.upload)


def _succeeds(remove: Callable[[], None], key: str) -> bool:
    try:
        remove()
    except HeimdexError as error:
        logger.warning("%s could not be removed yet: %s", key, error)
        return False
    return True


def _is_upload(key: str) -> bool:
    return Upload.objects.filter(storage_key=key).exists()


def _is_source(key: str) -> bool:
    return Video.objects.filter(source_key=key).exists()
