"""Where in its window a face should be: the eye line, and room in the direction of the look."""

from collections.abc import Sequence
from statistics import median

from mediakit.framing.people.tracking import Target

# The eyes from the top of a face's box; hair above the box, chin and a margin below the eyes: in heights of the face.
EYES, HAIR, CHIN = 0.4, 0.4, 0.65
EYE_LINE = 1 / 3  # of the window's height, from the top
LOWEST_CHIN = 0.95  # of the window's height
# A face looks straight ahead up to the first `look`, and wholly aside from the second on.
STRAIGHT_LOOK, FULL_LOOK = 0.05, 0.2
LOOK_ROOM = 0.12  # of the window's length, before a face that looks wholly aside
LOOK_SMOOTHING = 7  # samples on either side: a glance moves nothing


def eye_y(target: Target) -> float:
    """Where the eyes of a face are in the picture."""
    return target.box.top + target.box.height * EYES


def eye_line(face_height: float) -> float:
    """Where the eyes should be in a window, from its top; `face_height` is that of the face, both in window heights.

    On the upper third, or lower where the hair would be cut, but never so low that the chin is.
    """
    return min(max(EYE_LINE, (EYES + HAIR) * face_height), LOWEST_CHIN - CHIN * face_height)


def look_room(targets: Sequence[Target]) -> list[float]:
    """How far the window's centre should be to the right of each target, in lengths of the window."""
    looks = [target.look for target in targets]
    return [
        LOOK_ROOM * _asideness(median(looks[max(0, i - LOOK_SMOOTHING) : i + LOOK_SMOOTHING + 1]))
        for i in range(len(looks))
    ]


def _asideness(look: float) -> float:
    """From -1, wholly to the left, to 1."""
    share = (abs(look) - STRAIGHT_LOOK) / (FULL_LOOK - STRAIGHT_LOOK)
    return min(1.0, max(0.0, share)) * (1 if look > 0 else -1)
