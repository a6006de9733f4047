"""Final Cut Pro 7 XML ("xmeml", version 4), which Premiere Pro and DaVinci Resolve read."""

from collections.abc import Sequence
from urllib.parse import quote
from xml.etree.ElementTree import Element, SubElement

from mediakit.cut_lists.cut import CutSource, Event, NamedCut, events, one_line
from mediakit.cut_lists.edit_rate import Timebase
from mediakit.cut_lists.xml_text import document

MAX_CHANNELS = 2  # tracks of sound in a sequence: its first two channels


def write_fcp7_xml(source: CutSource, cuts: Sequence[NamedCut], *, title: str) -> str:
    """Return a project with one sequence a cut, each of picture and up to two channels of sound."""
    root = Element("xmeml", version="4")
    project = SubElement(root, "project")
    _text(project, "name", one_line(title))
    children = SubElement(project, "children")
    for number, cut in enumerate(cuts, 1):
        _sequence(children, source, cut, number)
    return document(root, doctype="xmeml")


def _sequence(parent: Element, source: CutSource, cut: NamedCut, number: int) -> None:
    found = events(source, [cut])
    base = source.timebase
    sequence = SubElement(parent, "sequence", id=f"sequence-{number}")
    _text(sequence, "name", one_line(cut.title))
    _text(sequence, "duration", found[-1].record_out)
    _rate(sequence, base)
    _timecode(sequence, base, 0)
    media = SubElement(sequence, "media")
    video = SubElement(media, "video")
    _picture_format(SubElement(video, "format"), source)
    names = [f"{number}-{place}" for place in range(1, len(found) + 1)]
    track = SubElement(video, "track")
    for name, event in zip(names, found, strict=True):
        item = _clip_item(track, source, event, f"v{name}")
        _file(item, source, is_first=number == 1 and event is found[0])
        _links(item, source, name, place=names.index(name) + 1)
    audio = SubElement(media, "audio")
    for channel in range(1, _channels(source) + 1):
        track = SubElement(audio, "track")
        for name, event in zip(names, found, strict=True):
            item = _clip_item(track, source, event, f"a{channel}-{name}")
            _file(item, source, is_first=False)
            sourcetrack = SubElement(item, "sourcetrack")
            _text(sourcetrack, "mediatype", "audio")
            _text(sourcetrack, "trackindex", channel)
            _links(item, source, name, place=names.index(name) + 1)


def _clip_item(track: Element, source: CutSource, event: Event, name: str) -> Element:
    """One range on a track. `in` and `out` count from the file's first picture, whatever its time code."""
    item = SubElement(track, "clipitem", id=f"clipitem-{name}")
    _text(item, "name", source.filename)
    _text(item, "enabled", "TRUE")
    _text(item, "duration", source.frames)
    _rate(item, source.timebase)
    _text(item, "start", event.record_in)
    _text(item, "end", event.record_out)
    _text(item, "in", event.source_in)
    _text(item, "out", event.source_out)
    return item


def _file(item: Element, source: CutSource, *, is_first: bool) -> None:
    """The source: described where it is first used, named by its id afterwards."""
    file = SubElement(item, "file", id="file-1")
    if not is_first:
        return
    _text(file, "name", source.filename)
    _text(file, "pathurl", quote(source.filename))
    _rate(file, source.timebase)
    _text(file, "duration", source.frames)
    _timecode(file, source.timebase, source.start)
    media = SubElement(file, "media")
    _picture_format(SubElement(media, "video"), source)
    if source.channels:
        audio = SubElement(media, "audio")
        sound = SubElement(audio, "samplecharacteristics")
        _text(sound, "depth", 16)
        _text(sound, "samplerate", source.sample_rate)
        _text(audio, "channelcount", source.channels)


def _links(item: Element, source: CutSource, name: str, *, place: int) -> None:
    """Picture and sound of a range move together."""
    tracks = [("video", 1, f"v{name}")]
    tracks += [("audio", n, f"a{n}-{name}") for n in range(1, _channels(source) + 1)]
    for kind, number, reference in tracks if len(tracks) > 1 else ():
        link = SubElement(item, "link")
        _text(link, "linkclipref", f"clipitem-{reference}")
        _text(link, "mediatype", kind)
        _text(link, "trackindex", number)
        _text(link, "clipindex", place)


def _channels(source: CutSource) -> int:
    return min(source.channels, MAX_CHANNELS)


def _picture_format(parent: Element, source: CutSource) -> None:
    picture = SubElement(parent, "samplecharacteristics")
    _rate(picture, source.timebase)
    _text(picture, "width", source.width)
    _text(picture, "height", source.height)
    _text(picture, "pixelaspectratio", "square")
    _text(picture, "fielddominance", "none")


def _rate(parent: Element, base: Timebase) -> None:
    rate = SubElement(parent, "rate")
    _text(rate, "timebase", base.nominal)
    _text(rate, "ntsc", "TRUE" if base.is_ntsc else "FALSE")


def _timecode(parent: Element, base: Timebase, frame: int) -> None:
    timecode = SubElement(parent, "timecode")
    _rate(timecode, base)
    _text(timecode, "string", base.timecode(frame))
    _text(timecode, "frame", frame)
    _text(timecode, "displayformat", "DF" if base.is_drop else "NDF")


def _text(parent: Element, name: str, value: object) -> None:
    SubElement(parent, name).text = str(value)
