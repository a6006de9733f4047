"""How `smart_crop` would frame a range, for the export dialog: camera path and layout of each shot, as JSON."""

from collections.abc import Sequence
from dataclasses import astuple
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.http import request_user
from exports.framing.options import TILES, output_format_of
from exports.framing.texts import reason_text
from exports.web import prefetch
from exports.web.responses import errors_as_page, integer_parameter
from mediakit.framing.crop_plan import CropPlan, Shot
from mediakit.framing.crop_window import crop_window
from mediakit.framing.geometry import Size
from mediakit.framing.output_format import cells
from mediakit.framing.range_analysis import RangeAnalysis, ShotContent
from mediakit.media_info import MediaInfo, VideoTrack
from videos.analyses.shot_analyses import plans_for
from videos.models import ShotAnalysis, Video
from videos.queries import get_video

# A shot with less of it inside the range is not offered for an override.
MIN_SHOT_MS = 200
TILE_COUNTS = range(TILES[0], TILES[1] + 1)


@require_safe
@login_required
@never_cache
@errors_as_page
def framing(request: HttpRequest, video_id: UUID) -> HttpResponseBase:
    """`?start_ms=&end_ms=`: the shots of the range as JSON; `{"ready": false}` until the analysis is done.

    `?aspect_ratio=` is that of the Short.
    """
    video = get_video(request.user, video_id)
    start_ms, end_ms = (integer_parameter(request, name) or 0 for name in ("start_ms", "end_ms"))
    row = prefetch.find_or_request(request_user(request), video, start_ms, end_ms)
    if row is None:
        return JsonResponse({"ready": False})
    canvas = output_format_of(video, request.GET.get("aspect_ratio")).size
    return JsonResponse(_framing_json(video, row, start_ms, end_ms, canvas=canvas))


def _framing_json(
    video: Video, row: ShotAnalysis, start_ms: int, end_ms: int, *, canvas: Size
) -> dict[str, Any]:
    """The part of the plans that lies in the range, in times of the video."""
    plans = plans_for(video, row, canvas)
    plan, track = plans.main, MediaInfo.from_json(video.probe).video
    frame = crop_window(track, plan.area, canvas)
    contents = RangeAnalysis.from_json(row.data).contents

    def inside(shots: Sequence[Shot]) -> list[dict[str, Any]]:
        shown = [_shot_json(shot, row.start_ms, contents) for shot in shots]
        low, high = start_ms + MIN_SHOT_MS, end_ms - MIN_SHOT_MS
        return [s for s in shown if s["start_ms"] < high and s["end_ms"] > low]

    return {
        "ready": True,
        "version": f"{row.pk}-{canvas}",
        "window": [frame.width, frame.height],
        "area": [plan.area.left, plan.area.top, plan.area.width, plan.area.height],
        "size": [video.width, video.height],
        "tiles": {count: _largest_tile(track, plan, canvas, count) for count in TILE_COUNTS},
        "shots": inside(plan.shots),
        "others": {pair: inside(other.shots) for pair, other in plans.alternatives.items()},
    }


def _largest_tile(
    track: VideoTrack, plan: CropPlan, canvas: Size, count: int
) -> tuple[float, float]:
    """The width and height of the largest part that each of so many people can have."""
    tile = crop_window(track, plan.area, cells(canvas, count)[0].size)
    return tile.width, tile.height


def _shot_json(shot: Shot, offset_ms: int, contents: Sequence[ShotContent]) -> dict[str, Any]:
    """A shot in times of the video. `kind` is equal for shots that are alike, `inset` the one that was found in it."""
    middle_ms = offset_ms + (shot.start_ms + shot.end_ms) // 2
    content = next((c for c in contents if c.start_ms <= middle_ms < c.end_ms), None)
    inset = content.inset if content else None
    return {
        "start_ms": shot.start_ms + offset_ms,
        "end_ms": shot.end_ms + offset_ms,
        "layout": shot.layout,
        "people": shot.people,
        "apart": shot.reason in {"apart", "speaker"},
        "kind": f"{shot.layout} {shot.reason} {shot.people} {shot.speaker}",
        "inset": list(astuple(inset)) if inset else None,
        "why": reason_text(shot.reason, shot.people, shot.speaker, zoom=shot.zoom),
        "zoom": shot.zoom,
        "parts": [[part.left, part.top, part.width, part.height] for part in shot.parts],
        "split": shot.split,
        "keys": [[point.time_ms + offset_ms, point.x, point.y] for point in shot.path],
    }
