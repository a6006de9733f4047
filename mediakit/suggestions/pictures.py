"""What the picture says about a range: faces, changes, an opening that shows nothing."""

from bisect import bisect_left
from collections.abc import Callable, Sequence
from typing import TypeVar

from mediakit.suggestions.material import FaceSighting, Material

Candidate = TypeVar("Candidate")

# The opening that decides whether people stay.
OPENING_MS = 3_000
# One change of picture in this time is lively; more of them add nothing.
LIVELY_CHANGE_MS = 12_000
# A picture that stands still for so long at the start is a frozen one.
FROZEN_MS = 1_500
# In a video that stands still for more than this share of its time (slides) that is nothing unusual.
MAX_STILL_SHARE = 0.5


def face_share(faces: Sequence[FaceSighting], start_ms: int, end_ms: int) -> float | None:
    """Return the share of the samples in a range that show a face; None without samples. `faces` are in order."""
    low = bisect_left(faces, start_ms, key=lambda face: face.time_ms)
    high = bisect_left(faces, end_ms, key=lambda face: face.time_ms)
    inside = faces[low:high]
    return sum(face.seen for face in inside) / len(inside) if inside else None


def change_rate(shots_ms: Sequence[int], start_ms: int, end_ms: int) -> float:
    """Return how lively the picture changes in a range, from 0 to 1. `shots_ms` are in order."""
    count = bisect_left(shots_ms, end_ms) - bisect_left(shots_ms, start_ms)
    return min(1.0, count * LIVELY_CHANGE_MS / max(1, end_ms - start_ms))


def opens_dark(dark_ms: Sequence[int], start_ms: int) -> bool:
    """Whether a picture that shows nothing was found at the start of a range. `dark_ms` are in order."""
    at = bisect_left(dark_ms, start_ms)
    return at < len(dark_ms) and dark_ms[at] < start_ms + OPENING_MS


def with_a_picture(
    candidates: Sequence[Candidate], material: Material, *, start: Callable[[Candidate], int]
) -> list[Candidate]:
    """Return the candidates that do not open on a black or frozen picture, as far as that is known; all if none is
    left.

    `dark_ms` and `still_ms` are in order. Where a video stands still for most of its time, stillness says nothing.
    """
    still_ms = sum(end - start for start, end in material.still_ms)
    still = material.still_ms if still_ms <= MAX_STILL_SHARE * material.duration_ms else ()
    shown = [
        each
        for each in candidates
        if not opens_dark(material.dark_ms, start(each)) and not opens_frozen(still, start(each))
    ]
    return shown or list(candidates)


def opens_frozen(still_ms: Sequence[tuple[int, int]], start_ms: int) -> bool:
    """Whether the picture stands still at the start of a range. `still_ms` are in order."""
    at = bisect_left(still_ms, start_ms, key=lambda span: span[1])
    if at == len(still_ms):
        return False
    low, high = still_ms[at]
    return min(high, start_ms + OPENING_MS) - max(low, start_ms) >= FROZEN_MS
