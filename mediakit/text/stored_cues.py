"""Cues as a row keeps them: JSON lists `[start_ms, end_ms, text, speaker, words_estimated, words]`.

Only this module knows the shape; `mediakit.text.stored_words` knows that of the words.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from mediakit.text.stored_words import words_from_json, words_to_json
from mediakit.text.transcript import Cue


def cues_to_json(cues: Iterable[Cue]) -> list[list[Any]]:
    """Return cues as a row keeps them, without the characters that a database cannot store."""
    return [
        [
            cue.start_ms,
            cue.end_ms,
            _storable(cue.text),
            _storable(cue.speaker),
            any(word.estimated for word in cue.words),
            words_to_json(replace(word, text=_storable(word.text)) for word in cue.words),
        ]
        for cue in cues
    ]


def cues_from_json(stored: Iterable[Sequence[Any]]) -> tuple[Cue, ...]:
    """Return a row's cues."""
    return tuple(
        Cue(start_ms, end_ms, text, words_from_json(words, estimated=estimated), speaker)
        for start_ms, end_ms, text, speaker, estimated, words in stored
    )


def cues_digest(stored: Sequence[Any]) -> str:
    """Return the SHA-256 of a row's cues, by which the same ones are recognised."""
    return hashlib.sha256(json.dumps(stored, separators=(",", ":")).encode()).hexdigest()


def _storable(text: str) -> str:
    return text.replace("\0", "").encode("utf-8", "ignore").decode()
