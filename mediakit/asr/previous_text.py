"""The text before a window of 30 s, which a recogniser reads before it writes on.

Told what was said before, Whisper keeps names, the form of its sentences and its punctuation. Told nonsense, it goes on
with nonsense, or repeats what it reads. So it is told the last minute only, and only where its words are sure, do not
repeat themselves, and more of the same speech follows: not after silence, music or another language.
"""

import zlib
from collections.abc import Iterable, Sequence
from typing import Any

from mediakit.asr.hallucination_filter import MAX_COMPRESSION_RATIO
from mediakit.asr.heard_piece import HeardPiece
from mediakit.asr.spoken_language import MIN_SURE_PROBABILITY, mean_word_probability
from mediakit.text.transcript import Word, join_words

# Words that began earlier before the last one's end are not told.
MAX_AGE_MS = 60_000
# After a longer pause something else may begin.
MAX_PAUSE_MS = 5_000
# Of one of Whisper's tokens for times, and the last of them.
TIME_STEP_MS, MAX_TIME_STEPS = 20, 1_500

Line = tuple[Word, ...]


class PreviousText:
    """What was heard before the next window, in lines, as far as the recogniser may be told it."""

    def __init__(self, heard: Iterable[HeardPiece] = (), *, start_ms: int = 0) -> None:
        """Begin with the pieces that were heard before `start_ms`."""
        self._language = ""
        self._lines: list[Line] = []
        self._has_new = False
        for piece in heard:
            if piece.end_ms <= start_ms:
                self.add(piece.words, language=piece.language)

    def add(self, words: Sequence[Word], *, language: str) -> None:
        """Add what was heard next; without words, or in another language, what was before is forgotten."""
        if not words or language != self._language:
            self.clear()
        if not words:
            return
        self.voice_begins(words[0].start_ms)
        oldest_ms = words[-1].end_ms - MAX_AGE_MS
        self._lines = [line for line in self._lines if line[0].start_ms >= oldest_ms]
        self._lines.append(tuple(words))
        self._language, self._has_new = language, True

    def clear(self) -> None:
        """Forget all."""
        self._lines, self._has_new = [], False

    def voice_begins(self, at_ms: int) -> None:
        """Forget all if the next voice begins long after the last word."""
        if self._lines and at_ms - self._lines[-1][-1].end_ms > MAX_PAUSE_MS:
            self.clear()

    def take(self, language: str) -> list[Line]:
        """Return the lines to be told before a window in this language; none if they are not sound.

        What was told before a window in which nothing was heard is not told again.
        """
        if not self._has_new or language != self._language:
            self.clear()
        self._has_new = False
        return self._lines if _is_sound(self._lines) else []


def prompt_tokens(lines: Sequence[Line], tokenizer: Any, *, limit: int) -> list[int]:
    """Return the last lines in at most `limit` tokens, each between its times, as Whisper writes them itself."""
    tokens: list[int] = []
    for line in reversed(lines):
        steps = min(MAX_TIME_STEPS, (line[-1].end_ms - line[0].start_ms) // TIME_STEP_MS)
        text = tokenizer.encode(f" {join_words([word.text for word in line])}")
        begun = tokenizer.timestamp_begin
        tokens = [begun, *text, begun + steps, *tokens]
        if len(tokens) > limit:
            return tokens[-limit:]
    return tokens


def _is_sound(lines: Sequence[Line]) -> bool:
    """Whether the words are sure, of the last line and of all, and do not repeat themselves."""
    if (
        not lines
        or min(map(mean_word_probability, (lines[-1], sum(lines, ())))) < MIN_SURE_PROBABILITY
    ):
        return False
    texts = [join_words([word.text for word in line]).strip().casefold() for line in lines]
    encoded = " ".join(texts).encode()
    repeats = len(encoded) > MAX_COMPRESSION_RATIO * len(zlib.compress(encoded))
    return not repeats and texts[-1] not in texts[:-1]
