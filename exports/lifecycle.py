"""The only writer of an export's status, beside `jobs.lease`.

    pending -> processing -> completed
                          -> failed
    pending, processing   -> cancelled
    failed, cancelled     -> pending     (asked for again)

Every change is one UPDATE guarded by the state or token it starts from, and its row count is read: no row changed
means that somebody else was first.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import F
from django.db.models.functions import Now

from core.errors import ErrorCode
from exports.choices import ACTIVE, RETRYABLE, ExportStatus
from exports.models import Export
from jobs import lease
from jobs.lease import Claim
from mediakit.sandbox.process import TAIL_CHARS

_NOT_HELD: dict[str, Any] = {"claim_token": None, "heartbeat_at": None}


@dataclass(frozen=True, slots=True)
class StoredShort:
    """A Short that lies in storage and passed its check: sizes in bytes and pixels, length in ms."""

    key: str
    sha256: str
    size_bytes: int
    duration_ms: int
    width: int
    height: int
    receipt: Mapping[str, Any]


def finish(claim: Claim[Export], *, short: StoredShort, at: datetime) -> None:
    """Write what was measured and call it completed; raises `LeaseLostError` when the row is not ours any more."""
    lease.write(
        claim,
        **_NOT_HELD,
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
    """End a claimed export with the stage it failed in and the reason; its place is free again.

    `receipt` is what was measured of a file that did not pass its check.
    """
    lease.write(
        claim,
        **_NOT_HELD,
        status=ExportStatus.FAILED,
        stage=stage,
        error_code=code.name,
        error_params=dict(params or {}),
        tool_output=tail[-TAIL_CHARS:],
        receipt=dict(receipt or {}),
    )


def still_held(claim: Claim[Export]) -> None:
    """Renew the lease, or raise `LeaseLostError`: asked right before something outside the row is changed."""
    lease.write(claim, heartbeat_at=Now())


def cancel(export: Export) -> bool:
    """Stop an export that has not ended; its worker loses the row at its next sign of life. False when it had ended."""
    rows = Export.objects.filter(pk=export.pk, status__in=ACTIVE)
    return bool(rows.update(**_NOT_HELD, status=ExportStatus.CANCELLED, stage=""))


def retry(export: Export, *, at: datetime) -> bool:
    """Queue a failed or cancelled export again, as if asked for at `at`. False when it is neither."""
    rows = Export.objects.filter(pk=export.pk, status__in=RETRYABLE, deleted_at=None)
    return bool(
        rows.update(
            **_NOT_HELD,
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


def end_now(export: Export, *, at: datetime) -> bool:
    """Let a completed export's time run out at once: from here on nobody is handed its file."""
    rows = Export.objects.filter(pk=export.pk, status=ExportStatus.COMPLETED, expires_at__gt=at)
    return bool(rows.update(expires_at=at))


def forget_file(export: Export) -> bool:
    """Note that the file is gone. The export stays completed, and keeps its place in the window."""
    rows = Export.objects.filter(pk=export.pk, file_key=export.file_key)
    return bool(rows.update(file_key=""))


def hide(export: Export, *, at: datetime) -> bool:
    """Delete for its owner: it is listed nowhere, and its idempotency key is free. False when it was done before."""
    rows = Export.objects.filter(pk=export.pk, deleted_at=None)
    return bool(rows.update(deleted_at=at, idempotency_key=""))
