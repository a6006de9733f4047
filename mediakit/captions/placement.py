"""Positions of captions on the canvas: inside the area that no platform covers, and off faces."""

from collections.abc import Sequence
from dataclasses import dataclass

from mediakit.captions.caption_style import TimedRegion
from mediakit.captions.pagination import CaptionPage, continuity
from mediakit.framing.output_format import Canvas

# Costs: of each position (slot), of a wholly covered face, and of a move from one page to the next.
_SLOT_COSTS = {"bottom": 0.0, "low": 0.12, "top": 0.2, "high": 0.3}
# In a feed viewers expect captions at the bottom, so the top costs more.
_FEED_SLOT_COSTS = {"bottom": 0.0, "low": 0.12, "top": 0.6, "high": 0.7}
_COVERED_FACE_COST, _MOVE_COST, _MOVE_AFTER_PAUSE_COST = 12.0, 0.5, 0.15
# The upper quarter of a face is forehead. It counts less than eyes, nose and mouth.
_FOREHEAD_SHARE, _FOREHEAD_WEIGHT = 0.25, 0.25
_FACE_MARGIN_PX = 24
_SLOT_STEP_PX = (
    260  # from "bottom" to "low" and from "top" to "high", which is below a title of two lines
)


@dataclass(frozen=True, slots=True)
class PixelRect:
    """A part of the canvas in px."""

    left: float
    top: float
    right: float
    bottom: float


def fixed_center_y(position: str, height: int, tall: float, canvas: Canvas) -> float:
    """Return the y in px of the centre of a block `tall` px high, at a position that the user chose."""
    if position == "custom":
        return min(max(canvas.height * height / 100, tall / 2), canvas.height - tall / 2)
    return {"top": canvas.top + tall / 2, "middle": canvas.middle_y}.get(
        position, canvas.bottom - tall / 2
    )


def choose_positions(
    pages: Sequence[CaptionPage],
    boxes: Sequence[tuple[float, float]],
    taken: Sequence[TimedRegion],
    canvas: Canvas,
    *,
    lefts: Sequence[float] = (),
) -> list[float]:
    """Return the y in px of the centre of each page's block: low, off the `taken` regions, with few moves.

    `boxes` holds each page's width and height in px, `lefts` its left edge if it is not centred. The cheapest
    sequence of positions is pages by dynamic programming, so captions move only if a face would be covered long
    enough.
    """
    slot_costs = _SLOT_COSTS if canvas.is_full_screen else _FEED_SLOT_COSTS
    costs: list[dict[str, float]] = []
    previous: list[dict[str, str]] = []
    continues = continuity(pages)
    for number, page in enumerate(pages):
        left = lefts[number] if lefts else (canvas.width - boxes[number][0]) / 2
        here = {
            name: cost + _covered_cost(name, page, left, boxes[number], taken, canvas=canvas)
            for name, cost in slot_costs.items()
        }
        if not costs:
            costs.append(here)
            previous.append({})
            continue
        jump = _MOVE_COST if continues[number] else _MOVE_AFTER_PAUSE_COST
        chosen: dict[str, str] = {}
        for name in here:
            chosen[name] = min(
                costs[-1], key=lambda before: costs[-1][before] + (jump if before != name else 0)
            )
            moved = jump if chosen[name] != name else 0
            here[name] += costs[-1][chosen[name]] + moved
        costs.append(here)
        previous.append(chosen)
    return _backtrack(costs, previous, boxes, canvas)


def _backtrack(
    costs: Sequence[dict[str, float]],
    previous: Sequence[dict[str, str]],
    boxes: Sequence[tuple[float, float]],
    canvas: Canvas,
) -> list[float]:
    names: list[str] = []
    name = min(costs[-1], key=lambda key: costs[-1][key]) if costs else ""
    for chosen in reversed(previous):
        names.append(name)
        name = chosen.get(name, name)
    named = zip(reversed(names), boxes, strict=True)
    return [_slot_center_y(name, box[1], canvas) for name, box in named]


def _slot_center_y(name: str, tall: float, canvas: Canvas) -> float:
    if name in {"top", "high"}:
        return canvas.top + tall / 2 + (_SLOT_STEP_PX if name == "high" else 0)
    return canvas.bottom - tall / 2 - (_SLOT_STEP_PX if name == "low" else 0)


def _covered_cost(
    name: str,
    page: CaptionPage,
    left: float,
    box: tuple[float, float],
    taken: Sequence[TimedRegion],
    *,
    canvas: Canvas,
) -> float:
    wide, tall = box
    middle = _slot_center_y(name, tall, canvas)
    block = PixelRect(
        left, middle - tall / 2 - _FACE_MARGIN_PX, left + wide, middle + tall / 2 + _FACE_MARGIN_PX
    )
    covered = sum(_covered_share(block, page, face, canvas) for face in taken)
    return _COVERED_FACE_COST * min(1.0, covered)


def _covered_share(block: PixelRect, page: CaptionPage, face: TimedRegion, canvas: Canvas) -> float:
    """Return the share of a face that the block covers, weighted by the part of the face and by the common time."""
    common_ms = min(page.end_ms, face.end_ms) - max(page.start_ms, face.start_ms)
    if common_ms <= 0 or face.width <= 0 or face.height <= 0:
        return 0.0
    left, top = face.x * canvas.width, face.y * canvas.height
    wide, tall = face.width * canvas.width, face.height * canvas.height
    across = min(block.right, left + wide) - max(block.left, left)
    brow_y = top + _FOREHEAD_SHARE * tall
    above = min(block.bottom, brow_y) - max(block.top, top)
    below = min(block.bottom, top + tall) - max(block.top, brow_y)
    down = max(0.0, above) * _FOREHEAD_WEIGHT + max(0.0, below)
    if across <= 0:
        return 0.0
    return across * down / (wide * tall) * common_ms / max(1, page.end_ms - page.start_ms)
