"""The crop plan of a Short: frozen values stored as JSON.

Positions and sizes are fractions of the upright picture's width and height, from its top left corner.
Times count from the Short's start.
"""

from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from mediakit.framing.rect import JSON_DIGITS, Rect, numbers, rounded
from mediakit.framing.speaking_span import SpeakingSpan

Layout = Literal["crop", "stack", "fit", "inset"]
# How two people too far apart for one window are shown; "auto" follows who speaks where that is clear.
PairLayout = Literal["auto", "crop", "stack", "fit"]
# Why a shot has its layout: one person, several in one window, the one who speaks, several apart, a subject without a
# face, no one, a small picture of a person on something else, text that a window would cut, a block of it that changes,
# something that is held up.
_People = Literal["", "person", "group", "speaker", "apart", "subject", "nobody"]
Reason = Literal[_People, "inset", "text", "changes", "shown"]
# Why a window is a little closer for a while: at a join of what was left out, or for emphasis.
PunchIn = Literal["joins", "emphasis"]
PUNCH_INS: tuple[PunchIn, ...] = ("joins", "emphasis")
LAYOUTS: tuple[Layout, ...] = ("crop", "stack", "fit", "inset")
PAIR_LAYOUTS: tuple[PairLayout, ...] = ("auto", "crop", "stack", "fit")


@dataclass(frozen=True, slots=True)
class Override:
    """A user's choice for the shot on screen at `at_ms` of the video.

    A `layout` of None keeps the planned one. `focus` is a point to centre, `box` a rectangle to keep
    visible; `box` wins when both are given. With the layout "inset" the box is the inset's rectangle.
    `tiles` are what the parts of a "stack" hold, in the order of its cells.
    """

    at_ms: int
    layout: Layout | None = None
    focus: tuple[float, float] | None = None
    box: Rect | None = None
    tiles: tuple[Rect, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {**asdict(self), "tiles": [asdict(tile) for tile in self.tiles]}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Override":
        """The inverse of `to_json`."""
        focus, box = data.get("focus"), data.get("box")
        return cls(
            data["at_ms"],
            data.get("layout"),
            None if focus is None else (focus[0], focus[1]),
            None if box is None else Rect(**box),
            tuple(Rect(**tile) for tile in data.get("tiles", ())),
        )


@dataclass(frozen=True, slots=True)
class PathPoint:
    """The crop window's centre at a time; the window moves linearly between two points."""

    time_ms: int
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Shot:
    """The framing of one shot.

    `path` is the crop window's path (layout "crop"), or that of a part that follows its subject (layout "fit"); its
    first and last points also hold before and after them. The window is `zoom` times smaller than the largest one,
    along a side. `parts` are the rectangles stacked top to bottom (layout "stack"), the one that is shown instead of
    the whole picture (layout "fit"), or the content above and the person below (layout "inset"), where the first has
    the share `split` of the height.
    `chosen` is true when an override decided. `people` is the number of tracked people. Where who speaks decided, a
    shot of the video is one here for each turn; `speaker` is their name in the transcript, or "". `punch_in` says why
    the window is closer than in the rest of the shot, or "". `speaking` says which part of a "stack" gets a mark when.
    """

    start_ms: int
    end_ms: int
    layout: Layout
    path: tuple[PathPoint, ...] = ()
    parts: tuple[Rect, ...] = ()
    split: float = 0.0
    zoom: float = 1.0
    chosen: bool = False
    people: int = 0
    reason: Reason = ""
    speaker: str = ""
    punch_in: PunchIn | Literal[""] = ""
    speaking: tuple[SpeakingSpan, ...] = ()

    def fitted(self, area: Rect) -> Rect:
        """What a "fit" shows of the area: its part, or all of it. A part that moves is where it is first."""
        return self.parts[0] if self.layout == "fit" and self.parts else area


@dataclass(frozen=True, slots=True)
class CropPlan:
    """The framing of a whole Short, as consecutive shots without gaps."""

    area: Rect
    shots: tuple[Shot, ...]

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {
            "area": numbers(self.area),
            "shots": [
                {
                    "start_ms": shot.start_ms,
                    "end_ms": shot.end_ms,
                    "layout": shot.layout,
                    "keys": [[point.time_ms, *rounded(point.x, point.y)] for point in shot.path],
                    "parts": [numbers(part) for part in shot.parts],
                    "split": round(shot.split, JSON_DIGITS),
                    "zoom": round(shot.zoom, JSON_DIGITS),
                    "chosen": shot.chosen,
                    "people": shot.people,
                    "reason": shot.reason,
                    "speaker": shot.speaker,
                    "punch_in": shot.punch_in,
                    "speaking": [list(span) for span in shot.speaking],
                }
                for shot in self.shots
            ],
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "CropPlan":
        """The inverse of `to_json`."""
        shots = (
            Shot(
                shot["start_ms"],
                shot["end_ms"],
                shot["layout"],
                path=tuple(PathPoint(*point) for point in shot["keys"]),
                parts=tuple(Rect(*part) for part in shot["parts"]),
                split=shot.get("split", 0.0),
                zoom=shot.get("zoom", 1.0),
                chosen=shot["chosen"],
                people=shot["people"],
                reason=shot.get("reason", ""),  # plans of exports made before have none
                speaker=shot.get("speaker", ""),
                punch_in=shot.get("punch_in", ""),
                speaking=tuple(SpeakingSpan(*span) for span in shot.get("speaking", ())),
            )
            for shot in data["shots"]
        )
        return cls(Rect(*data["area"]), tuple(shots))

    def without_marks(self) -> "CropPlan":
        """The plan without a mark on who speaks."""
        return replace(self, shots=tuple(replace(shot, speaking=()) for shot in self.shots))

    def shot_at(self, time_ms: int) -> Shot:
        """The shot on screen at the time; the last shot for times after the end."""
        return next((s for s in self.shots if time_ms < s.end_ms), self.shots[-1])
