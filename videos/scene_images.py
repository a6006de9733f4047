"""The pictures of scenes: a sharp, well-lit thumbnail each, and a description where a service gives one."""

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
from mediakit.scenes.first_pass import FrameStat, best_frame
from storage import files as storage_files
from videos.models import Scene
from videos.policy import storable

logger = logging.getLogger(__name__)

THUMBNAIL_TYPE = "image/jpeg"
THUMBNAIL_WIDTH = 640
PICTURES_PER_SCENE = 3
# A service that failed so often in a row is not asked again for this video.
FAILURES_IN_A_ROW = 2


@dataclass(frozen=True, slots=True)
class Shots:
    """Where pictures of one video come from."""

    source: str
    info: MediaInfo
    frames: Sequence[FrameStat]
    work_dir: Path
    should_stop: Callable[[], bool]

    def best(self, start_ms: int, end_ms: int) -> Path | None:
        """The best picture of a span; None when not one can be had."""
        frame = best_frame(self.frames, start_ms, end_ms)
        return frame.path if frame else self._still((start_ms + end_ms) // 2)

    def spread(self, start_ms: int, end_ms: int, count: int) -> list[Path]:
        """Up to `count` different pictures, one from each equal part of a span."""
        edges = [start_ms + (end_ms - start_ms) * i // count for i in range(count + 1)]
        found = [best_frame(self.frames, first, last) for first, last in pairwise(edges)]
        paths = list(dict.fromkeys(frame.path for frame in found if frame))
        return paths or [path for path in [self.best(start_ms, end_ms)] if path]

    def _still(self, time_ms: int) -> Path | None:
        """A span without a keyframe of its own: its middle picture is decoded."""
        out = self.work_dir / f"still-{time_ms}.jpg"
        try:
            frame_still(self.source, self.info, time_ms=time_ms, out=out, width=THUMBNAIL_WIDTH)
        except MediaError:
            logger.warning("no picture at %d ms", time_ms, exc_info=True)
            return None
        return out


def save_thumbnails(
    shots: Shots, scenes: Sequence[Scene], *, folder: str, on_progress: Callable[[float], None]
) -> str:
    """Store a thumbnail for each scene and set its key; returns the key of the video's own."""
    for number, scene in enumerate(scenes):
        _stop_if(shots)
        on_progress(number / len(scenes))
        path = shots.best(scene.start_ms, scene.end_ms)
        if path is not None:
            scene.thumbnail_key = f"{folder}{scene.index}.jpg"
            _save(scene.thumbnail_key, path)
    path = shots.best(0, shots.info.duration_ms)
    if path is None:
        return ""
    _save(f"{folder}video.jpg", path)
    return f"{folder}video.jpg"


def _save(key: str, path: Path) -> None:
    """As a copy: one picture may serve a scene, the video and the description."""
    storage_files.save_bytes(key, path.read_bytes(), content_type=THUMBNAIL_TYPE)


def describe_scenes(
    shots: Shots, scenes: Sequence[Scene], *, on_progress: Callable[[float], None]
) -> None:
    """Fill the scenes' visual texts. A service that does not answer leaves them empty."""
    failures = 0
    for number, scene in enumerate(scenes):
        _stop_if(shots)
        on_progress(number / len(scenes))
        pictures = shots.spread(scene.start_ms, scene.end_ms, PICTURES_PER_SCENE)
        if not pictures:
            continue
        try:
            _describe(shots, scene, pictures)
            failures = 0
        except StoppedError:
            raise
        except MediaError as error:
            failures += 1
            logger.warning("scene %d is not described: %s", scene.number, error)
            if failures == FAILURES_IN_A_ROW:
                return


def _describe(shots: Shots, scene: Scene, pictures: Sequence[Path]) -> None:
    told = describe_images(
        pictures,
        text=scene.text,
        url=settings.VISION_API_URL,
        key=settings.VISION_API_KEY,
        model=settings.VISION_API_MODEL,
        timeout_s=settings.REMOTE_TIMEOUT_S,
        should_stop=shots.should_stop,
    )
    scene.visual_summary = storable(told.summary)
    scene.visual_description = storable(told.description)
    scene.visual_entities = [storable(entity) for entity in told.entities]
    scene.visual_actions = [storable(action) for action in told.actions]


def _stop_if(shots: Shots) -> None:
    if shots.should_stop():
        raise StoppedError("processing was stopped")
