"""What a person holds up beside the face is not cut for the sake of the face."""

from collections.abc import Sequence
from dataclasses import replace

from mediakit.framing.crop_window import CropWindow
from mediakit.framing.planning.people.absences import Draft
from mediakit.framing.planning.subjects.subject_layout import MAX_FILL, steadied, with_hair
from mediakit.framing.planning.subjects.subject_spans import part_of
from mediakit.framing.range_analysis import ShotContent
from mediakit.framing.rect import Rect, union_of
from mediakit.media_info import VideoTrack

# What is left of a shot before and after something is shown, if it is no longer than this, is shown in the same way.
MIN_REST_MS = 2_000


def with_shown(
    drafts: Sequence[Draft], content: ShotContent | None, window: CropWindow, video: VideoTrack
) -> list[Draft]:
    """The drafts of a shot; where people in a window show something, it is in the window or in a wider part as well."""
    if content is None or not content.shown or window.moves_vertically:
        return list(drafts)
    return [each for draft in drafts for each in _showing_drafts(draft, content, window, video)]


def _showing_drafts(
    draft: Draft, content: ShotContent, window: CropWindow, video: VideoTrack
) -> list[Draft]:
    shot = draft.shot
    if shot.layout != "crop" or shot.reason not in {"person", "group"}:
        return [draft]
    found: list[Draft] = []
    at = shot.start_ms
    for thing in content.shown:
        low = at if thing.start_ms - at < MIN_REST_MS else thing.start_ms
        high = shot.end_ms if shot.end_ms - thing.end_ms < MIN_REST_MS else thing.end_ms
        if low < high and thing.start_ms < shot.end_ms and thing.end_ms > shot.start_ms:
            found.append(_between(draft, at, low))
            found.append(_showing(_between(draft, low, high), thing.box, content, window, video))
            at = high
    found.append(_between(draft, at, shot.end_ms))
    return [each for each in found if each.shot.start_ms < each.shot.end_ms]


def _between(draft: Draft, start_ms: int, end_ms: int) -> Draft:
    return replace(draft, shot=replace(draft.shot, start_ms=start_ms, end_ms=end_ms))


def _showing(
    draft: Draft, thing: Rect, content: ShotContent, window: CropWindow, video: VideoTrack
) -> Draft:
    """The draft with the thing beside the heads: in the window if it holds both, else in a part, or the whole."""
    shot, targets = replace(draft.shot, reason="shown"), draft.tracking.targets
    inside = [t for t in targets if shot.start_ms <= t.time_ms < shot.end_ms] or list(targets)
    boxes = steadied([union_of([with_hair(target.box), thing]) for target in inside])
    if max(window.extent(box) for box in boxes) <= MAX_FILL * window.length:
        both = tuple(replace(t, box=box) for t, box in zip(inside, boxes, strict=True))
        return replace(draft, shot=shot, tracking=replace(draft.tracking, targets=both))
    part = part_of(boxes, window, video, content=content)
    return replace(draft, shot=replace(shot, layout="fit", parts=(part,) if part else ()))
