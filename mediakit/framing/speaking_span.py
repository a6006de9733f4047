"""When a part of a stack shows who speaks."""

from collections.abc import Iterable
from typing import NamedTuple


class SpeakingSpan(NamedTuple):
    """When the person speaks whom the part with this number shows; times as in the crop plan."""

    start_ms: int
    end_ms: int
    part: int


def spans_within(
    spans: Iterable[SpeakingSpan], start_ms: int, end_ms: int, *, later_ms: float = 0
) -> tuple[SpeakingSpan, ...]:
    """The spans so much later, as far as they lie between two times."""
    moved = (
        SpeakingSpan(
            max(start_ms, round(span.start_ms + later_ms)),
            min(end_ms, round(span.end_ms + later_ms)),
            span.part,
        )
        for span in spans
    )
    return tuple(span for span in moved if span.start_ms < span.end_ms)
