"""LosslessCut's project file (`.llc`) and its CSV: ranges of the source in seconds, without a frame rate."""

import csv
import io
import json
from collections.abc import Sequence

from mediakit.cut_lists.cut import NamedCut, one_line


def write_llc(filename: str, cuts: Sequence[NamedCut]) -> str:
    """Return a project that opens the source of that name, with a segment a range."""
    segments = [
        {"start": start_ms / 1000, "end": end_ms / 1000, "name": one_line(cut.title)}
        for cut in cuts
        for start_ms, end_ms in cut.ranges_ms
    ]
    project = {"version": 1, "mediaFileName": one_line(filename), "cutSegments": segments}
    return json.dumps(project, ensure_ascii=False, indent=2) + "\n"


def write_segments_csv(cuts: Sequence[NamedCut]) -> str:
    """Return a line a range: start and end in seconds and the cut's name, without a line of headings."""
    target = io.StringIO()
    rows = csv.writer(target)
    for cut in cuts:
        for start_ms, end_ms in cut.ranges_ms:
            rows.writerow([_seconds(start_ms), _seconds(end_ms), one_line(cut.title)])
    return target.getvalue()


def _seconds(time_ms: int) -> str:
    return f"{time_ms // 1000}.{time_ms % 1000:03}"
