"""What every row of the table of speed is: figures, and a place to work."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks import environment, samples

CLIP_S = 30


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table: what was measured, against what, what is wanted of it, and what it was made of."""

    what: str
    against: str
    wanted: float
    measured: float
    unit: str = "x"
    parts: dict[str, float] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether it is what is wanted."""
        return self.measured <= self.wanted


@dataclass(frozen=True, slots=True)
class Bench:
    """Where a row works, and how often it repeats."""

    folder: Path
    films: Path
    rounds: int

    def ready(self, film: Path, *, minutes: int = 1) -> Any:
        """A processed video of that film of so many minutes."""
        words = samples.words(minutes=minutes)
        video = environment.video_of(film, environment.person(), words=words)
        environment.process_all()
        return video

    def bare(self, **wishes: Any) -> tuple[Any, environment.Bare]:
        """A video, and the command its export with these wishes runs."""
        video = self.ready(samples.minute(self.films))
        with environment.recorded(self.folder) as commands:
            environment.export(video, length_s=CLIP_S, **wishes)
        return video, commands[-1]
