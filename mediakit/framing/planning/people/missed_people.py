"""Windows that show nobody while people are elsewhere in the picture, as where the camera pans from one to the next."""

from collections.abc import Sequence
from statistics import median

from mediakit.framing.crop_plan import Shot
from mediakit.framing.crop_window import CropWindow
from mediakit.framing.range_analysis import FaceSample
from mediakit.framing.rect import Rect
from mediakit.framing.window_path import path_position

# Nobody is in the window in this share of the samples in which people are seen; a briefer shot stays as it is.
MISSED_SAMPLES, MIN_SHOT_MS = 0.4, 1_000
# Who is smaller has no say: faces beside the usual one, and bodies in the picture's height.
MIN_FACE, MIN_BODY = 0.5, 0.25


def misses_people(
    shot: Shot, window: CropWindow, samples: Sequence[FaceSample], start_ms: int
) -> bool:
    """Whether the window of a shot of people shows none of them again and again, where somebody is to be seen.

    `samples` are those of the shot; `start_ms` is when the Short begins in the video.
    """
    is_brief = shot.end_ms - shot.start_ms < MIN_SHOT_MS
    if shot.reason not in {"person", "group"} or is_brief or window.moves_vertically:
        return False
    heights = [face.box.height for s in samples for face in s.faces]
    least = MIN_FACE * median(heights) if heights else 0.0
    missed = [
        not any(_is_inside(person, shot, window, sample.time_ms - start_ms) for person in people)
        for sample in samples
        if (people := _people(sample, least))
    ]
    return bool(missed) and sum(missed) >= MISSED_SAMPLES * len(missed)


def _people(sample: FaceSample, least: float) -> list[Rect]:
    faces = [face.box for face in sample.faces if face.box.height >= least]
    return faces + [b.box for b in sample.bodies or () if b.box.height >= MIN_BODY]


def _is_inside(person: Rect, shot: Shot, window: CropWindow, time_ms: int) -> bool:
    return abs(person.centre[0] - path_position(shot.path, time_ms)[0]) <= window.width / 2
