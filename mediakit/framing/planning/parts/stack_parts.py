"""The parts of the picture that are shown when people who are far apart share the Short's picture."""

from collections.abc import Sequence

from mediakit.framing.crop_window import CropWindow, crop_window
from mediakit.framing.geometry import Size, upright_size
from mediakit.framing.output_format import cells
from mediakit.framing.rect import Rect
from mediakit.media_info import VideoTrack

FACE_HEIGHTS = 3.2  # the height of a part, in heights of its face
MIN_SHARE = 0.35  # of the largest possible part
# The smallest side of a part, in sides of its face: a whole face comes before neighbours.
WHOLE_FACE = 1.35
FACE_CENTRE = 0.42  # the face's centre in its part, from the top
# People nearer than this, in widths of a part, are not worth one each where a pixel of the source becomes more than
# MAX_ENLARGED of the Short.
MIN_DISTANCE, MAX_ENLARGED = 0.8, 3.0
MIN_DRAWN = 0.1  # of the largest possible part, for one that a person drew


def stack_parts(
    people: Sequence[Rect], video: VideoTrack, area: Rect, canvas: Size
) -> tuple[Rect, ...]:
    """One part for each person's face, in the order of the canvas's cells and in their shape, inside `area`."""
    places = cells(canvas, len(people))
    return tuple(
        part_around(person, _nearest(person, people), crop_window(video, area, cell.size))
        for person, cell in zip(people, places, strict=True)
    )


def have_room(people: Sequence[Rect], video: VideoTrack, area: Rect, canvas: Size) -> bool:
    """Whether people are far enough apart for a part of a stack each, or large enough in the source for sharp ones."""
    parts = stack_parts(people, video, area, canvas)
    width_px = cells(canvas, len(people))[0].size.width
    source_px = upright_size(video)[0].width
    return all(
        _nearest(person, people) >= MIN_DISTANCE * part.width
        or part.width * source_px * MAX_ENLARGED >= width_px
        for person, part in zip(people, parts, strict=True)
    )


def drawn_parts(
    boxes: Sequence[Rect], video: VideoTrack, area: Rect, canvas: Size
) -> tuple[Rect, ...]:
    """The smallest parts that hold boxes which a person drew, in the shape of the canvas's cells and inside `area`."""
    places = cells(canvas, len(boxes))
    return tuple(
        _around(box, crop_window(video, area, cell.size))
        for box, cell in zip(boxes, places, strict=True)
    )


def _around(box: Rect, largest: CropWindow) -> Rect:
    area = largest.area
    share = max(box.width / largest.width, box.height / largest.height, MIN_DRAWN)
    width, height = largest.width * min(1.0, share), largest.height * min(1.0, share)
    x, y = box.centre
    left = min(max(area.left, x - width / 2), area.right - width)
    top = min(max(area.top, y - height / 2), area.bottom - height)
    return Rect(left, top, width, height)


def _nearest(person: Rect, people: Sequence[Rect]) -> float:
    """The distance across to the nearest other person."""
    x = person.centre[0]
    return min(abs(other.centre[0] - x) for other in people if other is not person)


def part_around(person: Rect, distance: float, largest: CropWindow) -> Rect:
    """The upper body, without the next person at that distance if the face allows it, in the shape of `largest`."""
    area = largest.area
    face = max(person.height / largest.height, person.width / largest.width)
    least = min(1.0, max(MIN_SHARE, WHOLE_FACE * face))
    share = min(1.0, max(least, FACE_HEIGHTS * person.height / largest.height))
    share = min(share, max(least, distance / largest.width))
    width, height = largest.width * share, largest.height * share
    x, y = person.centre
    left = min(max(area.left, x - width / 2), area.right - width)
    top = min(max(area.top, y - height * FACE_CENTRE), area.top + area.height - height)
    return Rect(left, top, width, height)
