"""Parser of YouTube's SBV, and of SubViewer 2, which looks the same."""

import re
from itertools import takewhile

from mediakit.subtitles.cues import markup
from mediakit.subtitles.cues.raw_cues import RawCaptions, RawCue, parse_timing

_SBV_TIMING = re.compile(r"(\d+:\d{1,2}:\d{1,2}\.\d{1,3}),(\d+:\d{1,2}:\d{1,2}\.\d{1,3})\s*")
_SUBVIEWER_BREAK = re.compile(r"\[br\]", re.IGNORECASE)
_SBV_SPEAKER = re.compile(r">>\s*([^:\n]{1,60}):\s*")


def read_sbv(text: str, *, frame_rate: float = 0.0) -> RawCaptions:
    """Parse YouTube's SBV, or SubViewer: a line `start,end`, then the text, up to an empty line.

    `>> NAME:` is a speaker. SubViewer writes `[br]` between rows, and a head of sections in brackets.
    """
    del frame_rate
    read = RawCaptions()
    line = 1
    for block in re.split(r"\n{2,}", text):
        rows = block.strip("\n").split("\n")
        head = len(list(takewhile(lambda row: row.startswith("["), rows)))
        stamps, body = "".join(rows[head : head + 1]), "\n".join(rows[head + 1 :])
        times = _SBV_TIMING.fullmatch(stamps.strip())
        if times and not read.drop_if_too_long(line, [body]):
            start, end = parse_timing(f"{times[1]} --> {times[2]}") or (0, -1)
            speaker = _SBV_SPEAKER.match(body)
            said = _SUBVIEWER_BREAK.sub("\n", body[speaker.end() :] if speaker else body)
            name = markup.normalize_text(speaker[1]).title() if speaker else ""
            read.add(RawCue(line, start, end, markup.strip_markup(said), (), name))
        elif body and not times:
            read.drop(line, "bad_timing")
        line += block.count("\n") + 2
    return read
