"""What a crop plan made of each shot, for the receipt."""

from fractions import Fraction
from typing import Any

from mediakit.framing.crop_plan import CropPlan, Shot
from mediakit.framing.crop_window import part_cells, window_of
from mediakit.framing.geometry import Size, upright_size
from mediakit.framing.rect import Rect
from mediakit.media_info import VideoTrack


def shot_reports(plan: CropPlan, video: VideoTrack, canvas: Size) -> list[dict[str, Any]]:
    """One row of JSON values for each shot of a Short whose picture has the size `canvas`.

    `enlargement` is how many pixels of the Short one pixel of the source became, along a side; the greatest of
    several parts. `zoom` is how many times closer than needed to fill the Short a "crop" is, and `punch_in` why it is
    closer than the rest of its shot. `marks_speaker` says that the part of a "stack" that shows who speaks is framed.
    `is_part` says that a "fit" shows a part of the picture, not all of it.
    """
    return [
        {
            "start_ms": shot.start_ms,
            "end_ms": shot.end_ms,
            "layout": shot.layout,
            "is_part": shot.layout == "fit" and bool(shot.parts),
            "reason": shot.reason,
            "people": shot.people,
            "speaker": shot.speaker,
            "zoom": round(shot.zoom, 2),
            "punch_in": shot.punch_in,
            "marks_speaker": bool(shot.speaking),
            "chosen": shot.chosen,
            "enlargement": round(float(_enlargement(shot, plan.area, video, canvas)), 2),
        }
        for shot in plan.shots
    ]


def _enlargement(shot: Shot, area: Rect, video: VideoTrack, canvas: Size) -> Fraction:
    size, sar = upright_size(video)
    wide, high = size.width * sar, Fraction(size.height)

    def grown(width: float, height: float, target: Size) -> tuple[Fraction, Fraction]:
        across = target.width / (Fraction(width) * wide)
        return across, target.height / (Fraction(height) * high)

    if shot.layout in {"stack", "inset"} and shot.parts:
        places = part_cells(shot, video, canvas)
        pairs = zip(shot.parts, places, strict=True)
        return max(max(grown(part.width, part.height, cell.size)) for part, cell in pairs)
    if shot.layout == "crop":
        window = window_of(shot, area, video, canvas)
        return max(grown(window.width, window.height, canvas))
    shown = shot.fitted(area)
    return min(grown(shown.width, shown.height, canvas))
