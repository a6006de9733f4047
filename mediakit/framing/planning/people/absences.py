"""Shots of people are whole while nobody is there: a window neither waits for them nor stays when they have left."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from itertools import cycle, pairwise

from mediakit.framing.crop_plan import Layout, Shot
from mediakit.framing.people.tracking import ShotTracking
from mediakit.framing.planning.people.presence import MIN_LOST_MS, absences_ms
from mediakit.framing.range_analysis import FaceSample
from mediakit.framing.rect import Rect


@dataclass(frozen=True, slots=True)
class Draft:
    """A shot without a path, whom it shows, and its inset. The shot's times are those of the video."""

    shot: Shot
    tracking: ShotTracking
    inset: Rect | None = None


def without_absences(
    whole: Draft,
    samples: Sequence[FaceSample],
    empty_shot_layout: Layout,
    seen_ms: Collection[int],
) -> list[Draft]:
    """The draft of people in a window, and of the spans in which they have not come in yet, or have left.

    Who is not seen at `seen_ms`, but is followed, is there.
    """
    shot, targets = whole.shot, whole.tracking.targets
    if shot.layout != "crop" or not targets:
        return [whole]
    empty = replace(shot, layout=empty_shot_layout, people=0, reason="nobody")
    followed_ms = {target.time_ms for target in targets}.difference(seen_ms)
    known = [replace(s, lost=s.lost and s.time_ms not in followed_ms) for s in samples]
    absences = absences_ms((shot.start_ms, shot.end_ms), targets, known)
    edges = [shot.start_ms, *(ms for span in absences for ms in span), shot.end_ms]
    return [
        replace(whole, shot=replace(each, start_ms=start, end_ms=end))
        for (start, end), each in zip(pairwise(edges), cycle((shot, empty)), strict=False)
        if start < end
    ]


def with_lasting_absences(drafts: Sequence[Draft]) -> list[Draft]:
    """The drafts, with absences at an end of a shot that are brief only where the shot beside them is whole as well."""
    found = list(drafts)
    for at in range(len(drafts) - 1, -1, -1):
        shot = found[at].shot
        if shot.reason != "nobody" or shot.end_ms - shot.start_ms >= MIN_LOST_MS:
            continue
        beside = [found[i] if 0 <= i < len(found) else None for i in (at - 1, at + 1)]
        own = [each is not None and each.tracking is found[at].tracking for each in beside]
        outer = beside[own.index(False)] if any(own) and not all(own) else None
        if any(own) and (outer is None or outer.shot.layout != shot.layout):
            inner = at - 1 if own[0] else at + 1
            joined = replace(
                found[inner].shot,
                start_ms=min(shot.start_ms, found[inner].shot.start_ms),
                end_ms=max(shot.end_ms, found[inner].shot.end_ms),
            )
            found[inner] = replace(found[inner], shot=joined)
            del found[at]
    return found
