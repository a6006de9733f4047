"""A picture with empty sides, as a title, a logo or a drawing on a plain ground: the part between them is shown."""

from dataclasses import replace

from mediakit.framing.crop_plan import Shot
from mediakit.framing.crop_window import CropWindow
from mediakit.framing.planning.subjects.subject_spans import MAX_FILLED, part_of
from mediakit.framing.range_analysis import ShotContent
from mediakit.framing.rect import Rect, union_of
from mediakit.media_info import VideoTrack

MARGIN = 0.02  # on both sides, of the picture: a title that grows goes on between two looks


def without_empty_margins(
    shot: Shot, content: ShotContent | None, window: CropWindow, video: VideoTrack
) -> Shot:
    """A shot that is shown whole, as the part of it that is not empty, of the full height, if that is narrower."""
    if shot.layout != "fit" or shot.parts or window.moves_vertically:
        return shot
    if content is None or content.filled is None:
        return shot
    area = window.area
    box = union_of([content.filled, *content.texts])
    left = max(area.left, box.left - MARGIN)
    right = min(area.right, box.right + MARGIN)
    if not 0 < right - left <= MAX_FILLED * area.width:
        return shot
    part = part_of([replace(box, left=left, width=right - left)], window, video, fill=1)
    return replace(shot, parts=(part or Rect(left, area.top, right - left, area.height),))
