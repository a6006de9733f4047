"""FCPXML 1.9, which Final Cut Pro and DaVinci Resolve read (Apple, "FCPXML Reference")."""

from collections.abc import Sequence
from fractions import Fraction
from urllib.parse import quote
from xml.etree.ElementTree import Element, SubElement

from mediakit.cut_lists.cut import CutSource, NamedCut, events, one_line
from mediakit.cut_lists.xml_text import document

_FORMAT, _ASSET = "r1", "r2"
_AUDIO_LAYOUTS = {1: "mono", 2: "stereo"}
# The sample rates in Hz that a sequence may have, by their names.
_AUDIO_RATES = {
    32_000: "32k",
    44_100: "44.1k",
    48_000: "48k",
    88_200: "88.2k",
    96_000: "96k",
    176_400: "176.4k",
    192_000: "192k",
}


def write_fcpxml(source: CutSource, cuts: Sequence[NamedCut], *, title: str) -> str:
    """Return an event with one project a cut. The source is looked for beside the list."""
    root = Element("fcpxml", version="1.9")
    _resources(root, source)
    event = SubElement(SubElement(root, "library"), "event", name=one_line(title))
    for cut in cuts:
        _project(event, source, cut)
    return document(root, doctype="fcpxml")


def _resources(root: Element, source: CutSource) -> None:
    base = source.timebase
    resources = SubElement(root, "resources")
    SubElement(
        resources,
        "format",
        id=_FORMAT,
        frameDuration=_time(1 / base.rate),
        width=str(source.width),
        height=str(source.height),
    )
    asset = {
        "id": _ASSET,
        "name": source.filename,
        "start": _time(base.seconds(source.start)),
        "duration": _time(base.seconds(source.frames)),
        "hasVideo": "1",
        "format": _FORMAT,
    }
    if source.channels:
        asset |= {
            "hasAudio": "1",
            "audioSources": "1",
            "audioChannels": str(source.channels),
            "audioRate": str(source.sample_rate),
        }
    address = f"./{quote(source.filename)}"
    media = SubElement(resources, "asset", asset)
    SubElement(media, "media-rep", kind="original-media", src=address)


def _project(parent: Element, source: CutSource, cut: NamedCut) -> None:
    base = source.timebase
    found = events(source, [cut])
    code = "DF" if base.is_drop else "NDF"
    form = {
        "format": _FORMAT,
        "duration": _time(base.seconds(found[-1].record_out)),
        "tcStart": _time(Fraction(0)),
        "tcFormat": code,
    }
    if source.channels:
        form["audioLayout"] = _AUDIO_LAYOUTS.get(source.channels, "surround")
        form["audioRate"] = _AUDIO_RATES.get(source.sample_rate, "48k")
    project = SubElement(parent, "project", name=one_line(cut.title))
    sequence = SubElement(project, "sequence", form)
    if cut.note:
        SubElement(sequence, "note").text = one_line(cut.note)
    spine = SubElement(sequence, "spine")
    for event in found:
        SubElement(
            spine,
            "asset-clip",
            ref=_ASSET,
            name=one_line(cut.title),
            offset=_time(base.seconds(event.record_in)),
            start=_time(base.seconds(source.start + event.source_in)),
            duration=_time(base.seconds(event.length)),
            format=_FORMAT,
            tcFormat=code,
        )


def _time(seconds: Fraction) -> str:
    """Return a time as FCPXML writes it: a fraction of a second, also for whole ones, as LosslessCut wants it."""
    return f"{seconds.numerator}/{seconds.denominator}s"
