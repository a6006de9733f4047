"""The lease that lets one request at a time write to an upload, without an open transaction during the transfer.

The lease is two columns of the row: a token, and the expiry by the database's clock. Every write is guarded by the
token. A request that dies stops renewing its lease, and the next request can take it after the expiry.
"""

import time
import uuid
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, Self

from django.db.models import Q, QuerySet

from core.errors import HeimdexError
from jobs.clock import database_now
from storage.errors import StorageCode
from storage.sinks.upload_stream import State
from videos.errors import VideoCode
from videos.models import Upload

LEASE_TIME = timedelta(seconds=30)
PROBE_LEASE_TIME = timedelta(minutes=5)
SAVE_INTERVAL_S = 2.0


def unleased(*, at: datetime) -> QuerySet[Upload]:
    """Uploads without a valid lease at `at`."""
    return Upload.objects.filter(Q(lease_until=None) | Q(lease_until__lt=at))


class UploadLease:
    """A context manager: UPLOAD_BUSY when another request holds the upload, UPLOAD_NOT_FOUND when it is gone.

    `upload` is the row as it was when the lease was taken.
    """

    def __init__(self, pk: uuid.UUID) -> None:
        self._pk = pk
        self._token = uuid.uuid4()
        self._saved_at = time.monotonic()
        self.upload: Upload

    def __enter__(self) -> Self:
        at = database_now()
        taken = unleased(at=at).filter(pk=self._pk)
        if not taken.update(lease_token=self._token, lease_until=at + LEASE_TIME):
            exists = Upload.objects.filter(pk=self._pk).exists()
            raise HeimdexError(VideoCode.UPLOAD_BUSY if exists else StorageCode.UPLOAD_NOT_FOUND)
        self.upload = Upload.objects.select_related("owner").get(pk=self._pk)
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(HeimdexError):  # taken over, or the row is gone: nothing to give back
            self._write(lease_token=None, lease_until=None)

    def save(self, *, offset: int, state: State) -> None:
        """Save the upload's progress and renew the lease; UPLOAD_BUSY when another request has the lease."""
        at = database_now()
        self._write(
            offset_bytes=offset, sink_state=state, updated_at=at, lease_until=at + LEASE_TIME
        )

    def save_throttled(self, offset: int, state: State) -> None:
        """Call `save` at most every `SAVE_INTERVAL_S`, so that it can be called for every chunk."""
        if time.monotonic() - self._saved_at >= SAVE_INTERVAL_S:
            self.save(offset=offset, state=state)
            self._saved_at = time.monotonic()

    def extend(self) -> None:
        """Extend the lease to `PROBE_LEASE_TIME`, enough to check a whole file."""
        self._write(lease_until=database_now() + PROBE_LEASE_TIME)

    def finish(self) -> None:
        """Mark the upload as finished: all bytes have arrived and the video exists."""
        at = database_now()
        size = self.upload.size_bytes
        self._write(offset_bytes=size, sink_state={}, updated_at=at, finished_at=at)

    def _write(self, **changes: Any) -> None:
        if not Upload.objects.filter(pk=self._pk, lease_token=self._token).update(**changes):
            raise HeimdexError(VideoCode.UPLOAD_BUSY)
