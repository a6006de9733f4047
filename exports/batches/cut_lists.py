"""A cut list of a batch, for video editors."""

from django.http import HttpResponse
from django.utils.translation import gettext as _

from core.errors import CoreCode, HeimdexError
from exports.models import Batch, Export
from mediakit.cut_lists.cut import NamedCut
from videos.clips.cut_lists import cut_list_response
from videos.errors import VideoCode
from videos.models import Video
from videos.queries import as_uuid


def videos_of(batch: Batch) -> list[Video]:
    """The videos that a batch cuts and that are still there, in the order of their first Short."""
    exports = _exports(batch)
    by_key = Video.objects.filter(deleted_at=None).in_bulk({export.video_id for export in exports})
    keys = dict.fromkeys(export.video_id for export in exports)
    return [by_key[key] for key in keys if key in by_key]


def batch_cut_list(batch: Batch, kind: str, video_id: str = "") -> HttpResponse:
    """Return what a batch cuts of a video as a file to download: each cut once, in the batch's order.

    Without `video_id` it is the batch's only video; INVALID_INPUT when there are several. Raises VIDEO_NOT_FOUND for a
    video that the batch does not cut or that is gone, and what `cut_list_response` raises.
    """
    videos = videos_of(batch)
    if video_id:
        videos = [video for video in videos if video.pk == as_uuid(video_id)]
    if not videos:
        raise HeimdexError(VideoCode.VIDEO_NOT_FOUND)
    if len(videos) > 1:
        problem = _("This batch cuts several videos. Name one of them.")
        raise HeimdexError(
            CoreCode.INVALID_INPUT, {"fields": {"video_id": [problem]}}, message=problem
        )
    cuts = dict.fromkeys(
        NamedCut(export.title, export.kept_ranges)
        for export in _exports(batch)
        if export.video_id == videos[0].pk
    )
    return cut_list_response(videos[0], kind, list(cuts), title=batch.title)


def _exports(batch: Batch) -> list[Export]:
    """Its exports as they were asked for; one that was deleted is no longer of it."""
    rows = batch.exports.filter(deleted_at=None).order_by("batch_number")
    return list(rows.only("video_id", "title", "start_ms", "end_ms", "ranges"))
