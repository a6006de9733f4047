"""Which speech of a Short has captions."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from mediakit.captions.pagination import CaptionPage
from mediakit.text.transcript import Cue, estimate_words

# Words with smaller gaps are one span of speech.
MAX_SPEECH_GAP_MS = 300

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Coverage:
    """The spans of a range with speech, with captions, and with speech but no captions. Merged spans in ms."""

    speech: tuple[Span, ...]
    captions: tuple[Span, ...]
    missing: tuple[Span, ...]


def measure_coverage(cues: Sequence[Cue], pages: Sequence[CaptionPage]) -> Coverage:
    """Return which ms of a range have speech by its transcript, and which of those have captions."""
    words = [word for cue in cues for word in estimate_words(cue).words if word.text.strip()]
    speech = _merge_spans(((w.start_ms, w.end_ms) for w in words), within=MAX_SPEECH_GAP_MS)
    captions = _merge_spans((page.start_ms, page.end_ms) for page in pages)
    return Coverage(tuple(speech), tuple(captions), tuple(_subtract_spans(speech, captions)))


def _merge_spans(spans: Iterable[Span], *, within: int = 0) -> list[Span]:
    merged: list[Span] = []
    for start, end in sorted(span for span in spans if span[0] < span[1]):
        if merged and start - merged[-1][1] <= within:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


def _subtract_spans(spans: Iterable[Span], taken: Sequence[Span]) -> Iterator[Span]:
    """Yield the parts of `spans` outside `taken`. Both are in order and disjoint."""
    for start, end in spans:
        at = start
        for first, last in taken:
            if last <= at or first >= end:
                continue
            if first > at:
                yield at, first
            at = max(at, last)
        if at < end:
            yield at, end
