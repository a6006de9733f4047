"""A transcript within its video: clipped to the end, with a language code."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from mediakit.text.languages import guess_language, normalize_language_code
from mediakit.text.transcript import Cue, Transcript


def clip_to_duration(transcript: Transcript, duration_ms: int) -> Transcript:
    """The transcript clipped to the video's end, with a two-letter language code.

    The language of a source without one is guessed from its text.
    """
    cues = tuple(_clipped_cues(transcript.cues, duration_ms))
    language = normalize_language_code(transcript.language)
    return Transcript(language or language_of(cues), cues)


def language_of(cues: Sequence[Cue]) -> str:
    """Return the code of the language that the words are in, as far as they tell."""
    return guess_language(" ".join(cue.text for cue in cues))


def _clipped_cues(cues: Iterable[Cue], duration_ms: int) -> Iterable[Cue]:
    for cue in cues:
        if cue.start_ms >= duration_ms:
            continue
        end_ms = min(cue.end_ms, duration_ms)
        words = tuple(
            replace(word, start_ms=min(word.start_ms, end_ms), end_ms=min(word.end_ms, end_ms))
            for word in cue.words
        )
        yield replace(cue, end_ms=end_ms, words=words)
