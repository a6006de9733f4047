"""Leases on rows: the one way in which a background job runs.

1. `drain` claims one row after another until none is left, so one message is enough for any number of rows.
2. `claim_next` claims the next pending row in fair order with a new token (`skip_locked`), and counts the attempt.
3. `LeaseRenewer` writes heartbeat and progress from its own thread while the work runs.
4. `write` ends the job: an UPDATE guarded by the token, so a worker that lost its lease changes nothing.
5. `sweep` finds rows whose lease expired, and queues them again or fails them.

All times are the database's (`Now()`).
"""

import logging
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from contextvars import copy_context
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, Self, TypeVar

from django.conf import settings
from django.db import Error, close_old_connections, connection, transaction
from django.db.models import Count, F, Max, Min, Q, QuerySet
from django.db.models.functions import Now

from core.errors import ErrorCode
from jobs import attempts
from jobs.advisory_lock import try_advisory_lock
from jobs.attempts import Reason
from jobs.clock import database_now
from jobs.db_retry import retry_on_db_loss
from jobs.errors import JobCode
from jobs.free_memory import give_back_memory
from jobs.killpoints import reach
from jobs.models import AttemptOutcome, Job

logger = logging.getLogger(__name__)

PENDING = "pending"
PROCESSING = "processing"
FAILED = "failed"

SWEEP_BATCH_ROWS = 200
NOTIFY_BATCH_ROWS = 20
FAIRNESS_WINDOW = timedelta(days=1)

J = TypeVar("J", bound=Job)


class LeaseLostError(Exception):
    """The token is no longer valid: the row was claimed again, cancelled, ended or deleted. Drop the work."""


@dataclass(frozen=True, slots=True)
class Claim(Generic[J]):
    """A row that this worker holds, and the fencing token that proves it."""

    row: J
    token: uuid.UUID


def drain(model: type[J], work: Callable[[Claim[J]], None], *, for_s: float | None = None) -> int:
    """Claim pending rows in fair order and run `work` on each, until none is left or the process must stop.

    No new row is claimed after `for_s` seconds, if given. Returns the number of rows.
    """
    done = 0
    until = None if for_s is None else time.monotonic() + for_s
    while not stopping.is_set() and (until is None or time.monotonic() < until):
        reach("claim_before")
        claim = retry_on_db_loss(lambda: claim_next(model))
        if claim is None:
            break
        reach("claim_after")
        work(claim)
        give_back_memory()
        done += 1
    return done


def claim_next(model: type[J]) -> Claim[J] | None:
    """Claim the next pending row in fair order; return None when no row is due.

    Order: the owner with the fewest rows in progress, then the owner served least recently, then the oldest request.
    So ten rows of one owner never delay the first row of another.
    """
    at = database_now()
    for owner in _owners_in_fair_order(model, at=at):
        with transaction.atomic():
            row = _due(model, at=at).select_for_update(skip_locked=True, of=("self",))
            # The request's time decides, so a row whose worker died keeps its position.
            first = row.filter(owner=owner).order_by("created_at", "pk").first()
            if first is not None:
                return _mark_claimed(first)
    return None


def _due(model: type[J], *, at: datetime) -> QuerySet[J]:
    """Pending rows whose `queued_at` has come; a retry is queued for a moment later."""
    return model._default_manager.filter(status=PENDING, queued_at__lte=at)


def _owners_in_fair_order(model: type[J], *, at: datetime) -> list[Any]:
    """Return the ids of owners with a due row, the next to be served first."""
    waiting = _due(model, at=at).order_by().values("owner").annotate(since=Min("queued_at"))
    since = dict(waiting.values_list("owner", "since"))
    if len(since) < 2:
        return list(since)
    lately = model._default_manager.filter(
        owner__in=list(since), started_at__gt=at - FAIRNESS_WINDOW
    ).order_by()
    served = {
        owner: (busy, last.timestamp())
        for owner, busy, last in lately.values("owner")
        .annotate(busy=Count("pk", filter=Q(status=PROCESSING)), last=Max("started_at"))
        .values_list("owner", "busy", "last")
    }
    return sorted(since, key=lambda owner: (*served.get(owner, (0, 0.0)), since[owner]))


def _mark_claimed(row: J) -> Claim[J]:
    """Mark a locked row as claimed by this worker."""
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
    attempts.begin(row, token)
    return Claim(row, token)


def write(claim: Claim[J], **changes: Any) -> None:
    """Update the claimed row; raise `LeaseLostError` when its token has changed.

    With `claim_token=None` this ends the attempt, and the row's new status and error tell its history how.
    """
    if "claim_token" not in changes:
        _update(claim, changes)
        return
    outcome = AttemptOutcome.FAILED if changes["status"] == FAILED else AttemptOutcome.COMPLETED
    reason = Reason(
        changes.get("error_code", ""),
        changes.get("error_params", {}),
        changes.get("tool_output", ""),
        changes.get("stage", ""),
    )
    _end(claim, changes, outcome, reason)


def fail(
    claim: Claim[J],
    *,
    code: ErrorCode,
    params: Mapping[str, Any] | None = None,
    tool_output: str = "",
    **changes: Any,
) -> None:
    """Mark a claimed row as failed, with its reason and further changes; `LeaseLostError` changes nothing."""
    write(
        claim,
        status=FAILED,
        claim_token=None,
        error_code=code.name,
        error_params=dict(params or {}),
        tool_output=tool_output,
        **changes,
    )


def release(
    claim: Claim[J],
    *,
    after_s: float = 0,
    refund_attempt: bool = False,
    reason: Reason | None = None,
) -> None:
    """Return the row to the queue, due in `after_s` seconds.

    `refund_attempt` does not count this attempt: the process stops. `reason` is kept in the job's history.
    """
    changes: dict[str, Any] = {"attempts": F("attempts") - 1} if refund_attempt else {}
    due = database_now() + timedelta(seconds=after_s)
    changes |= {"status": PENDING, "queued_at": due, "stage": "", "progress": 0}
    outcome = AttemptOutcome.HANDED_BACK if refund_attempt else AttemptOutcome.RETRIED
    _end(claim, {**changes, "claim_token": None}, outcome, reason or Reason())


def _update(claim: Claim[J], changes: dict[str, Any]) -> None:
    rows = type(claim.row)._default_manager.filter(pk=claim.row.pk, claim_token=claim.token)
    if not rows.update(**changes):
        raise LeaseLostError(str(claim.row.pk))


def _end(claim: Claim[J], changes: dict[str, Any], outcome: AttemptOutcome, reason: Reason) -> None:
    with transaction.atomic():
        _update(claim, changes)
        attempts.end(claim.row, claim.token, outcome, reason)


def expired_leases(model: type[J], *, at: datetime) -> QuerySet[J]:
    """Rows in progress whose last heartbeat is older than a lease."""
    before = at - timedelta(seconds=settings.JOB_LEASE_S)
    return model._default_manager.filter(status=PROCESSING, heartbeat_at__lt=before)


@dataclass(frozen=True, slots=True)
class SweepResult(Generic[J]):
    """The result of a sweep: rows queued again, rows failed, and some rows that are due.

    `is_busy` is true when another process was sweeping; then nothing was checked.
    """

    requeued: tuple[J, ...] = ()
    given_up: tuple[J, ...] = ()
    due: tuple[J, ...] = ()
    is_busy: bool = False


def sweep(model: type[J]) -> SweepResult[J]:
    """Queue rows with an expired lease again, or fail them with WORKER_LOST when their attempts are used up.

    Every worker sweeps; an advisory lock admits one at a time. A failed row keeps its stage, which says what the lost
    worker was doing.
    """
    with transaction.atomic():
        if not try_advisory_lock(f"sweep {model.__name__}"):
            return SweepResult(is_busy=True)
        at = database_now()
        requeued, given_up = [], []
        rows = expired_leases(model, at=at).select_for_update(skip_locked=True, of=("self",))
        for row in rows.order_by("heartbeat_at")[:SWEEP_BATCH_ROWS]:
            same = model._default_manager.filter(pk=row.pk, claim_token=row.claim_token)
            if row.attempts >= settings.JOB_MAX_ATTEMPTS:
                lost = Reason(JobCode.WORKER_LOST.name, {"attempts": row.attempts}, stage=row.stage)
                reason = {"error_code": lost.code, "error_params": lost.params}
                if same.update(status=FAILED, claim_token=None, **reason):
                    attempts.end_open(row, AttemptOutcome.FAILED, lost)
                    given_up.append(row)
            elif same.update(
                status=PENDING, claim_token=None, queued_at=Now(), stage="", progress=0
            ):
                attempts.end_open(row, AttemptOutcome.LOST, Reason(stage=row.stage))
                requeued.append(row)
        due = tuple(_due(model, at=database_now()).order_by("queued_at")[:NOTIFY_BATCH_ROWS])
        return SweepResult(tuple(requeued), tuple(given_up), due)


class LeaseRenewer(Generic[J]):
    """Renew a job's lease while the work runs, and say when the work must stop.

    A context manager around the work. Its thread has its own database connection and writes the heartbeat every
    `JOB_HEARTBEAT_S` seconds, and stage and percent when they change, at most twice a second. `report` and
    `should_stop` cost next to nothing and may be called from any thread.
    """

    def __init__(self, claim: Claim[J]) -> None:
        self._claim = claim
        self._state: tuple[str, int] = ("", 0)
        self._changed = threading.Event()
        self._ended = threading.Event()
        self._lost = threading.Event()
        self._thread = threading.Thread(
            target=copy_context().run, args=(self._run,), name="lease-renewer", daemon=True
        )  # in the job's context, so that its log lines carry the job's id

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._changed.set()
        self._thread.join()

    def report(self, stage: str, percent: float) -> None:
        """Set the stage and the percent (0-100) of the whole job."""
        state = (stage, max(0, min(100, int(percent))))
        if state != self._state:
            self._state = state
            self._changed.set()

    def should_stop(self) -> bool:
        """Return whether the work must be dropped at once: the lease is lost, or the process is stopping."""
        return self._lost.is_set() or stopping.is_set()

    def check(self) -> None:
        """Raise `LeaseLostError` when the lease is lost; for use between two steps."""
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
            # The database may be restarting. If it stays unreachable, the lease expires and the token decides.
            logger.warning("the heartbeat could not be written", exc_info=True)


stopping = threading.Event()
"""Set when this process must stop: running jobs return their rows. Cleared when workers start."""
