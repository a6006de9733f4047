"""What is known of the sound of a range that is framed: when a voice is heard, and whose it is."""

from dataclasses import dataclass

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Speech:
    """What is known of the sound, in ms from the video's start.

    `voice_ms` are the spans in which a voice is heard, in order. `named_ms` are the lines of the transcript that have
    a speaker's name.
    """

    voice_ms: tuple[Span, ...] = ()
    named_ms: tuple[tuple[int, int, str], ...] = ()
