"""Chapters and markers of a source: where each cut begins and what it is called."""

import csv
import io
from collections.abc import Sequence

from mediakit.cut_lists.cut import CutSource, NamedCut, one_line
from mediakit.subtitles.writers import write_vtt
from mediakit.text.transcript import Cue

# YouTube takes chapters of at least ten seconds of which the first begins at 0
# (support.google.com/youtube/answer/9884579).
MIN_CHAPTER_MS = 10_000
_ESCAPED = str.maketrans({c: f"\\{c}" for c in "=;#\\\n"})


def write_youtube_chapters(cuts: Sequence[NamedCut], *, title: str, duration_ms: int) -> str:
    """Return a line a chapter for a video's description: "1:02:03 Name".

    A chapter that would be shorter than ten seconds is left out; one that begins at 0 is called as the video.
    """
    found: list[tuple[int, str]] = [(0, one_line(title))]
    for start_ms, _, name in _chapters(cuts):
        if start_ms < MIN_CHAPTER_MS:
            found[0] = (0, name)
        elif start_ms - found[-1][0] >= MIN_CHAPTER_MS <= duration_ms - start_ms:
            found.append((start_ms, name))
    return "".join(f"{_clock(start_ms)} {name}\n" for start_ms, name in found)


def write_webvtt_chapters(cuts: Sequence[NamedCut]) -> str:
    """Return WebVTT with a cue a cut, for a player's track of chapters."""
    return write_vtt(Cue(start_ms, end_ms, name) for start_ms, end_ms, name in _chapters(cuts))


def write_ffmetadata(cuts: Sequence[NamedCut], *, title: str) -> str:
    """Return ffmpeg's metadata file with a chapter a cut (`ffmpeg -i video -i this -map_metadata 1 -codec copy`)."""
    lines = [";FFMETADATA1", f"title={one_line(title).translate(_ESCAPED)}"]
    for start_ms, end_ms, name in _chapters(cuts):
        lines += ["[CHAPTER]", "TIMEBASE=1/1000", f"START={start_ms}", f"END={end_ms}"]
        lines.append(f"title={name.translate(_ESCAPED)}")
    return "\n".join(lines) + "\n"


def write_markers_csv(source: CutSource, cuts: Sequence[NamedCut]) -> str:
    """Return a line a cut in the columns of Premiere Pro's list of markers, in the source's time code."""
    source = source.in_timecode()
    base = source.timebase
    target = io.StringIO()
    rows = csv.writer(target)
    rows.writerow(["Marker Name", "Description", "In", "Out", "Duration", "Marker Type"])
    for cut, (start_ms, end_ms, name) in zip(_in_order(cuts), _chapters(cuts), strict=True):
        first, end = base.frame(start_ms), base.frame(end_ms)
        times = (source.start + first, source.start + end, end - first)
        codes = [base.timecode(frame) for frame in times]
        rows.writerow([name, one_line(cut.note), *codes, "Comment"])
    return target.getvalue()


def _in_order(cuts: Sequence[NamedCut]) -> list[NamedCut]:
    return sorted(cuts, key=lambda cut: cut.ranges_ms[0])


def _chapters(cuts: Sequence[NamedCut]) -> list[tuple[int, int, str]]:
    """Return (start_ms, end_ms, name) of the cuts in the order of the video."""
    ordered = _in_order(cuts)
    return [(c.ranges_ms[0][0], c.ranges_ms[-1][1], one_line(c.title)) for c in ordered]


def _clock(time_ms: int) -> str:
    minutes, seconds = divmod(time_ms // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
