"""What is said first in a clip."""

from collections.abc import Sequence

from django.db.models import Q

from mediakit.cutting.cues import text_between
from mediakit.cutting.cut_time import Span
from videos.models import Clip, Cue, Video
from videos.transcript_rows import timed_cue

LONGEST_MS = 12_000  # that is looked at


def first_words(video: Video, ranges: Sequence[Span]) -> str:
    """The first words that are said in kept ranges; empty where nothing is said."""
    return _first_words(video, [ranges])[0]


def first_words_of(video: Video, clips: Sequence[Clip]) -> list[str]:
    """The first words of each of a video's clips, in one query."""
    return _first_words(video, [clip.kept_ranges for clip in clips])


def _first_words(video: Video, cuts: Sequence[Sequence[Span]]) -> list[str]:
    beginnings = [(ranges[0][0], ranges[0][0] + LONGEST_MS) for ranges in cuts]
    near = Q()
    for start_ms, end_ms in beginnings:
        near |= Q(start_ms__lt=end_ms, end_ms__gt=start_ms)
    rows = Cue.objects.filter(near, video=video).order_by("index") if beginnings else ()
    cues = [timed_cue(row) for row in rows]
    return [
        " ".join(filter(None, (text_between(cues, span) for span in _within(ranges, end_ms))))
        for ranges, (_, end_ms) in zip(cuts, beginnings, strict=True)
    ]


def _within(ranges: Sequence[Span], end_ms: int) -> list[Span]:
    """The parts of the ranges before a moment."""
    return [(low, min(high, end_ms)) for low, high in ranges if low < end_ms]
