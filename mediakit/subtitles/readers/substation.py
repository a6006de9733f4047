"""Parser of SubStation Alpha (ASS and SSA): its dialogue events, with karaoke times as word times."""

import re
from itertools import accumulate

from mediakit.subtitles.cues import markup
from mediakit.subtitles.cues.raw_cues import RawCaptions, RawCue, parse_timing
from mediakit.subtitles.cues.word_times import syllable_words
from mediakit.text.transcript import Word

# A syllable's length in ASS karaoke, in hundredths of a second.
_KARAOKE = re.compile(r"\{[^{}]{0,200}?\\[kK][fo]?(\d{1,6})[^{}]{0,200}\}")
# Karaoke may be this much longer than its line, since both are rounded.
_KARAOKE_TOLERANCE_MS = 100
_ASS_FIELDS = "layer start end style name marginl marginr marginv effect text"


def read_ass(text: str, *, frame_rate: float = 0.0) -> RawCaptions:
    """Parse the dialogue events of an ASS or SSA file, without comments and drawings."""
    read = RawCaptions()
    del frame_rate
    fields: list[str] = []
    section = ""
    for number, line in enumerate(text.split("\n"), start=1):
        stripped = line.strip()
        if stripped.startswith("[") and stripped.endswith("]"):
            section = stripped.lower()
        elif section == "[events]" and stripped.lower().startswith("format:"):
            fields = [field.strip().lower() for field in stripped[7:].split(",")]
        elif section == "[events]" and stripped.lower().startswith("dialogue:"):
            _add_ass_cue(read, number, stripped[9:], fields)
    return read


def _add_ass_cue(read: RawCaptions, number: int, line: str, fields: list[str]) -> None:
    if not {"start", "end", "text"} <= set(fields):
        fields = _ASS_FIELDS.split()
    values = line.split(",", len(fields) - 1)
    if len(values) < len(fields):
        read.drop(number, "bad_fields")
        return
    row = dict(zip(fields, values, strict=True))
    times = parse_timing(f"{row['start'].strip()} --> {row['end'].strip()}")
    if not times:
        read.drop(number, "bad_timing")
    elif not read.drop_if_too_long(number, [row["text"]]):
        speaker = markup.normalize_text(row.get("name", row.get("actor", "")))
        text = markup.strip_ass_markup(row["text"])
        read.add(RawCue(number, *times, text, _sung_words(row["text"], *times), speaker))


def _sung_words(text: str, start: int, end: int) -> tuple[Word, ...]:
    """Return the words of a line with karaoke times; none if it has none, or if they do not fit its own times."""
    parts = _KARAOKE.split(text)  # text, then length and text of every syllable
    lengths = [int(length) * 10 for length in parts[1::2]]
    if len(lengths) < 2 or start + sum(lengths) > end + _KARAOKE_TOLERANCE_MS:
        return ()
    edges = list(accumulate(lengths, initial=start))
    said = [_syllable(part) for part in parts[2::2]]
    syllables = list(zip(edges, edges[1:], said, strict=False))
    return syllable_words([(start, start, _syllable(parts[0])), *syllables])


def _syllable(text: str) -> str:
    """Return a syllable's plain text with the spaces around it."""
    plain = markup.strip_ass_markup(text).replace("\n", " ")
    first, last = (" " if text[at : at + 1].isspace() else "" for at in (0, len(text) - 1))
    breaks = text.rstrip().endswith(("\\N", "\\n", "\\h"))
    return f"{first}{plain}{' ' if breaks else last}" if plain else last
