"""Apply a user's overrides to single shots of a crop plan. Used by the planner and by previews."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from mediakit.framing.crop_plan import CropPlan, Layout, Override, PathPoint, Shot
from mediakit.framing.crop_window import CropWindow
from mediakit.framing.rect import Rect


def override_for(overrides: Sequence[Override], low_ms: int, high_ms: int) -> Override | None:
    """The override of the shot between two times of the video; the last of several wins."""
    return next((o for o in reversed(overrides) if low_ms <= o.at_ms < high_ms), None)


def override_layout(override: Override | None, window: CropWindow) -> Layout | None:
    """The layout an override asks for, stated or implied by its box or focus; None for no change."""
    if override is None:
        return None
    if override.layout is not None:
        return override.layout
    if override.tiles:
        return "stack"
    if override.box is not None and window.length < window.extent(override.box):
        return "fit"
    return "crop" if override.box is not None or override.focus is not None else None


def override_window(
    override: Override | None, closer: CropWindow, largest: CropWindow
) -> CropWindow:
    """The closer window; the largest one where the override has a box that does not fit the closer one."""
    box = override.box if override is not None else None
    fits = box is None or (box.width <= closer.width and box.height <= closer.height)
    return closer if fits else largest


def override_path(
    override: Override | None, window: CropWindow, time_ms: int
) -> tuple[PathPoint, ...]:
    """The one window position an override asks for, clamped to the bounds; () without box and focus."""
    if override is None:
        return ()
    centre = override.box.centre if override.box else override.focus
    if centre is None:
        return ()
    return (window.point_around(time_ms, centre),)


def apply_overrides(
    plan: CropPlan,
    plans_by_layout: Mapping[Layout, CropPlan],
    overrides: Sequence[Override],
    *,
    window: CropWindow,
    inset_of: Callable[[Shot, Rect | None], Shot],
    tiles_of: Callable[[Sequence[Rect]], tuple[Rect, ...]],
    start_ms: int,
    has_person_share: bool = False,
) -> CropPlan:
    """The plan with the overrides of its shots applied; it begins at `start_ms` of the video.

    `plans_by_layout` are plans of the same shots in another layout. Where none is given, "crop" is
    centred, "stack" and "inset" become "fit". `inset_of` lays a shot out around an inset that a person drew, or around
    its own: that of every shot with `has_person_share`. `tiles_of` makes the parts of a stack that hold drawn boxes.
    """

    def overridden(shot: Shot) -> Shot:
        override = override_for(overrides, start_ms + shot.start_ms, start_ms + shot.end_ms)
        layout = override_layout(override, window) or shot.layout
        if layout != shot.layout:
            other = (
                plans_by_layout[layout].shot_at(shot.start_ms)
                if layout in plans_by_layout
                else shot
            )
            bare = replace(shot, path=(), parts=(), split=0.0, zoom=1.0)
            known = other if other.layout == layout else bare
            shot = replace(
                shot,
                layout=layout,
                path=known.path,
                parts=known.parts,
                split=known.split,
                zoom=known.zoom,
            )
        elif override is not None and override.layout == "fit":
            shot = replace(shot, parts=(), path=())  # the whole picture
        if layout == "inset" and (has_person_share or (override and override.box)):
            shot = inset_of(shot, override.box if override else None)
        if layout == "stack" and override is not None and override.tiles:
            shot = replace(shot, parts=tiles_of(override.tiles))
        if shot.layout in {"stack", "inset"} and not shot.parts:
            return replace(shot, layout="fit", chosen=True)
        if shot.layout == "crop":
            centred = (window.path_point(shot.start_ms, sum(window.bounds) / 2),)
            own = override_window(override, window.zoomed(shot.zoom), window)
            path = override_path(override, own, shot.start_ms) or shot.path or centred
            shot = replace(shot, path=path, zoom=own.zoom)
        return replace(shot, chosen=override is not None)

    return replace(plan, shots=tuple(map(overridden, plan.shots)))
