"""Where cuts go beside the words of a video: from the words' times and what is heard there."""

import json
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice

from mediakit.asr.speech_index import SpeechIndex
from mediakit.cutting.cut_time import Span
from mediakit.text.transcript import Cue as TimedCue
from mediakit.text.transcript import Word, estimate_words
from mediakit.tightening.quiet import QuietMap
from mediakit.tightening.tighten import BESIDE_MS, snapped_span
from mediakit.tightening.word_borders import word_borders, words_as_heard
from videos.analyses.speech_levels import speech_index
from videos.models import Cue, Video
from videos.transcripts.rows import timed_cue


def words_between(video: Video, start_ms: int, end_ms: int) -> list[Word]:
    """Return the words of the cues that touch a range, in order."""
    rows = Cue.objects.filter(video=video, start_ms__lt=end_ms, end_ms__gt=start_ms)
    return [word for row in rows.order_by("index") for word in timed_cue(row).words]


def with_quiet_ends(video: Video, span: Span) -> Span:
    """Return a span of whole words with its ends in the quiet beside them."""
    words = words_between(video, span[0] - BESIDE_MS, span[1] + BESIDE_MS)
    length_ms = video.duration_ms or span[1]
    return snapped_span(words, speech_index(video), span, duration_ms=length_ms)


def cues_as_heard(
    video: Video, cues: Sequence[TimedCue], index: SpeechIndex | None = None
) -> list[TimedCue]:
    """Return cues of a video whose words last only as long as they are heard. `index`: its speech index, if known."""
    index = speech_index(video) if index is None else index
    if not index.steps or not cues:
        return list(cues)
    timed = [estimate_words(cue) for cue in cues]
    words = [word for cue in timed for word in cue.words]
    low, high = min(cue.start_ms for cue in cues), max(cue.end_ms for cue in cues)
    quiet = QuietMap(index, low - BESIDE_MS, high + BESIDE_MS)
    heard = iter(words_as_heard(words, quiet, duration_ms=video.duration_ms or high))
    return [replace(cue, words=tuple(islice(heard, len(cue.words)))) for cue in timed]


def edges_json(video: Video) -> str:
    """Return a list for each cue of the video: `[start, end, ...]`, the edges of its words in ms after its start.

    A clip that begins with a word begins at its start, one that ends with it ends at its end.
    """
    cues = list(Cue.objects.filter(video=video).order_by("index"))
    timed = [timed_cue(row) for row in cues]
    words = [word for cue in timed for word in cue.words]
    length_ms = video.duration_ms or 0
    quiet = QuietMap(speech_index(video), 0, length_ms)
    borders = word_borders(words, quiet, duration_ms=length_ms)
    found: list[Sequence[int]] = []
    at = 0
    for cue in timed:
        edges: list[int] = []
        for number in range(at, at + len(cue.words)):
            edges += (
                borders[number].start_ms - cue.start_ms,
                borders[number + 1].end_ms - cue.start_ms,
            )
        found.append(edges)
        at += len(cue.words)
    return json.dumps(found, separators=(",", ":"))
