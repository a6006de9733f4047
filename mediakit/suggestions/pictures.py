"""What the picture says about a range: faces, changes, an opening that shows nothing."""

from bisect import bisect_left
from collections.abc import Sequence

from mediakit.suggestions.material import FaceSighting

# The opening that decides whether people stay.
OPENING_MS = 3_000
# One change of picture in this time is lively; more of them add nothing.
LIVELY_CHANGE_MS = 12_000


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
