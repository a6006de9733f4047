"""Previews of a framing: stills made from the video's frame at a time, and kept in storage for a day."""

import contextlib
import hashlib
import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator

from core.errors import CoreCode, HeimdexError
from core.throttles import Throttle
from exports.choices import Strategy
from exports.framing.applied_options import apply_options
from exports.framing.options import FramingOptions, output_format_of
from exports.rendering.pipeline import source_info
from jobs.work_folders import work_folder
from mediakit.cutting.cut_time import Span, kept_ms
from mediakit.framing.crop_filters import still_plan
from mediakit.framing.crop_plan import CropPlan
from mediakit.framing.geometry import Size
from mediakit.framing.output_format import SHORT, OutputFormat
from mediakit.render.stills import frame_still, framing_still
from storage import files
from storage.source_reader import open_source
from videos.analyses import shot_analyses
from videos.errors import VideoCode
from videos.models import ShotAnalysis, Video

CONTENT_TYPE = "image/jpeg"
WHOLE_PICTURE = "whole"  # the uncropped picture, on which the user chooses a crop
WHOLE_PICTURE_WIDTH_PX = 960
STEP_MS = 100  # times are rounded down to this
SLOT_WAIT_S = 20
NO_OVERRIDES = FramingOptions()
# Each still that is not stored yet is a decode. The limit per minute is above what a user requests by hand.
PER_USER = Throttle("stills", limit=240)
# Opening the dialog requests every framing at once. A process makes two stills at a time for all users.
_render_slots = threading.BoundedSemaphore(2)
# Each of them holds a thread. The dialog requests one for each framing.
QUEUE_PER_USER = 8
# And all users together, so that a quarter of gunicorn's 16 threads is always left for pages.
QUEUE_OF_ALL = 12
_queued: Counter[int] = Counter()
_queue_lock = threading.Lock()
# The dialog requests a still and its caption preview at once: the second request waits for the first one's still.
_key_locks = tuple(threading.Lock() for _ in range(64))


def framing_preview(
    video: Video,
    *,
    strategy: str,
    time_ms: int,
    overrides: FramingOptions = NO_OVERRIDES,
    aspect_ratio: str = SHORT.ratio,
) -> str:
    """Return the storage key of the still of a framing at a time, which is made first if it is not stored yet.

    `strategy` may also be WHOLE_PICTURE. `overrides` are the user's for "smart_crop". A time after the video's end
    means its last frame. Raises NOT_FOUND for an unknown strategy, INVALID_INPUT for an unknown aspect ratio,
    VIDEO_NOT_READY before the video was probed, and THROTTLED when the user requests too many stills in a minute or no
    render slot becomes free.
    """
    if strategy not in {*Strategy.values, WHOLE_PICTURE}:
        raise HeimdexError(CoreCode.NOT_FOUND)
    if not video.duration_ms or not video.probe:
        raise HeimdexError(VideoCode.VIDEO_NOT_READY)
    time_ms = min(time_ms, video.duration_ms - 1) // STEP_MS * STEP_MS
    output = output_format_of(video, aspect_ratio)
    name, plan = strategy, None
    if strategy == Strategy.SMART_CROP:
        row = shot_analyses.find_analysis(video, time_ms, time_ms + 1)
        name, plan = _smart_crop_still(video, row, time_ms, overrides, output.size)
    if output != SHORT and strategy != WHOLE_PICTURE:
        name = f"{name}-{output.size.width}x{output.size.height}"
    key = f"stills/{video.owner_id}/{video.pk}/{name}-{time_ms}.jpg"
    make_once(
        key,
        owner_id=video.owner_id,
        throttle=PER_USER,
        make=lambda: _make(
            video, strategy=strategy, plan=plan, output=output, time_ms=time_ms, key=key
        ),
    )
    return key


def make_once(key: str, *, owner_id: int, throttle: Throttle, make: Callable[[], None]) -> None:
    """Make the file of a preview unless it is stored, in a slot; who requests it meanwhile waits for it.

    Raises THROTTLED when the user requests too many in a minute or no render slot becomes free.
    """
    if files.size(key) is not None:
        return
    throttle.check(owner_id)
    with queue_slot(owner_id), _key_locks[hash(key) % len(_key_locks)], render_slot():
        if files.size(key) is None:
            make()


@contextlib.contextmanager
def queue_slot(user_id: int) -> Iterator[None]:
    """Count a request that makes a still or waits for it.

    Raises THROTTLED beyond QUEUE_PER_USER of one user or QUEUE_OF_ALL in this process.
    """
    with _queue_lock:
        if _queued[user_id] >= QUEUE_PER_USER or _queued.total() >= QUEUE_OF_ALL:
            raise HeimdexError(CoreCode.THROTTLED, headers={"Retry-After": "5"})
        _queued[user_id] += 1
    try:
        yield
    finally:
        with _queue_lock:
            _queued.subtract([user_id])
            if not _queued[user_id]:
                del _queued[user_id]


@contextlib.contextmanager
def render_slot() -> Iterator[None]:
    """Hold one of this process's slots for making stills. Raises THROTTLED when none becomes free in time."""
    if not _render_slots.acquire(timeout=SLOT_WAIT_S):
        raise HeimdexError(CoreCode.THROTTLED, headers={"Retry-After": "5"})
    try:
        yield
    finally:
        _render_slots.release()


def is_final(key: str, strategy: str) -> bool:
    """Whether the still of this key is final. A "smart_crop" still made before the shot analysis is not."""
    return strategy != Strategy.SMART_CROP or f"/{Strategy.SMART_CROP}" in key


def _smart_crop_still(
    video: Video,
    row: ShotAnalysis | None,
    time_ms: int,
    overrides: FramingOptions,
    canvas: Size,
) -> tuple[str, CropPlan | None]:
    """Return (name of the still, its crop plan); without a shot analysis, those of the centre crop.

    Equal crops of one frame have equal names, whichever analysis and overrides they come from.
    """
    if row is None:
        return Strategy.CENTER_CROP, None
    planned = apply_options(video, row, overrides, canvas=canvas)
    plan = still_plan(planned, time_ms - row.start_ms)
    digest = hashlib.sha256(json.dumps(plan.to_json()).encode()).hexdigest()[:16]
    return f"{Strategy.SMART_CROP}-{digest}", plan


def _make(
    video: Video,
    *,
    strategy: str,
    plan: CropPlan | None,
    output: OutputFormat,
    time_ms: int,
    key: str,
) -> None:
    with (
        work_folder("still") as folder,
        open_source(video.source_key) as source,
    ):
        out = folder / "still.jpg"
        info = source_info(video.probe, source)
        if strategy == WHOLE_PICTURE:
            frame_still(source, info, time_ms=time_ms, out=out, width=WHOLE_PICTURE_WIDTH_PX)
        else:
            framing_still(
                source,
                info,
                time_ms=time_ms,
                strategy=strategy,
                plan=plan,
                out=out,
                output=output,
            )
        files.save_file(key, out, content_type=CONTENT_TYPE)


def middle_frame_ms(*ranges: Span) -> int:
    """Return the time of the frame that stands for kept ranges: the middle of what is kept, rounded down to STEP_MS.

    It is not rounded to a moment before its range.
    """
    left_ms = kept_ms(ranges) // 2
    for start_ms, end_ms in ranges:
        if left_ms < end_ms - start_ms:
            first_ms = -(-start_ms // STEP_MS) * STEP_MS
            return max((start_ms + left_ms) // STEP_MS * STEP_MS, min(first_ms, end_ms))
        left_ms -= end_ms - start_ms
    return ranges[-1][1]
