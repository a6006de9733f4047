"""Reads of one user's clips. Clips of other users count as missing."""

import uuid

from django.contrib.auth.models import AnonymousUser

from accounts.models import User
from core.errors import HeimdexError
from videos.errors import VideoCode
from videos.models import Clip, ClipQuerySet
from videos.queries import as_uuid


def clips_of(user: User | AnonymousUser) -> ClipQuerySet:
    """The user's clips: each video's together, in their order."""
    rows = Clip.objects.visible_to(user)
    return rows.order_by("video_id", "position", "created_at", "id")


def get_clip(user: User | AnonymousUser, clip_id: uuid.UUID | str) -> Clip:
    """One of the user's clips, with its video loaded; CLIP_NOT_FOUND for any other id."""
    key = as_uuid(clip_id)
    clips = Clip.objects.visible_to(user).select_related("video")
    clip = clips.filter(pk=key).first() if key else None
    if clip is None:
        raise HeimdexError(VideoCode.CLIP_NOT_FOUND)
    return clip
