"""CMX 3600 edit decision lists, which nearly every editor reads."""

from collections.abc import Sequence

from mediakit.cut_lists.cut import RECORD_START_S, CutSource, Event, NamedCut, events, one_line

# A file has no reel; editors relink by the clip's name.
_REEL = "AX"
_MAX_EVENTS = 9999


def write_edl(source: CutSource, cuts: Sequence[NamedCut], *, title: str) -> str:
    """Return one list of all ranges, one after the other, picture and sound together.

    Above 60 frames a second it counts two as one, as time code does. Its own time code begins at one hour. A cut's
    name stands as a comment at its first event.
    """
    source = source.in_timecode()
    base = source.timebase
    mode = "DROP FRAME" if base.is_drop else "NON-DROP FRAME"
    lines = [f"TITLE: {one_line(title)[:70]}", f"FCM: {mode}", ""]
    named: NamedCut | None = None
    for number, event in enumerate(events(source, cuts)[:_MAX_EVENTS], 1):
        lines += [_event_line(source, number, event), f"* FROM CLIP NAME: {source.filename}"]
        if event.cut is not named:
            named = event.cut
            lines.append(f"* COMMENT: {one_line(event.cut.title)}")
        lines.append("")
    return "\r\n".join(lines)


def _event_line(source: CutSource, number: int, event: Event) -> str:
    base = source.timebase
    record_start = RECORD_START_S * base.nominal
    if base.is_drop:
        record_start = base.frame_of("01:00:00;00") or 0
    first, end = source.start + event.source_in, source.start + event.source_out
    times = (
        base.timecode(first),
        base.end_timecode(first, end),
        base.timecode(record_start + event.record_in),
        base.timecode(record_start + event.record_out),
    )
    return f"{number:03}  {_REEL:<8} {_channels(source):<5} C        {' '.join(times)}"


def _channels(source: CutSource) -> str:
    """Which tracks an event is of: picture, and one or two channels of sound."""
    return {0: "V", 1: "B"}.get(source.channels, "AA/V")
