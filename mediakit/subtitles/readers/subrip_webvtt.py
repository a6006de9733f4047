"""Parsers of SubRip and WebVTT: from text to raw cues with line numbers.

Files made by hand are forgiven what cannot be misread (a missing number, a point for a comma,
blank lines inside a cue or after every line). A cue that cannot be read is left out and counted.
"""

import re
from collections.abc import Iterator
from itertools import pairwise

from mediakit.subtitles.cues import markup
from mediakit.subtitles.cues.raw_cues import (
    STAMP_GROUPS,
    VTT_TIMESTAMP,
    RawCaptions,
    RawCue,
    is_short,
    parse_timing,
    text_after_timing,
    to_ms,
)
from mediakit.subtitles.cues.timecode import Timecode, find_timecode
from mediakit.subtitles.cues.word_times import cues_by_speaker
from mediakit.subtitles.readers.webvtt_segments import read_segments
from mediakit.text.transcript import Word, spread_words, tokenize

# A line that is meant as a timing and is invalid.
_BROKEN_TIMING = re.compile(
    r"\s*-?[\d:;.,]+\s*(?:[-–—=]+\s*>|→)|\s*-?\d+:\d+.*-->|.*--> *-?\d+:\d+"
)
_LOOSE_TIMING = re.compile(r"\s*\d{1,2}:\d{2}:\d{2}\D.*\d{1,2}:\d{2}:\d{2}")
_NUMBER = re.compile(r"\s*\d+\s*")
_VOICE = re.compile(r"<v(?:\.[^\s<>]{0,200})?\s+([^<>]{1,200})>", re.IGNORECASE)
_VTT_LANGUAGE = re.compile(r"Language:\s*([A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*)\s*")
# The head of a WebVTT file is looked for its language up to here.
_VTT_HEAD_CHARS = 1_000

_Line = tuple[int, str]  # with its number in the file
# Line number, start and end in ms, and the lines of text.
_Block = tuple[int, int, int, list[str]]


def read_srt(text: str, *, frame_rate: float = 0.0) -> RawCaptions:
    """Parse a SubRip file. `frame_rate` is the video's, for timestamps that count frames; 0 if unknown."""
    timecode = find_timecode(text, frame_rate)
    read = RawCaptions(hour_ms=timecode.hour_ms)
    for line, start, end, body in _cue_blocks(_numbered_lines(text), read, timecode):
        if read.drop_if_too_long(line, body):
            continue
        shown = markup.decode_references(markup.strip_markup("\n".join(body)))
        read.add(RawCue(line, start, end, shown))
    return read


def read_vtt(text: str, *, frame_rate: float = 0.0) -> RawCaptions:
    """Parse a WebVTT file. Inline timestamps become word times, voices speakers; positions are left aside.

    Joined segments of a stream are placed on one clock.
    """
    head = text[:_VTT_HEAD_CHARS].partition("\n\n")[0].split("\n")
    languages = (_VTT_LANGUAGE.fullmatch(line) for line in head)
    timecode = find_timecode(text, frame_rate)
    named = next((found[1] for found in languages if found), "")
    read = RawCaptions(language=named, hour_ms=timecode.hour_ms)
    segments, clocks = read_segments(_numbered_lines(text))
    lines = _blank_non_cue_blocks(segments)
    before = ""
    for line, start, end, body in _cue_blocks(lines, read, timecode):
        # Only an empty line ends a WebVTT cue; what follows it up to the next timing is no text.
        rows = body[: body.index("")] if "" in body else body
        if read.drop_if_too_long(line, rows):
            continue
        cue = _vtt_cue(line, start, end, rows, before=before)
        before = cue.text.rpartition("\n")[2]
        for turn in cues_by_speaker(cue, _voices("\n".join(rows))):
            read.add(clocks.placed(turn))
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


def _cue_blocks(lines: list[_Line], read: RawCaptions, timecode: Timecode) -> Iterator[_Block]:
    """Yield each timing line with the text lines after it; invalid timing lines are dropped."""
    numbered = _are_cues_numbered(lines)
    block: _Block | None = None
    body: list[str] = []
    before = ""
    for number, line in lines:
        times = parse_timing(line, timecode)
        if times is None and not _is_broken_timing(line, before):
            body.append(line)
            before = line
            continue
        _drop_identifier(body, numbered=numbered)
        if block:
            yield block
        said = text_after_timing(line) if times else ""
        body = [said] if said else []
        block = (number, *times, body) if times else None
        if not times:
            read.drop(number, "bad_timing")
        before = line
    if block:
        if numbered:  # the number of a cue that was cut off
            _drop_identifier(body, numbered=False)
        yield block


def _are_cues_numbered(lines: list[_Line]) -> bool:
    """Whether most timing lines follow a line with a number."""
    timings, follow, before = 0, 0, ""
    for _, line in lines:
        if parse_timing(line):
            timings += 1
            follow += bool(_NUMBER.fullmatch(before))
        before = line if line.strip() else before
    return follow * 2 > timings


def _is_broken_timing(line: str, before: str) -> bool:
    """Whether the line was meant as a timing and cannot be read as one."""
    if not is_short(line):
        return False
    follows_number = is_short(before) and bool(_NUMBER.fullmatch(before))
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
    text = _vtt_text("\n".join(rows))
    repeated = bool(before) and text.split("\n")[0] == before
    words = _timestamped_words(rows, start, end, repeated=repeated)
    return RawCue(line, start, end, text, words)


def _voices(raw: str) -> list[tuple[str, str]]:
    """Return the parts of a cue with the speaker of each: a voice speaks up to the next one. Text before has none."""
    parts = _VOICE.split(raw)
    names = ["", *(markup.decode_references(name).strip() for name in parts[1::2])]
    said = [(name, _vtt_text(part)) for name, part in zip(names, parts[::2], strict=True)]
    spoken = [(name, f"{text}\n") for name, text in said if text]
    # A mark before the first voice, such as a dash, is no turn of its own.
    if len(spoken) > 1 and not any(char.isalnum() for char in spoken[0][1]):
        spoken[:2] = [(spoken[1][0], spoken[0][1].rstrip("\n") + " " + spoken[1][1])]
    return spoken


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
