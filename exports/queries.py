"""Reads of exports, each for the person who asks."""

import uuid
from datetime import datetime

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q
from django.db.models.functions import Now

from accounts.models import User
from core.errors import HeimdexError
from exports.choices import ExportStatus
from exports.errors import ExportCode
from exports.models import Export, ExportQuerySet
from jobs.clock import database_now
from videos.queries import as_uuid

HEAVY = (
    "receipt",
    "tool_output",
    "look",
    "caption_cues",
    "framing",
    "plan",
)  # columns that hardly any answer shows


def exports_of(user: User | AnonymousUser) -> ExportQuerySet:
    """A person's exports, newest first."""
    return Export.objects.visible_to(user)


def get_export(user: User | AnonymousUser, export_id: uuid.UUID | str) -> Export:
    """One export of a person; EXPORT_NOT_FOUND for a missing one and for somebody else's alike.

    One query, which brings the time too (`read_at`): pages and scripts ask for this every second.
    """
    key = as_uuid(export_id)
    rows = exports_of(user).defer(*HEAVY).annotate(read_at=Now()).order_by()
    found = list(rows.filter(pk=key)) if key else []
    if not found:
        raise HeimdexError(ExportCode.EXPORT_NOT_FOUND)
    return found[0]


def read_at(export: Export) -> datetime:
    """The database's time when `get_export` read the row; asked for now when it came another way."""
    known: datetime | None = vars(export).get("read_at")
    return known or database_now()


def with_lapsed_file(*, at: datetime) -> ExportQuerySet:
    """Finished exports, of anybody, whose file should be gone by now: expired, or deleted by their owner."""
    return Export.objects.filter(status=ExportStatus.COMPLETED).filter(
        ~Q(file_key=""), Q(expires_at__lte=at) | Q(deleted_at__isnull=False)
    )
