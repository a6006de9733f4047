"""One request at a time writes to an upload, without holding a transaction while it waits for the network.

The lease is two columns of the row: a token, and the time (the database's) until which it stands. Every write is
guarded by the token. A request that dies simply stops renewing, and the next one takes over.
"""

import time
import uuid
from contextlib import suppress
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any, Self

from django.db.models import Q, QuerySet

from core.errors import HeimdexError
from jobs.clock import database_now
from storage.errors import StorageCode
from storage.sinks.upload_stream import State
from videos.errors import VideoCode
from videos.models import Upload

LEASE = timedelta(seconds=30)
PROBE_LEASE = timedelta(minutes=5)
TELL_S = 2.0


def free(*, at: datetime) -> QuerySet[Upload]:
    """Uploads nobody is writing to."""
    return Upload.objects.filter(Q(lease_until=None) | Q(lease_until__lt=at))


class UploadLease:
    """A context manager: UPLOAD_BUSY when another request holds the upload, UPLOAD_NOT_FOUND when it is gone.

    `upload` is the row as it was when the lease was taken.
    """

    def __init__(self, pk: uuid.UUID) -> None:
        self._pk = pk
        self._token = uuid.uuid4()
        self._told = time.monotonic()
        self.upload: Upload

    def __enter__(self) -> Self:
        at = database_now()
        taken = free(at=at).filter(pk=self._pk)
        if not taken.update(lease_token=self._token, lease_until=at + LEASE):
            exists = Upload.objects.filter(pk=self._pk).exists()
            raise HeimdexError(VideoCode.UPLOAD_BUSY if exists else StorageCode.UPLOAD_NOT_FOUND)
        self.upload = Upload.objects.select_related("owner").get(pk=self._pk)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with suppress(HeimdexError):  # taken over, or the row is gone: nothing to give back
            self._write(lease_token=None, lease_until=None)

    def save(self, *, offset: int, state: State) -> None:
        """Keep how far the upload is; UPLOAD_BUSY when somebody else took over."""
        at = database_now()
        self._write(offset_bytes=offset, sink_state=state, updated_at=at, lease_until=at + LEASE)

    def tell(self, offset: int, state: State) -> None:
        """As `save`, at most every two seconds: cheap enough to be called for every chunk that arrives."""
        if time.monotonic() - self._told >= TELL_S:
            self.save(offset=offset, state=state)
            self._told = time.monotonic()

    def extend(self) -> None:
        """Keep the lease for as long as checking a whole file may take."""
        self._write(lease_until=database_now() + PROBE_LEASE)

    def finish(self) -> None:
        """Every byte has arrived and a video was made of them."""
        at = database_now()
        size = self.upload.size_bytes
        self._write(offset_bytes=size, sink_state={}, updated_at=at, finished_at=at)

    def _write(self, **changes: Any) -> None:
        if not Upload.objects.filter(pk=self._pk, lease_token=self._token).update(**changes):
            raise HeimdexError(VideoCode.UPLOAD_BUSY)
