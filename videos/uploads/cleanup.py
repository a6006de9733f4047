"""Uploads nobody went on with, and bytes no upload knows any more: found and removed."""

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
from storage.sinks.upload_stream import Leftover
from videos.models import Upload, Video
from videos.uploads import upload_lease
from videos.uploads.upload_lease import UploadLease

logger = logging.getLogger(__name__)

LEFTOVER_AGE = timedelta(minutes=5)
"""Bytes without a row may belong to an upload that is just beginning or ending; after this time they do not."""
EXPORTS = "exports/"
"""Files that are made here, not uploaded: whoever makes them cleans up after them."""


@dataclass(frozen=True, slots=True)
class Removed:
    """One thing that was removed, or would be: what it is called, and how many bytes of it had arrived."""

    name: str
    size_bytes: int


def discard(upload: Upload) -> None:
    """Remove an upload with all its bytes; the files of a video that was made of it stay."""
    if upload.finished_at is None and not _is_source(upload.storage_key):
        upload_sink.abort(upload.storage_key, upload.sink_state)
        files.delete(upload.captions_key)
    Upload.objects.filter(pk=upload.pk).delete()


def abandoned_uploads(*, at: datetime) -> Iterator[Upload]:
    """Uploads without progress for UPLOAD_KEEP_S that no request is writing to."""
    before = at - timedelta(seconds=settings.UPLOAD_KEEP_S)
    yield from upload_lease.free(at=at).filter(updated_at__lt=before, fetch_token=None)


def dead_requests(*, at: datetime) -> QuerySet[Upload]:
    """Videos that came whole in a request whose process died: nobody can go on with them.

    A request has no lease in the moment after it made its row.
    """
    begun = at - upload_lease.LEASE
    return upload_lease.free(at=at).filter(resumable=False, created_at__lt=begun)


def dead_fetches() -> QuerySet[Upload]:
    """What workers began to fetch for videos that they do not hold any more."""
    held = Video.objects.filter(claim_token=OuterRef("fetch_token"))
    return Upload.objects.filter(~Exists(held), fetch_token__isnull=False)


def leftovers(*, at: datetime) -> Iterator[Leftover]:
    """Bytes in storage, older than a few minutes, that belong to no upload: a process died at the wrong moment."""
    for found in upload_sink.leftovers():
        if found.key.startswith(EXPORTS):
            continue
        if found.since < at - LEFTOVER_AGE and not _is_upload(found.key):
            yield found


def remove_abandoned_uploads(*, at: datetime, dry_run: bool = False) -> list[Removed]:
    """Remove what nobody went on with; tells what was removed, or with `dry_run` what would be.

    What storage refuses to remove now is tried again the next time.
    """
    removed = [
        Removed(upload.filename, upload.offset_bytes)
        for upload in (*abandoned_uploads(at=at), *dead_requests(at=at), *dead_fetches())
        if dry_run or _done(partial(_discard_leased, upload), upload.storage_key)
    ]
    removed += [
        Removed(found.stored_key or found.key, found.size_bytes)
        for found in leftovers(at=at)
        if dry_run or _done(partial(upload_sink.remove, found), found.key)
    ]
    if removed and not dry_run:
        logger.info("removed %d abandoned uploads", len(removed))
    return removed


def _discard_leased(upload: Upload) -> None:
    with UploadLease(upload.pk) as lease:
        discard(lease.upload)


def _done(action: Callable[[], None], key: str) -> bool:
    try:
        action()
    except HeimdexError as error:
        logger.warning("%s could not be removed yet: %s", key, error)
        return False
    return True


def _is_upload(key: str) -> bool:
    return Upload.objects.filter(storage_key=key).exists()


def _is_source(key: str) -> bool:
    return Video.objects.filter(source_key=key).exists()
