"""Plain text as a transcript: with times before or above the lines, or without any."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from mediakit.subtitles.cues import markup
from mediakit.subtitles.cues.raw_cues import (
    MAX_CUES,
    MAX_RAW_CHARS,
    STAMP_GROUPS,
    VTT_TIMESTAMP,
    RawCaptions,
    RawCue,
    captions_invalid,
    is_short,
    to_ms,
)
from mediakit.subtitles.cues.word_times import stamped_words, with_open_ends
from mediakit.text.transcript import Word

_STAMP = r"(?:(\d{1,3}):)?(\d{1,3}):(\d{2})(?:[.,](\d{1,6}))?"
_STAMP_GROUPS = 4
# `00:12`, `[00:01:02.5]`, `(0:12)`, `0:12 - 0:15`, `[00:00.000 --> 00:04.000]`, and what separates them from the text.
_TIMED_LINE = re.compile(
    rf"\s*[\[(<]?\s*{_STAMP}(?:\s*(?:-{{1,2}}>?|–|—|→|to)\s*{_STAMP})?\s*[\])>]?"
    r"(?:\s*[-–—:|]\s+|\s+|$|(?<=[\])>]))"
)
# A name and a time alone on a line, as editors and meeting tools write above a turn: `Anna Bell  0:12`.
_NAMED_TIME = re.compile(
    rf"\s*([^\W\d_][^\n:\[\]()]{{0,60}}?)\s*(?:\s{{2}}|\t|\s[\[(|·]|\s)\s*{_STAMP}\s*[\])]?\s*$"
)
# `[01:02.50]` of karaoke files (.lrc), which name their song in the same brackets, and may time each word.
_SONG_FACT = re.compile(r"\s*\[[A-Za-z#]{1,12}:[^\[\]]{0,200}\]\s*")
_SPOKEN_TIME = re.compile(
    r"\s*(?:\d+ (?:hours?|minutes?|seconds?)(?:, )?)+\s*|\s*(?:\d+(?:시간|분|초) ?)+\s*"
)
_SPEAKER = re.compile(r"(?:[-–—]\s*|>>\s*)?([^\W\d_][^:\n\[\]<>]{0,39}):\s+(?=\S)")
_MAX_NAME_WORDS = 4
# The last word of a line of karaoke, if nothing says when it ends.
_LAST_WORD_MS = 500


@dataclass(frozen=True, slots=True)
class TextLine:
    """One line of a text without times: its number in the file, the text, and who says it."""

    line: int
    text: str
    speaker: str = ""


@dataclass(slots=True)
class _Part:
    """The text that belongs to one time. `end_ms` is None where the file says none."""

    line: int
    start_ms: int
    end_ms: int | None
    speaker: str = ""
    rows: list[str] = field(default_factory=list)


def has_times(text: str) -> bool:
    """Whether a plain text has times: its first line has one, or every eighth line."""
    rows = [row for row in text.split("\n") if row.strip()]
    timed = [bool(_time_of(row)) for row in rows]
    return any(timed[:1]) or sum(timed) * 8 >= max(8, len(rows))


def read_timed_text(text: str, *, frame_rate: float = 0.0) -> RawCaptions:
    """Parse a text whose lines have times before them, or above them as YouTube's own transcript does.

    A name before the text is a speaker where it is one of several lines. A text without an end lasts until the next
    one, and no longer than it takes to say.
    """
    del frame_rate
    read = RawCaptions()
    parts: list[_Part] = []
    for number, row in enumerate(text.split("\n"), start=1):
        stamped = _time_of(row)
        if stamped:
            if len(parts) > MAX_CUES:
                raise captions_invalid("too_many_cues", line=number)
            parts.append(replace(stamped, line=number))
        elif not row.strip() or _is_spoken_time(row, parts):
            continue
        elif parts:
            parts[-1].rows.append(row)
        elif not _SONG_FACT.fullmatch(row):
            read.drop(number, "before_first_time")
    _add(read, parts)
    return read


def read_lines(text: str) -> list[TextLine]:
    """Return the lines of a text without times. Raises InputError CAPTIONS_INVALID if there is none, or too many."""
    rows = [(number, row) for number, row in enumerate(text.split("\n"), start=1) if row.strip()]
    if len(rows) > MAX_CUES:
        raise captions_invalid("too_many_cues", line=rows[MAX_CUES][0])
    long = next((number for number, row in rows if len(row) > MAX_RAW_CHARS), 0)
    if long:
        raise captions_invalid("cue_too_long", line=long)
    said = [(number, markup.normalize_text(row)) for number, row in rows]
    said = [(number, row) for number, row in said if any(char.isalnum() for char in row)]
    if not said:
        raise captions_invalid("no_cues", line=1)
    turns = _split_speakers([row for _, row in said])
    return [
        TextLine(number, row, name)
        for (number, _), (name, row) in zip(said, turns, strict=True)
        if row
    ]


def _time_of(row: str) -> _Part | None:
    """Return the part that begins with this line; None if no time stands at its beginning or after a name."""
    if not is_short(row[:_PROBE_CHARS]):
        return None
    found = _TIMED_LINE.match(row[:_PROBE_CHARS])
    if found:
        start, end = (_ms(found.groups()[at : at + _STAMP_GROUPS]) for at in (0, _STAMP_GROUPS))
        rest = row[found.end() :].strip()
        return None if start is None else _Part(0, start, end, rows=[rest] if rest else [])
    named = _NAMED_TIME.match(row) if len(row) <= _PROBE_CHARS else None
    if named and len(named[1].split()) <= _MAX_NAME_WORDS:
        start = _ms(named.groups()[1:])
        return None if start is None else _Part(0, start, None, markup.normalize_text(named[1]))
    return None


_PROBE_CHARS = 200


def _ms(groups: Sequence[str | None]) -> int | None:
    """Return the ms of hours, minutes, seconds and fraction; None if they are no time."""
    hours, minutes, seconds, fraction = groups
    if seconds is None or int(seconds) > 59 or (hours and int(minutes or 0) > 59):
        return None
    whole = int(hours or 0) * 3600 + int(minutes or 0) * 60 + int(seconds)
    return whole * 1000 + int((fraction or "0").ljust(3, "0")[:3])


def _is_spoken_time(row: str, parts: Sequence[_Part]) -> bool:
    """Whether the line says the time above it in words, as screen readers get it: `1 minute, 5 seconds`."""
    return bool(parts and not parts[-1].rows and len(row) < 60 and _SPOKEN_TIME.fullmatch(row))


def _add(read: RawCaptions, parts: Sequence[_Part]) -> None:
    kept = [part for part in parts if not read.drop_if_too_long(part.line, part.rows)]
    texts = [markup.normalize_text("\n".join(part.rows)) for part in kept]
    turns = _split_speakers(texts)
    cues: list[RawCue] = []
    open_ends: set[int] = set()
    ordered = sorted(zip(kept, turns, strict=True), key=lambda pair: pair[0].start_ms)
    for part, (name, said) in ordered:
        if part.end_ms is None:
            open_ends.add(len(cues))
        end = part.start_ms if part.end_ms is None else part.end_ms
        text, words = _timed_words(said, part.start_ms, end)
        cues.append(RawCue(part.line, part.start_ms, end, text, words, part.speaker or name))
    for cue in with_open_ends(cues, open_ends):
        read.add(cue)


def _timed_words(text: str, start_ms: int, end_ms: int) -> tuple[str, tuple[Word, ...]]:
    """Return the text without the times of its words (`<00:03.50>`), as karaoke files write them, and the words."""
    parts = VTT_TIMESTAMP.split(text)  # text, then the groups and text for every stamp
    step = STAMP_GROUPS + 1
    stamps = [to_ms(parts[at : at + STAMP_GROUPS]) for at in range(1, len(parts), step)]
    if not stamps:
        return text, ()
    said = list(zip([start_ms, *stamps], parts[::step], strict=True))
    plain = markup.normalize_text("".join(part for _, part in said))
    return plain, stamped_words(said, max(end_ms, stamps[-1] + _LAST_WORD_MS))


def _split_speakers(texts: Sequence[str]) -> list[tuple[str, str]]:
    """Return (speaker, text) of each text. A name counts if it stands before two texts, or a name before each."""
    found = [_SPEAKER.match(text) for text in texts]
    names = Counter(match[1].strip() for match in found if match and _is_name(match[1]))
    everywhere = names.total() == len([text for text in texts if text])
    turns = []
    for text, match in zip(texts, found, strict=True):
        name = match[1].strip() if match else ""
        counts = names[name] > 1 or (names[name] and everywhere)
        turns.append((name, text[match.end() :]) if match and counts else ("", text))
    return turns


def _is_name(text: str) -> bool:
    """Whether each word begins with a capital, or with a letter of a script without them, or is a number."""
    words = text.split()
    return len(words) <= _MAX_NAME_WORDS and all(
        not word[0].islower() and (word[0].isalnum() or word[0] in "'’(") for word in words
    )
