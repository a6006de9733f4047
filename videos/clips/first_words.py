"""What is said first in a clip."""

from collections.abc import Sequence

from django.db.models import Q

from mediakit.asr.speech_index import SpeechIndex
from mediakit.cutting.cues import text_between
from mediakit.cutting.cut_time import Span
from mediakit.text.transcript import Cue as TimedCue
from videos.analyses.speech_levels import speech_index
from videos.clips.word_edges import cues_as_heard
from videos.models import Clip, Cue, Video
from videos.transcripts.rows import timed_cue

LONGEST_MS = 12_000  # that is looked at


def first_words(video: Video, ranges: Sequence[Span]) -> str:
    """The first words that are said in kept ranges; empty where nothing is said."""
    return _first_words(video, [ranges])[0]


def first_words_of(video: Video, clips: Sequence[Clip]) -> list[str]:
    """The first words of each of a video's clips, in one query, or two where they are cut."""
    return _first_words(video, [clip.kept_ranges for clip in clips])


def _first_words(video: Video, cuts: Sequence[Sequence[Span]]) -> list[str]:
    beginnings = [(ranges[0][0], ranges[0][0] + LONGEST_MS) for ranges in cuts]
    near = Q()
    for start_ms, end_ms in beginnings:
        near |= Q(start_ms__lt=end_ms, end_ms__gt=start_ms)
    rows = Cue.objects.filter(near, video=video).order_by("index") if beginnings else ()
    cues = [timed_cue(row) for row in rows]
    index = speech_index(video) if any(len(ranges) > 1 for ranges in cuts) else SpeechIndex()
    return [
        _said(video, cues, _within(ranges, end_ms), index)
        for ranges, (_, end_ms) in zip(cuts, beginnings, strict=True)
    ]


def _said(video: Video, cues: Sequence[TimedCue], spans: Sequence[Span], index: SpeechIndex) -> str:
    """The words of some spans. Where something is left out between them, it matters how long a word is heard."""
    low, high = spans[0][0], spans[-1][1]
    near = [cue for cue in cues if cue.start_ms < high and low < cue.end_ms]
    if len(spans) > 1:
        near = cues_as_heard(video, near, index)
    return " ".join(filter(None, (text_between(near, span) for span in spans)))


def _within(ranges: Sequence[Span], end_ms: int) -> list[Span]:
    """The parts of the ranges before a moment."""
    return [(low, min(high, end_ms)) for low, high in ranges if low < end_ms]
