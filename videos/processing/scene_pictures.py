"""Pictures of scenes that people made, drawn in the background."""

import logging
import uuid
from datetime import timedelta

from django.db.models import QuerySet
from django.utils import timezone

from core.errors import HeimdexError
from jobs.work_folders import work_folder
from mediakit.errors import MediaError
from storage import files as storage_files
from storage.source_reader import open_source
from videos.choices import VideoStatus
from videos.kept_ranges import media_info
from videos.models import BorderEdit, Scene, Video
from videos.storage_keys import new_thumbnails_folder

logger = logging.getLogger(__name__)

_TYPE = "image/jpeg"
_WIDTH_PX = 640
_RECENT = timedelta(days=7)  # later changes of one video bring no picture of others again


def without_picture() -> QuerySet[Scene]:
    """Scenes without a picture in videos whose scenes people changed, in random order."""
    changed = BorderEdit.objects.filter(created_at__gt=timezone.now() - _RECENT).values("video")
    videos = Video.objects.filter(pk__in=changed, status=VideoStatus.READY)
    missing = Scene.objects.filter(video__in=videos.exclude(thumbnail_key=""), thumbnail_key="")
    return missing.select_related("video").order_by("?")


def draw_missing(*, limit: int) -> int:
    """Draw the pictures of up to `limit` scenes; returns how many there were. Only for workers.

    A scene of which no picture can be decoded gets its video's. Raises the errors of storage.
    """
    scenes = list(without_picture()[:limit])
    for scene in scenes:
        key = _drawn(scene) or scene.video.thumbnail_key
        same = Scene.objects.filter(pk=scene.pk, start_ms=scene.start_ms, end_ms=scene.end_ms)
        same.filter(thumbnail_key="").update(thumbnail_key=key)
    return len(scenes)


def _drawn(scene: Scene) -> str:
    """The key of a picture from the scene's middle; empty when there is none."""
    from mediakit.render.stills import frame_still  # noqa: PLC0415 - the web never needs it

    middle_ms = (scene.start_ms + scene.end_ms) // 2
    try:
        info = media_info(scene.video)
    except HeimdexError:  # nothing is known of its tracks
        return ""
    try:
        with work_folder("picture") as work_dir, open_source(scene.video.source_key) as source:
            out = work_dir / "picture.jpg"
            frame_still(source, info, time_ms=middle_ms, out=out, width=_WIDTH_PX)
            key = f"{new_thumbnails_folder(scene.video)}{uuid.uuid4().hex}.jpg"
            storage_files.save_bytes(key, out.read_bytes(), content_type=_TYPE)
            return key
    except MediaError as error:
        logger.warning("scene %s has no picture: %s", scene.pk, error)
        return ""
