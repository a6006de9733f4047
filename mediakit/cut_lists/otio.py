"""OpenTimelineIO's JSON (`.otio`), in the forms of its first release, which every later one reads."""

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from mediakit.cut_lists.cut import CutSource, Event, NamedCut, events, one_line
from mediakit.cut_lists.edit_rate import Timebase


def write_otio(source: CutSource, cuts: Sequence[NamedCut], *, title: str) -> str:
    """Return the timeline of one cut, or a collection of the timelines of several."""
    timelines = [_timeline(source, cut) for cut in cuts]
    if len(timelines) == 1:
        return _text(timelines[0])
    return _text(
        {
            "OTIO_SCHEMA": "SerializableCollection.1",
            "name": one_line(title),
            "metadata": {},
            "children": timelines,
        }
    )


def _timeline(source: CutSource, cut: NamedCut) -> dict[str, Any]:
    found = events(source, [cut])
    kinds = ["Video", "Audio"] if source.channels else ["Video"]
    return {
        "OTIO_SCHEMA": "Timeline.1",
        "name": one_line(cut.title),
        "metadata": {},
        "global_start_time": None,
        "tracks": {
            "OTIO_SCHEMA": "Stack.1",
            "name": "tracks",
            "metadata": {},
            "source_range": None,
            "effects": [],
            "markers": [],
            "children": [
                {
                    "OTIO_SCHEMA": "Track.1",
                    "name": kind,
                    "kind": kind,
                    "metadata": {},
                    "source_range": None,
                    "effects": [],
                    "markers": [],
                    "children": [_clip(source, event) for event in found],
                }
                for kind in kinds
            ],
        },
    }


def _clip(source: CutSource, event: Event) -> dict[str, Any]:
    base = source.timebase
    return {
        "OTIO_SCHEMA": "Clip.1",
        "name": source.filename,
        "metadata": {},
        "source_range": _range(base, source.start + event.source_in, event.length),
        "effects": [],
        "markers": [],
        "media_reference": {
            "OTIO_SCHEMA": "ExternalReference.1",
            "name": source.filename,
            "metadata": {},
            "available_range": _range(base, source.start, source.frames),
            "target_url": quote(source.filename),
        },
    }


def _range(base: Timebase, start: int, length: int) -> dict[str, Any]:
    return {
        "OTIO_SCHEMA": "TimeRange.1",
        "start_time": _time(base, start),
        "duration": _time(base, length),
    }


def _time(base: Timebase, frame: int) -> dict[str, Any]:
    return {"OTIO_SCHEMA": "RationalTime.1", "rate": float(base.rate), "value": float(frame)}


def _text(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"
