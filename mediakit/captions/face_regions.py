"""Where faces that were seen in the source stand on the Short's canvas, so that captions can keep off them."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise

from mediakit.captions.caption_style import TimedRegion
from mediakit.framing.crop_plan import CropPlan, RangeAnalysis, Rect, Shot, path_position
from mediakit.framing.geometry import BLUR, CANVAS, LETTERBOX, SMART_CROP, upright_size
from mediakit.media_info import VideoTrack

MIN_FACE_SCORE = 0.5  # a face found with less certainty is not moved for
CHIN_MARGIN = 0.12  # a detector's box ends above the chin: so much of its height is added below
MAX_SAMPLE_HOLD_MS = 1_000

BoxTransform = Callable[[Rect], Rect]


def faces_on_canvas(
    analysis: RangeAnalysis,
    video: VideoTrack,
    *,
    strategy: str,
    plan: CropPlan | None = None,
    start_ms: int,
    end_ms: int,
) -> tuple[TimedRegion, ...]:
    """The faces of a range as that framing shows them, in ms from the range's start; those out of it left out.

    `plan` is the Short's own, for "smart_crop".
    """
    shape = _aspect_ratio(video)
    times = [sample.time_ms for sample in analysis.samples]
    ends = [*(later for _, later in pairwise(times)), end_ms]
    found: list[TimedRegion] = []
    for sample, following in zip(analysis.samples, ends, strict=False):
        until = min(following, sample.time_ms + MAX_SAMPLE_HOLD_MS, end_ms)
        if until <= start_ms or sample.time_ms >= end_ms:
            continue
        at = max(0, sample.time_ms - start_ms)
        for face in sample.faces:
            if face.score >= MIN_FACE_SCORE:
                for place in _canvas_transforms(shape, strategy, plan, at):
                    found += _visible_region(place(face.box), at, until - start_ms)
    return tuple(found)


def visible_face_share(
    analysis: RangeAnalysis, video: VideoTrack, plan: CropPlan, *, start_ms: int, end_ms: int
) -> float | None:
    """In what share of the looks that saw a face the middle of the largest one is shown, from 0 to 1.

    None when no face was seen in the range. `plan` is the Short's own; where a person decided what is shown of a
    shot, that is right.
    """
    shape, shown = _aspect_ratio(video), []
    for sample in analysis.within(start_ms, end_ms).samples:
        faces = [face for face in sample.faces if face.score >= MIN_FACE_SCORE]
        if faces:
            largest = max(faces, key=lambda face: face.box.width * face.box.height).box
            at = sample.time_ms - start_ms
            shot = plan.shot_at(at)
            places = _shot_transforms(shape, plan, shot, at)
            shown.append(
                shot.chosen or any(_is_on_canvas(place(largest).centre) for place in places)
            )
    return sum(shown) / len(shown) if shown else None


def _is_on_canvas(point: tuple[float, float]) -> bool:
    return 0 <= point[0] <= 1 and 0 <= point[1] <= 1


def shift_plan(plan: CropPlan, by_ms: int) -> CropPlan:
    """The plan with its times counted from another moment."""
    shots = (
        replace(
            shot,
            start_ms=shot.start_ms + by_ms,
            end_ms=shot.end_ms + by_ms,
            path=tuple(replace(key, time_ms=key.time_ms + by_ms) for key in shot.path),
        )
        for shot in plan.shots
    )
    return CropPlan(plan.area, tuple(shots))


def _aspect_ratio(video: VideoTrack) -> float:
    """Width per height of the upright picture as it is shown."""
    size, sar = upright_size(video)
    return float(size.width * sar / size.height)


def _visible_region(box: Rect, start_ms: int, end_ms: int) -> Iterator[TimedRegion]:
    tall = box.height * (1 + CHIN_MARGIN)
    if box.right > 0 and box.left < 1 and box.top + tall > 0 and box.top < 1:
        yield TimedRegion(start_ms, end_ms, box.left, box.top, box.width, tall)


def _canvas_transforms(
    shape: float, strategy: str, plan: CropPlan | None, at_ms: int
) -> Iterator[BoxTransform]:
    """How a part of the picture is moved to the canvas; twice where two parts are stacked."""
    if strategy == SMART_CROP and plan is not None:
        yield from _shot_transforms(shape, plan, plan.shot_at(at_ms), at_ms)
    elif strategy in {LETTERBOX, BLUR}:
        yield _letterbox_transform(Rect(0, 0, 1, 1), shape)
    else:
        yield _crop_transform(Rect(0, 0, 1, 1), shape, (0.5, 0.5))


def _shot_transforms(
    shape: float, plan: CropPlan, shot: Shot, at_ms: int
) -> Iterator[BoxTransform]:
    if shot.layout == "stack" and shot.parts:
        for number, part in enumerate(shot.parts):
            share = 1 / len(shot.parts)
            yield _box_transform(part, Rect(0, number * share, 1, share))
    elif shot.layout == "crop" and shot.path:
        yield _crop_transform(plan.area, shape, path_position(shot.path, at_ms))
    else:
        yield _letterbox_transform(plan.area, shape)


def _crop_transform(area: Rect, shape: float, centre: tuple[float, float]) -> BoxTransform:
    """The largest window of the canvas's shape in the area, with its middle there, fills the canvas."""
    wide = min(area.width, area.height * CANVAS[0] / CANVAS[1] / shape)
    tall = min(area.height, area.width * shape * CANVAS[1] / CANVAS[0])
    window = Rect(centre[0] - wide / 2, centre[1] - tall / 2, wide, tall)
    if tall >= area.height:
        window = Rect(window.left, area.top, wide, area.height)
    return _box_transform(window, Rect(0, 0, 1, 1))


def _letterbox_transform(area: Rect, shape: float) -> BoxTransform:
    """The whole area, as large as it fits, in the middle of the canvas."""
    ratio = area.width * shape / area.height / (CANVAS[0] / CANVAS[1])
    wide, tall = min(1.0, ratio), min(1.0, 1 / ratio)
    return _box_transform(area, Rect((1 - wide) / 2, (1 - tall) / 2, wide, tall))


def _box_transform(part: Rect, target: Rect) -> BoxTransform:
    """What lies in the part comes to lie in the target."""
    across, down = target.width / part.width, target.height / part.height

    def place(box: Rect) -> Rect:
        return Rect(
            target.left + (box.left - part.left) * across,
            target.top + (box.top - part.top) * down,
            box.width * across,
            box.height * down,
        )

    return place
