"""Reads of one user's videos and scenes. Rows of other users count as missing."""

import uuid
from collections.abc import Collection

from django.contrib.auth.models import AnonymousUser
from django.http import Http404, QueryDict

from accounts.models import User
from core.errors import HeimdexError
from videos.errors import VideoCode
from videos.models import Scene, Transcript, Video

# Lists do not show these. `probe` and `shots_ms` grow with a video's length.
LARGE_COLUMNS = ("probe", "shots_ms", "tool_output")
# The most videos that one request of a script acts on, and the most whose moments are exported together.
MAX_TOGETHER = 100
# The most rows that a person chooses in a list and acts on together.
MAX_CHOSEN = 1_000


def get_video(user: User | AnonymousUser, video_id: uuid.UUID | str) -> Video:
    """The user's own video; VIDEO_NOT_FOUND for any other id, also a malformed one."""
    key = as_uuid(video_id)
    video = Video.objects.visible_to(user).filter(pk=key).first() if key else None
    if video is None:
        raise HeimdexError(VideoCode.VIDEO_NOT_FOUND)
    return video


def video_or_404(user: User, video_id: uuid.UUID) -> Video:
    """The user's own video for a page. Raises Http404 for any other, so that the response is the 404 page."""
    try:
        return get_video(user, video_id)
    except HeimdexError as error:
        raise Http404(error.message) from error


def own_videos(user: User, ids: Collection[uuid.UUID]) -> list[uuid.UUID]:
    """Which of these ids, at most MAX_CHOSEN of them, are the user's own videos."""
    rows = Video.objects.visible_to(user).filter(pk__in=list(ids)[:MAX_CHOSEN]).order_by()
    return list(rows.values_list("pk", flat=True))


def chosen_ids(data: QueryDict, name: str, *, limit: int = MAX_CHOSEN) -> list[uuid.UUID]:
    """The ids that a form names, at most `limit`: ticked boxes `name`, and `{name}s`, which lists those of other pages.

    Malformed ones are left out.
    """
    named = [*data.getlist(name), *data.get(f"{name}s", "").split()]
    keys = map(as_uuid, named[: 2 * limit])
    return list(dict.fromkeys(key for key in keys if key))[:limit]


def get_transcript(
    user: User | AnonymousUser, video_id: uuid.UUID | str, transcript_id: uuid.UUID | str
) -> Transcript:
    """A transcript of the user's own video, with the video loaded; else VIDEO_NOT_FOUND or TRANSCRIPT_NOT_FOUND."""
    video = get_video(user, video_id)
    key = as_uuid(transcript_id)
    row = Transcript.objects.filter(video=video, pk=key).first() if key else None
    if row is None:
        raise HeimdexError(VideoCode.TRANSCRIPT_NOT_FOUND)
    row.video = video
    return row


def get_scene(user: User | AnonymousUser, scene_id: uuid.UUID | str) -> Scene:
    """A scene of the user's own video, with the video loaded; SCENE_NOT_FOUND otherwise."""
    key = as_uuid(scene_id)
    scenes = Scene.objects.select_related("video").filter(video__owner_id=user.pk)
    scenes = scenes.filter(video__deleted_at=None)
    scene = scenes.filter(pk=key).first() if key else None
    if scene is None:
        raise HeimdexError(VideoCode.SCENE_NOT_FOUND)
    return scene


def as_uuid(value: uuid.UUID | str) -> uuid.UUID | None:
    """The value as a UUID; None when it is malformed."""
    try:
        return value if isinstance(value, uuid.UUID) else uuid.UUID(value)
    except ValueError:
        return None
