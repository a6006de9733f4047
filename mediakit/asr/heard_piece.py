"""Pieces of a transcript in the order in which they are heard, and the transcript that they make."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

from mediakit.text.transcript import Transcript, Word, split_into_lines


@dataclass(frozen=True, slots=True)
class HeardPiece:
    """What was heard from `start_ms` to `end_ms`: its words, none in silence, and its language, empty if unknown.

    A piece begins where the one before it ends.
    """

    start_ms: int
    end_ms: int
    language: str
    words: tuple[Word, ...]


def join_pieces(pieces: Iterable[HeardPiece], *, language: str = "") -> Transcript:
    """Return the transcript of the pieces, in the given language or in the one with the most words."""
    words: list[Word] = []
    spoken: Counter[str] = Counter()
    for piece in sorted(pieces, key=lambda piece: piece.start_ms):
        words += piece.words
        spoken[piece.language] += len(piece.words)
    if not words:
        return Transcript("", ())
    found = next((code for code, _ in spoken.most_common() if code), "")
    return Transcript(language or found, tuple(split_into_lines(without_overlaps(words))))


def without_overlaps(words: Iterable[Word]) -> list[Word]:
    """Return the words with starts moved so that none begins before the previous one has ended."""
    ordered: list[Word] = []
    end_ms = 0
    for word in words:
        start = max(word.start_ms, end_ms)
        end_ms = max(start, word.end_ms)
        ordered.append(replace(word, start_ms=start, end_ms=end_ms))
    return ordered
