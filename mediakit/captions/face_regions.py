"""Positions on the Short's canvas of the faces detected in the source, so that captions can avoid them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from mediakit.captions.caption_style import TimedRegion
from mediakit.framing.crop_plan import CropPlan, Shot
from mediakit.framing.geometry import BLUR, LETTERBOX, SMART_CROP, Size, fit_top, upright_size
from mediakit.framing.output_format import SHORT, cells
from mediakit.framing.range_analysis import RangeAnalysis
from mediakit.framing.rect import Rect
from mediakit.framing.speaking_span import spans_within
from mediakit.framing.window_path import fitted_at, path_position
from mediakit.media_info import VideoTrack

MIN_FACE_SCORE = 0.5  # captions ignore detections with a lower score
CHIN_MARGIN = 0.12  # added below, as a share of the height: detectors' boxes end above the chin
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
    canvas: Size = SHORT.size,
) -> tuple[TimedRegion, ...]:
    """Return the visible faces of a range as that framing shows them on that canvas, and the pictures that a plan shows
    whole. Times are ms from the range's start.

    `plan` is the Short's crop plan, for "smart_crop". A face is held until the next sample, MAX_SAMPLE_HOLD_MS at
    most.
    """
    shape = _relative_shape(video, canvas)
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
                for transform in _canvas_transforms(shape, strategy, plan, at):
                    found += _visible_region(transform(face.box), at, until - start_ms)
    return (*found, *_whole_pictures(shape, strategy, plan, end_ms - start_ms))


def _whole_pictures(
    shape: "_Shape", strategy: str, plan: CropPlan | None, length_ms: int
) -> Iterator[TimedRegion]:
    """Yield where the plan shows a whole picture, or a part of it, on blur."""
    if plan is None or strategy != SMART_CROP:
        return
    for shot in plan.shots:
        start_ms, end_ms = max(0, shot.start_ms), min(length_ms, shot.end_ms)
        if shot.layout == "fit" and start_ms < end_ms:
            shown = shot.fitted(plan.area)
            box = _fit_transform(shown, shape)(shown)
            place = (box.left, box.top, box.width, box.height)
            yield TimedRegion(start_ms, end_ms, *place, is_picture=True)


def visible_face_share(
    analysis: RangeAnalysis,
    video: VideoTrack,
    plan: CropPlan,
    *,
    start_ms: int,
    end_ms: int,
    canvas: Size = SHORT.size,
) -> float | None:
    """Return the share, 0 to 1, of samples with a face whose largest face has its centre on the canvas.

    None if no sample of the range has a face. `plan` is the Short's crop plan. Shots with a user's override count
    as showing the face. Where the camera follows who speaks, any face does: the speaker's may be the smallest.
    """
    shape, shown = _relative_shape(video, canvas), []
    for sample in analysis.within(start_ms, end_ms).samples:
        faces = [face for face in sample.faces if face.score >= MIN_FACE_SCORE]
        if faces:
            at = sample.time_ms - start_ms
            shot = plan.shot_at(at)
            if shot.reason != "speaker":
                faces = [max(faces, key=lambda face: face.box.width * face.box.height)]
            transforms = list(_shot_transforms(shape, plan, shot, at))
            visible = (_is_on_canvas(t(face.box).centre) for t in transforms for face in faces)
            shown.append(shot.chosen or any(visible))
    return sum(shown) / len(shown) if shown else None


def _is_on_canvas(point: tuple[float, float]) -> bool:
    return 0 <= point[0] <= 1 and 0 <= point[1] <= 1


def shift_plan(plan: CropPlan, by_ms: int) -> CropPlan:
    """Return the plan with all times moved by `by_ms`."""
    shots = (
        replace(
            shot,
            start_ms=shot.start_ms + by_ms,
            end_ms=shot.end_ms + by_ms,
            path=tuple(replace(key, time_ms=key.time_ms + by_ms) for key in shot.path),
            speaking=spans_within(
                shot.speaking, shot.start_ms + by_ms, shot.end_ms + by_ms, later_ms=by_ms
            ),
        )
        for shot in plan.shots
    )
    return CropPlan(plan.area, tuple(shots))


@dataclass(frozen=True, slots=True)
class _Shape:
    """How a picture fits a canvas: how many times as wide it is for its height, and the canvas itself."""

    relative_width: float
    canvas: Size


def _relative_shape(video: VideoTrack, canvas: Size) -> _Shape:
    size, sar = upright_size(video)
    picture = size.width * sar / size.height
    return _Shape(float(picture * canvas.height / canvas.width), canvas)


def _visible_region(box: Rect, start_ms: int, end_ms: int) -> Iterator[TimedRegion]:
    tall = box.height * (1 + CHIN_MARGIN)
    if box.right > 0 and box.left < 1 and box.top + tall > 0 and box.top < 1:
        yield TimedRegion(start_ms, end_ms, box.left, box.top, box.width, tall)


def _canvas_transforms(
    shape: _Shape, strategy: str, plan: CropPlan | None, at_ms: int
) -> Iterator[BoxTransform]:
    """Yield the transforms from the picture to the canvas: one, or one per part of a stacked layout."""
    if strategy == SMART_CROP and plan is not None:
        yield from _shot_transforms(shape, plan, plan.shot_at(at_ms), at_ms)
    elif strategy in {LETTERBOX, BLUR}:
        yield _letterbox_transform(Rect(0, 0, 1, 1), shape)
    else:
        yield _crop_transform(Rect(0, 0, 1, 1), shape, (0.5, 0.5))


def _shot_transforms(
    shape: _Shape, plan: CropPlan, shot: Shot, at_ms: int
) -> Iterator[BoxTransform]:
    if shot.layout in {"stack", "inset"} and shot.parts:
        wide, high = shape.canvas.width, shape.canvas.height
        places = cells(shape.canvas, len(shot.parts), shot.split)
        for number, (part, cell) in enumerate(zip(shot.parts, places, strict=True)):
            width, height = cell.size.width / wide, cell.size.height / high
            place = Rect(cell.left / wide, cell.top / high, width, height)
            is_content = shot.layout == "inset" and not number
            yield _box_transform(part, _fitted_into(place, part, shape) if is_content else place)
    elif shot.layout == "crop" and shot.path:
        yield _crop_transform(plan.area, shape, path_position(shot.path, at_ms), shot.zoom)
    else:
        yield _fit_transform(fitted_at(shot, plan.area, at_ms), shape)


def _crop_transform(
    area: Rect, shape: _Shape, centre: tuple[float, float], zoom: float = 1.0
) -> BoxTransform:
    """Return the transform by which a crop of the canvas's shape around `centre` fills the canvas.

    It is the largest one, or `zoom` times smaller.
    """
    wide = min(area.width, area.height / shape.relative_width) / zoom
    tall = min(area.height, area.width * shape.relative_width) / zoom
    window = Rect(centre[0] - wide / 2, centre[1] - tall / 2, wide, tall)
    if tall >= area.height:
        window = Rect(window.left, area.top, wide, area.height)
    return _box_transform(window, Rect(0, 0, 1, 1))


def _letterbox_transform(area: Rect, shape: _Shape) -> BoxTransform:
    """Return the transform that fits the whole area into the middle of the canvas."""
    wide, tall = _fitted_shares(area, shape)
    return _box_transform(area, Rect((1 - wide) / 2, (1 - tall) / 2, wide, tall))


def _fit_transform(area: Rect, shape: _Shape) -> BoxTransform:
    """Return the transform of the layout "fit", which leaves room for captions."""
    wide, tall = _fitted_shares(area, shape)
    high = shape.canvas.height
    top = fit_top(shape.canvas, round(tall * high)) / high
    return _box_transform(area, Rect((1 - wide) / 2, top, wide, tall))


def _fitted_shares(area: Rect, shape: _Shape) -> tuple[float, float]:
    """Return the width and height of the whole area on the canvas."""
    ratio = area.width * shape.relative_width / area.height
    return min(1.0, ratio), min(1.0, 1 / ratio)


def _fitted_into(place: Rect, part: Rect, shape: _Shape) -> Rect:
    """Return the largest rectangle of a part's own shape in the middle of a place on the canvas."""
    ratio = part.width * shape.relative_width / part.height * place.height / place.width
    wide, tall = place.width * min(1.0, ratio), place.height * min(1.0, 1 / ratio)
    x, y = place.centre
    return Rect(x - wide / 2, y - tall / 2, wide, tall)


def _box_transform(part: Rect, target: Rect) -> BoxTransform:
    """Return the transform that maps `part` of the picture to `target` on the canvas."""
    across, down = target.width / part.width, target.height / part.height

    def transform(box: Rect) -> Rect:
        return Rect(
            target.left + (box.left - part.left) * across,
            target.top + (box.top - part.top) * down,
            box.width * across,
            box.height * down,
        )

    return transform
