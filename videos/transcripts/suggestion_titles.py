"""The titles that a service gave to suggestions: words that are said in them, kept as a span of time."""

from collections.abc import Sequence
from functools import reduce
from operator import or_
from uuid import UUID

from django.db.models import Q

from mediakit.suggestions.wording import title_of_words
from mediakit.text.transcript import Word, cues_in_range
from videos.models import Cue, Suggestion
from videos.policy import storable
from videos.transcripts.rows import timed_cue

Span = tuple[int, int]


def words_in(video_id: UUID, spans_ms: Sequence[Span]) -> dict[Span, list[Word]]:
    """The words of each span of a video: those whose middle lies in it, with times from its start. One query."""
    within = [Q(start_ms__lt=end_ms, end_ms__gt=start_ms) for start_ms, end_ms in spans_ms]
    if not within:
        return {}
    rows = Cue.objects.filter(reduce(or_, within), video_id=video_id).exclude(text="")
    cues = [timed_cue(row) for row in rows.order_by("index")]
    return {
        span: [word for cue in cues_in_range(cues, *span) for word in cue.words]
        for span in spans_ms
    }


def title_of(words: Sequence[Word]) -> str:
    """The title that words make; empty without any."""
    return storable(title_of_words([word.text for word in words]))[:255]


def retitle(video_id: UUID) -> None:
    """Write the titles by the service anew from the present words, where they differ."""
    rows = list(Suggestion.objects.filter(video_id=video_id).exclude(ranked_title=""))
    spans = {row.pk: (start, end) for row in rows for start, end in [row.ranked_title_ms or (0, 0)]}
    words = words_in(video_id, list(spans.values()))
    for row in rows:
        title = title_of(words[spans[row.pk]])
        if title != row.ranked_title:
            row.ranked_title = title
            row.save(update_fields=["ranked_title"])
