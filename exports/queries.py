"""Reads of exports."""

import uuid
from datetime import datetime, timedelta

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

# For so long, deleting several exports together can be undone.
UNDO_S = 60
MAX_SEARCH_WORDS = 10
# Most responses do not show these.
LARGE_COLUMNS = ("receipt", "tool_output", "look", "caption_cues", "framing", "plan")


def exports_of(user: User | AnonymousUser) -> ExportQuerySet:
    """The user's exports, newest first."""
    return Export.objects.visible_to(user)


def matching(rows: ExportQuerySet, *, words: str) -> ExportQuerySet:
    """Those of the exports that have each of the words in their title, or their video's."""
    for word in words.replace("\0", "").split()[:MAX_SEARCH_WORDS]:
        rows = rows.filter(Q(title__icontains=word) | Q(video_title__icontains=word))
    return rows


def get_export(user: User | AnonymousUser, export_id: uuid.UUID | str) -> Export:
    """One of the user's exports. EXPORT_NOT_FOUND when it does not exist or belongs to another user.

    One query, which also reads the database's time (`read_at`), because pages and scripts poll this every second.
    """
    key = as_uuid(export_id)
    rows = exports_of(user).defer(*LARGE_COLUMNS).annotate(read_at=Now()).order_by()
    found = list(rows.filter(pk=key)) if key else []
    if not found:
        raise HeimdexError(ExportCode.EXPORT_NOT_FOUND)
    return found[0]


def read_at(export: Export) -> datetime:
    """The database's time when `get_export` read the row; the current one for a row that was read elsewhere."""
    known: datetime | None = vars(export).get("read_at")
    return known or database_now()


def with_removable_file(*, at: datetime) -> ExportQuerySet:
    """Completed exports of all users with a file to remove: expired at `at`, or deleted more than UNDO_S before."""
    return Export.objects.filter(status=ExportStatus.COMPLETED).filter(
        ~Q(file_key=""), Q(expires_at__lte=at) | Q(deleted_at__lte=at - timedelta(seconds=UNDO_S))
    )
