"""Where a slide or a screen that is too small to read is shown larger: at the block of text that changes.

The picture goes to another block in a pause of the voice only, at once, and never cuts a line of text. Times are ms of
the video, positions fractions of the picture.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise, takewhile
from statistics import median

from mediakit.framing.crop_plan import Shot
from mediakit.framing.geometry import Size, upright_size
from mediakit.framing.people.speech import Span
from mediakit.framing.range_analysis import FaceSample, ShotContent, TextChange
from mediakit.framing.rect import Rect, union_of
from mediakit.media_info import VideoTrack

# A line of this height on the Short, in shares of its short side, can be read; a larger one needs no enlargement.
READABLE, LARGE = 0.037, 0.083
MIN_GAIN = 1.5  # how many times larger a block has to be shown than the whole: a larger one keeps too much that is idle
MAX_ENLARGED = 2.0  # pixels of the Short for one of the source
WIDEST = 16 / 9  # a flatter block is shown with what is above and below it
MARGIN = 0.6  # around a block, in heights of its lines
BLOCK_GAP = 1.0  # lines nearer than so many of their heights are one block
# How long a pause is, how far from a change it may be, how long a block stays, and when the whole is shown again.
MIN_PAUSE_MS, EARLY_MS, LATE_MS = 250, 1_000, 4_000
MIN_HOLD_MS, QUIET_MS = 4_000, 10_000
FACES_EVERY = 5  # samples
NEAR_MS = 3_500  # lines seen so near to a change are there with it: they are looked for every three seconds
EDGE_MS = 500  # what is left of a span at a range's edge joins its neighbour


def focused_shots(
    whole: Shot,
    content: ShotContent,
    samples: Sequence[FaceSample],
    voice_ms: Sequence[Span],
    *,
    area: Rect,
    video: VideoTrack,
    canvas: Size,
) -> list[Shot]:
    """The shots that a "fit" of text becomes: one for each block that is shown larger, and those of the whole between.

    `samples` are those of the whole shot: no face is cut either.
    """
    faces = tuple(face.box for sample in samples[::FACES_EVERY] for face in sample.faces)
    page = Page(whole.fitted(area), area, video, canvas, faces)
    return [
        replace(
            whole,
            start_ms=span.start_ms,
            end_ms=span.end_ms,
            parts=whole.parts if span.part is None else (span.part,),
            reason="text" if span.part is None else "changes",
        )
        for span in find_focus(content, (whole.start_ms, whole.end_ms), voice_ms, page)
    ]


@dataclass(frozen=True, slots=True)
class FocusSpan:
    """What a "fit" shows in a span: a part, or as before where that is None."""

    start_ms: int
    end_ms: int
    part: Rect | None


@dataclass(frozen=True, slots=True)
class Page:
    """The picture that a block is part of: where it lies, on which canvas it is shown, and what no edge may cut."""

    whole: Rect
    area: Rect
    video: VideoTrack
    canvas: Size
    kept: tuple[Rect, ...]

    def scale(self, part: Rect) -> float:
        """How many pixels of the canvas the picture's height has when a part is shown whole."""
        size, sar = upright_size(self.video)
        shape = float(size.width * sar / size.height)
        return min(self.canvas.width / (shape * part.width), self.canvas.height / part.height)

    def gain(self, part: Rect) -> float:
        """How many times larger than before a part is shown."""
        return self.scale(part) / self.scale(self.whole)


def find_focus(
    content: ShotContent,
    span_ms: Span,
    voice_ms: Sequence[Span],
    page: Page,
) -> list[FocusSpan]:
    """The spans of a part of a shot, from its first to its last ms; one without a part where nothing is enlarged.

    They follow from the whole shot, so they are the same in every range of it.
    """
    moves = _moves(content, voice_ms, page) if _is_small(content.texts, page) else []
    low, high = span_ms
    edges = [content.start_ms, *(at for at, _ in moves), content.end_ms]
    parts = [None, *(part for _, part in moves)]
    inside = [
        FocusSpan(max(low, start), min(high, end), part)
        for (start, end), part in zip(pairwise(edges), parts, strict=True)
        if start < high and end > low and start < end
    ] or [FocusSpan(low, high, None)]
    while len(inside) > 1 and inside[0].end_ms - low < EDGE_MS:
        inside = inside[1:]
    while len(inside) > 1 and high - inside[-1].start_ms < EDGE_MS:
        inside = inside[:-1]
    inside[0] = replace(inside[0], start_ms=low)
    inside[-1] = replace(inside[-1], end_ms=high)
    return inside


def _is_small(texts: Sequence[Rect], page: Page) -> bool:
    """Whether most lines cannot be read when everything is shown."""
    if not texts:
        return False
    side = min(page.canvas.width, page.canvas.height)
    return median(text.height for text in texts) * page.scale(page.whole) < READABLE * side


def _moves(
    content: ShotContent, voice_ms: Sequence[Span], page: Page
) -> list[tuple[int, Rect | None]]:
    """When the picture goes to another part, or back to the whole."""
    pauses = _pauses(voice_ms, (content.start_ms, content.end_ms))
    moves: list[tuple[int, Rect | None]] = []
    last_ms = content.start_ms
    for at, change in enumerate(content.changes):
        if moves and moves[-1][1] and change.time_ms - last_ms > QUIET_MS:
            _add(moves, _pause_near(pauses, last_ms + QUIET_MS, moves), None)
        last_ms = change.time_ms
        if change.box is None:  # a new page: what was shown of the old one is gone
            moves = [move for move in moves if move[0] < change.time_ms]
            _add(moves, change.time_ms, None)
            continue
        shown = moves[-1][1] if moves else None
        if shown is None or not _holds(shown, change.box):
            until_ms = change.time_ms + MIN_HOLD_MS
            near = content.texts_between(change.time_ms - NEAR_MS, until_ms + NEAR_MS)
            part = block_part(_changing(content.changes[at:], until_ms), near, page)
            _add(moves, _pause_near(pauses, change.time_ms, moves), part)
    if moves and moves[-1][1] and content.end_ms - last_ms > QUIET_MS:
        _add(moves, _pause_near(pauses, last_ms + QUIET_MS, moves), None)
    return moves


def _changing(changes: Sequence[TextChange], until_ms: int) -> Rect:
    """Where lines change from the first of the changes on, which is no new page, until a time or a new page."""
    inside = takewhile(lambda change: change.box and change.time_ms < until_ms, changes)
    return union_of([change.box for change in inside if change.box])


def _add(moves: list[tuple[int, Rect | None]], at_ms: int | None, part: Rect | None) -> None:
    """Append a move, unless there is no time for it or it changes nothing."""
    if at_ms is not None and part != (moves[-1][1] if moves else None):
        moves.append((at_ms, part))


def _pauses(voice_ms: Sequence[Span], span_ms: Span) -> list[Span] | None:
    """The pauses of the voice in a span; None where no voice is known, so that any time is one."""
    inside = [voice for voice in voice_ms if voice[0] < span_ms[1] and voice[1] > span_ms[0]]
    if not inside:
        return None
    edges = [span_ms[0], *(ms for voice in inside for ms in voice), span_ms[1]]
    gaps = zip(edges[::2], edges[1::2], strict=True)
    return [(start, end) for start, end in gaps if end - start >= MIN_PAUSE_MS]


def _pause_near(
    pauses: Sequence[Span] | None, time_ms: int, moves: Sequence[tuple[int, Rect | None]]
) -> int | None:
    """The time in a pause that is nearest to one, and late enough after the last move; None without any near."""
    earliest = moves[-1][0] + MIN_HOLD_MS if moves else 0
    if pauses is None:
        return max(time_ms, earliest)
    third = MIN_PAUSE_MS // 3
    times = [
        min(max(time_ms, start + third, earliest), end - third)
        for start, end in pauses
        if end - third >= earliest
    ]
    near = [at for at in times if time_ms - EARLY_MS <= at <= time_ms + LATE_MS]
    return min(near, key=lambda at: abs(at - time_ms), default=None)


def block_part(box: Rect, texts: Sequence[Rect], page: Page) -> Rect | None:
    """The part of the picture that shows the block of text around a box; None if that is hardly larger than the whole.

    No line of text is cut by its edges, nor anything else that is to be kept.
    """
    block = _block(box, texts)
    line = median([text.height for text in texts if _touch(text, block)] or [box.height])
    size, _ = upright_size(page.video)
    sharp = page.canvas.width / (MAX_ENLARGED * size.width)
    large = line * page.scale(Rect(0, 0, 1, 1)) / (LARGE * page.canvas.width)
    part = _widened(_padded(block, MARGIN * line), max(sharp, large), page.area)
    part = _uncut(part, [*texts, *page.kept], page.area)
    higher = _uncut(_heightened(part, page), [*texts, *page.kept], page.area)
    best = higher if page.gain(higher) >= 0.9 * page.gain(part) else part
    return best if page.gain(best) >= MIN_GAIN else None


def _block(box: Rect, texts: Sequence[Rect]) -> Rect:
    """The box with the lines around it that are one block with it."""
    while True:
        near = [text for text in texts if _touch(_padded(text, BLOCK_GAP * text.height), box)]
        grown = union_of([box, *near])
        if grown == box:
            return box
        box = grown


def _padded(box: Rect, by: float) -> Rect:
    return Rect(box.left - by, box.top - by, box.width + 2 * by, box.height + 2 * by)


def _widened(box: Rect, width: float, area: Rect) -> Rect:
    wide = min(area.width, max(box.width, width))
    left = min(max(area.left, box.centre[0] - wide / 2), area.right - wide)
    return Rect(left, box.top, wide, box.height)


def _heightened(box: Rect, page: Page) -> Rect:
    """The box with so much above and below that it is no flatter than WIDEST."""
    size, sar = upright_size(page.video)
    high = float(size.width * sar / size.height) * box.width / WIDEST
    high = min(page.area.height, max(box.height, high))
    top = min(max(page.area.top, box.centre[1] - high / 2), page.area.bottom - high)
    return Rect(box.left, top, box.width, high)


def _uncut(part: Rect, kept: Sequence[Rect], area: Rect) -> Rect:
    """The part with all that it would cut, inside the area."""
    while True:
        cut = [one for one in kept if _touch(one, part) and not _holds(part, one)]
        grown = union_of([part, *cut])
        if grown == part:
            break
        part = grown
    left, top = max(area.left, part.left), max(area.top, part.top)
    right, bottom = min(area.right, part.right), min(area.bottom, part.bottom)
    return Rect(left, top, right - left, bottom - top)


def _holds(part: Rect, box: Rect) -> bool:
    slack = 1e-6
    return (
        part.left <= box.left + slack
        and part.top <= box.top + slack
        and part.right >= box.right - slack
        and part.bottom >= box.bottom - slack
    )


def _touch(a: Rect, b: Rect) -> bool:
    across = min(a.right, b.right) - max(a.left, b.left)
    return across > 0 and min(a.bottom, b.bottom) > max(a.top, b.top)
