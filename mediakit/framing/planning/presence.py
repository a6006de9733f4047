"""Whether people are in the picture at the ends of a shot, and whether a window holds their arms and legs."""

from collections.abc import Sequence

from mediakit.framing.crop_plan import FaceSample, Rect
from mediakit.framing.crop_window import CropWindow
from mediakit.framing.people.tracking import Target
from mediakit.framing.planning.subject_layout import LEAVING_MS, MIN_GONE_MS

# A body reaches beyond the window in this share of samples, where the window shows so much of the picture that
# the whole is hardly smaller.
REACHING_SAMPLES, NEAR_WHOLE = 0.3, 0.75


def present_ms(span_ms: tuple[int, int], targets: Sequence[Target]) -> tuple[int, int]:
    """From when to when of a shot somebody is there: who comes in at a side or leaves there is away before or after it.

    Whoever is seen elsewhere first or last has only turned away. All times are ms of the video.
    """
    low, high = span_ms
    first, last = targets[0].time_ms - LEAVING_MS, targets[-1].time_ms + LEAVING_MS
    comes_in = first - low >= MIN_GONE_MS and _is_at_side(targets[0].box)
    has_left = high - last >= MIN_GONE_MS and _is_at_side(targets[-1].box)
    return first if comes_in else low, last if has_left else high


def _is_at_side(face: Rect) -> bool:
    """Whether a face is no farther from a side of the picture than it is wide."""
    return face.left <= face.width or face.right >= 1 - face.width


def reaches_beyond(samples: Sequence[FaceSample], window: CropWindow) -> bool:
    """Whether arms or legs are cut by the window again and again, and the whole picture is hardly smaller."""
    if window.length < NEAR_WHOLE * window.extent(window.area):
        return False
    reaching = [s.moving is not None and window.extent(s.moving) > window.length for s in samples]
    return sum(reaching) >= REACHING_SAMPLES * len(samples)
