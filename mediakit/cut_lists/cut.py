"""What a cut list is made from: the source, and the cuts of it with their names."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace

from mediakit.cut_lists.edit_rate import MOST_NUMBERS, Timebase, timebase
from mediakit.media_info import MediaInfo

Span = tuple[int, int]

# Where a list's own time code begins, as editors are used to.
RECORD_START_S = 3600


@dataclass(frozen=True, slots=True)
class CutSource:
    """The file that is cut. `start` is the time code of its first picture in frames; `frames` its length.

    `width` and `height` are the shown size in pixels, `channels` and `sample_rate` (Hz) its main sound's; 0 without.
    """

    filename: str
    timebase: Timebase
    start: int
    frames: int
    width: int
    height: int
    channels: int
    sample_rate: int

    def in_timecode(self) -> "CutSource":
        """Return the source as time code counts it: above 60 frames a second, two frames as one."""
        if self.timebase.nominal <= MOST_NUMBERS:
            return self
        half = self.timebase.halved()
        return replace(self, timebase=half, start=self.start // 2, frames=-(-self.frames // 2))


@dataclass(frozen=True, slots=True)
class NamedCut:
    """The kept ranges of a source (ms, in order), with a name and a note of one line each."""

    title: str
    ranges_ms: tuple[Span, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """A kept range in frames: of the source from its first picture, and of the list from its beginning."""

    cut: NamedCut
    source_in: int
    source_out: int
    record_in: int

    @property
    def length(self) -> int:
        """Its frames."""
        return self.source_out - self.source_in

    @property
    def record_out(self) -> int:
        """The frame of the list after its last one."""
        return self.record_in + self.length


def cut_source(info: MediaInfo, filename: str) -> CutSource:
    """Return the source that a file is to an editor, which finds it again by its name."""
    base = timebase(info.video, info.timecode)
    sound = info.audio_track()
    return CutSource(
        filename=one_line(filename),
        timebase=base,
        start=base.frame_of(info.timecode) or 0,
        frames=max(1, base.frame(info.duration_ms)),
        width=info.video.display_width,
        height=info.video.display_height,
        channels=sound.channels if sound else 0,
        sample_rate=sound.sample_rate if sound else 0,
    )


def events(source: CutSource, cuts: Sequence[NamedCut]) -> list[Event]:
    """Return the ranges of the cuts one after the other, each of at least one frame and inside the source."""
    found: list[Event] = []
    for cut in cuts:
        for start_ms, end_ms in cut.ranges_ms:
            first = min(source.timebase.frame(start_ms), source.frames - 1)
            end = max(first + 1, min(source.timebase.frame(end_ms), source.frames))
            found.append(Event(cut, first, end, found[-1].record_out if found else 0))
    return found


def one_line(text: str) -> str:
    """Return text without line breaks and the characters that XML cannot hold."""
    return " ".join("".join(" " if _breaks(char) else char for char in text).split())


def _breaks(char: str) -> bool:
    return unicodedata.category(char) in {"Cc", "Cs", "Zl", "Zp"} or char in "\ufffe\uffff"
