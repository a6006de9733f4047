"""The actions on batches: ask for one, try its failures again, cancel it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta

from django.db import IntegrityError, transaction

from accounts.models import User
from core.errors import HeimdexError
from core.idempotency import IdempotencyKey
from exports import policy, services
from exports.batches.items import check_size
from exports.batches.naming import check_template
from exports.choices import ACTIVE, ExportStatus
from exports.errors import ExportCode
from exports.models import Batch
from exports.services import ExportRequest
from jobs.clock import database_now
from videos.errors import VideoCode
from videos.policy import title_line


def request_batch(
    user: User,
    requests: Sequence[ExportRequest],
    *,
    title: str = "",
    name_template: str = "",
    idempotency_key: IdempotencyKey | None = None,
) -> Batch:
    """Queue several exports as one batch: all of them, or none.

    The same idempotency key returns the same batch; with another request it raises IDEMPOTENCY_KEY_REUSED. Raises
    BATCH_SIZE, FILE_NAMES_INVALID, EXPORT_LIMIT_EXCEEDED (with `requested` and `free`), EXPORT_REQUESTS_EXCEEDED, and
    what `services.insert_export` raises, with the number of the request as `number`.
    """
    check_size(len(requests))
    key = idempotency_key or IdempotencyKey()
    batch = Batch(
        owner=user,
        title=title_line(title) or requests[0].video.title,
        name_template=check_template(
            name_template, ratios=len({request.aspect_ratio for request in requests})
        ),
        idempotency_key=key.value,
        request_fingerprint=key.fingerprint,
    )
    try:
        return services.find_repeated(batch) or _insert(batch, requests)
    except IntegrityError:
        existing = services.find_repeated(batch)  # the same request, sent twice at once
        if existing is not None:
            return existing
        raise HeimdexError(VideoCode.VIDEO_NOT_FOUND) from None


@transaction.atomic
def retry_failed(batch: Batch) -> int:
    """Queue the failed exports of a batch again, as far as their videos exist; returns how many.

    Each takes a place again: all or, with EXPORT_LIMIT_EXCEEDED or EXPORT_REQUESTS_EXCEEDED, none. Raises
    EXPORT_NOT_RETRYABLE when none has failed.
    """
    user = services.lock_user(batch.owner_id)
    failed = batch.exports.filter(status=ExportStatus.FAILED, deleted_at=None, video__isnull=False)
    rows = list(failed.order_by("batch_number"))
    if not rows:
        raise HeimdexError(ExportCode.EXPORT_NOT_RETRYABLE, {"status": ""})
    policy.check_quota(user, at=database_now(), count=len(rows))
    for export in rows:
        services.retry_export(export)
    return len(rows)


def cancel_batch(batch: Batch) -> int:
    """Cancel what of a batch is waiting or running, which frees its places; returns how many.

    EXPORT_NOT_CANCELLABLE when all have ended.
    """
    count = 0
    for export in batch.exports.filter(status__in=ACTIVE, deleted_at=None):
        try:
            services.cancel_export(export)
        except HeimdexError as error:
            if error.code != ExportCode.EXPORT_NOT_CANCELLABLE:  # it ended meanwhile
                raise
        else:
            count += 1
    if not count:
        raise HeimdexError(ExportCode.EXPORT_NOT_CANCELLABLE, {"status": ""})
    return count


@transaction.atomic
def _insert(batch: Batch, requests: Sequence[ExportRequest]) -> Batch:
    """Insert the batch with its exports under the lock of their owner, as `services` does it with one."""
    user = services.lock_user(batch.owner_id)
    now = database_now()
    existing = services.find_repeated(batch)
    if existing is not None:
        return existing
    policy.check_quota(user, at=now, count=len(requests))
    batch.created_at = now
    batch.save(force_insert=True)
    for number, request in enumerate(requests, 1):
        with _numbered(number, of=len(requests)):
            export = services.new_export(user, request)
            export.batch, export.batch_number = batch, number
            # Workers take the oldest first: a microsecond apart, they are made in the order of the batch.
            at = now + timedelta(microseconds=number)
            services.insert_export(export, video_id=request.video.pk, at=at)
    return batch


@contextmanager
def _numbered(number: int, *, of: int) -> Iterator[None]:
    """Say in an error which request it is about."""
    try:
        yield
    except HeimdexError as error:
        message = f"{number}/{of}: {error.message}"
        details = {**error.details, "number": number}
        raise HeimdexError(error.code, details, message=message, headers=error.headers) from error
