"""Cues as they are in a file, the faults found in them, and the parsing of timestamps."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from mediakit.errors import InputError, MediaErrorCode
from mediakit.text.transcript import Word

MAX_CUES = 100_000
MAX_CUE_CHARS = 5_000
# With its markup a text may be longer. One that is longer still is not even looked at.
MAX_RAW_CHARS = MAX_CUE_CHARS * 4
MAX_TIME_MS = 100 * 3_600_000
# This many faults are recorded one by one; further ones are only counted.
MAX_FAULTS_KEPT = 100

_TIMESTAMP = r"(-)?(?:(\d{1,3}):)?(\d{1,3}):(\d{1,2})(?:([.,:;])(\d{1,6}))?"
# A longer line is no timing line. Cue settings of WebVTT may follow the times.
_MAX_TIMING_CHARS = 1_000
_TIMING = re.compile(rf"\s*{_TIMESTAMP}\s*-{{1,2}}>\s*{_TIMESTAMP}(?:\s.*)?$")
# Translation programs put spaces into timings: `00: 00: 01,000 - -> 00: 00: 02,000`.
_SPACED_TIMING = re.compile(r"\s*\d{1,3}\s*:[\d\s:.,;]+-[\s-]*>[\d\s:.,;]+")
VTT_TIMESTAMP = re.compile(rf"<{_TIMESTAMP}>")
STAMP_GROUPS = 6
# A fourth field of two digits after a colon counts frames (`01:02:03:04`, `01:02:03;04`).
_FRAMES = re.compile(r"\b\d{1,3}:\d{1,2}:\d{1,2}[:;](\d{1,2})\b")
_FRAME_RATES = (25, 30, 50, 60)
_REASONS = {
    "bad_timing": "the timing cannot be read",
    "end_before_start": "the cue ends before it starts",
    "before_start": "the cue begins before the video",
    "cue_too_long": "the cue's text is too long",
    "time_too_large": "the time is too far away",
    "too_many_cues": "there are too many cues",
    "too_large": "the file is too large",
    "no_cues": "there is no cue in it",
    "unknown_format": "it is none of the formats that are read",
    "bad_fields": "the line has too few fields",
    "bad_syntax": "it is not written as its format demands",
    "too_deep": "its parts lie too deep inside one another",
    "declares_entities": "it declares entities of its own",
    "no_times": "its text has no times",
    "before_first_time": "the text stands before the first time",
}


@dataclass(frozen=True, slots=True)
class RawCue:
    """A cue as it is in the file: plain text; times in ms that may overlap; words if they have times."""

    line: int
    start_ms: int
    end_ms: int
    text: str
    words: tuple[Word, ...] = ()
    speaker: str = ""


@dataclass(frozen=True, slots=True)
class CueFault:
    """A fault of a cue. The cue was dropped, or `clamped` to start at 0."""

    line: int
    reason: str
    clamped: bool = False


@dataclass(slots=True)
class RawCaptions:
    """The cues of a file in its order, and the faults of the others. `language` is the code that the file names."""

    cues: list[RawCue] = field(default_factory=list)
    faults: list[CueFault] = field(default_factory=list)
    dropped: int = 0
    clamped: int = 0
    language: str = ""

    def add(self, cue: RawCue) -> None:
        """Add the cue, clamped if it starts before 0; drop it if its times or its size are invalid."""
        if len(self.cues) + self.dropped >= MAX_CUES:
            raise captions_invalid("too_many_cues", line=cue.line)
        reason = _fault_reason(cue)
        if reason:
            self.drop(cue.line, reason)
            return
        if cue.start_ms < 0:
            self.clamped += 1
            self._note(CueFault(cue.line, "before_start", clamped=True))
            cue = RawCue(cue.line, 0, cue.end_ms, cue.text, (), cue.speaker)
        self.cues.append(cue)

    def drop_if_too_long(self, line: int, texts: Sequence[str]) -> bool:
        """Whether the lines of a cue, with their markup, are too long to be looked at; then the cue is dropped."""
        if sum(map(len, texts)) <= MAX_RAW_CHARS:
            return False
        self.drop(line, "cue_too_long")
        return True

    def drop(self, line: int, reason: str) -> None:
        """Count a cue that cannot be used."""
        self.dropped += 1
        self._note(CueFault(line, reason))

    def _note(self, fault: CueFault) -> None:
        if len(self.faults) < MAX_FAULTS_KEPT:
            self.faults.append(fault)


def _fault_reason(cue: RawCue) -> str:
    """Return the reason why the cue cannot be used; empty if it can."""
    if cue.end_ms < cue.start_ms:
        return "end_before_start"
    if cue.start_ms < 0 and cue.end_ms <= 0:
        return "before_start"
    if cue.end_ms > MAX_TIME_MS:
        return "time_too_large"
    return "cue_too_long" if len(cue.text) > MAX_CUE_CHARS else ""


def captions_invalid(reason: str, *, line: int) -> InputError:
    """Return the error for an invalid captions file. `reason` is part of the API."""
    return InputError(
        MediaErrorCode.CAPTIONS_INVALID,
        f"The captions file cannot be used: {_REASONS[reason]} (line {line}).",
        line=line,
        reason=reason,
    )


def find_frame_rate(text: str, known: float) -> float:
    """Return the frame rate of frame counting timestamps: `known` if it fits, else the lowest common rate that fits."""
    frames = max((int(found[1]) for found in _FRAMES.finditer(text)), default=0)
    if known and frames < round(known):
        return round(known)
    return next((rate for rate in _FRAME_RATES if frames < rate), _FRAME_RATES[-1])


def parse_timing(line: str, frame_rate: float) -> tuple[int, int] | None:
    """Return start and end of a timing line in ms, perhaps negative; None if it is no timing line."""
    if is_short(line) and _SPACED_TIMING.fullmatch(line):
        line = "".join(line.split())
    found = _TIMING.match(line) if is_short(line) else None
    if not found:
        return None
    groups = found.groups()
    return to_ms(groups[:STAMP_GROUPS], frame_rate), to_ms(groups[STAMP_GROUPS:], frame_rate)


def is_short(line: str) -> bool:
    """Whether the line is short enough to be a timing line."""
    return len(line) <= _MAX_TIMING_CHARS


def to_ms(groups: Sequence[str | None], frame_rate: float = _FRAME_RATES[0]) -> int:
    """Return the ms of a timestamp's parts: sign, hours, minutes, seconds, separator, fraction or frames."""
    sign, hours, minutes, seconds, separator, fraction = groups
    ms = (int(hours or 0) * 3600 + int(minutes or 0) * 60 + int(seconds or 0)) * 1000
    if separator in {":", ";"} and len(fraction or "") < 3:
        ms += round(int(fraction or 0) * 1000 / frame_rate)
    else:
        ms += int((fraction or "0").ljust(3, "0")[:3])
    return -ms if sign else ms
