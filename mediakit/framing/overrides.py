"""What a person wishes of single shots, and a kept plan with such wishes put in: for the planner and for previews."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from mediakit.framing.crop_plan import Key, Layout, Override, Plan, Shot
from mediakit.framing.crop_window import Frame


def wish_for(overrides: Sequence[Override], low_ms: int, high_ms: int) -> Override | None:
    """What is wished of the shot between two times of the video: the last of several counts."""
    return next((o for o in reversed(overrides) if low_ms <= o.at_ms < high_ms), None)


def layout_asked(wanted: Override | None, frame: Frame) -> Layout | None:
    """The layout a person asks for: said so, or following from the point or box they gave."""
    if wanted is None:
        return None
    if wanted.layout is not None:
        return wanted.layout
    if wanted.box is not None and frame.length < frame.extent(wanted.box):
        return "fit"
    return "crop" if wanted.box is not None or wanted.focus is not None else None


def window_asked(wanted: Override | None, frame: Frame, time_ms: int) -> tuple[Key, ...]:
    """The one place of the window that a person asks for, as far as it can go there; none without a point or box."""
    point = None if wanted is None else wanted.box.centre if wanted.box else wanted.focus
    if point is None:
        return ()
    low, high = frame.bounds
    return (frame.key(time_ms, min(high, max(low, point[1] if frame.upright else point[0]))),)


def overruled(
    plan: Plan,
    ways: Mapping[Layout, Plan],
    overrides: Sequence[Override],
    *,
    frame: Frame,
    start_ms: int,
) -> Plan:
    """The plan with the wishes about its shots put in; `start_ms` is when it begins in the video.

    `ways` are plans of the same shots that know them in another layout. What nobody planned is the middle for
    "crop" and the whole picture for "stack".
    """

    def asked(shot: Shot) -> Shot:
        wanted = wish_for(overrides, start_ms + shot.start_ms, start_ms + shot.end_ms)
        layout = layout_asked(wanted, frame) or shot.layout
        if layout != shot.layout:
            other = ways[layout].shot_at(shot.start_ms) if layout in ways else shot
            known = other if other.layout == layout else replace(shot, keys=(), parts=())
            shot = replace(shot, layout=layout, keys=known.keys, parts=known.parts)
        if shot.layout == "stack" and not shot.parts:
            return replace(shot, layout="fit", chosen=True)
        if shot.layout == "crop":
            middle = (frame.key(shot.start_ms, sum(frame.bounds) / 2),)
            keys = window_asked(wanted, frame, shot.start_ms) or shot.keys or middle
            shot = replace(shot, keys=keys)
        return replace(shot, chosen=wanted is not None)

    return replace(plan, shots=tuple(map(asked, plan.shots)))
