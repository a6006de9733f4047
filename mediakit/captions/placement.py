"""Where captions and title stand on the canvas: inside what platforms leave free, and off the speaker's face."""

from collections.abc import Sequence
from dataclasses import dataclass

from mediakit.captions.caption_style import FaceBox
from mediakit.captions.pagination import Page, neighbours
from mediakit.framing.geometry import CANVAS

# What no platform covers with its own buttons and words.
LEFT, RIGHT, TOP, BOTTOM = 65, 960, 269, 1248
# Captions stand in the middle of the screen, so they are as wide as the nearer side leaves room for.
WIDTH = 2 * min(CANVAS[0] // 2 - LEFT, RIGHT - CANVAS[0] // 2)
MIDDLE = 700
# What a place costs: how far it is from the usual one, a face under it, a jump from page to page.
_USUAL = {"bottom": 0.0, "low": 0.12, "top": 0.2, "high": 0.3}
_FACE, _JUMP, _MOVE = 12.0, 0.5, 0.15
# The upper quarter of a face is forehead, which counts less than eyes, nose and mouth.
_FOREHEAD, _FOREHEAD_WEIGHT = 0.25, 0.25
_GAP = 24
_STEP = 260  # one place to the next: "high" is below a title of two lines


@dataclass(frozen=True, slots=True)
class Box:
    """A part of the canvas, in its pixels."""

    left: float
    top: float
    right: float
    bottom: float


def middle_of(position: str, height: int, tall: float) -> float:
    """Where the middle of a block so tall lies when a person chose the place."""
    if position == "custom":
        return min(max(CANVAS[1] * height / 100, tall / 2), CANVAS[1] - tall / 2)
    return {"top": TOP + tall / 2, "middle": MIDDLE}.get(position, BOTTOM - tall / 2)


def places(
    found: Sequence[Page],
    boxes: Sequence[tuple[float, float]],
    taken: Sequence[FaceBox],
    *,
    lefts: Sequence[float] = (),
) -> list[float]:
    """The middle of each page's block: low where it can be, off the faces, and steady.

    `boxes` holds each page's width and height, `lefts` where it begins when it is not centred. The
    cheapest sequence is taken, so that captions move only where a face would be covered for long enough
    to be worth it.
    """
    costs: list[dict[str, float]] = []
    came: list[dict[str, str]] = []
    follows = neighbours(found)
    for number, page in enumerate(found):
        left = lefts[number] if lefts else (CANVAS[0] - boxes[number][0]) / 2
        here = {name: _cost(name, page, left, boxes[number], taken) for name in _USUAL}
        if not costs:
            costs.append(here)
            came.append({})
            continue
        jump = _JUMP if follows[number] else _MOVE
        chosen: dict[str, str] = {}
        for name in here:
            chosen[name] = min(
                costs[-1], key=lambda before: costs[-1][before] + (jump if before != name else 0)
            )
            moved = jump if chosen[name] != name else 0
            here[name] += costs[-1][chosen[name]] + moved
        costs.append(here)
        came.append(chosen)
    return _traced(costs, came, boxes)


def _traced(
    costs: Sequence[dict[str, float]],
    came: Sequence[dict[str, str]],
    boxes: Sequence[tuple[float, float]],
) -> list[float]:
    names: list[str] = []
    name = min(costs[-1], key=lambda key: costs[-1][key]) if costs else ""
    for chosen in reversed(came):
        names.append(name)
        name = chosen.get(name, name)
    return [_middle(name, box[1]) for name, box in zip(reversed(names), boxes, strict=True)]


def _middle(name: str, tall: float) -> float:
    if name in {"top", "high"}:
        return TOP + tall / 2 + (_STEP if name == "high" else 0)
    return BOTTOM - tall / 2 - (_STEP if name == "low" else 0)


def _cost(
    name: str, page: Page, left: float, box: tuple[float, float], taken: Sequence[FaceBox]
) -> float:
    wide, tall = box
    middle = _middle(name, tall)
    block = Box(left, middle - tall / 2 - _GAP, left + wide, middle + tall / 2 + _GAP)
    seen = sum(_covered(block, page, face) for face in taken)
    return _USUAL[name] + _FACE * min(1.0, seen)


def _covered(block: Box, page: Page, face: FaceBox) -> float:
    """The share of a face that the block hides, weighed by where, and how long of the page the face is there."""
    together = min(page.end_ms, face.end_ms) - max(page.start_ms, face.start_ms)
    if together <= 0 or face.width <= 0 or face.height <= 0:
        return 0.0
    left, top = face.x * CANVAS[0], face.y * CANVAS[1]
    wide, tall = face.width * CANVAS[0], face.height * CANVAS[1]
    across = min(block.right, left + wide) - max(block.left, left)
    brows = top + _FOREHEAD * tall
    above = min(block.bottom, brows) - max(block.top, top)
    below = min(block.bottom, top + tall) - max(block.top, brows)
    down = max(0.0, above) * _FOREHEAD_WEIGHT + max(0.0, below)
    if across <= 0:
        return 0.0
    return across * down / (wide * tall) * together / max(1, page.end_ms - page.start_ms)
