"""Where a person is while the face is not seen: someone who turns away stays the subject of the shot."""

from collections.abc import Sequence

from mediakit.framing.crop_window import CropWindow
from mediakit.framing.people.tracking import Target
from mediakit.framing.range_analysis import FaceSample
from mediakit.framing.rect import Rect

# A moving region that fits the window, and moved at most so many windows since the sample before, is the same person.
MAX_FILL, MAX_STEP = 0.95, 0.25


def with_lost_faces(
    targets: Sequence[Target], samples: Sequence[FaceSample], window: CropWindow
) -> tuple[Target, ...]:
    """The targets of one shot, and between them and after them the face's box where the body's region has moved to."""
    known = {target.time_ms: target for target in targets}
    found: list[Target] = []
    for sample in samples:
        target = known.get(sample.time_ms)
        if target is None and found and sample.region is not None:
            box = _moved(found[-1].box, sample.region, window)
            target = None if box is None else Target(sample.time_ms, box)
        if target is not None:
            found.append(target)
    return tuple(found)


def _moved(face: Rect, region: Rect, window: CropWindow) -> Rect | None:
    """The face's box above the region, or None if the region is another subject."""
    step = abs(region.centre[0] - face.centre[0])
    if window.moves_vertically or region.width > MAX_FILL * window.width:
        return None
    if step > MAX_STEP * window.width:
        return None
    return Rect(region.centre[0] - face.width / 2, face.top, face.width, face.height)
