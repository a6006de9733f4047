"""Made transcripts: sentences one after the other, with a pause between two and word times."""

from collections.abc import Iterable

from mediakit.text.transcript import Cue, spread_words

WORD_MS, PAUSE_MS = 400, 300


def said(
    texts: Iterable[str], *, speaker: str = "", start_ms: int = 1_000, pause_ms: int = PAUSE_MS
) -> list[Cue]:
    """Return a cue for each text, at WORD_MS for each word."""
    cues, at_ms = [], start_ms
    for text in texts:
        end_ms = at_ms + WORD_MS * len(text.split())
        cues.append(Cue(at_ms, end_ms, text, spread_words(text, at_ms, end_ms), speaker))
        at_ms = end_ms + pause_ms
    return cues
