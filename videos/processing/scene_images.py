"""The images of scenes: a sharp, well-lit thumbnail each, and a description if a service is set."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from django.conf import settings

from mediakit.errors import MediaError, StoppedError
from mediakit.media_info import MediaInfo
from mediakit.remote.image_description import describe_images
from mediakit.render.stills import frame_still
from mediakit.scenes.thumbnail_candidates import FrameStat, best_frame
from storage import files as storage_files
from videos.models import Scene
from videos.policy import storable

logger = logging.getLogger(__name__)

THUMBNAIL_TYPE = "image/jpeg"
THUMBNAIL_WIDTH_PX = 640
IMAGES_PER_SCENE = 3
# After that many failures in a row the description service is not called again for this video.
MAX_CONSECUTIVE_FAILURES = 2


@dataclass(frozen=True, slots=True)
class FramePicker:
    """Picks frames of one video: keyframes from the first pass, or a decoded frame where there is none."""

    source: str
    info: MediaInfo
    frames: Sequence[FrameStat]
    work_dir: Path
    should_stop: Callable[[], bool]

    def best(self, start_ms: int, end_ms: int) -> Path | None:
        """The best frame of a span; None when no frame can be decoded."""
        frame = best_frame(self.frames, start_ms, end_ms)
        return frame.path if frame else self._still((start_ms + end_ms) // 2)

    def spread(self, start_ms: int, end_ms: int, count: int) -> list[Path]:
        """Up to `count` different frames, one from each of `count` equal parts of a span."""
        edges = [start_ms + (end_ms - start_ms) * i // count for i in range(count + 1)]
        found = [best_frame(self.frames, first, last) for first, last in pairwise(edges)]
        paths = list(dict.fromkeys(frame.path for frame in found if frame))
        return paths or [path for path in [self.best(start_ms, end_ms)] if path]

    def _still(self, time_ms: int) -> Path | None:
        """Decode the frame at `time_ms`, for a span without a keyframe of its own."""
        out = self.work_dir / f"still-{time_ms}.jpg"
        try:
            frame_still(self.source, self.info, time_ms=time_ms, out=out, width=THUMBNAIL_WIDTH_PX)
        except MediaError:
            logger.warning("no picture at %d ms", time_ms, exc_info=True)
            return None
        return out


def save_thumbnails(
    picker: FramePicker,
    scenes: Sequence[Scene],
    *,
    folder: str,
    on_progress: Callable[[float], None],
) -> str:
    """Store a thumbnail for each scene and set its key; returns the key of the video's own."""
    for number, scene in enumerate(scenes):
        _check_stop(picker)
        on_progress(number / len(scenes))
        path = picker.best(scene.start_ms, scene.end_ms)
        if path is not None:
            scene.thumbnail_key = f"{folder}{scene.index}.jpg"
            _save(scene.thumbnail_key, path)
    path = picker.best(0, picker.info.duration_ms)
    if path is None:
        return ""
    _save(f"{folder}video.jpg", path)
    return f"{folder}video.jpg"


def _save(key: str, path: Path) -> None:
    """Store a copy: one frame may be used for a scene, the video and a description."""
    storage_files.save_bytes(key, path.read_bytes(), content_type=THUMBNAIL_TYPE)


def describe_scenes(
    picker: FramePicker, scenes: Sequence[Scene], *, on_progress: Callable[[float], None]
) -> None:
    """Fill the scenes' visual texts. They stay empty where the service fails."""
    failures = 0
    for number, scene in enumerate(scenes):
        _check_stop(picker)
        on_progress(number / len(scenes))
        pictures = picker.spread(scene.start_ms, scene.end_ms, IMAGES_PER_SCENE)
        if not pictures:
            continue
        try:
            _describe(picker, scene, pictures)
            failures = 0
        except StoppedError:
            raise
        except MediaError as error:
            failures += 1
            logger.warning("scene %d is not described: %s", scene.number, error)
            if failures == MAX_CONSECUTIVE_FAILURES:
                return


def _describe(picker: FramePicker, scene: Scene, pictures: Sequence[Path]) -> None:
    description = describe_images(
        pictures,
        text=scene.text,
        url=settings.VISION_API_URL,
        key=settings.VISION_API_KEY,
        model=settings.VISION_API_MODEL,
        timeout_s=settings.REMOTE_TIMEOUT_S,
        should_stop=picker.should_stop,
    )
    scene.visual_summary = storable(description.summary)
    scene.visual_description = storable(description.description)
    scene.visual_entities = [storable(entity) for entity in description.entities]
    scene.visual_actions = [storable(action) for action in description.actions]


def _check_stop(picker: FramePicker) -> None:
    if picker.should_stop():
        raise StoppedError("processing was stopped")
