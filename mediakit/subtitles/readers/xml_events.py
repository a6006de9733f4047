"""XML of captions as a stream of events. No document is built, and nothing in it can grow."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from xml.parsers import expat

from mediakit.subtitles.cues.raw_cues import captions_invalid

MAX_DEPTH = 10_000
_CHUNK_CHARS = 64 * 1024


@dataclass(frozen=True, slots=True)
class XmlEvent:
    """The start or the end of an element, or text. Names have no prefix: versions of a format differ in these.

    `name` is empty for text; `is_end` tells the end of an element from its start.
    """

    line: int
    name: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    text: str = ""
    is_end: bool = False


def xml_events(text: str) -> Iterator[XmlEvent]:
    """Yield the events of a document. Raises InputError CAPTIONS_INVALID with the line where it is malformed.

    A document that declares entities is refused: they could grow without end.
    """
    collector = _Collector()
    parser = collector.parser
    for at in range(0, len(text) + 1, _CHUNK_CHARS):
        try:
            parser.Parse(text[at : at + _CHUNK_CHARS], at + _CHUNK_CHARS > len(text))
        except expat.ExpatError as error:
            raise captions_invalid("bad_syntax", line=error.lineno) from None
        except ValueError:  # a character that XML cannot hold
            raise captions_invalid("bad_syntax", line=parser.CurrentLineNumber) from None
        yield from collector.events
        collector.events.clear()


class _Collector:
    """Collects the events of one piece of the document."""

    def __init__(self) -> None:
        self.events: list[XmlEvent] = []
        self._depth = 0
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.parser.EntityDeclHandler = self._entity

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        line = self.parser.CurrentLineNumber
        if self._depth > MAX_DEPTH:
            raise captions_invalid("too_deep", line=line)
        plain = {_local(key): value for key, value in attributes.items()}
        self.events.append(XmlEvent(line, _local(name), plain))

    def _end(self, name: str) -> None:
        self._depth -= 1
        line = self.parser.CurrentLineNumber
        self.events.append(XmlEvent(line, _local(name), is_end=True))

    def _text(self, text: str) -> None:
        self.events.append(XmlEvent(self.parser.CurrentLineNumber, text=text))

    def _entity(self, *_declaration: object) -> None:
        raise captions_invalid("declares_entities", line=self.parser.CurrentLineNumber)


def _local(name: str) -> str:
    return name.rpartition(":")[2]
