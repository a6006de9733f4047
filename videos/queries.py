"""Reads of one person's videos and scenes. Somebody else's row is the same as a missing one."""

import uuid

from django.contrib.auth.models import AnonymousUser

from accounts.models import User
from core.errors import HeimdexError
from videos.errors import VideoCode
from videos.models import Scene, Video


def get_video(user: User | AnonymousUser, video_id: uuid.UUID | str) -> Video:
    """A person's own video; VIDEO_NOT_FOUND for anything else, an id that is no id included."""
    key = as_uuid(video_id)
    video = Video.objects.visible_to(user).filter(pk=key).first() if key else None
    if video is None:
        raise HeimdexError(VideoCode.VIDEO_NOT_FOUND)
    return video


def get_scene(user: User | AnonymousUser, scene_id: uuid.UUID | str) -> Scene:
    """A scene of a person's own video, the video loaded with it; SCENE_NOT_FOUND otherwise."""
    key = as_uuid(scene_id)
    scenes = Scene.objects.select_related("video").filter(video__owner_id=user.pk)
    scene = scenes.filter(pk=key).first() if key else None
    if scene is None:
        raise HeimdexError(VideoCode.SCENE_NOT_FOUND)
    return scene


def as_uuid(value: uuid.UUID | str) -> uuid.UUID | None:
    """The id in an address, or None when it is none."""
    try:
        return value if isinstance(value, uuid.UUID) else uuid.UUID(value)
    except ValueError:
        return None
