"""The only writer of an export's status, beside `jobs.lease`.

    pending -> processing -> completed
                          -> failed
    pending, processing   -> cancelled
    failed, cancelled     -> pending     (retried)

Every change is one UPDATE guarded by the state or token it starts from, and its row count is read. If no row
changed, another process was first.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from core.errors import ErrorCode
from exports.choices import ACTIVE, RETRYABLE, ExportStatus
from exports.models import Export
from jobs import attempts, lease
from jobs.lease import Claim
from jobs.models import AttemptOutcome
from mediakit.sandbox.process import TAIL_CHARS

_NO_LEASE: dict[str, Any] = {"claim_token": None, "heartbeat_at": None}


@dataclass(frozen=True, slots=True)
class StoredShort:
    """A Short in storage that passed verification. Sizes are in bytes and pixels, the length is in ms."""

    key: str
    sha256: str
    size_bytes: int
    duration_ms: int
    width: int
    height: int
    receipt: Mapping[str, Any]


def finish(claim: Claim[Export], *, short: StoredShort, at: datetime) -> None:
    """Mark a claimed export as completed with its measured values. Raises `LeaseLostError` when the claim is lost."""
    lease.write(
        claim,
        **_NO_LEASE,
        status=ExportStatus.COMPLETED,
        stage="",
        progress=100,
        completed_at=at,
        expires_at=at + timedelta(seconds=settings.EXPORT_KEEP_S),
        file_key=short.key,
        file_size_bytes=short.size_bytes,
        file_sha256=short.sha256,
        duration_ms=short.duration_ms,
        width=short.width,
        height=short.height,
        receipt=dict(short.receipt),
    )


def fail(
    claim: Claim[Export],
    *,
    stage: str,
    code: ErrorCode,
    params: Mapping[str, Any] | None = None,
    tail: str = "",
    receipt: Mapping[str, Any] | None = None,
) -> None:
    """Mark a claimed export as failed, with its stage and error code. This frees its quota slot.

    `receipt` holds the measurements of a file that did not pass verification. Raises `LeaseLostError` when the claim
    is lost.
    """
    lease.fail(
        claim,
        code=code,
        params=params,
        tool_output=tail[-TAIL_CHARS:],
        heartbeat_at=None,
        stage=stage,
        receipt=dict(receipt or {}),
    )


def renew_lease(claim: Claim[Export]) -> None:
    """Renew the lease, or raise `LeaseLostError`. Call it right before writing to storage."""
    lease.write(claim, heartbeat_at=Now())


def cancel(export: Export) -> bool:
    """Cancel a pending or running export; its worker loses the lease at its next heartbeat. False when it had ended."""
    rows = Export.objects.filter(pk=export.pk, status__in=ACTIVE)
    with transaction.atomic():
        cancelled = rows.update(**_NO_LEASE, status=ExportStatus.CANCELLED, stage="")
        if cancelled:
            attempts.end_open(export, AttemptOutcome.CANCELLED)
    return bool(cancelled)


def retry(export: Export, *, at: datetime) -> bool:
    """Queue a failed or cancelled export again, as if requested at `at`. False when it is in another state."""
    rows = Export.objects.filter(pk=export.pk, status__in=RETRYABLE, deleted_at=None)
    return bool(
        rows.update(
            **_NO_LEASE,
            status=ExportStatus.PENDING,
            stage="",
            progress=0,
            attempts=0,
            requests=F("requests") + 1,
            error_code="",
            error_params={},
            tool_output="",
            receipt={},
            started_at=None,
            queued_at=at,
            place_taken_at=at,
            expires_at=at + timedelta(seconds=settings.EXPORT_KEEP_S),
        )
    )


def expire_now(export: Export, *, at: datetime) -> bool:
    """End a completed export's retention at `at`; its file can no longer be downloaded. False when it had ended."""
    rows = Export.objects.filter(pk=export.pk, status=ExportStatus.COMPLETED, expires_at__gt=at)
    return bool(rows.update(expires_at=at))


def clear_files(exports: Iterable[Export]) -> int:
    """Record that these exports' files were removed, in one UPDATE; returns the number of rows.

    The exports stay completed and keep their quota slots.
    """
    keys = {export.pk: export.file_key for export in exports}
    rows = Export.objects.filter(pk__in=keys.keys(), file_key__in=keys.values())
    return rows.update(file_key="")


def mark_deleted(ids: Collection[UUID], *, at: datetime) -> int:
    """Hide exports from their owner and free their idempotency keys; how many were not deleted before."""
    rows = Export.objects.filter(pk__in=ids, deleted_at=None)
    return rows.update(deleted_at=at, idempotency_key="")
