"""Thumbnail candidates: small pictures with statistics, and the choice among them."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

# A frame whose mean brightness (0 to 1) is outside these shows nothing.
MIN_LUMA, MAX_LUMA = 0.06, 0.95
WELL_LIT_LUMA = (0.22, 0.75)
# Frames this near a cut may belong to a transition.
CUT_MARGIN_MS = 700


@dataclass(frozen=True, slots=True)
class FrameStat:
    """A thumbnail candidate: a JPEG at most 640 px wide.

    `sharpness` is near 0 for a flat or blurred picture and grows with clear edges. `luma` is the mean
    brightness from 0 to 1.
    """

    time_ms: int
    path: Path
    sharpness: float
    luma: float


def read_candidates(
    work_dir: Path, statistics: Iterable[tuple[int, dict[str, float]]]
) -> Iterator[FrameStat]:
    """The written pictures with their statistics: (time in ms, values by key) of each, in their order."""
    for index, (time_ms, values) in enumerate(statistics, start=1):
        path = work_dir / f"frame{index:06d}.jpg"
        if path.exists():
            # Slides are mostly one colour, so the extremes count as well as the middle range.
            full_range = values.get("signalstats.YMAX", 0) - values.get("signalstats.YMIN", 0)
            middle_range = values.get("signalstats.YHIGH", 0) - values.get("signalstats.YLOW", 0)
            contrast = max(0.0, (full_range + middle_range) / 510)
            blur = values.get("blur", math.nan)
            sharpness = contrast / blur if blur > 0 else 0.0
            yield FrameStat(
                max(0, time_ms), path, sharpness, values.get("signalstats.YAVG", 0) / 255
            )


def best_frame(frames: Sequence[FrameStat], start_ms: int, end_ms: int) -> FrameStat | None:
    """The sharpest well-lit picture of a span, preferably away from its cuts.

    The brightest one if all are dark, None if the span has no picture.
    """
    inside = [frame for frame in frames if start_ms <= frame.time_ms < end_ms]
    margin = min(CUT_MARGIN_MS, (end_ms - start_ms) // 10)
    inner = [f for f in inside if start_ms + margin <= f.time_ms < end_ms - margin]
    shown = [frame for frame in inner or inside if _exposure(frame.luma)]
    # `max` returns the first of equals.
    return max(shown or inner or inside, key=_thumbnail_score, default=None)


def sharpest(frames: Sequence[FrameStat], count: int) -> list[FrameStat]:
    """The sharpest well-lit ones, at most `count`, in the order of time."""
    ranked = sorted(frames, key=_thumbnail_score, reverse=True)[:count]
    return sorted(ranked, key=lambda frame: frame.time_ms)


def _thumbnail_score(frame: FrameStat) -> tuple[float, float]:
    """The sort key of thumbnails: sharpness in good light, then distance from black and white."""
    return frame.sharpness * _exposure(frame.luma), min(frame.luma, 1 - frame.luma)


def _exposure(luma: float) -> float:
    """1 for a well-lit picture, 0 for one that shows nothing."""
    if not MIN_LUMA < luma < MAX_LUMA:
        return 0.0
    low, high = WELL_LIT_LUMA
    if luma < low:
        return (luma - MIN_LUMA) / (low - MIN_LUMA)
    return 1.0 if luma <= high else (MAX_LUMA - luma) / (MAX_LUMA - high)
