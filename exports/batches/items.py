"""What the Shorts of a batch are made of: clips, scenes, suggestions, earlier exports and ranges, read as requests."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace

from accounts.models import User
from core.errors import HeimdexError
from exports.captions.styles import ShortStyle
from exports.choices import AspectRatio
from exports.errors import ExportCode
from exports.framing.options import parse_options
from exports.queries import get_export
from exports.services import ExportRequest
from mediakit.cutting.cut_time import Span
from videos.clips.queries import get_clip
from videos.errors import VideoCode
from videos.models import Suggestion
from videos.queries import get_scene, get_video

MAX_EXPORTS = 100
SOURCES = ("clip_id", "scene_id", "suggestion_id", "export_id", "video_id")


@dataclass(frozen=True, slots=True)
class BatchItem:
    """One Short: `source` is one of SOURCES, `key` its id; `ranges` (ms) are given with a video only."""

    source: str
    key: uuid.UUID
    ranges: Sequence[Span] = ()
    title: str = ""


@dataclass(frozen=True, slots=True)
class BatchOptions:
    """What all Shorts of a batch have in common; each is made in each of `aspect_ratios`."""

    strategy: str
    quality: str
    aspect_ratios: Sequence[str] = (AspectRatio.VERTICAL,)
    audio_track: int | None = None
    reduce_noise: bool = False
    style: ShortStyle | None = None


def read_items(
    user: User, batch: Sequence[BatchItem], options: BatchOptions
) -> list[ExportRequest]:
    """Return the requests of a batch: the aspect ratios of an item follow one another.

    Raises BATCH_SIZE, EXPORT_NOT_FOUND, CLIP_NOT_FOUND, SCENE_NOT_FOUND, SUGGESTION_NOT_FOUND or VIDEO_NOT_FOUND.
    """
    check_size(len(batch) * len(options.aspect_ratios))
    wanted = [_request(user, item, options) for item in batch]
    return [
        replace(request, aspect_ratio=ratio)
        for request in wanted
        for ratio in options.aspect_ratios
    ]


def check_size(count: int) -> None:
    """Raise BATCH_SIZE for an empty batch or one of more than MAX_EXPORTS."""
    if not 0 < count <= MAX_EXPORTS:
        raise HeimdexError(ExportCode.BATCH_SIZE, {"limit": MAX_EXPORTS, "count": count})


def _request(user: User, item: BatchItem, options: BatchOptions) -> ExportRequest:
    scene, title, framing = None, item.title, None
    if item.source == "clip_id":
        clip = get_clip(user, item.key)
        video, ranges, title = clip.video, clip.kept_ranges, title or clip.title
        framing = parse_options(clip.options.get("framing"))
    elif item.source == "scene_id":
        scene = get_scene(user, item.key)
        video, ranges = scene.video, ((scene.start_ms, scene.end_ms),)
    elif item.source == "suggestion_id":
        row = _suggestion(user, item.key)
        video, ranges, title = row.video, ((row.start_ms, row.end_ms),), title or row.shown_title
    elif item.source == "export_id":
        export = get_export(user, item.key)
        if export.video is None:
            raise HeimdexError(VideoCode.VIDEO_NOT_FOUND)
        video, ranges, title = export.video, export.kept_ranges, title or export.title
    else:
        video, ranges = get_video(user, item.key), tuple(item.ranges)
    return ExportRequest(
        video=video,
        scene=scene,
        start_ms=ranges[0][0],
        end_ms=ranges[-1][1],
        ranges=ranges if len(ranges) > 1 else (),
        title=title,
        strategy=options.strategy,
        quality=options.quality,
        audio_track=options.audio_track,
        reduce_noise=options.reduce_noise,
        style=options.style,
        framing=framing,
    )


def _suggestion(user: User, key: uuid.UUID) -> Suggestion:
    rows = Suggestion.objects.visible_to(user).select_related("video")
    row = rows.filter(pk=key).first()
    if row is None:
        raise HeimdexError(VideoCode.SUGGESTION_NOT_FOUND)
    return row
