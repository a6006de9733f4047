"""A shot without a subject is shown larger than whole where the fine detail of its picture lies in a part of it."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from mediakit.framing.crop_plan import Shot
from mediakit.framing.crop_window import CropWindow
from mediakit.framing.geometry import Size
from mediakit.framing.planning.subjects.subject_spans import part_windows
from mediakit.framing.range_analysis import FaceSample, ShotContent
from mediakit.framing.rect import Rect, union_of
from mediakit.media_info import VideoTrack

# The part holds so much of the detail. As the eye is drawn to its middle it lies there, for so much less of it. It is
# no narrower: a man before a bright wall has less detail than the wall.
SHAPE, HELD, WORTH = Size(4, 3), 0.87, 0.03
# A film for the cinema is a thin band: where a part of WIDE has no more than this of its width, that is shown at most.
WIDE, WIDE_SHARE = Size(16, 9), 0.89
STEPS = 100  # places of a part that are compared


def with_detail(
    shot: Shot,
    samples: Sequence[FaceSample],
    content: ShotContent | None,
    window: CropWindow,
    video: VideoTrack,
) -> Shot:
    """A shot that is shown whole, as the part of SHAPE that holds its detail, its text and all else seen.

    Of a picture for the cinema it is a part of WIDE at most, if that cuts no text.
    """
    if shot.layout != "fit" or shot.parts or window.moves_vertically:
        return shot
    if content is None or not content.detail:
        return shot
    held = [*content.texts, *_seen(samples)]
    for part in part_windows(window, video, [SHAPE]):
        placed = _placed(part, content.detail, held)
        if placed is not None and _share(content.detail, placed) >= HELD:
            return replace(shot, parts=(placed,))
    wide = _wide_part(content, held, window, video)
    return shot if wide is None else replace(shot, parts=(wide,))


def _wide_part(
    content: ShotContent, held: Sequence[Rect], window: CropWindow, video: VideoTrack
) -> Rect | None:
    """The part of WIDE of a picture that is much wider; it holds what was seen if it can, and its text in any case."""
    for part in part_windows(window, video, [WIDE]):
        if part.width <= WIDE_SHARE * window.area.width:
            return _placed(part, content.detail, held) or _placed(
                part, content.detail, content.texts
            )
    return None


def _seen(samples: Sequence[FaceSample]) -> list[Rect]:
    """All that may matter in the samples of a shot without a subject."""
    return [
        box
        for sample in samples
        for box in (sample.region, sample.beside, *(face.box for face in sample.faces))
        if box is not None
    ]


def _placed(part: CropWindow, detail: Sequence[float], held: Sequence[Rect]) -> Rect | None:
    """The part where it holds the most detail, near the middle of that; None where it cannot hold the boxes."""
    low, high = part.bounds
    half = part.width / 2
    if held:
        whole = union_of(held)
        low, high = max(low, whole.right - half), min(high, whole.left + half)
    if low > high:
        return None
    places = [
        Rect(centre - half, part.area.top, part.width, part.height)
        for centre in np.linspace(low, high, STEPS).tolist()
    ]
    middle = _middle(detail)
    most = max(_share(detail, place) for place in places)
    near = [place for place in places if _share(detail, place) >= most - WORTH]
    return min(near, key=lambda place: abs(place.centre[0] - middle))


def _share(detail: Sequence[float], part: Rect) -> float:
    """The share of the detail in a part of the full height."""
    edges = np.linspace(0, 1, len(detail) + 1)
    sums = np.concatenate([[0.0], np.cumsum(detail)])
    low, high = np.interp([part.left, part.right], edges, sums)
    return float(high - low) / float(sums[-1])


def _middle(detail: Sequence[float]) -> float:
    """The place with half of the detail on either side."""
    edges = np.linspace(0, 1, len(detail) + 1)
    sums = np.concatenate([[0.0], np.cumsum(detail)])
    return float(np.interp(sums[-1] / 2, sums, edges))
