"""Whether a user may store another file: their own bytes, their unfinished uploads, and the room on the disk."""

from django.conf import settings
from django.db.models import F, Sum

from accounts.models import User
from core import formatting
from core.errors import CoreCode, HeimdexError
from storage import files
from videos.errors import VideoCode
from videos.models import Upload, Video


def check_room(owner_id: int, *, size_bytes: int, is_on_disk: bool = False) -> None:
    """Raise STORAGE_QUOTA_EXCEEDED, TOO_MANY_UPLOADS or STORAGE_FULL when `size_bytes` more do not fit.

    Uploads count as whole files from their beginning. The owner's row is locked until the transaction ends, so that
    two uploads do not take the same room. A file that is on the disk already needs no more of it.
    """
    owner = User.objects.select_for_update(no_key=True).get(pk=owner_id)
    unfinished = Upload.objects.filter(finished_at=None)
    if unfinished.filter(owner_id=owner_id).count() >= settings.UPLOADS_PER_USER:
        raise HeimdexError(VideoCode.TOO_MANY_UPLOADS, {"limit": settings.UPLOADS_PER_USER})
    used, limit = used_bytes(owner_id), owner.storage_limit_bytes
    if used + size_bytes > limit:
        sizes = {"used": formatting.size(used), "limit": formatting.size(limit)}
        raise HeimdexError(
            VideoCode.STORAGE_QUOTA_EXCEEDED, {**sizes, "used_bytes": used, "limit_bytes": limit}
        )
    free = None if is_on_disk else files.free_bytes()
    if free is None:  # or a bucket
        return
    promised = unfinished.aggregate(bytes=Sum(F("size_bytes") - F("offset_bytes")))["bytes"] or 0
    if promised + size_bytes > free:
        raise HeimdexError(CoreCode.STORAGE_FULL)


def used_bytes(owner_id: int) -> int:
    """Bytes of the user's source files, those that are still being uploaded included."""
    videos = Video.objects.filter(owner_id=owner_id)  # without a size until their file is there
    uploads = Upload.objects.filter(owner_id=owner_id, finished_at=None)
    sums = (rows.aggregate(bytes=Sum("size_bytes"))["bytes"] for rows in (videos, uploads))
    return sum(one or 0 for one in sums)
