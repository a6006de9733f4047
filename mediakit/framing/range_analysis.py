"""The analysis of a video's range: frozen values stored as JSON. Times count from the video's start."""

from dataclasses import dataclass
from typing import Any

from mediakit.framing.rect import Rect, numbers, rounded

# Of the picture, on every side of what is not empty, as far as the picture goes.
FILLED_MARGIN = 0.02


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
            [*numbers(f.box), *rounded(f.score, f.motion, f.head_motion, f.look)]
            for f in self.faces
        ]
        boxes = [None if box is None else numbers(box) for box in (self.region, self.moving)]
        beside = None if self.beside is None else numbers(self.beside)
        bodies = None
        if self.bodies is not None:
            bodies = [[numbers(b.box), b.head and numbers(b.head)] for b in self.bodies]
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
    were there at any time, `filled` is the smallest box that holds everything but empty sides, with FILLED_MARGIN.
    `changes` are in the order of time. `area` is the picture without black bars where this shot has its own. `text_ms`
    says of each line when it was seen first and last; empty where that is not known. `shown` are the things that are
    held up. `detail` is how much of the fine detail of a shot without faces lies in each of some parts, equally wide,
    from left to right. `tiles` are the rectangles of a video call, in the order of reading.
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
    detail: tuple[float, ...] = ()
    tiles: tuple[Rect, ...] = ()

    def texts_between(self, start_ms: int, end_ms: int) -> list[Rect]:
        """The lines that were seen in a span."""
        spans = self.text_ms or [(start_ms, end_ms)] * len(self.texts)
        seen = zip(self.texts, spans, strict=True)
        return [text for text, (first, last) in seen if first <= end_ms and last >= start_ms]

    def to_json(self) -> list[Any]:
        """Plain JSON values."""
        boxes = [None if box is None else numbers(box) for box in (self.inset, self.filled)]
        changes = [[c.time_ms, None if c.box is None else numbers(c.box)] for c in self.changes]
        texts = [numbers(text) for text in self.texts]
        area = None if self.area is None else numbers(self.area)
        spans = [list(span) for span in self.text_ms]
        shown = [[thing.start_ms, thing.end_ms, numbers(thing.box)] for thing in self.shown]
        more: list[Any] = [list(self.detail), [numbers(tile) for tile in self.tiles]]
        while more and not more[-1]:
            more.pop()
        return [self.start_ms, self.end_ms, *boxes, texts, changes, area, spans, shown, *more]

    @classmethod
    def from_json(cls, data: list[Any]) -> "ShotContent":
        """The inverse of `to_json`."""
        start_ms, end_ms, inset, filled, texts, changes, *more = data
        area, spans, shown, detail, tiles = (*more, *[None] * 5)[:5]
        return cls(
            *(start_ms, end_ms, Rect(*inset) if inset else None),
            *(tuple(Rect(*text) for text in texts), Rect(*filled) if filled else None),
            tuple(TextChange(at, Rect(*box) if box else None) for at, box in changes),
            Rect(*area) if area else None,
            tuple((first, last) for first, last in list[Any](spans or [])),
            tuple(ShownThing(low, high, Rect(*box)) for low, high, box in list[Any](shown or [])),
            tuple(detail or ()),
            tuple(Rect(*tile) for tile in list[Any](tiles or [])),
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
            "area": numbers(self.area),
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
