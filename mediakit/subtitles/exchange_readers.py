"""Parsers of the formats in which services hand out captions: YouTube's SBV and JSON, TTML, and Whisper's JSON."""

import json
import re
from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree as ET

from mediakit.subtitles import markup
from mediakit.subtitles.raw_cues import RawCaptions, RawCue, captions_invalid, parse_timing
from mediakit.text.transcript import Word, spread_words, tokenize

_SBV_TIMING = re.compile(r"(\d+:\d{1,2}:\d{1,2}\.\d{1,3}),(\d+:\d{1,2}:\d{1,2}\.\d{1,3})\s*")
_SBV_SPEAKER = re.compile(r">>\s*([^:\n]{1,60}):\s*")
_TTML_OFFSET = re.compile(r"(\d+(?:\.\d+)?)(h|ms|m|s)")
_UNIT_MS = {"h": 3_600_000, "m": 60_000, "s": 1000, "ms": 1}


def read_sbv(text: str, *, frame_rate: float = 0.0) -> RawCaptions:
    """Parse YouTube's SBV: a line `start,end`, then the text, up to an empty line. `>> NAME:` is a speaker."""
    read = RawCaptions()
    line = 1
    for block in re.split(r"\n{2,}", text):
        stamps, _, body = block.strip("\n").partition("\n")
        times = _SBV_TIMING.fullmatch(stamps.strip())
        if times:
            start, end = parse_timing(f"{times[1]} --> {times[2]}", frame_rate or 25) or (0, -1)
            speaker = _SBV_SPEAKER.match(body)
            said = body[speaker.end() :] if speaker else body
            name = markup.normalize_text(speaker[1]).title() if speaker else ""
            read.add(RawCue(line, start, end, markup.normalize_text(said), (), name))
        elif body:
            read.drop(line, "bad_timing")
        line += block.count("\n") + 2
    return read


def read_json(text: str, *, frame_rate: float = 0.0) -> RawCaptions:
    """Parse YouTube's JSON (`events`) or that of Whisper (`segments`). A part that is malformed is dropped."""
    del frame_rate
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        data = None
    found = data if isinstance(data, dict) else {}
    rows, parse = (
        (found["events"], _youtube_cue) if "events" in found else (found.get("segments"), _segment)
    )
    if not isinstance(rows, list):
        raise captions_invalid("unknown_format", line=1)
    read = RawCaptions()
    for number, row in enumerate(rows, start=1):
        try:
            read.add(parse(number, row))
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
            if isinstance(row, dict) and not row.keys() & {"segs", "text"}:
                continue  # a window or a style
            read.drop(number, "bad_fields")
    return read


def _youtube_cue(number: int, event: Mapping[str, Any]) -> RawCue:
    start = int(event["tStartMs"])
    end = start + int(event.get("dDurationMs", 0))
    parts = [(start + int(s.get("tOffsetMs", 0)), str(s["utf8"])) for s in event["segs"]]
    text = markup.normalize_text("".join(part for _, part in parts))
    return RawCue(number, start, end, text, _stamped(parts, end) if len(parts) > 1 else ())


def _stamped(parts: list[tuple[int, str]], end_ms: int) -> tuple[Word, ...]:
    """Return words that each last until the next; none if times decrease. Words of one part share its time."""
    said = [(at, text.strip()) for at, text in parts if text.strip()]
    edges = [*(at for at, _ in said), end_ms]
    if edges != sorted(edges):
        return ()
    words: list[Word] = []
    for number, (at, text) in enumerate(said):
        if len(tokenize(text)) == 1:
            words.append(Word(at, edges[number + 1], text))
        else:
            words += spread_words(text, at, edges[number + 1])
    return tuple(words)


def _segment(number: int, segment: Mapping[str, Any]) -> RawCue:
    words = tuple(
        Word(_ms(word["start"]), _ms(word["end"]), str(word["word"]).strip())
        for word in segment.get("words") or ()
    )
    text = markup.normalize_text(str(segment["text"]))
    start, end = _ms(segment["start"]), _ms(segment["end"])
    return RawCue(number, start, end, text, words if "\n" not in text else ())


def _ms(seconds: object) -> int:
    return round(float(str(seconds)) * 1000)


def read_ttml(text: str, *, frame_rate: float = 0.0) -> RawCaptions:
    """Parse the paragraphs of TTML (also DFXP). A document with a DTD is refused: its entities could grow."""
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise captions_invalid("unknown_format", line=1)
    try:
        # Without a DTD there are no entities to grow, and the size of the file is limited.
        root = ET.fromstring(re.sub(r"^\s*<\?xml[^>]*\?>", "", text))  # noqa: S314
    except (ET.ParseError, ValueError):
        raise captions_invalid("unknown_format", line=1) from None
    _set_line_breaks(root)
    read = RawCaptions()
    for number, paragraph in enumerate(root.iter(), start=1):
        if paragraph.tag.rpartition("}")[2] != "p" or "begin" not in paragraph.attrib:
            continue
        start = _ttml_ms(paragraph.get("begin", ""), frame_rate)
        end = _ttml_ms(paragraph.get("end", ""), frame_rate)
        length = _ttml_ms(paragraph.get("dur", ""), frame_rate)
        if end is None and start is not None and length is not None:
            end = start + length
        if start is None or end is None:
            read.drop(number, "bad_timing")
            continue
        said = markup.normalize_text("".join(paragraph.itertext()))
        read.add(RawCue(number, start, end, said))
    return read


def _ttml_ms(stamp: str, frame_rate: float) -> int | None:
    offset = _TTML_OFFSET.fullmatch(stamp)
    if offset:
        return round(float(offset[1]) * _UNIT_MS[offset[2]])
    times = parse_timing(f"{stamp} --> {stamp}", frame_rate or 25)
    return times[0] if times else None


def _set_line_breaks(root: ET.Element) -> None:
    """Make the layout's white space single spaces, and each `br` a line break in the text after it."""
    for element in root.iter():
        element.text = re.sub(r"\s+", " ", element.text or "")
        after = re.sub(r"\s+", " ", element.tail or "")
        element.tail = f"\n{after}" if element.tag.rpartition("}")[2] == "br" else after
