"""Taking, keeping and giving back rows: the one way a background job runs.

1. `drain` claims one row after another until none is left, so that one message, or none, is enough for any number.
2. `claim_next` takes the fairest pending row with a fresh token (under `skip_locked`), counting the attempt.
3. `Keeper` renews the heartbeat and writes progress from a thread of its own while the work runs.
4. `write` ends it: an UPDATE guarded by the token, so that a worker that lost its lease changes nothing.
5. `sweep` takes up rows whose holder fell silent: it re-queues or fails them.

All times are the database's (`Now()`).
"""

import logging
import threading
import uuid
from collections.abc import Callable
from contextvars import copy_context
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

from django.conf import settings
from django.db import Error, close_old_connections, connection, transaction
from django.db.models import Count, F, Max, Min, Q, QuerySet
from django.db.models.functions import Now

from jobs.clock import database_now
from jobs.db_retry import patiently
from jobs.killpoints import reach
from jobs.models import Job

logger = logging.getLogger(__name__)

PENDING = "pending"
PROCESSING = "processing"
FAILED = "failed"

SWEPT_AT_ONCE = 200
WOKEN_AT_ONCE = 20
FAIR_WINDOW = timedelta(days=1)

J = TypeVar("J", bound=Job)


class LeaseLostError(Exception):
    """Somebody else holds the row now, or it was cancelled, ended or deleted: drop the work."""


@dataclass(frozen=True, slots=True)
class Claim(Generic[J]):
    """A row taken by this worker, and the token that proves it."""

    row: J
    token: uuid.UUID


def drain(model: type[J], work: Callable[[Claim[J]], None]) -> int:
    """Do every row that waits, fairest first, until none is left or the process is told to stop; how many it were."""
    done = 0
    while not stopping.is_set():
        reach("claim_before")
        claim = patiently(lambda: claim_next(model))
        if claim is None:
            break
        reach("claim_after")
        work(claim)
        done += 1
    return done


def claim_next(model: type[J]) -> Claim[J] | None:
    """Take the pending row whose turn it is; None when no row is due.

    It is the turn of the person with the fewest rows in work, then of the one who was served longest ago, then of
    who asked first. So somebody's ten rows never stand before another one's first, whenever that came.
    """
    at = database_now()
    for owner in _owners_in_turn(model, at=at):
        with transaction.atomic():
            row = _due(model, at=at).select_for_update(skip_locked=True, of=("self",))
            # By when it was asked for: one whose worker died keeps its place in the line.
            first = row.filter(owner=owner).order_by("created_at", "pk").first()
            if first is not None:
                return _taken(first)
    return None


def _due(model: type[J], *, at: datetime) -> QuerySet[J]:
    """Rows that wait and may be taken: one that failed a moment ago waits a little first."""
    return model._default_manager.filter(status=PENDING, queued_at__lte=at)


def _owners_in_turn(model: type[J], *, at: datetime) -> list[Any]:
    """Ids of the people who have a due row, whose turn it is first."""
    waiting = _due(model, at=at).order_by().values("owner").annotate(since=Min("queued_at"))
    since = dict(waiting.values_list("owner", "since"))
    if len(since) < 2:
        return list(since)
    lately = model._default_manager.filter(
        owner__in=list(since), started_at__gt=at - FAIR_WINDOW
    ).order_by()
    served = {
        owner: (busy, last.timestamp())
        for owner, busy, last in lately.values("owner")
        .annotate(busy=Count("pk", filter=Q(status=PROCESSING)), last=Max("started_at"))
        .values_list("owner", "busy", "last")
    }
    return sorted(since, key=lambda owner: (*served.get(owner, (0, 0.0)), since[owner]))


def _taken(row: J) -> Claim[J]:
    """Mark a locked row as ours."""
    token = uuid.uuid4()
    type(row)._default_manager.filter(pk=row.pk).update(
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


def release(claim: Claim[J], *, after_s: float = 0, give_attempt_back: bool = False) -> None:
    """Hand the row back to the queue, for another attempt in `after_s` seconds or later."""
    changes: dict[str, Any] = {"attempts": F("attempts") - 1} if give_attempt_back else {}
    due = database_now() + timedelta(seconds=after_s)
    write(claim, status=PENDING, claim_token=None, queued_at=due, stage="", progress=0, **changes)


def silent(model: type[J], *, at: datetime) -> QuerySet[J]:
    """Rows in work whose holder has given no sign of life for a lease."""
    before = at - timedelta(seconds=settings.JOB_LEASE_S)
    return model._default_manager.filter(status=PROCESSING, heartbeat_at__lt=before)


@dataclass(frozen=True, slots=True)
class Swept(Generic[J]):
    """What a sweep did: the rows that wait again, those that were given up, and some that wait for a worker.

    `is_busy`: another process was sweeping, so that nothing was looked at.
    """

    requeued: tuple[J, ...] = ()
    given_up: tuple[J, ...] = ()
    due: tuple[J, ...] = ()
    is_busy: bool = False


def sweep(model: type[J]) -> Swept[J]:
    """Take up what nobody works on: queue it again, or fail it with WORKER_LOST once its attempts are spent.

    Every worker sweeps; an advisory lock lets one do it at a time, and tells the others that it is busy. The stage of a
    row that is given up still says what the lost worker was doing.
    """
    with transaction.atomic():
        if not _alone(f"sweep {model.__name__}"):
            return Swept(is_busy=True)
        at = database_now()
        requeued, given_up = [], []
        rows = silent(model, at=at).select_for_update(skip_locked=True, of=("self",))
        for row in rows.order_by("heartbeat_at")[:SWEPT_AT_ONCE]:
            same = model._default_manager.filter(pk=row.pk, claim_token=row.claim_token)
            if row.attempts >= settings.JOB_MAX_ATTEMPTS:
                reason = {"error_code": "WORKER_LOST", "error_params": {"attempts": row.attempts}}
                if same.update(status=FAILED, claim_token=None, **reason):
                    given_up.append(row)
            elif same.update(status=PENDING, claim_token=None, queued_at=Now()):
                requeued.append(row)
        due = tuple(_due(model, at=database_now()).order_by("queued_at")[:WOKEN_AT_ONCE])
        return Swept(tuple(requeued), tuple(given_up), due)


def _alone(name: str) -> bool:
    """Whether nobody else is in the part of that name until the transaction ends.

    SQLite's transactions are one after the other as they are.
    """
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtext(%s))", [name])
        return bool(cursor.fetchone()[0])


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
