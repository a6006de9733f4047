"""Ranges that anybody could name without listening: at random, and where it is loudest."""

from random import Random

from mediakit.suggestions.material import Material
from mediakit.suggestions.selection import MAX_OVERLAP, overlap
from mediakit.suggestions.voice import VoiceLevels

Span = tuple[int, int]
COUNT = 10
LOUDEST_MS = 30_000
_TRIES = 10_000


def random_windows(material: Material, random: Random) -> list[Span]:
    """Return up to ten ranges of whole lines of 15 to 60 s at random that do not overlap."""
    cues = material.cues
    found: list[Span] = []
    for _ in range(_TRIES):
        start = random.choice(cues).start_ms
        length = random.uniform(15_000, 60_000)
        end = max(cue.end_ms for cue in cues if cue.start_ms < start + length)
        if all(overlap((start, end), other) <= MAX_OVERLAP for other in found):
            found.append((start, end))
        if len(found) == COUNT:
            break
    return found


def loudest(material: Material) -> list[Span]:
    """Return up to ten of the loudest ranges of 30 s that do not overlap."""
    voice = VoiceLevels(material.levels)
    starts = range(0, material.duration_ms - LOUDEST_MS, 1_000)
    ranked = sorted(starts, key=lambda at: -(voice.energy(at, at + LOUDEST_MS) or -99.0))
    found: list[Span] = []
    for start in ranked:
        span = (start, start + LOUDEST_MS)
        if len(found) < COUNT and all(overlap(span, other) == 0 for other in found):
            found.append(span)
    return found
