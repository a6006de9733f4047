"""The analysis of a video's range, and the crop plan of a Short: frozen values stored as JSON.

Positions and sizes are fractions of the upright picture's width and height, from its top left corner.
Times in a `RangeAnalysis` count from the video's start, in a `CropPlan` from the Short's start.
"""

from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

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
JSON_DIGITS = 5


@dataclass(frozen=True, slots=True)
class Rect:
    """A rectangle in the picture."""

    left: float
    top: float
    width: float
    height: float

    @property
    def centre(self) -> tuple[float, float]:
        """The centre as (x, y)."""
        return self.left + self.width / 2, self.top + self.height / 2

    @property
    def right(self) -> float:
        """The right edge."""
        return self.left + self.width

    @property
    def bottom(self) -> float:
        """The lower edge."""
        return self.top + self.height


WHOLE_PICTURE = Rect(0.0, 0.0, 1.0, 1.0)


@dataclass(frozen=True, slots=True)
class Face:
    """A face in one picture.

    `score` is the detector's confidence from 0 to 1. `motion` and `head_motion` are the mean change of the mouth and
    of the upper half of the face from picture to picture since the previous sample, from 0 to 1. `look` is how far the
    nose is beside the middle of the eyes, in widths of the face: below 0 the face looks to the left of the picture. It
    is 0 from a detector without landmarks.
    """

    box: Rect
    score: float
    motion: float = 0.0
    head_motion: float = 0.0
    look: float = 0.0


@dataclass(frozen=True, slots=True)
class Body:
    """A person's body in one picture, and the head of the face in it with all hair, or a hat; None where unclear."""

    box: Rect
    head: Rect | None = None


@dataclass(frozen=True, slots=True)
class FaceSample:
    """The faces in the picture that is on screen at a time.

    `region` is what draws the eye in a picture without faces, None where nothing does. `moving` holds the faces and all
    that moves in one piece with them since the previous sample, as raised hands do. `lost` says that the people who
    were seen last, or are seen next, are not where they are then: the place looks otherwise.
    `is_empty` says that the subject of a shot without a face has not come yet, or has left: clearly nothing stands out.
    `beside` is what moves by itself beside the people, more than they do. `bodies` are those of people, whether their
    faces are seen or not; None in a sample in which they were not searched.
    """

    time_ms: int
    faces: tuple[Face, ...] = ()
    region: Rect | None = None
    moving: Rect | None = None
    lost: bool = False
    is_empty: bool = False
    beside: Rect | None = None
    bodies: tuple[Body, ...] | None = None

    def to_json(self) -> list[Any]:
        """[time, faces], and what else it has: its region, what moves, if lost, if empty, what is beside, bodies."""
        faces = [
            [*_numbers(f.box), *_rounded(f.score, f.motion, f.head_motion, f.look)]
            for f in self.faces
        ]
        boxes = [None if box is None else _numbers(box) for box in (self.region, self.moving)]
        beside = None if self.beside is None else _numbers(self.beside)
        bodies = None
        if self.bodies is not None:
            bodies = [[_numbers(b.box), b.head and _numbers(b.head)] for b in self.bodies]
        more: list[Any] = [*boxes, self.lost, self.is_empty, beside, bodies]
        while more and more[-1] in (None, False):
            more.pop()
        return [self.time_ms, faces, *more]

    @classmethod
    def from_json(cls, data: list[Any]) -> "FaceSample":
        """The inverse of `to_json`."""
        time_ms, faces, *more = data
        region, moving, lost, is_empty, beside, seen = (*more, *[None] * 6)[:6]
        at, moves, other = (Rect(*box) if box else None for box in (region, moving, beside))
        found = tuple(Face(Rect(*f[:4]), *f[4:8]) for f in faces)
        bodies = (
            seen
            if seen is None
            else tuple(Body(Rect(*box), Rect(*head) if head else None) for box, head in seen)
        )
        return cls(time_ms, found, at, moves, bool(lost), bool(is_empty), other, bodies)


@dataclass(frozen=True, slots=True)
class TextChange:
    """The lines of text that change at a time; a `box` of None stands for a new page."""

    time_ms: int
    box: Rect | None


@dataclass(frozen=True, slots=True)
class ShownThing:
    """A thing that is held up beside a face between two times, and the box that holds it meanwhile."""

    start_ms: int
    end_ms: int
    box: Rect


@dataclass(frozen=True, slots=True)
class ShotContent:
    """What stands on the screen of a shot beside people.

    `inset` is the small picture of a person that lies on the rest. `texts` are the boxes of the lines of text that
    were there at any time, `filled` is the smallest box that holds everything but empty margins. `changes` are in the
    order of time. `area` is the picture without black bars where this shot has its own. `text_ms` says of each line
    when it was seen first and last; empty where that is not known. `shown` are the things that are held up.
    """

    start_ms: int
    end_ms: int
    inset: Rect | None = None
    texts: tuple[Rect, ...] = ()
    filled: Rect | None = None
    changes: tuple[TextChange, ...] = ()
    area: Rect | None = None
    text_ms: tuple[tuple[int, int], ...] = ()
    shown: tuple[ShownThing, ...] = ()

    def texts_between(self, start_ms: int, end_ms: int) -> list[Rect]:
        """The lines that were seen in a span."""
        spans = self.text_ms or [(start_ms, end_ms)] * len(self.texts)
        seen = zip(self.texts, spans, strict=True)
        return [text for text, (first, last) in seen if first <= end_ms and last >= start_ms]

    def to_json(self) -> list[Any]:
        """Plain JSON values."""
        boxes = [None if box is None else _numbers(box) for box in (self.inset, self.filled)]
        changes = [[c.time_ms, None if c.box is None else _numbers(c.box)] for c in self.changes]
        texts = [_numbers(text) for text in self.texts]
        area = None if self.area is None else _numbers(self.area)
        spans = [list(span) for span in self.text_ms]
        shown = [[thing.start_ms, thing.end_ms, _numbers(thing.box)] for thing in self.shown]
        return [self.start_ms, self.end_ms, *boxes, texts, changes, area, spans, shown]

    @classmethod
    def from_json(cls, data: list[Any]) -> "ShotContent":
        """The inverse of `to_json`."""
        start_ms, end_ms, inset, filled, texts, changes, *more = data
        area, spans, shown = (*more, None, None, None)[:3]
        return cls(
            *(start_ms, end_ms, Rect(*inset) if inset else None),
            *(tuple(Rect(*text) for text in texts), Rect(*filled) if filled else None),
            tuple(TextChange(at, Rect(*box) if box else None) for at, box in changes),
            Rect(*area) if area else None,
            tuple((first, last) for first, last in list[Any](spans or [])),
            tuple(ShownThing(low, high, Rect(*box)) for low, high, box in list[Any](shown or [])),
        )


@dataclass(frozen=True, slots=True)
class RangeAnalysis:
    """The cuts, black bars and faces found between `start_ms` and `end_ms`, and what else its shots show.

    `area` is the picture without black bars. `cuts_us` are the times of each new shot's first picture,
    in microseconds because a cut falls between two exact frames. `detector` is "yunet", "haar" or
    "" when no detector ran.
    """

    start_ms: int
    end_ms: int
    detector: str
    area: Rect
    cuts_us: tuple[int, ...]
    samples: tuple[FaceSample, ...]
    contents: tuple[ShotContent, ...] = ()

    def content_at(self, time_ms: int) -> ShotContent | None:
        """What the shot on screen at a time shows; None where nothing was found."""
        return next((c for c in self.contents if c.start_ms <= time_ms < c.end_ms), None)

    def texts_at(self, time_ms: int) -> tuple[Rect, ...]:
        """The lines of text in the shot on screen at a time."""
        content = self.content_at(time_ms)
        return content.texts if content is not None else ()

    def covers(self, start_ms: int, end_ms: int) -> bool:
        """Return whether the analysed range contains a range."""
        return self.start_ms <= start_ms and end_ms <= self.end_ms

    def within(self, start_ms: int, end_ms: int) -> "RangeAnalysis":
        """Return the part of the analysis inside a range."""
        return RangeAnalysis(
            start_ms,
            end_ms,
            self.detector,
            self.area,
            tuple(cut for cut in self.cuts_us if start_ms * 1000 < cut < end_ms * 1000),
            tuple(s for s in self.samples if start_ms <= s.time_ms <= end_ms),
            tuple(c for c in self.contents if c.start_ms < end_ms and c.end_ms > start_ms),
        )

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values; a face is [left, top, width, height, score, motion, head_motion, look]."""
        return {
            "start_ms": self.start_ms,
            "end_ms": self.end_ms,
            "detector": self.detector,
            "area": _numbers(self.area),
            "cuts_us": list(self.cuts_us),
            "samples": [sample.to_json() for sample in self.samples],
            "contents": [content.to_json() for content in self.contents],
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "RangeAnalysis":
        """The inverse of `to_json`, up to the rounding to JSON_DIGITS."""
        return cls(
            data["start_ms"],
            data["end_ms"],
            data["detector"],
            Rect(*data["area"]),
            tuple(data["cuts_us"]),
            tuple(map(FaceSample.from_json, data["samples"])),
            tuple(map(ShotContent.from_json, data.get("contents", ()))),
        )


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
            "area": _numbers(self.area),
            "shots": [
                {
                    "start_ms": shot.start_ms,
                    "end_ms": shot.end_ms,
                    "layout": shot.layout,
                    "keys": [[point.time_ms, *_rounded(point.x, point.y)] for point in shot.path],
                    "parts": [_numbers(part) for part in shot.parts],
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


def _numbers(box: Rect) -> list[float]:
    return _rounded(box.left, box.top, box.width, box.height)


def _rounded(*values: float) -> list[float]:
    return [round(value, JSON_DIGITS) for value in values]
