"""Taking, keeping and giving back rows: the one way a background job runs.

1. `claim` takes a pending row with a fresh token (compare-and-set under `skip_locked`), counting the attempt.
2. `Keeper` renews the heartbeat and writes progress from a thread of its own while the work runs.
3. `write` ends it: an UPDATE guarded by the token, so that a worker that lost its lease changes nothing.
4. `sweep` takes up rows whose holder fell silent, or whose message was lost: it re-queues or fails them.

All times are the database's (`Now()`).
"""

import logging
import threading
import uuid
from contextvars import copy_context
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

from django.conf import settings
from django.db import Error, close_old_connections, connection, transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now

from jobs.models import Job

logger = logging.getLogger(__name__)

PENDING = "pending"
PROCESSING = "processing"
FAILED = "failed"

SWEPT_AT_ONCE = 200

J = TypeVar("J", bound=Job)


class LeaseLostError(Exception):
    """Somebody else holds the row now, or it was cancelled, ended or deleted: drop the work."""


@dataclass(frozen=True, slots=True)
class Claim(Generic[J]):
    """A row taken by this worker, and the token that proves it."""

    row: J
    token: uuid.UUID


@transaction.atomic
def claim(model: type[J], pk: uuid.UUID) -> Claim[J] | None:
    """Take a pending row; None when it is gone, ended, or held by another worker."""
    free = model._default_manager.select_for_update(skip_locked=True)
    row = free.filter(pk=pk, status=PENDING).first()
    if row is None:
        return None
    token = uuid.uuid4()
    model._default_manager.filter(pk=pk).update(
        status=PROCESSING,
        claim_token=token,
        attempts=F("attempts") + 1,
        heartbeat_at=Now(),
        started_at=Now(),
        stage="",
        progress=0,
        error_code="",
        error_params={},
        tool_output="",
    )
    row.refresh_from_db()
    return Claim(row, token)


def write(claim: Claim[J], **changes: Any) -> None:
    """Update the claimed row; raises `LeaseLostError` when the token is not ours any more."""
    rows = type(claim.row)._default_manager.filter(pk=claim.row.pk, claim_token=claim.token)
    if not rows.update(**changes):
        raise LeaseLostError(str(claim.row.pk))


def release(claim: Claim[J], *, give_attempt_back: bool = False) -> None:
    """Hand the row back to the queue, for another attempt."""
    changes: dict[str, Any] = {"attempts": F("attempts") - 1} if give_attempt_back else {}
    write(claim, status=PENDING, claim_token=None, queued_at=Now(), stage="", progress=0, **changes)


def silent(model: type[J], *, at: datetime) -> QuerySet[J]:
    """Rows nobody is working on though they are not ended.

    Processing with a heartbeat older than the lease, or pending for longer than a lease since they were queued
    (their message may be lost; a second message is harmless).
    """
    before = at - timedelta(seconds=settings.JOB_LEASE_S)
    return model._default_manager.filter(
        Q(status=PROCESSING, heartbeat_at__lt=before) | Q(status=PENDING, queued_at__lt=before)
    )


@dataclass(frozen=True, slots=True)
class Swept(Generic[J]):
    """What a sweep did: the rows that need a message again, and those that were given up."""

    waking: tuple[J, ...]
    given_up: tuple[J, ...]


def sweep(model: type[J], *, at: datetime) -> Swept[J]:
    """Take up what nobody works on: queue it again, or fail it with WORKER_LOST once its attempts are spent.

    The stage of a row that is given up still says what the lost worker was doing.
    """
    waking, given_up = [], []
    for row in silent(model, at=at).order_by("queued_at")[:SWEPT_AT_ONCE]:
        # Only while it is as it was read and still silent: its holder may have come back.
        same = silent(model, at=at).filter(
            pk=row.pk, status=row.status, claim_token=row.claim_token
        )
        if row.status == PROCESSING and row.attempts >= settings.JOB_MAX_ATTEMPTS:
            reason = {"error_code": "WORKER_LOST", "error_params": {"attempts": row.attempts}}
            if same.update(status=FAILED, claim_token=None, **reason):
                given_up.append(row)
        elif same.update(status=PENDING, claim_token=None, queued_at=Now()):
            waking.append(row)
    return Swept(tuple(waking), tuple(given_up))


class Keeper(Generic[J]):
    """Keeps a claim alive while the work runs, and tells the work when it must stop.

    A context manager around the work. A thread with its own database connection writes the heartbeat every
    `JOB_HEARTBEAT_S` seconds, and stage and percent as they change, at most twice a second. `report` and
    `should_stop` are cheap and may be called from anywhere.
    """

    def __init__(self, claim: Claim[J]) -> None:
        self._claim = claim
        self._state: tuple[str, int] = ("", 0)
        self._changed = threading.Event()
        self._ended = threading.Event()
        self._lost = threading.Event()
        self._thread = threading.Thread(
            target=copy_context().run, args=(self._run,), name="lease-keeper", daemon=True
        )  # the job's id stands on its lines too

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._changed.set()
        self._thread.join()

    def report(self, stage: str, percent: float) -> None:
        """Say how far the work is: a stage word and 0-100 for the whole job."""
        state = (stage, max(0, min(100, int(percent))))
        if state != self._state:
            self._state = state
            self._changed.set()

    def should_stop(self) -> bool:
        """Whether the lease is lost or the process is told to stop: the work must be dropped at once."""
        return self._lost.is_set() or stopping.is_set()

    def check(self) -> None:
        """Raise `LeaseLostError` between two steps when the lease is lost."""
        if self._lost.is_set():
            raise LeaseLostError(str(self._claim.row.pk))

    def _run(self) -> None:
        try:
            while not self._ended.is_set() and not self._lost.is_set():
                self._changed.wait(timeout=settings.JOB_HEARTBEAT_S)
                self._changed.clear()
                if not self._ended.is_set():
                    self._beat()
                    self._ended.wait(timeout=0.5)
        finally:
            connection.close()

    def _beat(self) -> None:
        stage, percent = self._state
        try:
            close_old_connections()
            write(self._claim, heartbeat_at=Now(), stage=stage, progress=percent)
        except LeaseLostError:
            self._lost.set()
        except Error:
            # The database may be restarting. If it stays away, the lease runs out and the token decides.
            logger.warning("heartbeat could not be written", exc_info=True)


stopping = threading.Event()
"""Set when this process is asked to stop: running work hands its row back. Cleared by whoever starts workers."""
