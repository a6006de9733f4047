"""Cut lists are read back by OpenTimelineIO's readers, and FCPXML by its elements: 14 kinds of source x 200 cuts."""

import json
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from xml.etree import ElementTree as ET

import opentimelineio as otio
import pytest

from mediakit.cut_lists.cut import CutSource, NamedCut, events
from mediakit.cut_lists.edl import write_edl
from mediakit.cut_lists.fcp7_xml import write_fcp7_xml
from mediakit.cut_lists.fcpxml import write_fcpxml
from mediakit.cut_lists.lossless_cut import write_llc, write_segments_csv
from mediakit.cut_lists.otio import write_otio
from tests.mediakit.cut_lists.sources import (
    KINDS,
    NAME,
    frames_of_cuts,
    source_of,
    two_hundred_cuts,
)

pytestmark = pytest.mark.parametrize("kind", KINDS)


def as_one(cuts: Sequence[NamedCut]) -> list[NamedCut]:
    """One cut of all ranges."""
    return [NamedCut("All", tuple(span for cut in cuts for span in cut.ranges_ms))]


def picture_clips(timeline: otio.schema.Timeline) -> list[tuple[int, int]]:
    """(first frame, length) of the clips on the track of pictures, which lie one behind the other."""
    (track,) = timeline.video_tracks()
    return [
        (round(clip.source_range.start_time.value), round(clip.source_range.duration.value))
        for clip in track
    ]


def placed(source: CutSource) -> list[tuple[int, int]]:
    """What a reader must find: frames in the source's own time code."""
    return [(source.start + first, length) for first, length in frames_of_cuts()]


def test_edl(kind: str, tmp_path: Path):
    source = source_of(kind)
    file = tmp_path / "list.edl"
    file.write_text(write_edl(source, two_hundred_cuts(source), title="Talk"), encoding="utf-8")

    counted = source.in_timecode()  # time code has half of the frames above 60 a second
    timeline = otio.adapters.read_from_file(str(file), rate=float(counted.timebase.rate))

    day = source.timebase.frame_of("23:59:59:00") or 0
    found = picture_clips(timeline)
    wanted = placed(source)
    if counted is not source:
        inside = events(counted, two_hundred_cuts(source))
        wanted = [(counted.start + event.source_in, event.length) for event in inside]
    elif source.start + frames_of_cuts()[-1][0] > day:  # time code begins again after midnight
        over = day + source.timebase.nominal
        wanted = [(first % over, length) for first, length in wanted]
    assert found == wanted
    assert {clip.name for clip in timeline.video_tracks()[0]} == {NAME}


def test_fcp7_xml(kind: str, tmp_path: Path):
    source = source_of(kind)
    file = tmp_path / "list.xml"
    text = write_fcp7_xml(source, as_one(two_hundred_cuts(source)), title="Talk")
    file.write_text(text, encoding="utf-8")

    timeline = otio.adapters.read_from_file(str(file), adapter_name="fcp_xml")

    timelines = [timeline] if isinstance(timeline, otio.schema.Timeline) else list(timeline)
    assert picture_clips(timelines[0]) == placed(source)
    assert len(timelines[0].audio_tracks()) == min(2, source.channels)
    for track in timelines[0].audio_tracks():
        assert len(track) == 200
    rates = {clip.source_range.duration.rate for clip in timelines[0].video_tracks()[0]}
    assert list(rates) == [pytest.approx(float(source.timebase.rate))]


def test_otio(kind: str, tmp_path: Path):
    source = source_of(kind)
    file = tmp_path / "list.otio"
    text = write_otio(source, as_one(two_hundred_cuts(source)), title="Talk")
    file.write_text(text, encoding="utf-8")

    timeline = otio.adapters.read_from_file(str(file))

    assert picture_clips(timeline) == placed(source)
    clip = timeline.video_tracks()[0][0]
    assert clip.media_reference.available_range.duration.value == source.frames
    assert len(timeline.audio_tracks()) == (1 if source.channels else 0)


def test_fcpxml(kind: str):
    source = source_of(kind)
    cuts = as_one(two_hundred_cuts(source))

    text = write_fcpxml(source, cuts, title="Talk")
    root = ET.fromstring(text.encode())  # noqa: S314 -- our own text

    def frames(element: ET.Element, name: str) -> int:
        """A time in frames; exact, and always written as a fraction."""
        number, over, rest = element.attrib[name].rstrip("s").partition("/")
        assert over
        count = Fraction(int(number), int(rest)) * source.timebase.rate
        assert count.denominator == 1
        return int(count)

    clips = root.findall("library/event/project/sequence/spine/asset-clip")
    assert [(frames(c, "start"), frames(c, "duration")) for c in clips] == placed(source)
    ends = [frames(clip, "offset") + frames(clip, "duration") for clip in clips]
    assert [frames(clip, "offset") for clip in clips] == [0, *ends[:-1]]
    asset = root.find("resources/asset")
    assert asset is not None
    assert frames(asset, "start") == source.start
    assert asset.attrib.get("hasAudio") == ("1" if source.channels else None)


def test_lossless_cut(kind: str):
    cuts = two_hundred_cuts(source_of(kind))

    project = json.loads(write_llc(NAME, cuts))
    lines = write_segments_csv(cuts).splitlines()

    spans = [span for cut in cuts for span in cut.ranges_ms]
    assert [(s["start"], s["end"]) for s in project["cutSegments"]] == [
        (start_ms / 1000, end_ms / 1000) for start_ms, end_ms in spans
    ]
    assert project["mediaFileName"] == NAME
    assert [tuple(round(float(t) * 1000) for t in line.split(",")[:2]) for line in lines] == spans
