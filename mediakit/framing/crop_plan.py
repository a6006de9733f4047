"""What was seen in a range of a video, and how a Short will frame it: frozen values that go to the
database and back as JSON.

Places are shares of the upright picture's width and height, from its top left corner. Times in an
`Analysis` count from the video's start, in a `Plan` from the Short's.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

Layout = Literal["crop", "stack", "fit"]
LAYOUTS: tuple[Layout, ...] = ("crop", "stack", "fit")
DIGITS = 5


@dataclass(frozen=True, slots=True)
class Box:
    """A part of the picture."""

    left: float
    top: float
    width: float
    height: float

    @property
    def centre(self) -> tuple[float, float]:
        """Its middle."""
        return self.left + self.width / 2, self.top + self.height / 2

    @property
    def right(self) -> float:
        """Its right edge."""
        return self.left + self.width


WHOLE = Box(0.0, 0.0, 1.0, 1.0)


@dataclass(frozen=True, slots=True)
class Face:
    """A face in one picture; `score` from 0 to 1, `motion` the mean change of its lower half since
    the sample before (0 to 1)."""

    box: Box
    score: float
    motion: float = 0.0


@dataclass(frozen=True, slots=True)
class Sample:
    """The faces of the picture that is on screen at a time."""

    time_ms: int
    faces: tuple[Face, ...] = ()


@dataclass(frozen=True, slots=True)
class Analysis:
    """What one look at a range found.

    `area` is the picture without black bars. `cuts_us` are the times (microseconds, as a cut falls
    between two exact frames) of the first pictures of new shots. `detector` is "yunet", "haar" or
    "" when nobody looked for faces.
    """

    start_ms: int
    end_ms: int
    detector: str
    area: Box
    cuts_us: tuple[int, ...]
    samples: tuple[Sample, ...]

    def covers(self, start_ms: int, end_ms: int) -> bool:
        """Whether that range lies inside."""
        return self.start_ms <= start_ms and end_ms <= self.end_ms

    def within(self, start_ms: int, end_ms: int) -> "Analysis":
        """The part of it about a range inside."""
        return Analysis(
            start_ms,
            end_ms,
            self.detector,
            self.area,
            tuple(cut for cut in self.cuts_us if start_ms * 1000 < cut < end_ms * 1000),
            tuple(s for s in self.samples if start_ms <= s.time_ms <= end_ms),
        )

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values; a face is a list of six numbers."""
        return {
            "start_ms": self.start_ms,
            "end_ms": self.end_ms,
            "detector": self.detector,
            "area": _numbers(self.area),
            "cuts_us": list(self.cuts_us),
            "samples": [
                [s.time_ms, [[*_numbers(f.box), *_rounded(f.score, f.motion)] for f in s.faces]]
                for s in self.samples
            ],
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Analysis":
        """The value that `to_json` was made from, to the rounding of its numbers."""
        return cls(
            data["start_ms"],
            data["end_ms"],
            data["detector"],
            Box(*data["area"]),
            tuple(data["cuts_us"]),
            tuple(
                Sample(time_ms, tuple(Face(Box(*f[:4]), f[4], f[5]) for f in faces))
                for time_ms, faces in data["samples"]
            ),
        )


@dataclass(frozen=True, slots=True)
class Override:
    """What a person wants of the shot that is on screen at a time of the video.

    `layout` None leaves that to the plan. `focus` is a point to keep in the middle, `box` a part to
    keep in sight; the box counts where both are given.
    """

    at_ms: int
    layout: Layout | None = None
    focus: tuple[float, float] | None = None
    box: Box | None = None

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Override":
        """The value that `to_json` was made from."""
        focus, box = data.get("focus"), data.get("box")
        return cls(
            data["at_ms"],
            data.get("layout"),
            None if focus is None else (focus[0], focus[1]),
            None if box is None else Box(**box),
        )


@dataclass(frozen=True, slots=True)
class Key:
    """Where the middle of the window is at a time; between two keys it moves evenly."""

    time_ms: int
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Shot:
    """How one shot is framed.

    `keys` are the window's way (layout "crop"; the first and the last stand for what is before and
    after). `parts` are what is put one above the other (layout "stack"). `chosen` says that a
    person decided; `people` how many faces counted.
    """

    start_ms: int
    end_ms: int
    layout: Layout
    keys: tuple[Key, ...] = ()
    parts: tuple[Box, ...] = ()
    chosen: bool = False
    people: int = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """The framing of a whole Short, shot by shot without gaps."""

    area: Box
    shots: tuple[Shot, ...]

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {
            "area": _numbers(self.area),
            "shots": [
                {
                    **asdict(shot),
                    "keys": [[k.time_ms, *_rounded(k.x, k.y)] for k in shot.keys],
                    "parts": [_numbers(part) for part in shot.parts],
                }
                for shot in self.shots
            ],
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Plan":
        """The value that `to_json` was made from."""
        shots = (
            {
                **shot,
                "keys": tuple(Key(*key) for key in shot["keys"]),
                "parts": tuple(Box(*part) for part in shot["parts"]),
            }
            for shot in data["shots"]
        )
        return cls(Box(*data["area"]), tuple(Shot(**shot) for shot in shots))

    def shot_at(self, time_ms: int) -> Shot:
        """The shot on screen at that time; the first or last one for times outside."""
        return next((s for s in self.shots if time_ms < s.end_ms), self.shots[-1])


def position(keys: Sequence[Key], time_ms: float) -> tuple[float, float]:
    """Where the middle of the window is at a time."""
    before = keys[0]
    for key in keys:
        if key.time_ms > time_ms:
            if key is before:
                break
            share = (time_ms - before.time_ms) / (key.time_ms - before.time_ms)
            return before.x + (key.x - before.x) * share, before.y + (key.y - before.y) * share
        before = key
    return before.x, before.y


def _numbers(box: Box) -> list[float]:
    return _rounded(box.left, box.top, box.width, box.height)


def _rounded(*values: float) -> list[float]:
    return [round(value, DIGITS) for value in values]
