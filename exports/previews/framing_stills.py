"""Previews of a framing, made of the real frame at a time and kept in storage for a day."""

import contextlib
import hashlib
import json
import threading
from collections.abc import Iterator

from core.errors import CoreCode, HeimdexError
from core.throttles import Throttle
from exports.choices import Strategy
from exports.framing_options import FramingOptions, apply_options
from exports.rendering.pipeline import source_info
from jobs.work_folders import work_folder
from mediakit.framing.crop_filters import still_plan
from mediakit.framing.crop_plan import CropPlan
from mediakit.render.stills import frame_still, framing_still
from storage import files
from storage.source_reader import open_source
from videos import shot_analyses
from videos.errors import VideoCode
from videos.models import ShotAnalysis, Video

CONTENT_TYPE = "image/jpeg"
WHOLE = "whole"  # no framing: the picture as it is, to choose a part of
WHOLE_WIDTH = 960
STEP_MS = 100  # a preview this close to the wanted time is the same preview
WAIT_S = 20
NO_WISHES = FramingOptions()
# Each one that is not there yet is a decode. So many a minute are more than a person asks for by hand.
PER_PERSON = Throttle("stills", limit=240)
# Opening the dialog asks for every framing at once. This is no limit for a person but for a process: two at a time.
_turns = threading.BoundedSemaphore(2)
# The still itself and the look on it are asked for at once: whoever comes second waits for the first.
_making = tuple(threading.Lock() for _ in range(64))


def framing(video: Video, *, strategy: str, time_ms: int, wish: FramingOptions = NO_WISHES) -> str:
    """The storage key of the still of one framing, or of the whole picture, near a time; made now when not there yet.

    `wish` is what a person wants of "smart_crop". The time is moved into the video. NOT_FOUND for a framing that
    does not exist, VIDEO_NOT_READY before the video was probed, THROTTLED when the person asks for too many
    in a minute or too many are being made.
    """
    if strategy not in {*Strategy.values, WHOLE}:
        raise HeimdexError(CoreCode.NOT_FOUND)
    if not video.duration_ms or not video.probe:
        raise HeimdexError(VideoCode.VIDEO_NOT_READY)
    time_ms = min(time_ms, video.duration_ms - 1) // STEP_MS * STEP_MS
    name, plan = strategy, None
    if strategy == Strategy.SMART_CROP:
        row = shot_analyses.find_analysis(video, time_ms, time_ms + 1)
        name, plan = _smart(video, row, time_ms, wish)
    key = f"stills/{video.owner_id}/{video.pk}/{name}-{time_ms}.jpg"
    if files.size(key) is None:
        PER_PERSON.check(video.owner_id)
        with _making[hash(key) % len(_making)], turn():
            if files.size(key) is None:
                _make(video, strategy=strategy, plan=plan, time_ms=time_ms, key=key)
    return key


@contextlib.contextmanager
def turn() -> Iterator[None]:
    """One of the few places for making stills in this process; THROTTLED when none comes free in time."""
    if not _turns.acquire(timeout=WAIT_S):
        raise HeimdexError(CoreCode.THROTTLED, headers={"Retry-After": "5"})
    try:
        yield
    finally:
        _turns.release()


def is_final(key: str, strategy: str) -> bool:
    """Whether a still is the one that the framing will always have there: not while nobody has looked for people."""
    return strategy != Strategy.SMART_CROP or f"/{Strategy.SMART_CROP}" in key


def _smart(
    video: Video, row: ShotAnalysis | None, time_ms: int, wish: FramingOptions
) -> tuple[str, CropPlan | None]:
    """(name of the still, plan of the picture): the middle while nobody has looked for people yet.

    The same framing of a moment has the same name, whichever look and wishes it came from.
    """
    if row is None:
        return Strategy.CENTER_CROP, None
    plan = still_plan(apply_options(video, row, wish), time_ms - row.start_ms)
    digest = hashlib.sha256(json.dumps(plan.to_json()).encode()).hexdigest()[:16]
    return f"{Strategy.SMART_CROP}-{digest}", plan


def _make(video: Video, *, strategy: str, plan: CropPlan | None, time_ms: int, key: str) -> None:
    with (
        work_folder("still") as folder,
        open_source(video.source_key) as source,
    ):
        out = folder / "still.jpg"
        info = source_info(video.probe, source)
        if strategy == WHOLE:
            frame_still(source, info, time_ms=time_ms, out=out, width=WHOLE_WIDTH)
        else:
            framing_still(source, info, time_ms=time_ms, strategy=strategy, plan=plan, out=out)
        files.save_file(key, out, content_type=CONTENT_TYPE)


def still_time(start_ms: int, end_ms: int) -> int:
    """Which frame stands for a range: the one in its middle, to the tenth of a second."""
    return (start_ms + end_ms) // 200 * 100
