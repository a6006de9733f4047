"""Cues in cut time: the words of a transcript that a Short keeps, at the times at which it plays them."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from mediakit.cutting.cut_time import CutTime, Piece, Span
from mediakit.text.transcript import Cue, Word, estimate_words, join_words

MAX_REMOVED_CHARS = 200


def cues_in_cut(cues: Iterable[Cue], cut: CutTime) -> tuple[Cue, ...]:
    """The kept words of the cues, in cut time.

    A word is kept if its middle is; at a join it ends where its piece does. Words without times get shares of their
    cue by their length. A cue of which every word is kept keeps its text as written.
    """
    spans = [(*cut.source_span_ms(piece), piece) for piece in cut.pieces]
    found = []
    for cue in cues:
        near = [
            (low, high, piece)
            for low, high, piece in spans
            if low < cue.end_ms and cue.start_ms < high
        ]
        if near:
            kept = _kept_words(estimate_words(cue), near)
            if kept:
                found.append(_moved(estimate_words(cue), kept, cut))
    return tuple(found)


def _kept_words(cue: Cue, spans: Sequence[tuple[int, int, Piece]]) -> list[tuple[Word, Piece]]:
    kept = []
    for word in cue.words:
        middle = (word.start_ms + word.end_ms) // 2
        piece = next((piece for low, high, piece in spans if low <= middle < high), None)
        if piece is not None:
            kept.append((word, piece))
    return kept


def _moved(cue: Cue, kept: Sequence[tuple[Word, Piece]], cut: CutTime) -> Cue:
    """The cue with only the kept words; it lasts from the first to the last, or as written where these are kept."""
    words = tuple(
        replace(
            word,
            start_ms=cut.place_in(piece, word.start_ms),
            end_ms=cut.place_in(piece, word.end_ms),
        )
        for word, piece in kept
    )
    (first, first_piece), (last, last_piece) = kept[0], kept[-1]
    start_ms, end_ms = words[0].start_ms, words[-1].end_ms
    if first is cue.words[0]:
        start_ms = min(start_ms, cut.place_in(first_piece, cue.start_ms))
    if last is cue.words[-1]:
        end_ms = max(end_ms, cut.place_in(last_piece, cue.end_ms))
    whole = len(words) == len(cue.words)
    text = cue.text if whole else join_words([word.text for word in words])
    return Cue(start_ms, end_ms, text, words, cue.speaker)


def text_between(cues: Iterable[Cue], span: Span) -> str:
    """The words whose middle lies in a span of the source, at most MAX_REMOVED_CHARS of them."""
    words: list[str] = []
    for cue in cues:
        if cue.start_ms < span[1] and span[0] < cue.end_ms:
            words += [
                word.text
                for word in estimate_words(cue).words
                if span[0] <= (word.start_ms + word.end_ms) // 2 < span[1]
            ]
    text = join_words(words)
    return text if len(text) <= MAX_REMOVED_CHARS else f"{text[: MAX_REMOVED_CHARS - 1]}…"
