"""Parser of TTML, and of its earlier versions (DFXP): paragraphs with times, styles and regions left aside."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from mediakit.subtitles.cues import markup
from mediakit.subtitles.cues.raw_cues import (
    MAX_CUES,
    MAX_RAW_CHARS,
    RawCaptions,
    RawCue,
    captions_invalid,
)
from mediakit.subtitles.cues.timecode import find_timecode
from mediakit.subtitles.cues.word_times import cues_by_speaker, stamped_words, with_open_ends
from mediakit.subtitles.readers.xml_events import XmlEvent, xml_events
from mediakit.text.transcript import Word

_CLOCK = re.compile(r"(\d{1,6}):(\d{1,2}):(\d{1,2})(?:(\.\d{1,9})|[:;](\d{1,3})(?:\.\d{1,3})?)?")
_OFFSET = re.compile(r"(\d{1,18}(?:\.\d{1,9})?)(h|ms|m|s|f|t)")
_UNIT_S = {"h": Fraction(3600), "m": Fraction(60), "s": Fraction(1), "ms": Fraction(1, 1000)}
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_SPACES = re.compile(r"\s+")
# What stands inside a paragraph and is not said.
_NOT_SAID = frozenset({"metadata", "desc", "title", "set", "animate"})
_ANNOTATION = frozenset({"text", "textContainer", "delimiter"})  # of ruby


@dataclass(slots=True)
class _Element:
    """An open element. Its times are absolute, in ms; None where neither it nor what it lies in has any."""

    name: str
    begin_ms: int | None = None
    end_ms: int | None = None
    speaker: str = ""
    is_silent: bool = False
    keeps_spaces: bool = False
    # Whether it has a time of its own, inside a paragraph.
    is_stamped: bool = False


@dataclass(slots=True)
class _Paragraph:
    """An open paragraph, and the parts of its text: (begin in ms, speaker, text)."""

    line: int
    element: _Element
    bad_timing: bool
    parts: list[tuple[int, str, str]] = field(default_factory=list)
    size: int = 0
    has_stamps: bool = False
    first_ms: int | None = None
    last_ms: int | None = None

    def say(self, text: str, inside: _Element) -> None:
        """Add text that stands in the element `inside`."""
        self.size += len(text)
        if self.size <= MAX_RAW_CHARS:
            begin = inside.begin_ms if inside.begin_ms is not None else 0
            said = text if inside.keeps_spaces else _SPACES.sub(" ", text)
            self.parts.append((begin, inside.speaker or self.element.speaker, said))

    def stamp(self, element: _Element) -> None:
        """Note the time of a part."""
        begin, end = element.begin_ms, element.end_ms
        self.has_stamps = True
        if begin is not None:
            self.first_ms = begin if self.first_ms is None else min(self.first_ms, begin)
        if end is not None:
            self.last_ms = end if self.last_ms is None else max(self.last_ms, end)


def read_ttml(text: str, *, frame_rate: float = 0.0) -> RawCaptions:
    """Parse TTML or DFXP. `frame_rate` is the video's, for times that count frames of an unnamed rate; 0 if unknown.

    Elements lie in one another with their times, agents (`ttm:agent`) are speakers, and parts of a paragraph that have
    times of their own are words.
    """
    reader = _TtmlReader(text, frame_rate)
    for event in xml_events(text):
        reader.take(event)
    return reader.finish()


class _TtmlReader:
    """Follows the events of a document."""

    def __init__(self, text: str, frame_rate: float) -> None:
        self._read = RawCaptions()
        self._guessed_rate = Fraction(find_timecode(text, frame_rate).frames_per_second)
        self._times = _Times(self._guessed_rate, Fraction(1))
        self._open: list[_Element] = [_Element("")]
        self._paragraph: _Paragraph | None = None
        self._agents: dict[str, str] = {}
        self._agent = ""
        self._names_agent = False
        self._count = 0
        self._cues: list[RawCue] = []
        self._open_ends: set[int] = set()

    def take(self, event: XmlEvent) -> None:
        """Take the next event."""
        if event.is_end:
            self._end(event.name)
        elif event.name:
            self._start(event)
        elif self._names_agent:
            self._agents[self._agent] += event.text
        elif self._paragraph and not self._open[-1].is_silent:
            self._paragraph.say(event.text, self._open[-1])

    def finish(self) -> RawCaptions:
        """Return what was read."""
        order = sorted(range(len(self._cues)), key=lambda at: self._cues[at].start_ms)
        ends = {number for number, at in enumerate(order) if at in self._open_ends}
        for cue in with_open_ends([self._cues[at] for at in order], ends):
            self._read.add(cue)
        return self._read

    def _start(self, event: XmlEvent) -> None:
        given = event.attributes
        if event.name == "tt":
            self._set_document(given)
        elif event.name == "agent" and "id" in given:
            self._agent = given["id"]
            self._agents[self._agent] = ""
        self._names_agent = event.name == "name" and self._agents.get(self._agent) == ""
        element = self._element(event.name, given)
        self._open.append(element)
        if event.name == "br" and self._paragraph:
            self._paragraph.say("\n", _line_break(element))
        elif event.name == "p" and self._paragraph is None:
            bad = any(name in given and self._times.ms(given[name]) is None for name in _TIMED)
            self._paragraph = _Paragraph(event.line, element, bad)
        elif self._paragraph and element.is_stamped:
            self._paragraph.stamp(element)

    def _end(self, name: str) -> None:
        element = self._open.pop()
        if name == "agent":
            self._agent = ""
        self._names_agent = False
        if self._paragraph and element is self._paragraph.element:
            self._add(self._paragraph)
            self._paragraph = None

    def _set_document(self, given: Mapping[str, str]) -> None:
        if _LANGUAGE.fullmatch(given.get("lang", "")):
            self._read.language = given["lang"]
        rate = Fraction(_number(given.get("frameRate")))
        factor = given.get("frameRateMultiplier", "1 1").replace(":", " ").split()
        if rate and len(factor) == 2 and all(_number(part) for part in factor):
            rate *= Fraction(_number(factor[0]), _number(factor[1]))
        ticks = _number(given.get("tickRate"))
        sub_frames = _number(given.get("subFrameRate")) or 1
        per_second = ticks or (rate * sub_frames if rate else 1)
        self._times = _Times(rate or self._guessed_rate, Fraction(per_second))

    def _element(self, name: str, given: Mapping[str, str]) -> _Element:
        """Return the element with its absolute times: `begin` counts from that of the element it lies in."""
        outer = self._open[-1]
        begin, end, length = (self._times.ms(given.get(key, "")) for key in _TIMED)
        base = outer.begin_ms or 0
        own = [base + begin] if begin is not None else []
        starts = own[0] if own else outer.begin_ms
        ends = [base + end] if end is not None else []
        ends += [(starts or 0) + length] if length is not None else []
        agents = (self._agents.get(agent, "") or agent for agent in given.get("agent", "").split())
        return _Element(
            name,
            starts,
            min(ends) if ends else None if own else outer.end_ms,
            markup.normalize_text(", ".join(agents))[:100] or outer.speaker,
            outer.is_silent or name in _NOT_SAID or given.get("ruby") in _ANNOTATION,
            given.get("space") == "preserve" or (outer.keeps_spaces and "space" not in given),
            bool(own),
        )

    def _add(self, paragraph: _Paragraph) -> None:
        begin = paragraph.element.begin_ms
        if begin is None or not paragraph.element.is_stamped:
            begin = paragraph.first_ms if paragraph.has_stamps else begin
        if paragraph.bad_timing or paragraph.size > MAX_RAW_CHARS:
            reason = "bad_timing" if paragraph.bad_timing else "cue_too_long"
            self._read.drop(paragraph.line, reason)
            return
        self._count += 1
        if self._count > MAX_CUES:
            raise captions_invalid("too_many_cues", line=paragraph.line)
        if begin is None:
            return  # a text without any time is never shown
        end = (
            paragraph.element.end_ms if paragraph.element.end_ms is not None else paragraph.last_ms
        )
        text = markup.normalize_text("".join(said for _, _, said in paragraph.parts))
        if end is None:
            self._open_ends.add(len(self._cues))
        cue = RawCue(paragraph.line, begin, begin if end is None else end, text)
        self._cues += _spoken_cues(paragraph, cue)


_TIMED = ("begin", "end", "dur")


def _line_break(element: _Element) -> _Element:
    return _Element("br", element.begin_ms, speaker=element.speaker, keeps_spaces=True)


def _spoken_cues(paragraph: _Paragraph, cue: RawCue) -> list[RawCue]:
    """Return the paragraph's cue with the words that have times, as one cue for each speaker's turn."""
    if not cue.text:
        return []
    words: tuple[Word, ...] = ()
    if paragraph.has_stamps:
        joined: list[tuple[int, str]] = []
        for begin, _, said in paragraph.parts:
            same = joined and joined[-1][0] == begin
            joined[-1:] = [(begin, joined[-1][1] + said)] if same else [*joined[-1:], (begin, said)]
        words = stamped_words(joined, cue.end_ms)
    timed = RawCue(cue.line, cue.start_ms, cue.end_ms, cue.text, words)
    return cues_by_speaker(timed, [(speaker, said) for _, speaker, said in paragraph.parts])


def _number(text: str | None) -> int:
    """Return a whole number of a document's head; 0 if it is none, or is absurd."""
    return int(text) if text and re.fullmatch(r"\d{1,12}", text) else 0


@dataclass(frozen=True, slots=True)
class _Times:
    """The rates by which a document counts frames and ticks, per second."""

    frame_rate: Fraction
    tick_rate: Fraction

    def ms(self, stamp: str) -> int | None:
        """Return the ms of a clock time (`01:02:03.5`, `01:02:03:12`) or an offset (`3.5s`, `10f`, `90t`); or None."""
        stamp = stamp.strip()
        if not stamp:
            return None
        offset = _OFFSET.fullmatch(stamp)
        if offset:
            units = {**_UNIT_S, "f": 1 / self.frame_rate, "t": 1 / self.tick_rate}
            return round(Fraction(offset[1]) * units[offset[2]] * 1000)
        clock = _CLOCK.fullmatch(stamp)
        if not clock:
            return None
        hours, minutes, seconds = (int(part) for part in clock.groups()[:3])
        rest = Fraction(clock[4] or 0) + Fraction(int(clock[5] or 0)) / self.frame_rate
        return round((Fraction(hours * 3600 + minutes * 60 + seconds) + rest) * 1000)
