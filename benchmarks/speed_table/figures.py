"""A figure of the speed table, and the context in which a row is measured."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks import environment
from benchmarks.speed_table import sample_videos

CLIP_S = 30


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table: a measured value with its baseline and its limit.

    `parts` are the values it was computed from.
    """

    what: str
    baseline: str
    limit: float
    measured: float
    unit: str = "x"
    parts: dict[str, float] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether the limit is met."""
        return self.measured <= self.limit


@dataclass(frozen=True, slots=True)
class Context:
    """A row's working folder, the folder of sample videos, and the number of repetitions."""

    folder: Path
    videos: Path
    rounds: int

    def processed_video(self, path: Path, *, minutes: int = 1) -> Any:
        """A processed video of the file, which is that many minutes long."""
        captions = sample_videos.captions(minutes=minutes)
        video = environment.create_video(path, environment.create_user(), captions=captions)
        environment.process_all()
        return video

    def exported(self, **options: Any) -> tuple[Any, environment.RecordedCommand]:
        """A video, and the encode command of its export with these options."""
        video = self.processed_video(sample_videos.one_minute(self.videos))
        with environment.record_encodes(self.folder) as commands:
            environment.run_export(video, length_s=CLIP_S, **options)
        return video, commands[-1]
