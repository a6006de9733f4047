"""Parsers of SubRip, WebVTT and SubStation Alpha: from text to raw cues with line numbers.

Files made by hand are forgiven what cannot be misread (a missing number, a point for a comma,
blank lines inside a cue or after every line). A cue that cannot be read is left out and counted.
"""

import re
from collections.abc import Iterator
from itertools import pairwise

from mediakit.subtitles import markup
from mediakit.subtitles.raw_cues import (
    MAX_CUE_CHARS,
    STAMP_GROUPS,
    VTT_TIMESTAMP,
    RawCaptions,
    RawCue,
    find_frame_rate,
    parse_timing,
    to_ms,
)
from mediakit.text.transcript import Word, spread_words, tokenize

# A line that is meant as a timing and is invalid.
_BROKEN_TIMING = re.compile(
    r"\s*-?[\d:;.,]+\s*(?:[-–—=]+\s*>|→)|\s*-?\d+:\d+.*-->|.*--> *-?\d+:\d+"
)
_LOOSE_TIMING = re.compile(r"\s*\d{1,2}:\d{2}:\d{2}\D.*\d{1,2}:\d{2}:\d{2}")
_NUMBER = re.compile(r"\s*\d+\s*")
_VOICE = re.compile(r"<v(?:\.[^\s<>]*)?\s+([^<>]{1,200})>", re.IGNORECASE)
_ASS_FIELDS = "layer start end style name marginl marginr marginv effect text"

_Line = tuple[int, str]  # with its number in the file
# Line number, start and end in ms, and the lines of text.
_Block = tuple[int, int, int, list[str]]


def read_srt(text: str, *, frame_rate: float = 0.0) -> RawCaptions:
    """Parse a SubRip file. `frame_rate` is the video's, for timestamps that count frames; 0 if unknown."""
    read = RawCaptions()
    rate = find_frame_rate(text, frame_rate)
    for line, start, end, body in _cue_blocks(_numbered_lines(text), read, rate):
        shown = markup.decode_references(markup.strip_markup("\n".join(body)))
        read.add(RawCue(line, start, end, shown))
    return read


def read_vtt(text: str, *, frame_rate: float = 0.0) -> RawCaptions:
    """Parse a WebVTT file. Inline timestamps become word times."""
    read = RawCaptions()
    rate = find_frame_rate(text, frame_rate)
    lines = _blank_non_cue_blocks(_numbered_lines(text))
    before = ""
    for line, start, end, body in _cue_blocks(lines, read, rate):
        # Only an empty line ends a WebVTT cue; what follows it up to the next timing is no text.
        rows = body[: body.index("")] if "" in body else body
        cue = _vtt_cue(line, start, end, rows, before=before)
        before = cue.text.rpartition("\n")[2]
        read.add(cue)
    return read


def _numbered_lines(text: str) -> list[_Line]:
    """Return the lines with their numbers. If every line is followed by an empty one, those are removed."""
    lines = list(enumerate(text.split("\n"), start=1))
    filled = [number for number, line in lines if line.strip()]
    if len(filled) < 3 or any(after - before == 1 for before, after in pairwise(filled)):
        return lines
    extra = {number + 1 for number in filled}
    return [(number, line) for number, line in lines if number not in extra]


def _blank_non_cue_blocks(lines: list[_Line]) -> list[_Line]:
    """Return the lines with NOTE, STYLE and REGION blocks blanked."""
    kept: list[_Line] = []
    inside, before = False, ""
    for number, line in lines:
        begins = re.match(r"(NOTE|STYLE|REGION)(\s|$)", line) and not before.strip()
        inside = bool(line.strip()) and (inside or bool(begins))
        kept.append((number, "" if inside else line))
        before = line
    return kept


def _cue_blocks(lines: list[_Line], read: RawCaptions, frame_rate: float) -> Iterator[_Block]:
    """Yield each timing line with the text lines after it; invalid timing lines are dropped."""
    numbered = _are_cues_numbered(lines, frame_rate)
    block: _Block | None = None
    body: list[str] = []
    before = ""
    for number, line in lines:
        times = parse_timing(line, frame_rate)
        if times is None and not _is_broken_timing(line, before):
            body.append(line)
            before = line
            continue
        _drop_identifier(body, numbered=numbered)
        if block:
            yield block
        body = []
        block = (number, *times, body) if times else None
        if not times:
            read.drop(number, "bad_timing")
        before = line
    if block:
        if numbered:  # the number of a cue that was cut off
            _drop_identifier(body, numbered=False)
        yield block


def _are_cues_numbered(lines: list[_Line], frame_rate: float) -> bool:
    """Whether most timing lines follow a line with a number."""
    timings, follow, before = 0, 0, ""
    for _, line in lines:
        if parse_timing(line, frame_rate):
            timings += 1
            follow += bool(_NUMBER.fullmatch(before))
        before = line if line.strip() else before
    return follow * 2 > timings


def _is_broken_timing(line: str, before: str) -> bool:
    """Whether the line was meant as a timing and cannot be read as one."""
    follows_number = bool(_NUMBER.fullmatch(before))
    return bool(_BROKEN_TIMING.match(line) or (follows_number and _LOOSE_TIMING.match(line)))


def _drop_identifier(body: list[str], *, numbered: bool) -> None:
    """Remove the number of the following cue from the end of this cue's lines.

    If cues are not `numbered`, a number is removed only after text and an empty line.
    """
    filled = [at for at, line in enumerate(body) if line.strip()]
    if not filled or not _NUMBER.fullmatch(body[filled[-1]]):
        return
    last = filled[-1]
    stands_apart = len(filled) > 1 and last - filled[-2] > 1
    if numbered or stands_apart:
        del body[last:]


def _vtt_cue(line: int, start: int, end: int, rows: list[str], *, before: str) -> RawCue:
    """Parse the lines of a cue. `before` is the last line of the cue before it, which this one may repeat."""
    raw = "\n".join(rows)
    voice = _VOICE.search(raw)
    speaker = markup.decode_references(voice[1]).strip() if voice else ""
    text = _vtt_text(raw)
    repeated = bool(before) and text.split("\n")[0] == before
    words = _timestamped_words(rows, start, end, repeated=repeated)
    return RawCue(line, start, end, text, words, speaker)


def _vtt_text(raw: str) -> str:
    return markup.decode_references(markup.strip_markup(VTT_TIMESTAMP.sub("", raw)))


def _timestamped_words(
    rows: list[str], start: int, end: int, *, repeated: bool
) -> tuple[Word, ...]:
    """Return words timed by the timestamps between them; none if there are none or they decrease.

    A first line that repeats the cue before it (`repeated`) has zero duration.
    """
    rows = [row for row in rows if row.strip()]
    said = [Word(start, start, word) for word in _vtt_text(rows[0]).split()] if repeated else []
    raw = "\n".join(rows[1:] if repeated else rows)
    parts = VTT_TIMESTAMP.split(raw)  # text, then the groups and text for every stamp
    step = STAMP_GROUPS + 1
    stamps = [to_ms(parts[at : at + STAMP_GROUPS]) for at in range(1, len(parts), step)]
    times = [start, *stamps, end]
    if not stamps or times != sorted(times):
        return ()
    words: list[Word] = list(said)
    for number, part in enumerate(parts[::step]):
        text = markup.decode_references(markup.strip_markup(part))
        first, last = times[number], times[number + 1]
        pieces = text.split()
        if len(pieces) == 1 and len(tokenize(text)) == 1:
            words.append(Word(first, last, pieces[0]))
        else:
            words.extend(spread_words(text, first, last))
    return tuple(words)


def read_ass(text: str, *, frame_rate: float = 0.0) -> RawCaptions:
    """Parse the dialogue events of an ASS or SSA file, without comments and drawings."""
    read = RawCaptions()
    rate = find_frame_rate("", frame_rate)
    fields: list[str] = []
    section = ""
    for number, line in enumerate(text.split("\n"), start=1):
        stripped = line.strip()
        if stripped.startswith("[") and stripped.endswith("]"):
            section = stripped.lower()
        elif section == "[events]" and stripped.lower().startswith("format:"):
            fields = [field.strip().lower() for field in stripped[7:].split(",")]
        elif section == "[events]" and stripped.lower().startswith("dialogue:"):
            _add_ass_cue(read, number, stripped[9:], fields, rate)
    return read


def _add_ass_cue(
    read: RawCaptions, number: int, line: str, fields: list[str], frame_rate: float
) -> None:
    if not {"start", "end", "text"} <= set(fields):
        fields = _ASS_FIELDS.split()
    values = line.split(",", len(fields) - 1)
    if len(values) < len(fields):
        read.drop(number, "bad_fields")
        return
    row = dict(zip(fields, values, strict=True))
    times = parse_timing(f"{row['start'].strip()} --> {row['end'].strip()}", frame_rate)
    if not times:
        read.drop(number, "bad_timing")
    elif len(row["text"]) > MAX_CUE_CHARS * 4:
        read.drop(number, "cue_too_long")
    else:
        speaker = markup.normalize_text(row.get("name", row.get("actor", "")))
        read.add(RawCue(number, *times, markup.strip_ass_markup(row["text"]), (), speaker))
