"""Parsers of captions in JSON: YouTube's json3, and what the tools around Whisper write."""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

from mediakit.subtitles.cues import markup
from mediakit.subtitles.cues.raw_cues import MAX_RAW_CHARS, RawCaptions, RawCue, captions_invalid
from mediakit.subtitles.cues.word_times import filled_words, spoken_turn, stamped_words
from mediakit.text.transcript import Word, split_into_lines

_SPACE = re.compile(r"[ \t\n\r]*")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*")
# The lists in which the formats keep their cues or words, the most telling one first.
_LISTS = ("events", "segments", "chunks", "transcription", "words", "word_segments")
# What a malformed part raises when it is read as one of the format.
_MALFORMED = (KeyError, TypeError, ValueError, AttributeError, OverflowError, IndexError)
_MAX_SPEAKER_CHARS = 100

# A part of a list with the number of its line.
_Row = tuple[int, Any]
# Start and end of a word in ms, None where the tool could not tell, and its text.
_TimedText = tuple[int | None, int | None, str]


def read_json(text: str, *, frame_rate: float = 0.0) -> RawCaptions:
    """Parse YouTube's JSON (`events`), or that of Whisper, WhisperX, faster-whisper, whisper.cpp, transformers or the
    OpenAI API. A part that is malformed is dropped. Words keep the file's times, speakers their names.
    """
    del frame_rate
    scanner = _Scanner(text)
    try:
        fields = scanner.document()
    except json.JSONDecodeError as error:
        raise captions_invalid("bad_syntax", line=error.lineno) from None
    except (ValueError, RecursionError):
        raise captions_invalid("bad_syntax", line=scanner.line()) from None
    kind = next((name for name in _LISTS if isinstance(fields.get(name), list)), None)
    if kind is None:
        raise captions_invalid("unknown_format", line=1)
    language = fields.get("language")
    known = isinstance(language, str) and _LANGUAGE.fullmatch(language)
    read = RawCaptions(language=str(language) if known else "")
    if kind == "segments":
        _add_cues(read, _with_top_words(fields[kind], fields.get("words")), _segment_cues)
    elif kind in {"words", "word_segments"} or (
        kind == "chunks" and _are_single_words(fields[kind])
    ):
        _add_word_list(read, fields[kind])
    else:
        _add_cues(read, fields[kind], _PARSERS[kind])
    return read


class _Scanner:
    """Walks through a JSON document, and knows the line of each part of its lists."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._line, self._counted = 1, 0
        self._decoder = json.JSONDecoder()

    def line(self) -> int:
        """Return the line that is being read."""
        self._line += self._text.count("\n", self._counted, self._at)
        self._counted = self._at
        return self._line

    def document(self) -> dict[str, Any]:
        """Return the document's fields; those of `_LISTS` are rows with lines. A bare list is `segments`.

        Raises JSONDecodeError, ValueError and RecursionError.
        """
        fields = {"segments": list(self._rows())} if self._peek() == "[" else dict(self._fields())
        if self._peek():
            self._fail("extra data")
        return fields

    def _fields(self) -> Iterator[tuple[str, Any]]:
        self._take("{")
        if self._peek() == "}":
            self._at += 1
            return
        while True:
            name = self._value()
            self._take(":")
            is_list = name in _LISTS and self._peek() == "["
            yield str(name), list(self._rows()) if is_list else self._value()
            if self._take(",}") == "}":
                return

    def _rows(self) -> Iterator[_Row]:
        self._take("[")
        if self._peek() == "]":
            self._at += 1
            return
        while True:
            self._peek()
            yield self.line(), self._value()
            if self._take(",]") == "]":
                return

    def _value(self) -> Any:
        self._peek()
        value, self._at = self._decoder.raw_decode(self._text, self._at)
        return value

    def _peek(self) -> str:
        space = _SPACE.match(self._text, self._at)
        self._at = space.end() if space else self._at
        return self._text[self._at : self._at + 1]

    def _take(self, expected: str) -> str:
        found = self._peek()
        if not found or found not in expected:
            self._fail(f"expected {expected}")
        self._at += 1
        return found

    def _fail(self, reason: str) -> None:
        raise json.JSONDecodeError(reason, self._text, self._at)


def _add_cues(
    read: RawCaptions, rows: Sequence[_Row], parse: Callable[[int, Any], Sequence[RawCue]]
) -> None:
    for line, row in rows:
        try:
            cues = parse(line, row)
        except _MALFORMED:
            if isinstance(row, dict) and not row.keys() & {"segs", "text"}:
                continue  # a window or a style
            read.drop(line, "bad_fields")
            continue
        for cue in cues:
            read.add(cue)


def _text(part: object) -> str:
    """Return the text of a part. Raises ValueError if it is far too long to be looked at."""
    text = str(part)
    if len(text) > MAX_RAW_CHARS:
        raise ValueError
    return markup.normalize_text(text)


def _youtube_cues(line: int, event: Mapping[str, Any]) -> list[RawCue]:
    start = int(event["tStartMs"])
    end = start + int(event.get("dDurationMs", 0))
    parts = [(start + int(s.get("tOffsetMs", 0)), str(s["utf8"])) for s in event["segs"]]
    text = _text("".join(part for _, part in parts))
    words = stamped_words(parts, end) if len(parts) > 1 else ()
    return [RawCue(line, start, end, text, words)]


def _segment_cues(line: int, segment: Mapping[str, Any]) -> list[RawCue]:
    """Return a segment's cue, or one for each turn where its words name several speakers."""
    start, end = _ms(segment["start"]), _ms(segment["end"])
    text = _text(segment["text"])
    rows = segment.get("words") or ()
    words = filled_words([_word_fields(row) for row in rows], start, end)
    words = tuple(map(_with_probability, words, rows))
    speaker = _speaker(segment)
    if words and len(words) == len(rows):
        turns = _turns(line, list(zip(words, rows, strict=True)), speaker)
        if len(turns) > 1:
            return turns
        speaker = turns[0].speaker
    return [RawCue(line, start, end, text, words if "\n" not in text else (), speaker)]


def _turns(line: int, words: Sequence[tuple[Word, Any]], speaker: str) -> list[RawCue]:
    """Return one cue for each run of words of one speaker; a word without a name belongs to the run before it."""
    named: list[tuple[str, Word]] = []
    for word, row in words:
        own = _speaker(row)
        named.append((own or (named[-1][0] if named else speaker), word))
    return [
        spoken_turn(line, [word for _, word in group], name)
        for name, group in groupby(named, key=lambda pair: pair[0])
    ]


def _word_fields(row: Any) -> _TimedText:
    said = row["word"] if "word" in row else row["text"]
    times = [row.get(name) for name in ("start", "end")]
    start, end = (None if time is None else _ms(time) for time in times)
    return start, end, _text(said)


def _with_probability(word: Word, row: Any) -> Word:
    """Return the word with how sure Whisper was of it. (WhisperX's `score` rates its time, not its text.)"""
    said = row.get("probability", row.get("confidence"))
    return replace(word, probability=min(1.0, max(0.0, said))) if _is_number(said) else word


def _speaker(row: Mapping[str, Any]) -> str:
    name = row.get("speaker")
    return _text(name)[:_MAX_SPEAKER_CHARS] if name is not None else ""


def _ms(seconds: object) -> int:
    return round(float(str(seconds)) * 1000)


def _chunk_cues(line: int, chunk: Mapping[str, Any]) -> list[RawCue]:
    """Return the cue of a chunk as transformers writes it; the last one may have no end."""
    start, end = chunk["timestamp"]
    start_ms = _ms(start)
    text = _text(chunk["text"])
    return [RawCue(line, start_ms, start_ms if end is None else _ms(end), text)]


def _whisper_cpp_cues(line: int, part: Mapping[str, Any]) -> list[RawCue]:
    offsets = part["offsets"]
    text = _text(part["text"])
    return [RawCue(line, int(offsets["from"]), int(offsets["to"]), text, (), _speaker(part))]


_PARSERS: dict[str, Callable[[int, Any], Sequence[RawCue]]] = {
    "events": _youtube_cues,
    "chunks": _chunk_cues,
    "transcription": _whisper_cpp_cues,
}


def _with_top_words(segments: Sequence[_Row], words: Any) -> list[_Row]:
    """Return the segments; those without words get the ones of the document's own list that begin inside them."""
    rows = [row for _, row in words or () if isinstance(row, dict) and _is_number(row.get("start"))]
    if not rows or any(isinstance(row, dict) and row.get("words") for _, row in segments):
        return list(segments)
    given, at = [], 0
    for number, (line, segment) in enumerate(segments):
        following = segments[number + 1][1] if number + 1 < len(segments) else {}
        until = following.get("start") if isinstance(following, dict) else None
        first = at
        while at < len(rows) and (not _is_number(until) or rows[at]["start"] < until):
            at += 1
        own = {"words": rows[first:at]} if first < at else {}
        given.append((line, {**segment, **own} if isinstance(segment, dict) else segment))
    return given


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float)


def _are_single_words(chunks: Sequence[_Row]) -> bool:
    """Whether the chunks of transformers are words (`return_timestamps="word"`)."""
    texts = [str(row.get("text", "")) for _, row in chunks if isinstance(row, dict)]
    single = sum(len(text.split()) == 1 for text in texts)
    return len(texts) > 1 and single * 5 >= len(texts) * 4


def _add_word_list(read: RawCaptions, rows: Sequence[_Row]) -> None:
    """Add the lines of a document that holds only words, each with its time."""
    said: list[tuple[str, int, _TimedText]] = []
    for line, row in rows:
        try:
            timed = _word_fields(_with_start_and_end(row))
            if timed[2]:
                said.append((_speaker(row), line, timed))
        except _MALFORMED:
            read.drop(line, "bad_fields")
    last_ms = max((end for _, _, (_, end, _) in said if end is not None), default=0)
    words = filled_words([timed for _, _, timed in said], 0, last_ms)
    heard = zip(said, words, strict=False)
    for speaker, group in groupby(heard, key=lambda pair: pair[0][0]):
        turn = list(group)
        first = 0
        for cue in split_into_lines([word for _, word in turn]):
            line = turn[first][0][1]
            read.add(spoken_turn(line, cue.words, speaker))
            first += len(cue.words)


def _with_start_and_end(row: Any) -> Any:
    if "timestamp" not in row:
        return row
    start, end = row["timestamp"]
    return {**row, "start": start, "end": end}
