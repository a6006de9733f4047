"""When a part of the picture on blur is narrower or wider within one shot: subjects that come together and part.

It changes at once, as between two takes, and never to another place at the same size. Times are ms of the video,
positions fractions of the picture.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from mediakit.framing.crop_window import CropWindow, crop_window
from mediakit.framing.geometry import Size
from mediakit.framing.planning.shot_samples import BRIEF_MS
from mediakit.framing.planning.subjects.part_place import placed
from mediakit.framing.range_analysis import ShotContent
from mediakit.framing.rect import Rect
from mediakit.media_info import VideoTrack

# The shapes of the parts, from the largest on the screen on; the last one is the whole picture.
PART_SHAPES = (Size(4, 5), Size(1, 1), Size(4, 3))
LEFT_OUT = 0.05  # of a shot's samples, at each end: further out they may be mistakes
MAX_PART_FILL = 0.92
# What is not empty is between empty sides if it has so much of the picture's width at most; a wider part would not be
# larger to the eye.
MAX_FILLED = 0.85
MIN_SPAN_MS = 2_000
# Of a shot briefer than this little is known: its part is a square at least.
BRIEF_SHAPES = PART_SHAPES[1:]
# What a change costs, in seconds at e times the size, and how much more if it is to e times the size: a jump in the
# middle of a shot is seen as a fault.
CHANGE_COST, JUMP_COST = 0.6, 1.2
MAX_PLACES = 200  # at which a span can end


@dataclass(frozen=True, slots=True)
class PartSpan:
    """What is shown on blur in a span; a part of None is the whole picture."""

    start_ms: int
    end_ms: int
    part: Rect | None


@dataclass(frozen=True, slots=True)
class _Reach:
    """How far the subject's boxes reach, between two places at which a span can end."""

    end_ms: float
    left: float
    right: float


def part_spans(
    times_ms: Sequence[int],
    boxes: Sequence[Rect],
    window: CropWindow,
    video: VideoTrack,
    content: ShotContent | None = None,
) -> tuple[PartSpan, ...]:
    """The spans of a shot from the first time to the last, each with the part that holds the boxes; at least one.

    `content` is what else stands on the screen, which a part cuts as little as it can.
    """
    shapes = BRIEF_SHAPES if times_ms[-1] - times_ms[0] < BRIEF_MS else PART_SHAPES
    parts = [] if window.moves_vertically else part_windows(window, video, shapes)
    reaches = _reaches(times_ms, _without_outermost(boxes))
    found = []
    rooms = _rooms(parts, window, content)
    for first, last, number in _best_spans(times_ms[0], reaches, parts, rooms, window.area.width):
        start_ms = times_ms[0] if first == 0 else round(reaches[first - 1].end_ms)
        left = min(each.left for each in reaches[first : last + 1])
        right = max(each.right for each in reaches[first : last + 1])
        part = placed(parts[number], (left, right), content) if number < len(parts) else None
        found.append(PartSpan(start_ms, round(reaches[last].end_ms), part))
    return tuple(found)


def part_of(
    boxes: Sequence[Rect],
    window: CropWindow,
    video: VideoTrack,
    shapes: Sequence[Size] = PART_SHAPES,
    *,
    fill: float = MAX_PART_FILL,
    content: ShotContent | None = None,
) -> Rect | None:
    """The narrowest part of one of the shapes, of the full height, that holds the boxes at all times.

    They have the share `fill` of its width at most. `content` is what else stands on the screen, which it cuts as
    little as it can.
    """
    if window.moves_vertically or not boxes:
        return None
    kept = _without_outermost(boxes)
    left, right = min(box.left for box in kept), max(box.right for box in kept)
    for part in part_windows(window, video, shapes):
        if right - left <= fill * part.width:
            return placed(part, (left, right), content)
    return None


def part_windows(
    window: CropWindow, video: VideoTrack, shapes: Sequence[Size] = PART_SHAPES
) -> list[CropWindow]:
    """The windows of the shapes that are not the whole picture, the narrowest first."""
    windows = (crop_window(video, window.area, shape) for shape in shapes)
    return [part for part in windows if not part.moves_vertically and not part.shows_all]


def _without_outermost(boxes: Sequence[Rect]) -> list[Rect]:
    """The boxes, none of them further out than all but the outermost few are."""
    last = len(boxes) - 1
    low = sorted(box.left for box in boxes)[int(LEFT_OUT * last)]
    high = sorted(box.right for box in boxes)[last - int(LEFT_OUT * last)]
    found = []
    for box in boxes:
        left, right = min(high, max(low, box.left)), max(low, min(high, box.right))
        found.append(Rect(left, box.top, right - left, box.height))
    return found


def _reaches(times_ms: Sequence[int], boxes: Sequence[Rect]) -> list[_Reach]:
    """The boxes in at most MAX_PLACES groups of samples that follow one another."""
    size = math.ceil(len(boxes) / MAX_PLACES)
    found = []
    for first in range(0, len(boxes), size):
        group, after = boxes[first : first + size], first + size
        is_last = after >= len(boxes)
        end_ms = times_ms[-1] if is_last else (times_ms[after - 1] + times_ms[after]) / 2
        found.append(_Reach(end_ms, min(b.left for b in group), max(b.right for b in group)))
    return found


def change_cost(before: float, after: float) -> float:
    """What a change at once costs between two sizes, which are given as logarithms."""
    return CHANGE_COST + JUMP_COST * abs(after - before)


def _rooms(
    parts: Sequence[CropWindow], window: CropWindow, content: ShotContent | None
) -> list[float]:
    """How wide a subject may be in each part, and in the whole picture after them.

    What fills the widest part has a margin of its own, and would be shown whole otherwise. Between empty sides it has
    none: a title that grows goes on between two looks.
    """
    filled = content.filled if content is not None else None
    is_between_empty_sides = filled is not None and filled.width <= MAX_FILLED * window.area.width
    fills = [MAX_PART_FILL] * len(parts)
    if parts and not is_between_empty_sides:
        fills[-1] = 1.0
    return [fill * part.width for fill, part in zip(fills, parts, strict=True)] + [math.inf]


def _best_spans(
    start_ms: int,
    reaches: Sequence[_Reach],
    parts: Sequence[CropWindow],
    rooms: Sequence[float],
    whole: float,
) -> list[tuple[int, int, int]]:
    """(first reach, last reach, number of the part) of each span; the number after the last is the whole picture.

    Spans are MIN_SPAN_MS long at least and show the subject as large as they can, less the cost of the changes.
    """
    gains = [*(math.log(whole / part.width) for part in parts), 0.0]
    edges = [float(start_ms), *(each.end_ms for each in reaches)]
    # By the number of reaches that are done and the part that is shown last: the score, and where its span begins.
    best: list[dict[int, tuple[float, int, int]]] = [{-1: (0.0, 0, -1)}]
    for done in range(1, len(edges)):
        best.append({})
        left, right = math.inf, -math.inf
        for first in range(done - 1, -1, -1):
            left, right = min(left, reaches[first].left), max(right, reaches[first].right)
            length_ms = edges[done] - edges[first]
            is_all = first == 0 and done == len(reaches)
            if not best[first] or (length_ms < MIN_SPAN_MS and not is_all):
                continue
            for number, (gain, room) in enumerate(zip(gains, rooms, strict=True)):
                if right - left > room:
                    continue
                others = [
                    (v[0] - (change_cost(gains[n], gain) if first else 0.0), n)
                    for n, v in best[first].items()
                    if n != number
                ]
                if not others:
                    continue
                before, other = max(others)
                score = before + gain * length_ms / 1000
                if score > best[done].get(number, (-math.inf, 0, 0))[0]:
                    best[done][number] = (score, first, other)
    return _traced(best)


def _traced(best: Sequence[dict[int, tuple[float, int, int]]]) -> list[tuple[int, int, int]]:
    done = len(best) - 1
    number = max(best[done], key=lambda each: best[done][each][0])
    found = []
    while done:
        _, first, before = best[done][number]
        found.append((first, done - 1, number))
        done, number = first, before
    return found[::-1]
