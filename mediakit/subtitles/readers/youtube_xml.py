"""Parser of YouTube's captions in XML: srv1 and srv2 (`<text>`), and srv3 (`<p>` with `<s>` for each word)."""

from collections.abc import Iterator, Mapping

from mediakit.subtitles.cues import markup
from mediakit.subtitles.cues.raw_cues import (
    MAX_CUES,
    MAX_RAW_CHARS,
    RawCaptions,
    RawCue,
    captions_invalid,
)
from mediakit.subtitles.cues.word_times import stamped_words, with_open_ends
from mediakit.subtitles.readers.xml_events import XmlEvent, xml_events


def read_youtube_xml(text: str, *, frame_rate: float = 0.0) -> RawCaptions:
    """Parse srv1, srv2 or srv3. The words of automatic captions keep their times."""
    del frame_rate
    read = RawCaptions()
    paragraphs: list[_Paragraph] = []
    for paragraph in _paragraphs(text):
        if len(paragraphs) > MAX_CUES:
            raise captions_invalid("too_many_cues", line=paragraph.line)
        paragraphs.append(paragraph)
    _add(read, paragraphs)
    return read


def _paragraphs(text: str) -> "Iterator[_Paragraph]":
    """Yield each whole paragraph of the document."""
    paragraph: _Paragraph | None = None
    for event in xml_events(text):
        if paragraph is None:
            if event.name in {"p", "text"} and not event.is_end:
                paragraph = _Paragraph(event.line, event.name, event.attributes)
        elif event.is_end and event.name == paragraph.name:
            yield paragraph
            paragraph = None
        else:
            paragraph.take(event)


class _Paragraph:
    """One element with text. srv1 has seconds and its text escaped twice; the others have ms."""

    def __init__(self, line: int, name: str, attributes: Mapping[str, str]) -> None:
        self.line = line
        self.name = name
        self._attributes = attributes
        self._offset_ms = 0
        self._parts: list[tuple[int, str]] = []

    def take(self, event: XmlEvent) -> None:
        """Take text, the beginning of a word or a line break."""
        if not event.name:
            self._parts.append((self._offset_ms, event.text))
        elif event.name == "s" and not event.is_end:
            self._offset_ms = _ms(event.attributes.get("t"), 1) or 0
        elif event.name == "br" and not event.is_end:
            self._parts.append((self._offset_ms, "\n"))

    def times(self) -> tuple[int | None, int | None]:
        """Return start and length in ms; None for what is not said or cannot be read."""
        given = self._attributes
        if "start" in given:
            return _ms(given["start"], 1000), _ms(given.get("dur"), 1000)
        return _ms(given.get("t"), 1), _ms(given.get("d"), 1)

    def is_too_long(self) -> bool:
        return sum(len(text) for _, text in self._parts) > MAX_RAW_CHARS

    def cue(self, start: int, end: int) -> RawCue:
        text = "".join(part for _, part in self._parts)
        if "start" in self._attributes:
            return RawCue(
                self.line, start, end, markup.decode_references(markup.strip_markup(text))
            )
        parts = [(start + at, said) for at, said in self._parts]
        words = stamped_words(parts, end) if len({at for at, _ in parts}) > 1 else ()
        return RawCue(self.line, start, end, markup.normalize_text(text), words)


def _add(read: RawCaptions, paragraphs: list[_Paragraph]) -> None:
    cues: list[RawCue] = []
    open_ends: set[int] = set()
    for paragraph in paragraphs:
        start, length = paragraph.times()
        if start is None or paragraph.is_too_long():
            read.drop(paragraph.line, "bad_timing" if start is None else "cue_too_long")
            continue
        if length is None:
            open_ends.add(len(cues))
        cues.append(paragraph.cue(start, start + (length or 0)))
    for cue in with_open_ends(cues, open_ends):
        read.add(cue)


def _ms(number: str | None, factor: int) -> int | None:
    try:
        return round(float(number) * factor) if number is not None else None
    except (ValueError, OverflowError):
        return None
