"""Windows, and parts on blur, that miss the people in the picture: the camera pans away, or faster than they may."""

from collections.abc import Callable, Sequence
from statistics import median

from mediakit.framing.crop_plan import Shot
from mediakit.framing.range_analysis import FaceSample
from mediakit.framing.rect import Rect

# Nobody is shown in this share of the samples in which people are seen; a briefer shot stays as it is.
MISSED_SAMPLES, MIN_SHOT_MS = 0.4, 1_000
FACE_INSIDE = 0.8  # of the width of a face that is shown
# Who is smaller has no say: faces beside the usual one, and bodies in the picture's height.
MIN_FACE, MIN_BODY = 0.5, 0.25


def misses_people(
    shot: Shot, shows: Callable[[int], Rect], samples: Sequence[FaceSample], start_ms: int
) -> bool:
    """Whether a shot of people shows none of them again and again, where somebody is to be seen.

    A face that is cut is not shown; where only bodies are seen, the middle of one is enough. `shows` says what the shot
    shows of the picture at a time of the Short. `samples` are those of the shot; `start_ms` is when the Short begins in
    the video.
    """
    is_brief = shot.end_ms - shot.start_ms < MIN_SHOT_MS
    if shot.reason not in {"person", "group"} or is_brief:
        return False
    heights = [face.box.height for s in samples for face in s.faces]
    least = MIN_FACE * median(heights) if heights else 0.0
    missed = []
    for sample in samples:
        shown = shows(sample.time_ms - start_ms)
        view = (shown.left, shown.right)
        faces = [face.box for face in sample.faces if face.box.height >= least]
        bodies = [body.box for body in sample.bodies or () if body.box.height >= MIN_BODY]
        if faces or bodies:
            inside = [_is_inside(face, view) for face in faces]
            inside += [view[0] <= body.centre[0] <= view[1] for body in bodies if not faces]
            missed.append(not any(inside))
    return bool(missed) and sum(missed) >= MISSED_SAMPLES * len(missed)


def _is_inside(face: Rect, view: tuple[float, float]) -> bool:
    """Whether a face lies between two sides, or fills all that is between them."""
    inside = min(face.right, view[1]) - max(face.left, view[0])
    return inside >= FACE_INSIDE * min(face.width, view[1] - view[0])
