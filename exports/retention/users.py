"""Deletes users whose deletion was requested, with everything of theirs, in steps of bounded size.

A user may have thousands of videos with millions of cues. One DELETE of the user would load the rows and hold their
locks for minutes; here each video and each batch of exports is a transaction of its own. A run that is interrupted
goes on in the next one.
"""

import logging

from django.db import Error

from accounts.models import User
from core.errors import HeimdexError
from exports import queries
from exports.models import Export
from exports.retention import files as retention
from jobs import lease
from videos.library.deletion import delete_video
from videos.models import Video
from videos.queries import LARGE_COLUMNS

logger = logging.getLogger(__name__)

VIDEOS_PER_RUN = 500
EXPORTS_PER_STEP = 500


def delete_requested_users() -> int:
    """Go on deleting users whose deletion was requested; returns the number of users that are gone.

    At most VIDEOS_PER_RUN videos are deleted, so that the worker is soon free for exports again. A user whose rows
    cannot be deleted yet is logged and left to the next run.
    """
    gone, videos_left = 0, VIDEOS_PER_RUN
    for user in User.objects.exclude(delete_requested_at=None).order_by("delete_requested_at"):
        try:
            videos_left -= _delete_videos(user, limit=videos_left)
            if videos_left <= 0 or lease.stopping.is_set():
                break
            _delete_exports(user)
            user.delete()
        except (HeimdexError, Error):
            logger.warning("user %s could not be deleted yet", user.pk, exc_info=True)
        else:
            gone += 1
            logger.info("user %s is deleted", user.pk)
    return gone


def _delete_videos(user: User, *, limit: int) -> int:
    """Delete up to `limit` videos of a user with their files; returns how many. A stopping process deletes no more."""
    deleted = 0
    for video in Video.objects.filter(owner=user).defer(*LARGE_COLUMNS)[:limit]:
        if lease.stopping.is_set():
            break
        delete_video(video)
        deleted += 1
    return deleted


def _delete_exports(user: User) -> None:
    """Delete a user's exports: their files first, so that a row that is left still names its file."""
    exports = Export.objects.filter(owner=user).defer(*queries.LARGE_COLUMNS).order_by()
    while batch := list(exports[:EXPORTS_PER_STEP]):
        retention.remove_files([export for export in batch if export.file_key])
        Export.objects.filter(pk__in=[export.pk for export in batch]).delete()
