"""Parsers of SubRip, WebVTT, SubStation Alpha and SBV: from text to raw cues with line numbers.

Files made by hand are forgiven what cannot be misread (a missing number, a point for a comma,
blank lines inside a cue or after every line). A cue that cannot be read is left out and counted.
"""

import re
from collections.abc import Iterator
from itertools import accumulate, pairwise, takewhile

from mediakit.subtitles import markup
from mediakit.subtitles.raw_cues import (
    STAMP_GROUPS,
    VTT_TIMESTAMP,
    RawCaptions,
    RawCue,
    is_short,
    parse_timing,
    text_after_timing,
    to_ms,
)
from mediakit.subtitles.timecode import Timecode, find_timecode
from mediakit.subtitles.webvtt_segments import read_segments
from mediakit.subtitles.word_times import cues_by_speaker, syllable_words
from mediakit.text.transcript import Word, spread_words, tokenize

# A line that is meant as a timing and is invalid.
_BROKEN_TIMING = re.compile(
    r"\s*-?[\d:;.,]+\s*(?:[-–—=]+\s*>|→)|\s*-?\d+:\d+.*-->|.*--> *-?\d+:\d+"
)
_LOOSE_TIMING = re.compile(r"\s*\d{1,2}:\d{2}:\d{2}\D.*\d{1,2}:\d{2}:\d{2}")
_NUMBER = re.compile(r"\s*\d+\s*")
_VOICE = re.compile(r"<v(?:\.[^\s<>]{0,200})?\s+([^<>]{1,200})>", re.IGNORECASE)
_VTT_LANGUAGE = re.compile(r"Language:\s*([A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*)\s*")
# A syllable's length in ASS karaoke, in hundredths of a second.
_KARAOKE = re.compile(r"\{[^{}]{0,200}?\\[kK][fo]?(\d{1,6})[^{}]{0,200}\}")
_SBV_TIMING = re.compile(r"(\d+:\d{1,2}:\d{1,2}\.\d{1,3}),(\d+:\d{1,2}:\d{1,2}\.\d{1,3})\s*")
_SUBVIEWER_BREAK = re.compile(r"\[br\]", re.IGNORECASE)
_SBV_SPEAKER = re.compile(r">>\s*([^:\n]{1,60}):\s*")
# The head of a WebVTT file is looked for its language up to here.
_VTT_HEAD_CHARS = 1_000
# Karaoke may be this much longer than its line, since both are rounded.
_KARAOKE_TOLERANCE_MS = 100
_ASS_FIELDS = "layer start end style name marginl marginr marginv effect text"

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


def read_ass(text: str, *, frame_rate: float = 0.0) -> RawCaptions:
    """Parse the dialogue events of an ASS or SSA file, without comments and drawings."""
    read = RawCaptions()
    del frame_rate
    fields: list[str] = []
    section = ""
    for number, line in enumerate(text.split("\n"), start=1):
        stripped = line.strip()
        if stripped.startswith("[") and stripped.endswith("]"):
            section = stripped.lower()
        elif section == "[events]" and stripped.lower().startswith("format:"):
            fields = [field.strip().lower() for field in stripped[7:].split(",")]
        elif section == "[events]" and stripped.lower().startswith("dialogue:"):
            _add_ass_cue(read, number, stripped[9:], fields)
    return read


def _add_ass_cue(read: RawCaptions, number: int, line: str, fields: list[str]) -> None:
    if not {"start", "end", "text"} <= set(fields):
        fields = _ASS_FIELDS.split()
    values = line.split(",", len(fields) - 1)
    if len(values) < len(fields):
        read.drop(number, "bad_fields")
        return
    row = dict(zip(fields, values, strict=True))
    times = parse_timing(f"{row['start'].strip()} --> {row['end'].strip()}")
    if not times:
        read.drop(number, "bad_timing")
    elif not read.drop_if_too_long(number, [row["text"]]):
        speaker = markup.normalize_text(row.get("name", row.get("actor", "")))
        text = markup.strip_ass_markup(row["text"])
        read.add(RawCue(number, *times, text, _sung_words(row["text"], *times), speaker))


def _sung_words(text: str, start: int, end: int) -> tuple[Word, ...]:
    """Return the words of a line with karaoke times; none if it has none, or if they do not fit its own times."""
    parts = _KARAOKE.split(text)  # text, then length and text of every syllable
    lengths = [int(length) * 10 for length in parts[1::2]]
    if len(lengths) < 2 or start + sum(lengths) > end + _KARAOKE_TOLERANCE_MS:
        return ()
    edges = list(accumulate(lengths, initial=start))
    said = [_syllable(part) for part in parts[2::2]]
    syllables = list(zip(edges, edges[1:], said, strict=False))
    return syllable_words([(start, start, _syllable(parts[0])), *syllables])


def _syllable(text: str) -> str:
    """Return a syllable's plain text with the spaces around it."""
    plain = markup.strip_ass_markup(text).replace("\n", " ")
    first, last = (" " if text[at : at + 1].isspace() else "" for at in (0, len(text) - 1))
    breaks = text.rstrip().endswith(("\\N", "\\n", "\\h"))
    return f"{first}{plain}{' ' if breaks else last}" if plain else last


def read_sbv(text: str, *, frame_rate: float = 0.0) -> RawCaptions:
    """Parse YouTube's SBV, or SubViewer: a line `start,end`, then the text, up to an empty line.

    `>> NAME:` is a speaker. SubViewer writes `[br]` between rows, and a head of sections in brackets.
    """
    del frame_rate
    read = RawCaptions()
    line = 1
    for block in re.split(r"\n{2,}", text):
        rows = block.strip("\n").split("\n")
        head = len(list(takewhile(lambda row: row.startswith("["), rows)))
        stamps, body = "".join(rows[head : head + 1]), "\n".join(rows[head + 1 :])
        times = _SBV_TIMING.fullmatch(stamps.strip())
        if times and not read.drop_if_too_long(line, [body]):
            start, end = parse_timing(f"{times[1]} --> {times[2]}") or (0, -1)
            speaker = _SBV_SPEAKER.match(body)
            said = _SUBVIEWER_BREAK.sub("\n", body[speaker.end() :] if speaker else body)
            name = markup.normalize_text(speaker[1]).title() if speaker else ""
            read.add(RawCue(line, start, end, markup.strip_markup(said), (), name))
        elif body and not times:
            read.drop(line, "bad_timing")
        line += block.count("\n") + 2
    return read
