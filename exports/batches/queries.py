"""Reads of batches, and how far one is."""

import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import User
from core.errors import HeimdexError
from exports.choices import ExportStatus
from exports.errors import ExportCode
from exports.models import Batch, Export
from exports.queries import LARGE_COLUMNS
from videos.queries import as_uuid


@dataclass(frozen=True, slots=True)
class BatchProgress:
    """How many exports of a batch are in each state. `percent` is the mean of all: an ended one counts as 100."""

    total: int
    waiting: int
    processing: int
    completed: int
    failed: int
    cancelled: int
    percent: int

    @property
    def is_active(self) -> bool:
        """Whether one of them is waiting or being made."""
        return bool(self.waiting or self.processing)


def batches_of(user: User | AnonymousUser) -> QuerySet[Batch]:
    """The user's batches of which an export is still listed, newest first."""
    listed = Export.objects.filter(batch=OuterRef("pk"), deleted_at=None)
    return Batch.objects.filter(Exists(listed), owner_id=user.pk).order_by("-created_at", "-id")


def get_batch(user: User | AnonymousUser, batch_id: uuid.UUID | str) -> Batch:
    """One of the user's batches; BATCH_NOT_FOUND for any other id."""
    key = as_uuid(batch_id)
    batch = batches_of(user).filter(pk=key).first() if key else None
    if batch is None:
        raise HeimdexError(ExportCode.BATCH_NOT_FOUND)
    return batch


def exports_of_batch(batch: Batch) -> list[Export]:
    """The exports of a batch that were not deleted, in its order, without their large columns."""
    rows = batch.exports.filter(deleted_at=None).defer(*LARGE_COLUMNS)
    return list(rows.order_by("batch_number"))


def progress_of(exports: Sequence[Export]) -> BatchProgress:
    """How far a batch of these exports is."""
    counts = Counter(export.status for export in exports)
    done = sum(export.progress if export.is_active else 100 for export in exports)
    return BatchProgress(
        total=len(exports),
        waiting=counts[ExportStatus.PENDING],
        processing=counts[ExportStatus.PROCESSING],
        completed=counts[ExportStatus.COMPLETED],
        failed=counts[ExportStatus.FAILED],
        cancelled=counts[ExportStatus.CANCELLED],
        percent=done // max(1, len(exports)),
    )


def with_files(exports: Sequence[Export], *, at: datetime) -> list[Export]:
    """Those that have a file to download."""
    return [
        export
        for export in exports
        if export.status == ExportStatus.COMPLETED and not export.is_expired(at=at)
    ]
