"""Deleting videos: at once, or so that it can be undone for a minute."""

import uuid
from collections.abc import Collection
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction

from accounts.models import User
from jobs.clock import database_now
from storage import files as storage_files
from videos import storage_keys
from videos.models import Video
from videos.queries import own_videos

# For so long, deleting videos on a page can be undone.
UNDO_S = 60


def delete_video(video: Video) -> None:
    """Delete a video with its scenes, cues and derived files. Its exports stay.

    A worker that is processing the video loses its claim and drops the work.
    """
    with transaction.atomic():
        # Locked first: adding scenes or index entries to it takes this lock.
        Video.objects.select_for_update().filter(pk=video.pk).first()
        Video.objects.filter(pk=video.pk).delete()
        transaction.on_commit(partial(_delete_files, video), robust=True)


def hide_videos(user: User, ids: Collection[uuid.UUID]) -> list[uuid.UUID]:
    """Have those of the user's videos be gone for everybody; returns which there were.

    They are deleted UNDO_S later (`delete_hidden`); until then `restore_videos` brings them back.
    """
    found = own_videos(user, ids)
    Video.objects.filter(pk__in=found).update(deleted_at=database_now(), idempotency_key="")
    return found


def restore_videos(user: User, ids: Collection[uuid.UUID]) -> int:
    """Bring back those of the user's videos that were hidden less than UNDO_S ago; returns how many there were."""
    since = database_now() - timedelta(seconds=UNDO_S)
    rows = Video.objects.filter(owner=user, pk__in=ids, deleted_at__gt=since)
    return rows.update(deleted_at=None)


def delete_hidden(*, at: datetime, limit: int) -> int:
    """Delete up to `limit` videos that were hidden more than UNDO_S before `at`; returns how many there were."""
    rows = Video.objects.filter(deleted_at__lte=at - timedelta(seconds=UNDO_S))
    videos = list(rows.order_by("deleted_at")[:limit])
    for video in videos:
        delete_video(video)
    return len(videos)


def _delete_files(video: Video) -> None:
    storage_files.delete(video.source_key, video.captions_key)
    for folder in storage_keys.folders(video):
        storage_files.delete_prefix(folder)
