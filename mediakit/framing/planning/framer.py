"""From a shot and the people in it to its window and the window's path, or to its parts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from mediakit.framing.crop_plan import Override, Shot
from mediakit.framing.crop_window import CropWindow, crop_window, window_of
from mediakit.framing.geometry import Size
from mediakit.framing.people.tracking import ShotTracking
from mediakit.framing.planning.camera.camera_path import camera_path
from mediakit.framing.planning.camera.shot_scale import closer_window
from mediakit.framing.planning.overrides import override_path, override_window
from mediakit.framing.planning.parts.gallery_parts import gallery_parts, tile_faces
from mediakit.framing.planning.parts.stack_parts import stack_parts
from mediakit.framing.planning.people.missed_people import misses_people
from mediakit.framing.planning.people.whole_people import part_around_head, part_around_people
from mediakit.framing.planning.subjects.subject_layout import part_in_brief
from mediakit.framing.range_analysis import Body, FaceSample, RangeAnalysis, ShotContent
from mediakit.framing.rect import Rect
from mediakit.framing.window_path import fitted_at, path_position
from mediakit.media_info import VideoTrack

# A shot has bars of its own where its picture is smaller than that of the whole range by more than this.
OWN_BARS = 0.02


@dataclass(frozen=True, slots=True)
class Framer:
    """What turns the shots of a plan that begins at `start_ms` into pictures; `window` is the largest one."""

    analysis: RangeAnalysis
    video: VideoTrack
    canvas: Size
    window: CropWindow
    start_ms: int

    def with_path(self, shot: Shot, tracking: ShotTracking, override: Override | None) -> Shot:
        """The shot with its window and the window's path, or with the parts of its stack. The part of a "fit" stays."""
        if shot.layout == "stack":
            tiles = tile_faces(self._content(shot), self._samples(shot))
            if parts := gallery_parts(tiles, self.video, self.canvas):
                return replace(shot, parts=parts)
            people = tracking.apart or tracking.likeliest_pair
            if people is None:
                return replace(shot, layout="fit")
            area = self._own_area(shot) or self.analysis.area
            parts = stack_parts(people, self.video, area, self.canvas)
            return replace(shot, parts=parts)
        if shot.layout == "fit":
            return self._without_bars(shot)
        largest = self._largest(shot)
        window = override_window(override, self._closer(shot, tracking, largest), largest)
        path = override_path(override, window, shot.start_ms) or camera_path(
            *(tracking.targets, shot, window, self.start_ms),
            secondary=tracking.secondary,
            neighbours=tracking.neighbours,
            moving=self._moving(shot),
            bodies=self._bodies(shot),
        )
        return replace(shot, path=tuple(path), parts=(), zoom=window.zoom)

    def in_brief(self, shot: Shot, tracking: ShotTracking) -> Shot:
        """A shot between two cuts that is too brief for its window, and shown on blur as those beside it are."""
        part = part_in_brief(shot, tracking.targets, self.window, self.video)
        return self._without_bars(
            replace(shot, layout="fit", parts=() if part is None else (part,))
        )

    def with_whole_faces(self, shot: Shot, tracking: ShotTracking) -> Shot:
        """The shot, as a part of the picture where its window cuts the subject's head, or a face beside it.

        As the whole picture where it shows nobody again and again while people are elsewhere.
        """
        if shot.layout not in {"crop", "fit"} or self.window.moves_vertically:
            return shot
        samples = self._samples(shot)
        if misses_people(shot, self._shown(shot), samples, self.start_ms):
            return self._without_bars(replace(shot, layout="fit", path=(), parts=(), zoom=1))
        if shot.layout == "fit":
            return shot
        window = window_of(shot, self.analysis.area, self.video, self.canvas)
        part = part_around_people(
            shot, window, samples, self.start_ms, self.video
        ) or part_around_head(
            *(shot, window, tracking.targets, self.start_ms, self.video),
            bodies=self._bodies(shot),
            samples=samples,
        )
        if part is None:
            return shot
        return self._without_bars(replace(shot, layout="fit", path=(), parts=(part,), zoom=1))

    def _shown(self, shot: Shot) -> Callable[[int], Rect]:
        """What a shot with a window, or on blur, shows of the picture, by time of the Short."""
        if shot.layout == "fit":
            return partial(fitted_at, shot, self.analysis.area)
        window = window_of(shot, self.analysis.area, self.video, self.canvas)

        def in_window(time_ms: int) -> Rect:
            x, y = path_position(shot.path, time_ms)
            return Rect(x - window.width / 2, y - window.height / 2, window.width, window.height)

        return in_window

    def _content(self, shot: Shot) -> ShotContent | None:
        return self.analysis.content_at(self.start_ms + (shot.start_ms + shot.end_ms) // 2)

    def _moving(self, shot: Shot) -> dict[int, Rect]:
        """What moves in one piece with the faces of a shot, by time in the video."""
        return {s.time_ms: s.moving for s in self._samples(shot) if s.moving is not None}

    def _bodies(self, shot: Shot) -> dict[int, Sequence[Body]]:
        """The bodies that are known in a shot, by time in the video."""
        return {s.time_ms: s.bodies for s in self._samples(shot) if s.bodies}

    def _samples(self, shot: Shot) -> list[FaceSample]:
        low, high = self.start_ms + shot.start_ms, self.start_ms + shot.end_ms
        return [s for s in self.analysis.samples if low <= s.time_ms < high]

    def _own_area(self, shot: Shot) -> Rect | None:
        """The shot's picture without black bars that others do not have; None without such bars."""
        content = self._content(shot)
        if content is None or content.area is None:
            return None
        area, own = self.analysis.area, content.area
        left, top = max(area.left, own.left), max(area.top, own.top)
        right, bottom = min(area.right, own.right), min(area.bottom, own.bottom)
        width, height = right - left, bottom - top
        if width <= 0 or height <= 0 or min(area.width - width, area.height - height) < 0:
            return None
        is_own = max(area.width - width, area.height - height) > OWN_BARS
        return Rect(left, top, width, height) if is_own else None

    def _largest(self, shot: Shot) -> CropWindow:
        """The largest window of a shot: it shows none of the shot's own bars."""
        area = self._own_area(shot)
        if area is None:
            return self.window
        own = crop_window(self.video, area, self.canvas)
        return replace(own, zoom=max(1.0, self.window.height / own.height))

    def _without_bars(self, shot: Shot) -> Shot:
        """A "fit" that shows no bars of its own; the whole picture stays whole where a person wants it.

        A part that rests is moved off the bars, one that is about as wide as the picture between them shows that.
        """
        area = self._own_area(shot)
        if area is None or shot.chosen:
            return shot
        if not shot.parts or shot.parts[0].width >= area.width - OWN_BARS:
            return replace(shot, parts=(area,), path=())
        part = shot.parts[0]
        if shot.path or part.height > area.height + OWN_BARS:
            return shot
        left = min(max(part.left, area.left), area.right - part.width)
        return replace(shot, parts=(replace(part, left=left),))

    def _closer(self, shot: Shot, tracking: ShotTracking, largest: CropWindow) -> CropWindow:
        """The window of a shot of people; only faces say how close it should be."""
        if shot.reason in {"subject", "nobody"}:
            return largest
        content = self._content(shot)
        texts = content.texts if content is not None else ()
        moving = self._moving(shot)
        return closer_window(
            tracking.targets, moving, texts, largest, video=self.video, canvas=self.canvas
        )
