"""What the shots of a range show beside people: an inset, lines of text, and where the picture is not empty.

It is found in a few larger pictures, the looks, which lie in files until their shot is read.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from mediakit.framing.analysis.finders.text_finder import TextFinder, off_faces
from mediakit.framing.analysis.people.shown_things import find_shown
from mediakit.framing.analysis.pictures import Pixels, cv2
from mediakit.framing.analysis.shots import inset
from mediakit.framing.analysis.shots.gallery import find_tiles
from mediakit.framing.analysis.shots.shot_bars import find_bars
from mediakit.framing.analysis.subjects.fine_detail import find_detail
from mediakit.framing.analysis.subjects.object_regions import has_faces
from mediakit.framing.analysis.text.text_changes import Seen, find_changes
from mediakit.framing.analysis.text.watermarks import Watermarks
from mediakit.framing.range_analysis import FILLED_MARGIN, FaceSample, ShotContent, TextChange
from mediakit.framing.rect import Rect, union_of

LOOKS_PER_S = 2
LOOK_AREA_PX = 520_000  # 960 x 540 for 16:9
LOOK_FILES = "look%05d.jpg"
MAX_LOOKS = 16  # of a shot, spread over it, in which an inset is searched
# Text is searched again after so many looks if the picture has changed: the greatest change of any of its THUMB parts.
TEXT_EVERY, THUMB, MIN_CHANGE = 6, (32, 18), 6.0
MAX_TEXTS = 200
SHOWN_EVERY = 2  # looks, in which things that are held up are searched
DETAIL_EVERY = 2  # looks, of some, in which it is measured where the fine detail lies
LONG_MARK = 0.2  # of the width: a part for the sake of the detail would cut such a watermark
MIN_LINES = 3  # of text, where it is looked at what changes in it
# Two boxes that have so much in common are one line, or one inset.
SAME_TEXT, SAME_INSET = 0.6, 0.6
# A row or column of a look is not empty with so many steps of so many grey levels.
FILLED_STEP, FILLED_STEPS = 14, 3
# What reaches so much of the picture farther, so near to a cut, than so many looks elsewhere, is a picture that fades.
FADES, FADE_MS, MIN_INNER = 0.1, 250, 2

T = TypeVar("T")


def find_contents(
    known: Sequence[tuple[int, Path]],
    edges_ms: Sequence[int],
    samples: Sequence[FaceSample],
    find_text: TextFinder | None,
    watermarks: Watermarks,
) -> tuple[ShotContent, ...]:
    """What each shot of a range shows, from its looks: their times and files."""
    if cv2 is None:
        return ()
    times, files = [time for time, _ in known], [file for _, file in known]
    found = []
    for low, high in pairwise(edges_ms):
        shot = [(file, time) for file, time in zip(files, times, strict=True) if low <= time < high]
        inside = [sample for sample in samples if low <= sample.time_ms < high]
        looks, at_ms = [file for file, _ in shot], [time for _, time in shot]
        every = _seen_texts(looks, find_text)
        seen = [replace(each, lines=watermarks.without(each.lines)) for each in every]
        content = _content(looks, at_ms, (low, high), inside, seen)
        marks = {line for each in every for line in each.lines}.difference(
            line for each in seen for line in each.lines
        )
        if any(mark.width >= LONG_MARK for mark in marks):
            content = replace(content, detail=())
        found.append(content)
    return tuple(_with_known_insets(found, files, times, samples))


def timed_looks(folder: Path, start_ms: int) -> list[tuple[int, Path]]:
    """The times and files of the looks that ffmpeg wrote into the folder."""
    files = sorted(folder.glob("look*.jpg"))
    return [(start_ms + number * 1000 // LOOKS_PER_S, file) for number, file in enumerate(files)]


def _content(
    files: Sequence[Path],
    times_ms: Sequence[int],
    span_ms: tuple[int, int],
    samples: Sequence[FaceSample],
    seen: Sequence[Seen],
) -> ShotContent:
    spread = _spread(list(zip(files, times_ms, strict=True)))
    known = [(look, time_ms) for file, time_ms in spread for look in _read([file])]
    looks = [look for look, _ in known]
    faces = [face.box for sample in samples for face in sample.faces]
    seen = [replace(each, lines=off_faces(each.lines, faces)) for each in seen]
    texts = _each_once(seen, times_ms)
    changes: tuple[TextChange, ...] = ()
    if len(texts) >= MIN_LINES:
        each = (look for file in files for look in _read([file]))
        changes = find_changes(each, times_ms, seen, samples)
    tiles = find_tiles(looks, samples)
    found = None if tiles else inset.find_inset(looks, samples)
    lines, spans = tuple(texts), tuple(texts.values())
    area = find_bars(looks)
    every = zip(times_ms[::SHOWN_EVERY], files[::SHOWN_EVERY], strict=True)
    grey = ((time_ms, look) for time_ms, file in every for look in _read([file]))
    shown = find_shown(grey, samples) if 2 * sum(map(_has_face, samples)) > len(samples) else ()
    detail = () if has_faces(samples) else find_detail(looks[::DETAIL_EVERY], area)
    filled = _filled(known, span_ms)
    return ShotContent(*span_ms, found, lines, filled, changes, area, spans, shown, detail, tiles)


def _has_face(sample: FaceSample) -> bool:
    return bool(sample.faces)


def _with_known_insets(
    contents: Sequence[ShotContent],
    files: Sequence[Path],
    times: Sequence[int],
    samples: Sequence[FaceSample],
) -> Iterator[ShotContent]:
    """The contents, with the insets of other shots where they are on screen as well: a slide may be brief.

    What is about the same as the inset that is on screen longest is that one, so that the picture does not jump.
    """
    known = {content.inset for content in contents if content.inset is not None}
    if not known and len(contents) > 1 and not any(content.tiles for content in contents):
        # A game is cut more often than its inset: the borders stand still over all of the cuts.
        over_cuts = inset.find_inset(some_looks(files), samples)
        known = {over_cuts} if over_cuts is not None else set()
    longest = max(known, key=lambda box: _time_of(box, contents), default=None)
    for content in contents:
        if content.tiles:
            yield content
        elif content.inset is None:
            yield _with_known(content, known, files, times, samples)
        elif longest is not None and _common(content.inset, longest) >= SAME_INSET:
            yield replace(content, inset=longest)
        else:
            yield content


def _time_of(inset: Rect, contents: Sequence[ShotContent]) -> int:
    return sum(c.end_ms - c.start_ms for c in contents if c.inset == inset)


def _with_known(
    content: ShotContent,
    known: set[Rect],
    files: Sequence[Path],
    times: Sequence[int],
    samples: Sequence[FaceSample],
) -> ShotContent:
    if not known:
        return content
    low, high = content.start_ms, content.end_ms
    shot = [file for file, time in zip(files, times, strict=True) if low <= time < high]
    looks = some_looks(shot)
    inside = [sample for sample in samples if low <= sample.time_ms < high]
    box = next((box for box in known if inset.is_known_inset(box, looks, inside)), None)
    return replace(content, inset=box)


def some_looks(files: Sequence[Path]) -> list[Pixels]:
    """At most MAX_LOOKS of the looks, evenly spread, in grey."""
    return _read(_spread(files))


def _spread(every: Sequence[T]) -> Sequence[T]:
    """At most MAX_LOOKS of all, evenly spread."""
    if len(every) <= MAX_LOOKS:
        return every
    return [every[round(i * (len(every) - 1) / (MAX_LOOKS - 1))] for i in range(MAX_LOOKS)]


def _read(files: Sequence[Path]) -> list[Pixels]:
    pictures = (cv2.imread(str(file), cv2.IMREAD_GRAYSCALE) for file in files)
    return [picture for picture in pictures if picture is not None]


def _seen_texts(files: Sequence[Path], find_text: TextFinder | None) -> list[Seen]:
    """The lines of text in every TEXT_EVERY looks of one shot, where the picture has changed, and in the last one.

    The last one stands for one right before it.
    """
    if find_text is None:
        return []
    found: list[Seen] = []
    before: Any = None
    last = max(0, len(files) - 1)
    for number in sorted({0, *range(0, last - TEXT_EVERY // 3, TEXT_EVERY), last}):
        for look in _read(files[number : number + 1]):
            thumb = cv2.resize(look, THUMB, interpolation=cv2.INTER_AREA).astype(np.float32)
            if before is None or np.abs(thumb - before).max() >= MIN_CHANGE:
                found.append(Seen(number, find_text(look)))
                before = thumb
            else:
                found.append(replace(found[-1], number=number))
    return found


def _each_once(seen: Sequence[Seen], times_ms: Sequence[int]) -> dict[Rect, tuple[int, int]]:
    """When each line was seen first and last, at most MAX_TEXTS."""
    found: dict[Rect, tuple[int, int]] = {}
    for each in seen:
        at_ms = times_ms[each.number]
        for line in each.lines:
            known = next((one for one in found if _common(line, one) >= SAME_TEXT), line)
            if known in found or len(found) < MAX_TEXTS:
                found[known] = (found.get(known, (at_ms, 0))[0], at_ms)
    return found


def _common(a: Rect, b: Rect) -> float:
    """The area of two boxes that both have, as a share of that of the larger one."""
    across = min(a.right, b.right) - max(a.left, b.left)
    down = min(a.bottom, b.bottom) - max(a.top, b.top)
    if across <= 0 or down <= 0:
        return 0.0
    return across * down / max(a.width * a.height, b.width * b.height)


def _filled(looks: Sequence[tuple[Pixels, int]], span_ms: tuple[int, int]) -> Rect | None:
    """The smallest box, with a small margin, that holds all that is not empty in a shot's timed looks; None if all are.

    A look right beside a cut may be another picture that fades. Where the others are filled alike, as by a title that
    grows, it has a say only if it reaches little farther.
    """
    low, high = span_ms[0] + FADE_MS, span_ms[1] - FADE_MS
    found = [(box, time_ms) for look, time_ms in looks if (box := _filled_box(look)) is not None]
    boxes = [box for box, _ in found]
    inner = [box for box, time_ms in found if low < time_ms < high]
    if len(inner) >= MIN_INNER and all(_is_near(union_of(inner), box) for box in inner):
        boxes = [box for box in boxes if _is_near(box, union_of(inner))]
    if not boxes:
        return None
    whole = union_of(boxes)
    left, top = max(0.0, whole.left - FILLED_MARGIN), max(0.0, whole.top - FILLED_MARGIN)
    right, bottom = min(1.0, whole.right + FILLED_MARGIN), min(1.0, whole.bottom + FILLED_MARGIN)
    return Rect(left, top, right - left, bottom - top)


def _is_near(box: Rect, other: Rect) -> bool:
    """Whether a box reaches no farther beyond another one than FADES, on any side."""
    beyond = (
        *(other.left - box.left, box.right - other.right),
        *(other.top - box.top, box.bottom - other.bottom),
    )
    return max(beyond) <= FADES


def _filled_box(look: Pixels) -> Rect | None:
    grey = look.astype(np.int16)
    across = np.abs(np.diff(grey, axis=1)) >= FILLED_STEP
    down = np.abs(np.diff(grey, axis=0)) >= FILLED_STEP
    columns = np.flatnonzero(across.sum(axis=0) >= FILLED_STEPS)
    rows = np.flatnonzero(down.sum(axis=1) >= FILLED_STEPS)
    if not columns.size or not rows.size:
        return None
    height, width = look.shape
    left, right = columns[0] / width, (columns[-1] + 1) / width
    top, bottom = rows[0] / height, (rows[-1] + 1) / height
    return Rect(float(left), float(top), float(right - left), float(bottom - top))
