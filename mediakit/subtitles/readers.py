"""Parsers of SubRip, WebVTT and SubStation Alpha: from text to raw cues with line numbers.

They accept mistakes that are unambiguous: a missing number, a point for a comma, a blank line inside a cue. An
invalid timing is an error with its line.
"""

import re
from dataclasses import dataclass

from mediakit.errors import InputError, MediaErrorCode
from mediakit.subtitles import decoding
from mediakit.text.transcript import Word, spread_words, tokenize

MAX_CUES = 100_000
MAX_CUE_CHARS = 5_000
MAX_TIME_MS = 100 * 3_600_000

_TIMESTAMP = r"(?:(\d{1,3}):)?(\d{1,3}):(\d{1,2})(?:[.,:](\d{1,6}))?"
_TIMING = re.compile(rf"\s*{_TIMESTAMP}\s*-{{1,2}}>\s*{_TIMESTAMP}(?:\s.*)?$")
# A line that is meant as a timing and is invalid.
_BROKEN_TIMING = re.compile(
    r"\s*-?[\d:;.,]+\s*(?:[-–—=]+\s*>|→)|\s*-?\d+:\d+.*-->|.*--> *-?\d+:\d+"
)
_LOOSE_TIMING = re.compile(r"\s*\d{1,2}:\d{2}:\d{2}\D.*\d{1,2}:\d{2}:\d{2}")
_VTT_TIMESTAMP = re.compile(rf"<{_TIMESTAMP}>")
_VOICE = re.compile(r"<v(?:\.[^\s<>]*)?\s+([^<>]{1,200})>", re.IGNORECASE)
_ASS_FIELDS = "layer start end style name marginl marginr marginv effect text"


@dataclass(frozen=True, slots=True)
class RawCue:
    """A cue as it is in the file: plain text; times in ms that may overlap; words if they have times."""

    line: int
    start_ms: int
    end_ms: int
    text: str
    words: tuple[Word, ...] = ()
    speaker: str = ""


def captions_invalid(reason: str, *, line: int) -> InputError:
    """Return the error for an invalid captions file. `reason` is part of the API."""
    words = {
        "bad_timing": "the timing cannot be read",
        "end_before_start": "the cue ends before it starts",
        "cue_too_long": "the cue's text is too long",
        "time_too_large": "the time is too far away",
        "too_many_cues": "there are too many cues",
        "too_large": "the file is too large",
        "no_cues": "there is no cue in it",
        "unknown_format": "it is neither SRT, WebVTT nor ASS",
        "bad_fields": "the line has too few fields",
    }
    return InputError(
        MediaErrorCode.CAPTIONS_INVALID,
        f"The captions file cannot be used: {words[reason]} (line {line}).",
        line=line,
        reason=reason,
    )


def read_srt(text: str) -> list[RawCue]:
    """Parse a SubRip file."""
    return [
        _checked_cue(line, start, end, decoding.strip_markup("\n".join(body)))
        for line, start, end, body in _cue_blocks(text.split("\n"))
    ]


def read_vtt(text: str) -> list[RawCue]:
    """Parse a WebVTT file. Inline timestamps become word times."""
    lines = _blank_non_cue_blocks(text.split("\n"))
    return [_vtt_cue(*block) for block in _cue_blocks(lines)]


def _blank_non_cue_blocks(lines: list[str]) -> list[str]:
    """Blank the lines of NOTE, STYLE and REGION blocks, so that line numbers stay the same."""
    kept, inside = [], False
    for number, line in enumerate(lines):
        begins = re.match(r"(NOTE|STYLE|REGION)(\s|$)", line) and not lines[number - 1].strip()
        inside = bool(line.strip()) and (inside or bool(begins))
        kept.append("" if inside else line)
    return kept


def _cue_blocks(lines: list[str]) -> list[tuple[int, int, int, list[str]]]:
    """Return (line number, start_ms, end_ms, text lines) of each timing line and the lines after it."""
    found: list[tuple[int, int, int, list[str]]] = []
    body: list[str] = []
    for number, line in enumerate(lines, start=1):
        times = _parse_timing(line, number, after=lines[number - 2] if number > 1 else "")
        if times is None:
            body.append(line)
            continue
        if len(found) >= MAX_CUES:
            raise captions_invalid("too_many_cues", line=number)
        _drop_identifier(body)
        body = []
        found.append((number, *times, body))
    return found


def _drop_identifier(body: list[str]) -> None:
    """Remove the next cue's number from the end of this cue's lines."""
    if body and body[-1].strip().isdecimal():
        body.pop()


def _parse_timing(line: str, number: int, *, after: str) -> tuple[int, int] | None:
    """Return start and end in ms of a timing line; None for another line."""
    found = _TIMING.match(line)
    if found:
        return _to_ms(*found.groups()[:4]), _to_ms(*found.groups()[4:])
    follows_number = re.fullmatch(r"\s*\d+\s*", after)
    if _BROKEN_TIMING.match(line) or (follows_number and _LOOSE_TIMING.match(line)):
        raise captions_invalid("bad_timing", line=number)
    return None


def _to_ms(hours: str | None, minutes: str, seconds: str, fraction: str | None) -> int:
    whole = int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds)
    return whole * 1000 + int((fraction or "0").ljust(3, "0")[:3])


def _checked_cue(
    line: int,
    start: int,
    end: int,
    text: str,
    *,
    words: tuple[Word, ...] = (),
    speaker: str = "",
) -> RawCue:
    """Return the cue. Raises CAPTIONS_INVALID for invalid times or too long text."""
    if end < start:
        raise captions_invalid("end_before_start", line=line)
    if end > MAX_TIME_MS:
        raise captions_invalid("time_too_large", line=line)
    if len(text) > MAX_CUE_CHARS:
        raise captions_invalid("cue_too_long", line=line)
    return RawCue(line, start, end, text, words, speaker)


def _vtt_cue(line: int, start: int, end: int, body: list[str]) -> RawCue:
    # A blank line ends a WebVTT cue; lines between it and the next timing are ignored.
    if "" in [row.strip() for row in body]:
        body = body[: [row.strip() for row in body].index("")]
    raw = "\n".join(body)
    voice = _VOICE.search(raw)
    speaker = decoding.decode_entities(voice[1]).strip() if voice else ""
    text = decoding.decode_entities(decoding.strip_markup(_VTT_TIMESTAMP.sub("", raw)))
    words = _timestamped_words(raw, start, end) if _VTT_TIMESTAMP.search(raw) else ()
    return _checked_cue(line, start, end, text, words=words, speaker=speaker)


def _timestamped_words(raw: str, start: int, end: int) -> tuple[Word, ...]:
    """Return the words with times from the timestamps between them; none if the timestamps decrease."""
    parts = _VTT_TIMESTAMP.split(raw)  # text, then four groups and text for every stamp
    times = [start, *(_to_ms(*parts[i : i + 4]) for i in range(1, len(parts), 5)), end]
    if times != sorted(times):
        return ()
    words: list[Word] = []
    for number, part in enumerate(parts[::5]):
        text = decoding.decode_entities(decoding.strip_markup(part))
        first, last = times[number], times[number + 1]
        pieces = text.split()
        if len(pieces) == 1 and len(tokenize(text)) == 1:
            words.append(Word(first, last, pieces[0]))
        else:
            words.extend(spread_words(text, first, last))
    return tuple(words)


def read_ass(text: str) -> list[RawCue]:
    """Parse the dialogue events of an ASS or SSA file, without comments and drawings."""
    found: list[RawCue] = []
    fields: list[str] = []
    section = ""
    for number, line in enumerate(text.split("\n"), start=1):
        stripped = line.strip()
        if stripped.startswith("[") and stripped.endswith("]"):
            section = stripped.lower()
        elif section == "[events]" and stripped.lower().startswith("format:"):
            fields = [field.strip().lower() for field in stripped[7:].split(",")]
        elif section == "[events]" and stripped.lower().startswith("dialogue:"):
            if len(found) >= MAX_CUES:
                raise captions_invalid("too_many_cues", line=number)
            found.append(_ass_cue(number, stripped[9:], fields))
    return found


def _ass_cue(number: int, line: str, fields: list[str]) -> RawCue:
    if not {"start", "end", "text"} <= set(fields):
        fields = _ASS_FIELDS.split()
    values = line.split(",", len(fields) - 1)
    if len(values) < len(fields):
        raise captions_invalid("bad_fields", line=number)
    row = dict(zip(fields, values, strict=True))
    times = _TIMING.match(f"{row['start'].strip()} --> {row['end'].strip()}")
    if not times:
        raise captions_invalid("bad_timing", line=number)
    start, end = _to_ms(*times.groups()[:4]), _to_ms(*times.groups()[4:])
    if len(row["text"]) > MAX_CUE_CHARS * 4:
        raise captions_invalid("cue_too_long", line=number)
    speaker = decoding.normalize_text(row.get("name", row.get("actor", "")))
    return _checked_cue(number, start, end, decoding.strip_ass_markup(row["text"]), speaker=speaker)
