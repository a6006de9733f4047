"""Cues as they are in a file, the faults found in them, and the parsing of timestamps."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from mediakit.errors import InputError, MediaErrorCode
from mediakit.subtitles.cues.timecode import HOUR_MS, Timecode
from mediakit.text.transcript import Word

MAX_CUES = 100_000
MAX_CUE_CHARS = 5_000
# With its markup a text may be longer. One that is longer still is not even looked at.
MAX_RAW_CHARS = MAX_CUE_CHARS * 4
MAX_TIME_MS = 100 * 3_600_000
# This many faults are recorded one by one; further ones are only counted.
MAX_FAULTS_KEPT = 100
_DEFAULT_TIMECODE = Timecode()

# Hours, minutes and seconds between colons, or between points; a fraction or frames after any separator.
TIMESTAMP = r"(-)?(?:(\d{1,3}):)?(\d{1,3}):(\d{1,2})(?:([.,:;'’])(\d{1,6}))?"
# A longer line is no timing line. Cue settings of WebVTT, or the text, may follow the times.
_MAX_TIMING_CHARS = 1_000
_ARROW = r"(?:[-–—−=~]{1,4}\s?>+|[→⇒➔➜])"
_ARROW_HEAD = re.compile("[>＞→⇒➔➜]|&gt;")
_HTML_ARROW = re.compile(r"(?<=[-–—=])&gt;")
_TIMING = re.compile(
    rf"\s*(?:\d{{1,6}}[.)]?\s+)?{TIMESTAMP}\s*{_ARROW}\s*{TIMESTAMP}(?:\s+(\S.*)?)?$"
)
# Translation programs put spaces into timings: `00: 00: 01,000 - -> 00: 00: 02,000`.
_SPACED_TIMING = re.compile(r"\s*\d{1,3}\s*:[\d\s:.,;]+-[\s-]*>[\d\s:.,;]+")
# `1.5 --> 3.25` counts seconds, `00.00.01.500 --> 00.00.03.250` has points for colons.
_SECONDS_TIMING = re.compile(r"\s*(\d{1,6}(?:[.,]\d{1,6})?)\s*-->\s*(\d{1,6}(?:[.,]\d{1,6})?)\s*")
_POINTS_TIMING = re.compile(
    rf"\s*(\d{{1,3}}(?:[.,]\d{{1,6}}){{3}})\s*{_ARROW}\s*(\d{{1,3}}(?:[.,]\d{{1,6}}){{3}})\s*"
)
_POINT = re.compile(r"[.,]")
# Signs of East Asian and Arabic keyboards, and the arrow as HTML writes it.
_PLAIN_SIGNS = str.maketrans("：；，．＞－＝、٫،", ":;,.>-=,,,")
# Cue settings of WebVTT (`align:start`) and coordinates of SubRip (`X1:40`).
_SETTINGS = re.compile(r"(?:[A-Za-z][A-Za-z0-9]*:[^\s:]+\s*)+")
VTT_TIMESTAMP = re.compile(rf"<{TIMESTAMP}>")
STAMP_GROUPS = 6
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
    """The cues of a file in its order, and the faults of the others.

    `language` is the code that the file names, `hour_ms` the length of an hour of its clock.
    """

    cues: list[RawCue] = field(default_factory=list)
    faults: list[CueFault] = field(default_factory=list)
    dropped: int = 0
    clamped: int = 0
    language: str = ""
    hour_ms: int = HOUR_MS

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


def parse_timing(line: str, timecode: Timecode = _DEFAULT_TIMECODE) -> tuple[int, int] | None:
    """Return start and end of a timing line in ms, perhaps negative; None if it is no timing line."""
    found = _TIMING.match(_plain_timing(line))
    if not found:
        return None
    groups = found.groups()
    return (
        to_ms(groups[:STAMP_GROUPS], timecode),
        to_ms(groups[STAMP_GROUPS : STAMP_GROUPS * 2], timecode),
    )


def text_after_timing(line: str) -> str:
    """Return the text that stands on a timing line after its times; empty if none or only settings stand there."""
    found = _TIMING.match(_plain_timing(line))
    rest = (found.groups()[-1] or "") if found else ""
    return "" if not rest or _SETTINGS.fullmatch(rest) else line[-len(rest) :]


def _plain_timing(line: str) -> str:
    """Return the line with its times as they are usually written; empty if it cannot be a timing line."""
    if not is_short(line) or not _ARROW_HEAD.search(line):
        return ""
    line = _HTML_ARROW.sub(">", line.translate(_PLAIN_SIGNS), count=1)
    if _SPACED_TIMING.fullmatch(line):
        return "".join(line.split())
    if seconds := _SECONDS_TIMING.fullmatch(line):
        return f"0:{seconds[1]} --> 0:{seconds[2]}"
    if points := _POINTS_TIMING.fullmatch(line):
        start, end = (_POINT.sub(":", stamp, count=2) for stamp in points.groups())
        return f"{start} --> {end}"
    return line


def is_short(line: str) -> bool:
    """Whether the line is short enough to be a timing line."""
    return len(line) <= _MAX_TIMING_CHARS


def to_ms(groups: Sequence[str | None], timecode: Timecode = _DEFAULT_TIMECODE) -> int:
    """Return the ms of a timestamp's parts: sign, hours, minutes, seconds, separator, fraction or frames."""
    sign, hours, minutes, seconds, separator, fraction = groups
    whole = int(hours or 0) * 3600 + int(minutes or 0) * 60 + int(seconds or 0)
    if separator in {":", ";"} and len(fraction or "") < 3:
        ms = timecode.to_ms(whole, int(fraction or 0))
    else:
        ms = whole * 1000 + int((fraction or "0").ljust(3, "0")[:3])
    return -ms if sign else ms
