"""Parser of transcripts in tables: Whisper's TSV, and CSV of editing programs and transcription services."""

import csv
import io
import re
from collections.abc import Sequence

from mediakit.subtitles.cues import markup
from mediakit.subtitles.cues.raw_cues import RawCaptions, RawCue, parse_timing
from mediakit.subtitles.cues.timecode import Timecode, find_timecode
from mediakit.subtitles.cues.word_times import with_open_ends

_SEPARATORS = ("\t", ",", ";")
# What the columns are called, in small letters without spaces and signs.
_NAMES = {
    "start": ("start", "starttime", "begin", "in", "timein", "from", "startms", "시작"),
    "end": ("end", "endtime", "stop", "out", "timeout", "to", "endms", "종료"),
    "text": ("text", "transcript", "caption", "subtitle", "content", "sentence", "내용", "자막"),
    "speaker": ("speaker", "speakername", "name", "화자"),
}
_SECONDS = re.compile(r"\d{1,10}(?:[.,]\d{1,9})?")
_HEAD_CHARS = 1_000


def is_table(head: str) -> bool:
    """Whether the first line of a file names columns for start and text."""
    return bool(_separator(head))


def read_table(text: str, *, frame_rate: float = 0.0) -> RawCaptions:
    """Parse a table with a head: columns for start and text, and perhaps for end and speaker.

    Times are clocks, timecodes of the video's `frame_rate`, or numbers: ms in tables with tabs, as Whisper writes
    them, and where the head says so; else seconds.
    """
    separator = _separator(text)
    timecode = find_timecode(text, frame_rate)
    read = RawCaptions(hour_ms=timecode.hour_ms)
    lines = io.StringIO(text)
    if separator == "\t":
        table = csv.reader(lines, delimiter=separator, quoting=csv.QUOTE_NONE)
    else:
        table = csv.reader(lines, delimiter=separator)
    cues: list[RawCue] = []
    open_ends: set[int] = set()
    try:
        head = next(table)
        columns = _columns(head)
        in_ms = separator == "\t" or "ms" in head[columns["start"]].lower()
        for row in table:
            if not any(row) or read.drop_if_too_long(table.line_num, row):
                continue
            start, end = (
                _ms(_field(row, columns.get(name)), timecode, in_ms=in_ms)
                for name in ("start", "end")
            )
            if start is None:
                read.drop(table.line_num, "bad_timing")
                continue
            if end is None:
                open_ends.add(len(cues))
            said = markup.strip_markup(_field(row, columns["text"]))
            speaker = markup.normalize_text(_field(row, columns.get("speaker")))
            end = start if end is None else end
            cues.append(RawCue(table.line_num, start, end, said, (), speaker))
    except csv.Error:
        read.drop(table.line_num, "bad_syntax")
    for cue in with_open_ends(cues, open_ends):
        read.add(cue)
    return read


def _separator(text: str) -> str:
    """Return the sign between the columns of a table; empty if the first line is no head of one."""
    first = text[:_HEAD_CHARS].partition("\n")[0]
    return next(
        (s for s in _SEPARATORS if {"start", "text"} <= _columns(first.split(s)).keys()), ""
    )


def _columns(head: Sequence[str]) -> dict[str, int]:
    """Return the places of the columns that are known, the first of each."""
    plain = ["".join(filter(str.isalnum, name.lower())) for name in head]
    places = (
        (kind, at) for at, name in enumerate(plain) for kind in _NAMES if name in _NAMES[kind]
    )
    return dict(reversed(list(places)))


def _field(row: Sequence[str], at: int | None) -> str:
    return row[at] if at is not None and at < len(row) else ""


def _ms(field: str, timecode: Timecode, *, in_ms: bool) -> int | None:
    """Return the ms of a time as it stands in a field; None if it is none."""
    field = field.strip()
    if _SECONDS.fullmatch(field):
        return round(float(field.replace(",", ".")) * (1 if in_ms else 1000))
    found = parse_timing(f"{field} --> {field}", timecode)
    return found[0] if found else None
