"""Windows that miss the people in the picture: the camera pans from one to the next, or faster than a window may."""

from collections.abc import Sequence
from statistics import median

from mediakit.framing.crop_plan import Shot
from mediakit.framing.crop_window import CropWindow
from mediakit.framing.range_analysis import FaceSample
from mediakit.framing.rect import Rect
from mediakit.framing.window_path import path_position

# Nobody is in the window in this share of the samples in which people are seen; a briefer shot stays as it is.
MISSED_SAMPLES, MIN_SHOT_MS = 0.4, 1_000
FACE_INSIDE = 0.8  # of the width of a face that is shown
# Who is smaller has no say: faces beside the usual one, and bodies in the picture's height.
MIN_FACE, MIN_BODY = 0.5, 0.25


def misses_people(
    shot: Shot, window: CropWindow, samples: Sequence[FaceSample], start_ms: int
) -> bool:
    """Whether the window of a shot of people shows none of them again and again, where somebody is to be seen.

    A face that it cuts is not shown; where only bodies are seen, the middle of one is enough.

    `samples` are those of the shot; `start_ms` is when the Short begins in the video.
    """
    is_brief = shot.end_ms - shot.start_ms < MIN_SHOT_MS
    if shot.reason not in {"person", "group"} or is_brief or window.moves_vertically:
        return False
    heights = [face.box.height for s in samples for face in s.faces]
    least = MIN_FACE * median(heights) if heights else 0.0
    missed = []
    for sample in samples:
        centre = path_position(shot.path, sample.time_ms - start_ms)[0]
        view = (centre - window.width / 2, centre + window.width / 2)
        faces = [face.box for face in sample.faces if face.box.height >= least]
        bodies = [body.box for body in sample.bodies or () if body.box.height >= MIN_BODY]
        if faces or bodies:
            shown = [_is_inside(face, view) for face in faces]
            shown += [view[0] <= body.centre[0] <= view[1] for body in bodies if not faces]
            missed.append(not any(shown))
    return bool(missed) and sum(missed) >= MISSED_SAMPLES * len(missed)


def _is_inside(face: Rect, view: tuple[float, float]) -> bool:
    """Whether a face lies between two sides, or fills all that is between them."""
    inside = min(face.right, view[1]) - max(face.left, view[0])
    return inside >= FACE_INSIDE * min(face.width, view[1] - view[0])
